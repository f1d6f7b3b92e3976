/** Projecting in this thread: for the memory ledger, for one-off commands and for tests. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Projection } from '../../projections/projection.ts';
import type { Ledger, LedgerReader } from '../ledger/port.ts';
import { drive } from './drive.ts';
import { LiveViews } from './live-views.ts';
import { memoryStore } from './memory/store.ts';
import { Projector } from './projector.ts';
import type { Projecting } from './start.ts';
import type { Store } from './store.ts';

/** Small pages, so that the thread's other work never waits long. */
const PAGE_EVENTS = 512;

export interface HereOptions {
  readonly ledger: LedgerReader & Pick<Ledger, 'onAppend'>;
  readonly projections: readonly Projection<unknown>[];
  readonly onTrouble: (error: unknown) => void;
  /** Absent: in memory. */
  readonly store?: Store;
  /** See `ProjectorOptions`. */
  readonly checkpointEventsMin?: number;
  /** Events read at once; absent: 512. */
  readonly pageEvents?: number;
}

export async function projectHere({
  ledger,
  projections,
  onTrouble,
  store = memoryStore(),
  checkpointEventsMin,
  pageEvents = PAGE_EVENTS,
}: HereOptions): Promise<Projecting> {
  let isClosed = false;
  const close = async () => {
    if (isClosed) return;
    isClosed = true;
    stopListening();
    await driving.stop();
    store.close();
  };
  const views = new LiveViews({ reader: ledger, store: store.reader, onClose: close });
  const projector = await Projector.open({
    projections,
    reader: ledger,
    store,
    onProgress: (progress) => views.accept(progress),
    pageEvents,
    ...(checkpointEventsMin !== undefined && { checkpointEventsMin }),
    breathe: nextTurn,
  });
  views.accept(projector.progress());
  const driving = drive(projector, (error) => {
    views.trouble(error instanceof Error ? error.message : String(error));
    onTrouble(error);
  });
  const stopListening = ledger.onAppend(() => driving.wake());
  return { views, rebuild: (name) => driving.between(() => projector.rebuild(name)), close: () => views.close() };
}
