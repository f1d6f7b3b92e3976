/** The parts of fan-out as the transports and the resolvers see them. */
import type { Position } from '../../../schemas/ids.ts';
import type { MaybePromise, ViewReader } from '../../project/views.ts';

/** One payload before it is executed: what the subscription's root field resolves to. */
export interface Payload {
  readonly cursor: Position;
  readonly root: unknown;
  /** What the fields below it are answered from; absent: the views as of the cursor. */
  readonly reader?: ViewReader;
}

/** Where a subscription's payloads come from. Both throw operating errors only. */
export interface Source {
  /** The state at a position that the views have reached: what a subscriber gets first. */
  initial(at: Position): Promise<readonly Payload[]>;
  /** Everything after a position, in order, first from the past and then live, until aborted. Gives the same payloads in the same order each time. */
  changes(after: Position, signal: AbortSignal): AsyncIterable<Payload>;
}

/** One printed payload; `json` is the execution result. */
export interface Frame {
  readonly cursor: Position;
  readonly json: string;
  /** The frame as a server-sent event of GraphQL over SSE, made once. */
  sse(): Buffer;
}

/** A subscriber's connection. */
export interface Sink {
  /** Hands a frame over; false when the connection takes no more until `drained` is called back. */
  write(frame: Frame): boolean;
  /** Ends the subscription; `failure` when it ends because its source failed. */
  end(failure: unknown): void;
}

/** A subscriber as its connection sees it. */
export interface Subscriber {
  /** The connection takes frames again. */
  drained(): void;
  stop(): void;
}

export interface Topic {
  /** Equal for subscriptions whose payloads print the same. */
  readonly key: string;
  readonly source: Source;
  /** Executes and prints a payload. Never rejects: errors are part of what is printed. */
  print(payload: Payload): string | Promise<string>;
}

/** A payload that is made for one subscriber. */
export interface PrivatePayload extends Payload {
  readonly reader: ViewReader;
}

/** The clock that one subscriber's payloads are played by. */
export interface Pace {
  /** Aborted when nobody reads any more. */
  readonly signal: AbortSignal;
  /**
   * Waits until so many ms have passed since it was first asked, not counting time in which the connection took nothing;
   * null where they have. Resolves also once the signal is aborted.
   */
  until(dueMs: number): Promise<void> | null;
}

/** Payloads of one subscriber alone, which come to an end. A payload holds until the next one is asked for. */
export interface PrivateSource {
  payloads(pace: Pace): AsyncIterable<PrivatePayload>;
}

/** A subscription that is shared with nobody, since each one begins at its own time. */
export interface PrivateSubscription {
  readonly source: PrivateSource;
  /** Executes and prints a payload. Never rejects: errors are part of what is printed. */
  print(payload: PrivatePayload): MaybePromise<string>;
  /** The last result, where the source failed for good; null where its reader may come back with its cursor. */
  printFailure(error: unknown): string | null;
}

/** A subscription that may begin. */
export type Begun =
  | { readonly kind: 'topic'; readonly topic: Topic; readonly after: Position | null }
  | { readonly kind: 'private'; readonly subscription: PrivateSubscription };
