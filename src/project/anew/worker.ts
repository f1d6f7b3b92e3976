/** A thread that folds its share of the views from zero into a file of its own, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Projection } from '../../../projections/projection.ts';
import { openSqliteReader } from '../../ledger/sqlite/reader.ts';
import { openSqliteScan } from '../../ledger/sqlite/scan.ts';
import { openScratchStore } from '../sqlite/store.ts';
import { buildShare } from './build.ts';
import type { BuildOrder, FromBuilder } from './run.ts';

const PROGRESS_EVERY_MS = 250;

const port = parentPort;
if (port === null) throw new Error('worker.ts is to be run as a worker');
const say = (message: FromBuilder) => port.postMessage(message);
const { ledgerPath, module, names, upTo, share, withWhole, path } = workerData as BuildOrder;

const list = (await (module === null ? import('../../../projections/list.ts') : import(module))) as {
  readonly PROJECTIONS: readonly Projection<unknown>[];
};
const reader = openSqliteReader(ledgerPath);
const scan = openSqliteScan(ledgerPath);
const store = openScratchStore(path);
let saidAt = 0;
const failures = await buildShare({
  ...{ reader, scan, store, share, withWhole, upTo },
  projections: list.PROJECTIONS.filter(({ name }) => names.includes(name)),
  onProgress(position) {
    const now = performance.now();
    if (now - saidAt < PROGRESS_EVERY_MS) return;
    saidAt = now;
    say({ kind: 'progress', position });
  },
});
store.close();
scan.close();
await reader.close();
say({ kind: 'done', failures });
