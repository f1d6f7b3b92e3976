/** Views as commands read them: from the file that another process keeps, which they never change. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import { MusterbookError } from '../errors.ts';
import type { Ledger, LedgerReader } from '../ledger/port.ts';
import { LiveViews } from './live-views.ts';
import { openSqliteStoreReader } from './sqlite/reader.ts';
import { startProjecting } from './start.ts';
import type { Slot, StoreReader } from './store.ts';
import type { ProjectionStatus, Views } from './views.ts';

export interface BesideOptions {
  readonly reader: LedgerReader;
  readonly viewsPath: string;
  readonly projections: readonly Projection<unknown>[];
}

/** How often the file is looked at for a newer commit, in ms. */
const LOOK_MS = 150;

export interface ViewsBesideOptions {
  /** Opened for reading. */
  readonly ledger: Ledger;
  readonly projections: readonly Projection<unknown>[];
  /** Of `views.sqlite`. */
  readonly folder: string;
  readonly ledgerPath: string;
  /** Takes the folder's lock; throws `LEDGER_HELD` where another process has it. */
  readonly hold: () => { release(): void };
}

/** How long to wait for the views that another process keeps to reach the ledger's head. */
const REACH_WAIT_MS = 5_000;
const NO_LIMIT_MS = 2 ** 31 - 1;

/** The views as files keep them, brought up to the ledger's head first: by the server that runs, else here. */
export async function viewsBeside({
  ledger,
  projections,
  folder,
  ledgerPath,
  hold,
}: ViewsBesideOptions): Promise<Views> {
  const open = (): Views | null =>
    openViewsBeside({ reader: ledger, viewsPath: join(folder, 'views.sqlite'), projections });
  const { position } = await ledger.head();
  const known = open();
  if (known !== null && known.position() >= position) return known;
  const lock = take(hold);
  if (lock === 'held' && known !== null) {
    await known.reached(position, REACH_WAIT_MS);
    return known;
  }
  await known?.close();
  if (typeof lock === 'object') {
    try {
      const projecting = await startProjecting({
        ledger,
        projections,
        keep: { folder, ledgerPath },
        onTrouble: () => {},
      });
      await projecting.views.reached(position, NO_LIMIT_MS);
      await projecting.close();
    } finally {
      lock.release();
    }
    const broughtUp = open();
    if (broughtUp !== null) return broughtUp;
  }
  // The folder cannot be written, or a server of another version keeps its views: ours are folded in memory.
  const { views } = await startProjecting({ ledger, projections, keep: 'memory', onTrouble: () => {} });
  await views.reached(position, NO_LIMIT_MS);
  return views;
}

function take(hold: ViewsBesideOptions['hold']): { release(): void } | 'held' | 'impossible' {
  try {
    return hold();
  } catch (error) {
    return error instanceof MusterbookError && error.code === 'LEDGER_HELD' ? 'held' : 'impossible';
  }
}

/** Null where there is no file, or it lacks a projection at its present version: then it must be brought up first. */
function openViewsBeside({ reader, viewsPath, projections }: BesideOptions): Views | null {
  const store = openStoreBeside(viewsPath, projections);
  if (store === null) return null;
  const views = new LiveViews({ reader, store, onClose: async () => clearInterval(timer) });
  let seen = '';
  const look = (): void => {
    store.renew();
    const slots = answering(store, projections);
    if (slots === null) return;
    const standing = JSON.stringify(slots);
    if (standing === seen) return;
    seen = standing;
    const position = Math.min(...slots.map((slot) => slot.position)) as Position;
    // What another process erases is not told: nothing is kept from one look to the next.
    const publication = { position, keys: 'all' as const, erased: true };
    views.accept({ publication, statuses: slots.map(statusOf), scrubbedUpTo: position });
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  return views;
}

/** The store, standing still at its last commit; null as `openViewsBeside`. */
export function openStoreBeside(viewsPath: string, projections: readonly Projection<unknown>[]): StoreReader | null {
  if (statSync(viewsPath, { throwIfNoEntry: false }) === undefined) return null;
  let store: StoreReader;
  try {
    store = openSqliteStoreReader(viewsPath);
  } catch {
    // Damaged, of another format, or being made just now: whoever may write will make it anew.
    return null;
  }
  if (answering(store, projections) !== null) return store;
  store.close();
  return null;
}

/** The slots that answer for these projections, in their order; null when one is missing. */
function answering(store: StoreReader, projections: readonly Projection<unknown>[]): readonly Slot[] | null {
  const slots = store.slots().filter((slot) => slot.answering);
  const found = projections.flatMap(({ name, version }) =>
    slots.filter((slot) => slot.name === name && slot.version === version),
  );
  return found.length === projections.length ? found : null;
}

function statusOf({ name, version, position }: Slot): ProjectionStatus {
  return { name, version, position: position as Position, state: 'LIVE', error: null };
}
