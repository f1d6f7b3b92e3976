/**
 * The store over gRPC. Appends have a client of their own: what else breaks on its link would make that client open a second
 * link for appends while answers still come on the first (see guarded-client.ts). Either client is made anew when it may be
 * one that never works again: one whose first discovery failed, or whose link answers no more.
 */
import { binaryEvent, type EventData, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { isClientSuspect, storeError } from './failure.ts';
import { type GuardedClient, guardedClient } from './guarded-client.ts';
import { readEvent } from './read-event.ts';
import {
  type Feed,
  NO_STREAM,
  type ReadEvent,
  type Store,
  StoreError,
  type StoreEvent,
  type StoreSubscription,
  type StoreWrite,
} from './store.ts';
import { feedOf } from './subscription.ts';

export interface ConnectionOptions {
  /** As `readStoreAddress` gives it. */
  readonly url: string;
  /** After so long the outcome of an append counts as unknown, and a read as failed. */
  readonly callMsMax?: number;
}

/** So long may one call take: longer than a cluster needs for a new leader to answer "not me". */
export const CALL_MS_MAX = 10_000;

/** Throws what the client throws of certificates that cannot be read. Connects at the first call. */
export function connectStore({ url, callMsMax = CALL_MS_MAX }: ConnectionOptions): Store {
  return new Connection(url, callMsMax);
}

class Connection implements Store {
  readonly #callMsMax: number;
  readonly #writing: Owned;
  readonly #reading: Owned;

  constructor(url: string, callMsMax: number) {
    this.#callMsMax = callMsMax;
    this.#writing = new Owned(url);
    this.#reading = new Owned(url);
  }

  async append({ stream, expected, events }: StoreWrite): Promise<void> {
    await this.#call(this.#writing, `an append to ${stream}`, ({ client }) =>
      client.appendToStream(stream, events.map(eventData), {
        expectedRevision: expected === NO_STREAM ? 'no_stream' : BigInt(expected),
        deadline: this.#callMsMax,
        batchAppendSize: LINK_MESSAGE_BYTES,
      }),
    );
  }

  async keepNewest(stream: string, count: number): Promise<void> {
    await this.#call(this.#writing, `limiting ${stream}`, ({ client }) =>
      client.setStreamMetadata(stream, { maxCount: count }, { deadline: this.#callMsMax }),
    );
  }

  async read({ stream, from, count }: Parameters<Store['read']>[0]): Promise<readonly ReadEvent[]> {
    return (await this.#read(stream, { fromRevision: BigInt(from), maxCount: count, direction: 'forwards' })) ?? [];
  }

  async readFirst(stream: string): Promise<ReadEvent | null> {
    return only(stream, await this.#read(stream, { fromRevision: 'start', maxCount: 1, direction: 'forwards' }));
  }

  async readLast(stream: string): Promise<ReadEvent | null> {
    return only(stream, await this.#read(stream, { fromRevision: 'end', maxCount: 1, direction: 'backwards' }));
  }

  async *subscribe(query: StoreSubscription): AsyncGenerator<Feed, void, undefined> {
    const owned = await this.#reading.get();
    try {
      yield* feedOf(owned.client, query, this.#callMsMax);
    } catch (failure) {
      const error = storeError(failure, false);
      if (isClientSuspect(error)) this.#reading.renew(owned);
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#writing.close(), this.#reading.close()]);
  }

  /** Null where the store says that there is no such stream. */
  async #read(stream: string, options: ReadOptions): Promise<readonly ReadEvent[] | null> {
    return this.#call(this.#reading, `reading ${stream}`, async ({ client }) => {
      const reading = client.readStream(stream, { ...options, deadline: this.#callMsMax });
      // The client tells of failures also when nobody iterates any more.
      reading.on('error', () => {});
      const events: ReadEvent[] = [];
      try {
        for await (const resolved of reading) events.push(readEvent(resolved as ResolvedEvent));
      } catch (failure) {
        if ((failure as { type?: unknown }).type === 'stream-not-found') return null;
        throw failure;
      } finally {
        reading.cancel().catch(() => {});
      }
      return events;
    });
  }

  /** Runs a call with our own time limit: the client has none for appends. */
  async #call<Result>(owner: Owned, what: string, call: (owned: GuardedClient) => Promise<Result>): Promise<Result> {
    const isWrite = owner === this.#writing;
    const owned = owner.current ?? (await owner.get());
    let timeout: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = () =>
        reject(new StoreError(isWrite ? 'unknown' : 'unreachable', `${what} was not answered in time`));
      timeout = setTimeout(fail, this.#callMsMax + GRACE_MS);
    });
    try {
      return await Promise.race([call(owned), late]);
    } catch (failure) {
      const error = storeError(failure, isWrite);
      if (isClientSuspect(error)) owner.renew(owned);
      throw error;
    } finally {
      clearTimeout(timeout);
    }
  }
}

type ReadOptions = Parameters<GuardedClient['client']['readStream']>[1];

/** A read that a server ends in good order before its first event looks like one of an empty stream: there are none. */
function only(stream: string, events: readonly ReadEvent[] | null): ReadEvent | null {
  if (events === null) return null;
  const [event] = events;
  if (!event) throw new StoreError('unreachable', `reading ${stream} ended before its first event`);
  return event;
}

/** Above the store's own limit, so that an append is one message, and below gRPC's of 4 MiB. */
const LINK_MESSAGE_BYTES = 3 * 1024 * 1024;
/** The store is given the limit too: its own answer, where there is one, says more than our giving up. */
const GRACE_MS = 500;

/** One client at a time; the one before is gone altogether before there is another. */
class Owned {
  readonly #url: string;
  #isClosed = false;
  #pending: Promise<GuardedClient> | null = null;
  /** Null while there is none that may be used. */
  current: GuardedClient | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  async get(): Promise<GuardedClient> {
    if (this.#isClosed) throw new StoreError('unreachable', 'the connection is closed');
    if (this.#pending) return this.#pending;
    this.current ??= guardedClient(this.#url);
    return this.current;
  }

  /** Puts another client in the place of this one, unless that was done already. */
  renew(old: GuardedClient): void {
    if (this.current !== old) return;
    this.current = null;
    const pending = old.dispose().then(() => {
      if (this.#pending === pending) this.#pending = null;
      if (this.#isClosed) throw new StoreError('unreachable', 'the connection is closed');
      this.current = guardedClient(this.#url);
      return this.current;
    });
    this.#pending = pending;
    pending.catch(() => {});
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#pending?.catch(() => {});
    await this.current?.dispose();
    this.current = null;
  }
}

function eventData({ id, type, content, metadata }: StoreEvent): EventData {
  if ('bytes' in content) return binaryEvent({ id, type, data: content.bytes, metadata });
  return jsonEvent({ id, type, data: content.json as Record<string, unknown>, metadata });
}
