/**
 * What deciders have in common. A decider is three pure functions: `initialState`, `evolve(state, event)` and
 * `decide(state, command, occasion)`. The state is the fold of a stream; what a command may do is judged at its `at`.
 */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import { type AnyFoldEvent, CLOCK_AHEAD_MICROS, type FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import { formatTime, type Micros } from '../../schemas/time.ts';
import { type InvalidInput, invalidInput, type Refusal } from './refusal.ts';

/** An event that a decider wants appended. */
interface Decided<N extends EventName = EventName> {
  readonly type: N;
  readonly time: Micros;
  readonly data: EventData[N];
}
export type AnyDecided = { [N in EventName]: Decided<N> }[EventName];

export type Decision =
  | { readonly kind: 'events'; readonly events: readonly AnyDecided[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What a decider is told beside state and command. */
export interface Occasion {
  /** The later of the clock and what the stream recorded last: a clock that steps back reorders nothing. */
  readonly now: Micros;
  /** The id that the event will have; entries and items without an id of their own are named by it. */
  readonly eventId: string;
}

export function events(...decided: readonly AnyDecided[]): Decision {
  return { kind: 'events', events: decided };
}
export function refuse(refusal: Refusal): Decision {
  return { kind: 'refused', refusal };
}

/** A stream's events as every answer folds them: without those taken back, in the order (effective time, position). */
export function inEffectiveOrder(stream: readonly FoldEvent[]): readonly AnyFoldEvent[] {
  const retractedAt = new Map<string, Position>();
  for (const event of stream as readonly AnyFoldEvent[]) {
    if (event.type !== 'EventRetracted') continue;
    const key = keyOf(event.data.eventSource, event.data.eventId);
    if (!retractedAt.has(key)) retractedAt.set(key, event.position);
  }
  // A retraction names an event before it; one that came first named nothing.
  const isTakenBack = (event: AnyFoldEvent) => (retractedAt.get(keyOf(event.source, event.id)) ?? 0) > event.position;
  return (stream as readonly AnyFoldEvent[])
    .filter((event) => event.type !== 'EventRetracted' && !event.erased && !isTakenBack(event))
    .sort((left, right) => left.effectiveAt - right.effectiveAt || left.position - right.position);
}

function keyOf(source: string, id: string): string {
  return `${source}\0${id}`;
}

type Fields = Readonly<Record<string, unknown>>;

/** The first text among these that is given but says nothing. */
export function blank(input: Fields, ...names: readonly string[]): InvalidInput | null {
  const name = names.find((each) => typeof input[each] === 'string' && (input[each] as string).trim() === '');
  return name === undefined ? null : invalidInput(`/${name}`, 'must not be blank');
}

/** The first instant among these that lies in the future; a minute is allowed for clocks that differ. */
export function inFuture(input: Fields, now: Micros, ...names: readonly string[]): InvalidInput | null {
  for (const name of names) {
    const at = input[name];
    if (typeof at !== 'number' || at <= now + CLOCK_AHEAD_MICROS) continue;
    return invalidInput(`/${name}`, `must not lie in the future: it is ${formatTime(now)} now`);
  }
  return null;
}

/** An input's fields as an event's: absent ones left out, instants named in `instants` printed. */
export function stated<Data>(fields: Fields, instants: readonly string[] = []): Data {
  const said: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    said[name] = instants.includes(name) && typeof value === 'number' ? formatTime(value as Micros) : value;
  }
  return said as Data;
}
