/** All projections over a history with late facts, against the same history in order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECTIONS } from '../projections/list.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { fillLedger, type HistoryShape } from './support/history.ts';
import { projectOnce } from './support/projecting.ts';

const ROUNDS = 5;
const shape: HistoryShape = { seed: 5, events: 200_000, clusters: 200, days: 90 };
/** 10 % up to 2 s late, 0.5 % between 1 s and 24 h, log-uniform. */
const late: HistoryShape = { ...shape, late: { little: 0.1, much: 0.005 } };
const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));

try {
  const contenders = [];
  for (const [name, history] of [
    ['inOrder', shape],
    ['late', late],
  ] as const) {
    const ledgerPath = join(folder, `${name}.sqlite`);
    const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
    await fillLedger(ledger, history);
    await ledger.close();
    const viewsPath = join(folder, `${name}-views.sqlite`);
    contenders.push({ name, run: async () => (await projectOnce(ledgerPath, viewsPath, PROJECTIONS)).events });
  }
  const rates = await takeTurns(contenders, ROUNDS);
  const [inOrder = [], ours = []] = [rates.get('inOrder'), rates.get('late')];
  const note = `10 % up to 2 s late, 0.5 % 1 s to 24 h late, ${shape.clusters} clusters, ${shape.days} days; seed ${shape.seed}`;
  print({
    name: 'late.all',
    value: median(ours),
    unit: 'events/s',
    limit: median(inOrder),
    ratio: medianRatio(ours, inOrder),
    target: 0.5,
    note,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
