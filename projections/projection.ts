/** The contract of a projection: a pure fold of events into a state, one state per key. */
import type { EventName } from '../schemas/catalogue.ts';
import type { AnyFoldEvent } from '../schemas/event.ts';
import type { StreamCategory } from '../schemas/ids.ts';
import type { Micros } from '../schemas/time.ts';

/**
 * A projection. Same events, same bytes: no clock, no I/O, no vendor. States are plain JSON values (objects, arrays,
 * strings, finite numbers, booleans, null; no undefined, no Map, no Date) whose `JSON.stringify` is the state's bytes, so insertion order of keys must
 * follow from the events in fold order alone.
 *
 * Events come in the order (effectiveAt, position). Retractions, retracted and erased events never reach `fold`.
 * An event that a fold cannot take may throw: that projection then stops, visibly, and nothing else does.
 */
export interface Projection<State> {
  readonly name: string;
  /** Rises whenever the meaning or the shape of the state changes: the views are then rebuilt. */
  readonly version: number;
  /** The streams it reads. */
  readonly categories: readonly StreamCategory[];
  /** The event types it folds. */
  readonly types: readonly EventName[];
  /** `stream`: one state per stream, its key the subject. `whole`: one state, with the key ``, over all the streams it reads. */
  readonly keyed: 'stream' | 'whole';
  /** Optional: the types of whose `data` the fold reads anything; of all others it needs the type, stream, source and place alone. */
  readonly dataOf?: readonly EventName[];
  /**
   * Its state keeps stated intervals of valid time, taken from every event of the set whatever its effective time: what had
   * happened by a moment is read from the state, which is never folded only up to that moment.
   */
  readonly keepsValidTime?: true;
  initial(key: string): State;
  /** Takes the next event in order. May change `state` in place; returns the state. */
  fold(state: State, event: AnyFoldEvent): State;
  /**
   * Optional shortcut for an event that arrives late or is retracted: changes `state` in place to what a fold of all events in order would
   * give and returns true, or returns false having changed nothing. It must agree with the fold byte for byte.
   */
  patch?(state: State, event: AnyFoldEvent, change: 'insert' | 'remove'): boolean;
  /** Words by which views are listed, such as `cluster:web` or `status:resolved`; with `happenedAt` those of that moment. */
  tags?(state: State, happenedAt?: Micros): readonly string[];
  /** What lists are ordered by, ascending, then by key; absent: the key. */
  order?(state: State, happenedAt?: Micros): string;
}
