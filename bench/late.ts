/** All projections over histories with late facts, of many clusters and of a few dense ones, against the same in order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECTIONS } from '../projections/list.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { fillLedger, type HistoryShape } from './support/history.ts';
import { projectOnce } from './support/projecting.ts';

const ROUNDS = 5;
const SHAPES: Readonly<Record<string, HistoryShape>> = {
  all: { seed: 5, events: 200_000, clusters: 200, days: 90 },
  dense: { seed: 9, events: 200_000, clusters: 1, days: 30 },
};
/** 10 % up to 2 s late, 0.5 % between 1 s and 24 h, log-uniform. */
const LATE = { little: 0.1, much: 0.005 };

async function compare(name: string, shape: HistoryShape): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
  try {
    const contenders = [];
    for (const [order, history] of [
      ['inOrder', shape],
      ['late', { ...shape, late: LATE }],
    ] as const) {
      const ledgerPath = join(folder, `${order}.sqlite`);
      const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
      await fillLedger(ledger, history);
      await ledger.close();
      const viewsPath = join(folder, `${order}-views.sqlite`);
      contenders.push({ name: order, run: async () => (await projectOnce(ledgerPath, viewsPath, PROJECTIONS)).events });
    }
    const rates = await takeTurns(contenders, ROUNDS);
    const [inOrder = [], ours = []] = [rates.get('inOrder'), rates.get('late')];
    print({
      name: `late.${name}`,
      value: median(ours),
      unit: 'events/s',
      limit: median(inOrder),
      ratio: medianRatio(ours, inOrder),
      target: 0.5,
      note: `10 % up to 2 s late, 0.5 % 1 s to 24 h late, clusters: ${shape.clusters}, ${shape.days} days; seed ${shape.seed}`,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [name, shape] of Object.entries(SHAPES)) await compare(name, shape);
