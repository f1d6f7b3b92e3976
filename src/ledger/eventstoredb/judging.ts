/**
 * What becomes of requests to one stream that go into one append, judged one after another as every backend judges them.
 * Pure. What is not in the mirror yet, but before it in the same append, counts as recorded.
 */
import { envelopeText } from '../../../schemas/cloudevents/envelope.ts';
import type { Position, Revision, StreamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { newSalt } from '../chain.ts';
import { expectationHolds, isSameContent, subjectOf } from '../judge.ts';
import type { KnownEvent } from '../mirror.ts';
import type { AppendOutcome, AppendRequest, EventKey } from '../port.ts';
import { storeEvent } from './event-format.ts';
import type { StoreEvent } from './store.ts';

/** An event with its texts made, once for all tries. */
export interface PreparedEvent {
  readonly key: EventKey;
  readonly keyText: string;
  readonly type: AppendRequest['events'][number]['type'];
  readonly time: Micros | null;
  readonly envelope: string;
  readonly dataText: string;
}

export interface PreparedRequest {
  readonly stream: StreamName;
  readonly expected: AppendRequest['expected'];
  readonly events: readonly PreparedEvent[];
  /** The clock when it was asked for. */
  readonly now: Micros;
  /** About what it weighs in an append. */
  readonly bytes: number;
}

/** What the store keeps beside an event's texts: id, type, and the rest of the metadata. */
const BYTES_PER_EVENT = 400;

export function prepare({ stream, expected, events, actor }: AppendRequest, now: Micros): PreparedRequest {
  let bytes = 0;
  const prepared = events.map((event) => {
    const { source, id, type, time } = event;
    const [envelope, dataText] = [envelopeText(event, actor), JSON.stringify(event.data)];
    // The envelope lies in the metadata as a JSON text, with its quotes escaped.
    bytes += Buffer.byteLength(dataText) + Math.ceil(Buffer.byteLength(envelope) * 1.2) + BYTES_PER_EVENT;
    return { key: { source, id }, keyText: keyTextOf({ source, id }), type, time, envelope, dataText };
  });
  return { stream, expected, events: prepared, now, bytes };
}

export function keyTextOf({ source, id }: EventKey): string {
  return JSON.stringify([source, id]);
}

/** Where an event is: recorded, or the n-th of the append that is being made. */
type Place = { readonly position: Position } | { readonly at: number };

/** An outcome that still lacks the positions of what is being appended. */
export type PlannedOutcome =
  | { readonly kind: 'appended'; readonly places: readonly Place[]; readonly lastAt: number }
  | { readonly kind: 'duplicate'; readonly places: readonly Place[] }
  | { readonly kind: 'id-reused'; readonly index: number; readonly place: Place }
  | { readonly kind: 'wrong-revision'; readonly actual: Revision | null };

export interface Plan {
  /** -1 where the stream had none. */
  readonly lastRevision: number;
  readonly added: readonly { readonly event: PreparedEvent; readonly now: Micros }[];
  /** One for each request. */
  readonly outcomes: readonly PlannedOutcome[];
}

/** `known`: of keys (as `keyTextOf` writes them) the recorded events. `lastRevision`: -1 while the stream has none. */
export function planAppend(
  requests: readonly PreparedRequest[],
  known: ReadonlyMap<string, KnownEvent>,
  lastRevision: number,
): Plan {
  const added: { event: PreparedEvent; now: Micros }[] = [];
  const addedAt = new Map<string, number>();
  const find = (stream: StreamName, event: PreparedEvent): Found | null => {
    const recorded = known.get(event.keyText);
    if (recorded) return { place: { position: recorded.position }, isSame: isSame(recorded, stream, event) };
    const at = addedAt.get(event.keyText);
    if (at === undefined) return null;
    const before = (added[at] as { event: PreparedEvent }).event;
    return { place: { at }, isSame: isSame({ ...before, stream }, stream, event) };
  };
  const outcomes = requests.map(({ stream, expected, events, now }): PlannedOutcome => {
    const found = events.map((event) => find(stream, event));
    const reused = found.findIndex((each) => each !== null && !each.isSame);
    if (reused >= 0) return { kind: 'id-reused', index: reused, place: (found[reused] as Found).place };
    if (found.every((each) => each !== null)) return { kind: 'duplicate', places: found.map(({ place }) => place) };
    const revision = lastRevision + added.length;
    if (!expectationHolds(expected, revision)) {
      return { kind: 'wrong-revision', actual: revision < 0 ? null : (revision as Revision) };
    }
    const places = events.map((event, index): Place => {
      const place = found[index]?.place;
      if (place) return place;
      addedAt.set(event.keyText, added.length);
      added.push({ event, now });
      return { at: added.length - 1 };
    });
    return { kind: 'appended', places, lastAt: added.length - 1 };
  });
  return { lastRevision, added, outcomes };
}

/** The store's events of a plan, chained onto the stream's end. `notBefore`: recordedAt of the ledger's head. */
export function chain(
  plan: Plan,
  stream: StreamName,
  from: { readonly previous: Uint8Array; readonly notBefore: number },
): readonly StoreEvent[] {
  let { previous } = from;
  let chainedAt = from.notBefore;
  return plan.added.map(({ event, now }, at) => {
    chainedAt = Math.max(chainedAt, now);
    const made = storeEvent({
      ...{ key: event.key, type: event.type, envelope: event.envelope, dataText: event.dataText },
      ...{ stream, revision: plan.lastRevision + 1 + at, previous, chainedAt, salt: newSalt() },
      ...{ erasedDataHash: null, isRestored: false, more: plan.added.length - 1 - at },
    });
    previous = made.hash;
    return made.event;
  });
}

/** The outcome as callers get it. `recorded`: what was appended, in order. */
export function outcomeOf(
  planned: PlannedOutcome,
  recorded: readonly { readonly position: Position; readonly revision: Revision; readonly recordedAt: Micros }[],
): AppendOutcome {
  const position = (place: Place): Position => ('at' in place ? at(place.at).position : place.position);
  const at = (index: number) => {
    const event = recorded[index];
    if (!event) throw new Error('Fewer events came back than were appended');
    return event;
  };
  switch (planned.kind) {
    case 'appended': {
      const { revision, recordedAt } = at(planned.lastAt);
      return { kind: 'appended', positions: planned.places.map(position), revision, recordedAt };
    }
    case 'duplicate':
      return { kind: 'duplicate', positions: planned.places.map(position) };
    case 'id-reused':
      return { kind: 'id-reused', index: planned.index, existing: position(planned.place) };
    case 'wrong-revision':
      return planned;
  }
}

interface Found {
  readonly place: Place;
  readonly isSame: boolean;
}

function isSame(recorded: Omit<KnownEvent, 'position'>, stream: StreamName, event: PreparedEvent): boolean {
  const { type, time, dataText } = event;
  return isSameContent(
    { ...recorded, subject: subjectOf(recorded.stream) },
    { type, time, dataText, subject: subjectOf(stream) },
  );
}
