/** A store in memory that tests pull the strings of: what a server cannot be made to do at a chosen moment. */
import { randomUUID } from 'node:crypto';
import {
  type Feed,
  type ReadEvent,
  type Store,
  StoreError,
  type StoreEvent,
  type StoreSubscription,
  type StoreWrite,
} from '../../../src/ledger/eventstoredb/store.ts';

export class FakeStore implements Store {
  readonly log: ReadEvent[] = [];
  /** While true, subscriptions give nothing, and do not end. */
  isSilent = false;
  /** How many events a feed holds at most. */
  feedMax = 500;
  readonly subscriptions: StoreSubscription[] = [];
  #wakes: (() => void)[] = [];

  async append({ stream, expected, events }: StoreWrite): Promise<void> {
    const last = this.log.findLast((event) => event.stream === stream)?.revision ?? -1;
    if (last !== expected) throw new StoreError('wrong-revision', 'elsewhere', { actual: last });
    for (const [index, event] of events.entries()) this.log.push(this.#recorded(stream, expected + 1 + index, event));
    this.wake();
  }

  async read({ stream, from, count }: Parameters<Store['read']>[0]): Promise<readonly ReadEvent[]> {
    return this.log.filter((event) => event.stream === stream && event.revision >= from).slice(0, count);
  }

  async readFirst(stream: string): Promise<ReadEvent | null> {
    return this.log.find((event) => event.stream === stream) ?? null;
  }

  async readLast(stream: string): Promise<ReadEvent | null> {
    return this.log.findLast((event) => event.stream === stream) ?? null;
  }

  async *subscribe(query: StoreSubscription): AsyncGenerator<Feed, void, undefined> {
    this.subscriptions.push(query);
    let place = query.after === null ? 0 : Number(query.after);
    yield { kind: 'confirmed' };
    let isCaughtUp = false;
    while (!query.signal.aborted) {
      const events = this.isSilent ? [] : this.log.slice(place, place + this.feedMax);
      place += events.length;
      if (events.length > 0) yield { kind: 'events', events };
      else if (!isCaughtUp && !this.isSilent) {
        isCaughtUp = true;
        yield { kind: 'caught-up' };
      } else {
        await new Promise<void>((resolve) => {
          this.#wakes.push(resolve);
          query.signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    }
  }

  async keepNewest(): Promise<void> {}

  async close(): Promise<void> {}

  wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  #recorded(stream: string, revision: number, { type, content, metadata, id = randomUUID() }: StoreEvent): ReadEvent {
    const place = this.log.length + 1;
    const through = JSON.parse(JSON.stringify({ content, metadata })) as Pick<ReadEvent, 'content' | 'metadata'>;
    return { ...through, stream, revision, id, type, position: place * 100, cursor: String(place) };
  }
}
