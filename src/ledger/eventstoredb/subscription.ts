/**
 * A subscription to `$all` as it really is: it never reconnects, ends without an error when the server goes down in good
 * order, and tells of being caught up before its reader is. Checkpoints are not asked for: one may name a place behind an
 * event that is given later (EventStore issue 4970), so that nothing is to be built on them.
 */
import { setImmediate } from 'node:timers/promises';
import { type AllStreamSubscription, type EventStoreDBClient, START, streamNameFilter } from '@eventstore/db-client';
import { positionOf, readEvent } from './read-event.ts';
import { type Feed, type ReadEvent, StoreError, type StoreSubscription } from './store.ts';

/** Events that wait between the link and us; beyond it the link is not read. */
const EVENTS_WAITING_MAX = 256;
/** Events given at once. */
const EVENTS_PER_FEED = 500;
/**
 * Stores older than 23.10 never say that a reader has caught up: one that was given nothing for so long counts as caught up.
 */
const QUIET_MS = 3_000;
/** Of the store's own pages, while nothing matches: fewer checkpoints. */
const CHECKPOINT_INTERVAL = 1000;

/** Follows until the signal, the end of the link, or an error of the client. */
export async function* feedOf(
  client: EventStoreDBClient,
  { prefix, after, signal }: StoreSubscription,
  confirmMsMax: number,
): AsyncGenerator<Feed, void, undefined> {
  const filter = streamNameFilter({ prefixes: [prefix], checkpointInterval: CHECKPOINT_INTERVAL });
  const fromPosition = after === null ? START : positionOf(after);
  const link = client.subscribeToAll({ fromPosition, filter }, { highWaterMark: EVENTS_WAITING_MAX });
  const state = new LinkState(link, signal, confirmMsMax);
  try {
    while (!signal.aborted) {
      const events = await gatheredEvents(link);
      if (state.takeConfirmed()) yield { kind: 'confirmed' };
      if (events.length > 0) yield { kind: 'events', events };
      else if (state.takeCaughtUp()) yield { kind: 'caught-up' };
      else if (state.failure !== null) throw state.failure;
      else if (state.hasEnded) return;
      else await state.changed();
    }
  } finally {
    state.dispose();
    link.unsubscribe().catch(() => {});
  }
}

/** What waits on the link, and what the link brings while it is taken off: it gives events one by one, a batch costs a commit. */
async function gatheredEvents(link: AllStreamSubscription): Promise<readonly ReadEvent[]> {
  const events: ReadEvent[] = [];
  for (let before = -1; before < events.length && events.length < EVENTS_PER_FEED; ) {
    before = events.length;
    let resolved: unknown = link.read();
    while (resolved !== null) {
      events.push(readEvent(resolved as Parameters<typeof readEvent>[0]));
      resolved = events.length < EVENTS_PER_FEED ? link.read() : null;
    }
    // A turn of the event loop brings what has come over the wire.
    if (events.length > before) await setImmediate();
  }
  return events;
}

/** What happened on the link since it was last asked. */
class LinkState {
  failure: Error | null = null;
  hasEnded = false;
  #isCaughtUp = false;
  #isConfirmed = false;
  #hasChanged = false;
  #quiet: NodeJS.Timeout | null = null;
  #wake: (() => void) | null = null;
  #confirming: NodeJS.Timeout;
  readonly #signal: AbortSignal;
  readonly #abort = (): void => this.#change();

  constructor(link: AllStreamSubscription, signal: AbortSignal, confirmMsMax: number) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort);
    this.#confirming = setTimeout(() => {
      this.failure ??= new StoreError('unreachable', 'the store did not confirm the subscription in time');
      this.#change();
    }, confirmMsMax);
    link.on('confirmation', () => {
      clearTimeout(this.#confirming);
      this.#isConfirmed = true;
      this.#quiet = setTimeout(() => this.#catchUp(), QUIET_MS);
      this.#change();
    });
    link.on('readable', () => {
      this.#quiet?.refresh();
      this.#change();
    });
    link.on('caughtUp', () => this.#catchUp());
    // Stays when nobody reads any more: the client tells of failures also then.
    link.on('error', (failure) => {
      this.failure ??= failure;
      this.#change();
    });
    for (const name of ['end', 'close'] as const) {
      link.on(name, () => {
        this.hasEnded = true;
        this.#change();
      });
    }
  }

  takeConfirmed(): boolean {
    const isConfirmed = this.#isConfirmed;
    this.#isConfirmed = false;
    return isConfirmed;
  }

  /** Whether the store has said that everything was given; once for each time. */
  takeCaughtUp(): boolean {
    const isCaughtUp = this.#isCaughtUp;
    this.#isCaughtUp = false;
    return isCaughtUp;
  }

  async changed(): Promise<void> {
    if (!this.#hasChanged) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#hasChanged = false;
  }

  dispose(): void {
    clearTimeout(this.#confirming);
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = null;
    this.#signal.removeEventListener('abort', this.#abort);
  }

  #catchUp(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = null;
    this.#isCaughtUp = true;
    this.#change();
  }

  #change(): void {
    this.#hasChanged = true;
    this.#wake?.();
    this.#wake = null;
  }
}
