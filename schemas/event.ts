/** The envelope: an event as the door hands it to the ledger, and as the ledger gives it back. */
import type { EventData, EventName } from './catalogue.ts';
import type { Position, Revision, StreamCategory, StreamName } from './ids.ts';
import type { Micros } from './time.ts';

/** The prefix of every CloudEvents `type` of ours; the bare name is accepted on the way in. */
export const TYPE_PREFIX = 'io.musterbook.';
/** An event whose occurredAt is further than this ahead of recordedAt is marked `clockAhead`. 60 s in µs. */
export const CLOCK_AHEAD_MICROS = 60_000_000;
/** The most an event may weigh as JSON, in bytes. */
export const EVENT_BYTES_MAX = 256 * 1024;

/** A checked, normalised event that has not been recorded yet. */
export interface NewEvent<N extends EventName = EventName> {
  readonly id: string;
  readonly source: string;
  readonly type: N;
  readonly subject: string;
  /** When it happened; null where the source sent no `time`. */
  readonly time: Micros | null;
  /** It happened between this and `time`. */
  readonly notBefore: Micros | null;
  readonly synthetic: boolean;
  /** Remaining CloudEvents attributes, as sent (correlationid, causationid, traceparent, …), none of the ledger's own. */
  readonly extensions: Readonly<Record<string, string | number | boolean>>;
  readonly data: EventData[N];
}

/** What a projection may read of a recorded event. Everything but `data` is a scalar. */
export interface FoldEvent<N extends EventName = EventName> {
  readonly position: Position;
  readonly stream: StreamName;
  readonly category: StreamCategory;
  readonly subject: string;
  readonly revision: Revision;
  readonly type: N;
  readonly source: string;
  readonly id: string;
  /** When it happened; recordedAt where the source sent no time (then occurredAtKnown is false). */
  readonly occurredAt: Micros;
  readonly occurredAtKnown: boolean;
  readonly recordedAt: Micros;
  /** The earlier of occurredAt and recordedAt: with position, the place in every fold. */
  readonly effectiveAt: Micros;
  readonly notBefore: Micros | null;
  readonly synthetic: boolean;
  /** The name of who appended it (`authid`), null without tokens. */
  readonly actor: string | null;
  /** True when its data is gone for good; such events are skipped by every fold and `data` is `{}`. */
  readonly erased: boolean;
  readonly data: EventData[N];
}

/** `FoldEvent` as a union discriminated by `type`, for exhaustive switches. */
export type AnyFoldEvent = { [N in EventName]: FoldEvent<N> }[EventName];

/** A recorded event with all that the ledger keeps of it, for answers, export and proof. */
export interface RecordedEvent extends FoldEvent {
  /** The CloudEvents attributes as stored (a JSON object, without `data`): these bytes are hashed. */
  readonly envelope: string;
  /** `data` as stored (JSON); null when erased. */
  readonly dataText: string | null;
  /** 16 random bytes, hex; null when erased. */
  readonly salt: string | null;
  /** SHA-256(salt, data bytes), hex. Kept when the data is erased. */
  readonly dataHash: string;
  /** Hash of the chain at this event, hex. */
  readonly hash: string;
  /**
   * What the clock of who appended it said, where that is not `recordedAt`: then the hash covers this. Clocks of several
   * servers differ, and recordedAt never falls.
   */
  readonly chainedAt?: Micros | undefined;
}

/** Whether an event's source clock ran more than a minute ahead of the ledger. */
export function isClockAhead(event: Pick<FoldEvent, 'occurredAt' | 'recordedAt'>): boolean {
  return event.occurredAt - event.recordedAt > CLOCK_AHEAD_MICROS;
}
