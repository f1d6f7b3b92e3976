/** Assembles running projections: where they run, where views are kept, who answers from them. */
import { join } from 'node:path';
import type { Projection } from '../../projections/projection.ts';
import type { Ledger } from '../ledger/port.ts';
import { projectHere } from './here.ts';
import { projectInThread, type RebuildSettings } from './thread.ts';
import type { Views } from './views.ts';

export const VIEWS_FILE = 'views.sqlite';

export interface ProjectingOptions {
  readonly ledger: Ledger;
  readonly projections: readonly Projection<unknown>[];
  /** A folder for `views.sqlite`, with the SQLite ledger that a thread of its own reads; or all in memory, in this thread. */
  readonly keep:
    | 'memory'
    | {
        readonly folder: string;
        readonly ledgerPath: string;
        /** URL of the module whose `PROJECTIONS` the thread runs; absent: projections/list.ts. */
        readonly module?: string;
        readonly rebuilds?: RebuildSettings;
      };
  /** Hears of operating errors, after which projecting is tried again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Told of a long rebuild how far it has come, as positions. */
export type RebuildListener = (done: number, all: number) => void;

export interface Projecting {
  readonly views: Views;
  /** Rebuilds one projection, or all, beside what answers now, and swaps. */
  rebuild(name?: string, onProgress?: RebuildListener): Promise<void>;
  close(): Promise<void>;
}

/** Resolves when the views answer; they may still be behind the ledger: `views.reached` waits. */
export async function startProjecting({
  ledger,
  projections,
  keep,
  onTrouble,
}: ProjectingOptions): Promise<Projecting> {
  if (keep === 'memory') return projectHere({ ledger, projections, onTrouble });
  const { folder, ledgerPath, module, rebuilds } = keep;
  return projectInThread({
    ledger,
    ledgerPath,
    viewsPath: join(folder, VIEWS_FILE),
    module: module ?? null,
    ...(rebuilds && { rebuilds }),
    onTrouble,
  });
}
