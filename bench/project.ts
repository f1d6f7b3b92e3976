/** Projections over a ledger file, views and checkpoints written, against reading and parsing the same rows on one thread. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cluster } from '../projections/cluster/cluster.ts';
import { PROJECTIONS } from '../projections/list.ts';
import type { Projection } from '../projections/projection.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { fillLedger } from './support/history.ts';
import { projectOnce } from './support/projecting.ts';
import { scanAndCount } from './support/scan.ts';

const ROUNDS = 5;
const shape = { seed: 3, events: 200_000, clusters: 200, days: 90 };
const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const ledgerPath = join(folder, 'ledger.sqlite');
const viewsPath = join(folder, 'views.sqlite');

try {
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
  await fillLedger(ledger, shape);
  await ledger.close();
  let viewsBytes = 0;
  const project = (projections: readonly Projection<unknown>[]) => async () => {
    const run = await projectOnce(ledgerPath, viewsPath, projections);
    viewsBytes = run.viewsBytes;
    return run.events;
  };
  const contenders = [
    { name: 'scan', run: () => scanAndCount(ledgerPath, 'objects') },
    { name: 'scanArrays', run: () => scanAndCount(ledgerPath, 'arrays') },
    { name: 'cluster', run: project([cluster as Projection<unknown>]) },
    { name: 'all', run: project(PROJECTIONS) },
  ];
  const rates = await takeTurns(contenders, ROUNDS);
  const [scan = [], arrays = []] = [rates.get('scan'), rates.get('scanArrays')];
  for (const [name, target] of [
    ['cluster', 0.7],
    ['all', 0.35],
  ] as const) {
    const ours = rates.get(name) ?? [];
    const figure = { name: `project.${name}`, value: median(ours), unit: 'events/s' };
    const seed = `${name === 'all' ? PROJECTIONS.length : 1} projections, views written; seed ${shape.seed}`;
    print({ ...figure, limit: median(scan), ratio: medianRatio(ours, scan), target, note: seed });
    const note = 'against the fastest scan node:sqlite has, rows as arrays';
    print({ ...figure, limit: median(arrays), ratio: medianRatio(ours, arrays), note });
  }
  await projectOnce(ledgerPath, viewsPath, PROJECTIONS);
  print({
    name: 'project.views',
    value: viewsBytes,
    unit: 'bytes',
    limit: statSync(ledgerPath).size,
    ratio: viewsBytes / statSync(ledgerPath).size,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
