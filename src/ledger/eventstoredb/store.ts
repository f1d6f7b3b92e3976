/**
 * What we need of an EventStoreDB, as a port of our own: few operations, numbers and texts instead of the client's types.
 * `connection.ts` is it over gRPC; what is built on it is tested without a server.
 */

/** Exactly where a stream must end: the revision of its last event, or `NO_STREAM`. */
export const NO_STREAM = -1;

/** The most an append carries: EventStoreDB's own default, and a number that keeps a group's answer quick. */
export const APPEND_BYTES_MAX = 1024 * 1024;
export const APPEND_EVENTS_MAX = 500;

/** The event's content as JSON (any value), or as bytes where its text would not come back the same. */
export type StoreContent = { readonly json: unknown } | { readonly bytes: Uint8Array };

export interface StoreEvent {
  /** A UUID: the store takes the same one at the same place of a stream once. */
  readonly id: string;
  readonly type: string;
  readonly content: StoreContent;
  /** JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface StoreWrite {
  readonly stream: string;
  /** The last revision there is, or `NO_STREAM`; never "any", for which the store's memory of ids is only a cache. */
  readonly expected: number;
  readonly events: readonly StoreEvent[];
}

export interface ReadEvent {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly content: StoreContent;
  /** What the client could make of it: our object, or anything in an event that is not ours. */
  readonly metadata: unknown;
  /** The commit position. */
  readonly position: number;
  /** Where a subscription goes on after this event. */
  readonly cursor: string;
}

/**
 * What a subscription gives. `confirmed`: the store has taken it on. `caught-up`: everything that was there when the store
 * said so has been given before.
 */
export type Feed =
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'events'; readonly events: readonly ReadEvent[] }
  | { readonly kind: 'caught-up' };

export interface StoreSubscription {
  /** Names of streams begin with it. */
  readonly prefix: string;
  /** `cursor` of the last event that was processed; null: from the start. */
  readonly after: string | null;
  readonly signal: AbortSignal;
}

/** Every operation has its own time limit and throws `StoreError`. */
export interface Store {
  /**
   * Appends all events or none. Writes are sent in the order of the calls, on one stream of the protocol, so that a store
   * that is not disturbed writes them in that order. Resolves when the store said that they are durable.
   */
  append(write: StoreWrite): Promise<void>;
  /** Events of one stream from a revision on; none where the stream does not exist. */
  read(query: {
    readonly stream: string;
    readonly from: number;
    readonly count: number;
  }): Promise<readonly ReadEvent[]>;
  /** The first event of a stream; null only where the store said that there is no such stream. */
  readFirst(stream: string): Promise<ReadEvent | null>;
  /** The last event of a stream; null only where the store said that there is no such stream. */
  readLast(stream: string): Promise<ReadEvent | null>;
  /**
   * Follows the store in its own order. Never reconnects: when it ends, without the signal, or throws, the link is lost and
   * the caller begins anew after the last event it has processed. Holds no more than a few hundred events.
   */
  subscribe(query: StoreSubscription): AsyncGenerator<Feed, void, undefined>;
  /** Lets the store drop all but the newest `count` events of a stream. */
  keepNewest(stream: string, count: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * `unreachable`: no node could be reached; nothing was done. `unknown`: whether it was done cannot be told. `not-leader`:
 * refused by a node that only follows; nothing was done. `refused`: the user may not. `wrong-revision`: the stream ends at
 * `actual`. `too-large`: more than the store takes at once.
 */
export type StoreFault = 'unreachable' | 'unknown' | 'not-leader' | 'refused' | 'wrong-revision' | 'too-large';

export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly fault: StoreFault;
  /** Of `wrong-revision`: the last revision or `NO_STREAM`. */
  readonly actual: number;
  /** Of `too-large`, in bytes; 0 where the store did not say. */
  readonly bytesMax: number;
  /** The store's own answer to this call: the link is as it should be. */
  readonly isAnswer: boolean;

  constructor(
    fault: StoreFault,
    message: string,
    more: {
      readonly actual?: number;
      readonly bytesMax?: number;
      readonly isAnswer?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.fault = fault;
    this.actual = more.actual ?? NO_STREAM;
    this.bytesMax = more.bytesMax ?? 0;
    this.isAnswer = more.isAnswer ?? false;
  }
}
