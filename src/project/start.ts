/** Assembles running projections: where they run, where views are kept, who answers from them. */
import { join } from 'node:path';
import type { Projection } from '../../projections/projection.ts';
import { type Position, START } from '../../schemas/ids.ts';
import type { Ledger, LedgerReader } from '../ledger/port.ts';
import { projectHere } from './here.ts';
import { LiveViews } from './live-views.ts';
import { isAbsentOrForeign, openSqliteStoreReader } from './sqlite/reader.ts';
import type { StoreReader } from './store.ts';
import { projectInThread } from './thread.ts';
import { type RebuildReport, type VerifyOptions, verifyRebuild } from './verify.ts';
import type { Views } from './views.ts';

const VIEWS_FILE = 'views.sqlite';

export interface ProjectingOptions {
  readonly ledger: Ledger;
  readonly projections: readonly Projection<unknown>[];
  /** A folder for `views.sqlite`, with the SQLite ledger that a thread of its own reads; or all in memory, in this thread. */
  readonly keep:
    | 'memory'
    | {
        readonly folder: string;
        readonly ledgerPath: string /** URL of the module whose `PROJECTIONS` the thread runs; absent: projections/list.ts. */;
        readonly module?: string;
      };
  /** Hears of operating errors, after which projecting is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

export interface Projecting {
  readonly views: Views;
  /** Rebuilds one projection, or all, beside what answers now, and swaps. */
  rebuild(name?: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Views that another process keeps in a folder, as they stand: for reading beside a running server. They do not move.
 * Null where there are none of ours.
 */
export function openKeptViews(reader: LedgerReader, folder: string): Views | null {
  const store = openKeptStore(folder);
  if (store === null) return null;
  const views = new LiveViews({ reader, store, onClose: async () => {} });
  const slots = store.slots().filter(({ answering }) => answering);
  const statuses = slots.map(({ name, version, position }) => ({
    name,
    version,
    position: position as Position,
    state: 'LIVE' as const,
    error: null,
  }));
  const position = Math.min(...slots.map((slot) => slot.position)) as Position;
  views.accept({ publication: { position: slots.length === 0 ? START : position, keys: 'all' }, statuses });
  return views;
}

/** Folds every key anew and compares it with what a folder keeps; null where it keeps nothing of ours. */
export async function verifyKeptViews(
  options: Omit<VerifyOptions, 'store'> & { readonly folder: string },
): Promise<RebuildReport | null> {
  const store = openKeptStore(options.folder);
  if (store === null) return null;
  try {
    return await verifyRebuild({ ...options, store });
  } finally {
    store.close();
  }
}

function openKeptStore(folder: string): StoreReader | null {
  try {
    return openSqliteStoreReader(join(folder, VIEWS_FILE));
  } catch (error) {
    if (isAbsentOrForeign(error)) return null;
    throw error;
  }
}

/** Resolves when the views answer; they may still be behind the ledger: `views.reached` waits. */
export async function startProjecting({
  ledger,
  projections,
  keep,
  onTrouble,
}: ProjectingOptions): Promise<Projecting> {
  if (keep === 'memory') return projectHere({ ledger, projections, onTrouble });
  const { folder, ledgerPath, module } = keep;
  return projectInThread({
    ledger,
    ledgerPath,
    viewsPath: join(folder, VIEWS_FILE),
    module: module ?? null,
    onTrouble,
  });
}
