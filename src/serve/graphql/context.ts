/** What resolvers are given. */

import type { Position } from '../../../schemas/ids.ts';
import type { Accept, Caller } from '../../accept/accept.ts';
import type { Clock } from '../../clock.ts';
import type { Ledger } from '../../ledger/port.ts';
import type { Link } from '../../link.ts';
import type { MaybePromise, ViewReader, Views } from '../../project/views.ts';
import { codedError } from './errors.ts';
import type { EventLoader } from './event-loader.ts';
import type { PrivateSource, Source } from './fan-out.ts';

/** The parts of the house that answers are made from. */
export interface Sources {
  readonly views: Views;
  readonly ledger: Ledger;
  readonly accept: Accept;
  readonly clock: Clock;
  /** The backend's name, as `Ledger.store` shows it. */
  readonly store: string;
  /** Connections to what lies outside the process. */
  readonly links: readonly Link[];
}

/** One execution's context. */
export interface GraphContext {
  readonly sources: Sources;
  readonly caller: Caller;
  /** The set of events that the answer is of. Replaced where a field waits for a later one. */
  reader: ViewReader;
  readonly events: EventLoader;
  /** Up to where the ledger was restored with the recordedAt of elsewhere; null: it was not. */
  restoredUpTo(): MaybePromise<Position | null>;
  /** Set by resolvers whose answer follows from more than the views' position: it is then not kept. */
  volatile: boolean;
}

/** How long a request waits for the views to reach `atLeast`, in ms. */
const AT_LEAST_WAIT_MS = 5_000;

/** Waits until the views have reached a position. Throws `NOT_YET` after 5 s. */
export async function reach({ views }: Pick<Sources, 'views'>, position: Position): Promise<void> {
  if (views.position() >= position) return;
  if (await views.reached(position, AT_LEAST_WAIT_MS)) return;
  throw codedError('NOT_YET', `the views are at position ${views.position()}, not yet at ${position}`, {
    position: String(views.position()),
    retryable: true,
  });
}

/** What a subscription's root field subscribes to, in the clothes that graphql-js expects of it. */
export class SourceStream {
  readonly source: Source;
  /** Where the subscriber begins; null: at the present. */
  readonly after: Position | null;

  constructor(source: Source, after: Position | null) {
    this.source = source;
    this.after = after;
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    throw new Error('a source stream is read by the hub');
  }
}

/** The same for payloads that are one subscriber's alone. */
export class PrivateStream {
  readonly source: PrivateSource;

  constructor(source: PrivateSource) {
    this.source = source;
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    throw new Error('a private stream is read by its subscriber');
  }
}
