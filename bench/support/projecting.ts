/** One whole projection run over a ledger file into a new views file, on this thread. */
import { statSync } from 'node:fs';
import type { Projection } from '../../projections/projection.ts';
import { openSqliteReader } from '../../src/ledger/sqlite/reader.ts';
import { Projector } from '../../src/project/projector.ts';
import { deleteViews, openSqliteStore } from '../../src/project/sqlite/store.ts';

export interface Run {
  readonly events: number;
  readonly viewsBytes: number;
}

export async function projectOnce(
  ledgerPath: string,
  viewsPath: string,
  projections: readonly Projection<unknown>[],
): Promise<Run> {
  deleteViews(viewsPath);
  const reader = openSqliteReader(ledgerPath);
  const store = openSqliteStore(viewsPath);
  const projector = await Projector.open({ projections, reader, store, onProgress() {} });
  await projector.run();
  const stopped = projector.statuses().find(({ error }) => error !== null);
  if (stopped) throw new Error(stopped.error ?? '');
  store.close();
  await reader.close();
  return { events: projector.position(), viewsBytes: statSync(viewsPath).size };
}
