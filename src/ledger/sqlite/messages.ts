/**
 * What passes between the thread that appends and the thread that writes. Append calls travel as flat lists, with the
 * names that repeat sent once: copying one object per event between threads would cost more than writing it.
 */
import { envelopeText } from '../../../schemas/cloudevents/envelope.ts';
import type { Position, Revision } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { type ErrorCode, MusterbookError } from '../../errors.ts';
import { SEAL_BYTES, sealData } from '../chain.ts';
import type {
  AppendOutcome,
  AppendRequest,
  ExpectedRevision,
  KeptRejection,
  NewRejection,
  RestoreEvent,
} from '../port.ts';
import type { PackedEvents } from './mirror-messages.ts';

/** An event as the writer takes it, all its texts made. */
export interface IncomingEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly actor: string | null;
  readonly synthetic: boolean;
  /** null where the source sent no time. */
  readonly time: number | null;
  readonly notBefore: number | null;
  readonly envelope: string;
  readonly dataText: string;
  /** Where its seal begins in the message's `seals`. */
  readonly sealAt: number;
}
export interface IncomingRequest {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly IncomingEvent[];
}
export interface IncomingRestore {
  /** null: where the event that it names is. */
  readonly stream: string | null;
  readonly event: IncomingEvent;
  readonly recordedAt: number;
  /** null where the hash covers recordedAt. */
  readonly chainedAt: number | null;
  readonly salt: string | null;
  readonly erasedDataHash: string | null;
}

/** Append calls, flat. `numbers`: see `packAppends`, the only one who writes them. */
export interface PackedAppends {
  readonly names: readonly string[];
  /** id and envelope of each event. */
  readonly texts: readonly string[];
  /** data of each event. */
  readonly dataTexts: readonly string[];
  readonly numbers: Float64Array<ArrayBuffer>;
  /** Salt and digest of each event's data: half of the hashing is done by whoever appends. */
  readonly seals: Uint8Array<ArrayBuffer>;
}

export type ToWriter =
  /** `now`: the clock of the calls, null: the writer's own. */
  | { readonly kind: 'append'; readonly now: number | null; readonly calls: number; readonly packed: PackedAppends }
  | { readonly kind: 'restore'; readonly events: readonly IncomingRestore[] }
  | { readonly kind: 'rejections'; readonly rejections: readonly NewRejection[] }
  /** Asks for old bytes of erased events to be gone; answered like a call that brings nothing. */
  | { readonly kind: 'scrub' };

export type ToMirrorWriter =
  | { readonly kind: 'adopt'; readonly recordId: string }
  | {
      readonly kind: 'take';
      readonly events: PackedEvents;
      readonly rejections: readonly KeptRejection[];
      readonly cursor: string;
    }
  | { readonly kind: 'scrub' };

/** What every message has; `calls` and `packed` of appends. */
export interface Message {
  readonly kind: string;
  /** Absent: one. */
  readonly calls?: number;
  readonly packed?: PackedAppends;
}

/** Who writes a file, in whichever thread. */
export interface Writer<Sent extends Message> {
  /** Does what a message asks; may take on those that `next` gives meanwhile. The replies are in the messages' order. */
  handle(message: Sent, next: () => Sent | null): FromWriter;
  /** Tries again to be rid of old bytes of erased events; false while a reader stands in the way. */
  scrub(): boolean;
  limitPages(pages: number): void;
  close(): void;
}

/** An operating error on its way between threads, which carry no classes. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}
/** One per call: its outcomes, packed (`unpackOutcomes`), or why nothing of it is durable. */
export type Reply = { readonly outcomes: readonly number[] } | { readonly failure: Failure };

export interface FromWriter {
  readonly replies: readonly Reply[];
  /** The head after the commit. */
  readonly position: number;
  /** Whether bytes of erased events may be left in the file's log, since a reader stands in the way. */
  readonly isScrubOwed: boolean;
}

const ANY = -1;
const NONE = -2;
const EXISTS = -3;
const ABSENT = -1;
const NUMBERS_PER_EVENT = 5;

/**
 * Packs calls: per call the number of its requests; per request stream, expected revision, actor, number of events; per
 * event source, type, synthetic, time, notBefore. Names are indexes into `names`; -1 is absent.
 */
export function packAppends(calls: readonly (readonly AppendRequest[])[]): PackedAppends {
  const { names, indexOf } = indexedNames();
  const texts: string[] = [];
  const dataTexts: string[] = [];
  const numbers: number[] = [];
  for (const requests of calls) {
    numbers.push(requests.length);
    for (const { stream, expected, events, actor } of requests) {
      const authId = actor.authId === null ? ABSENT : indexOf(actor.authId);
      numbers.push(indexOf(stream), packExpected(expected), authId, events.length);
      for (const event of events) {
        texts.push(event.id, envelopeText(event, actor));
        dataTexts.push(JSON.stringify(event.data));
        const synthetic = event.synthetic ? 1 : 0;
        const time = event.time ?? ABSENT;
        numbers.push(indexOf(event.source), indexOf(event.type), synthetic, time, event.notBefore ?? ABSENT);
      }
    }
  }
  return { names, texts, numbers: new Float64Array(numbers), dataTexts, seals: sealData(dataTexts) };
}

/** Names that repeat, sent once each: a list of them, and the place of each in it. */
export function indexedNames(): { readonly names: readonly string[]; indexOf(name: string): number } {
  const names: string[] = [];
  const indexes = new Map<string, number>();
  return {
    names,
    indexOf(name) {
      let index = indexes.get(name);
      if (index === undefined) {
        index = names.push(name) - 1;
        indexes.set(name, index);
      }
      return index;
    },
  };
}

/** The calls of a message, in order. */
export function unpackAppends(packed: PackedAppends, calls: number): readonly (readonly IncomingRequest[])[] {
  const { names, texts, dataTexts, numbers } = packed;
  let number = 0;
  let index = 0;
  const next = (): number => numbers[number++] as number;
  const unpackEvent = (actor: string | null): IncomingEvent => {
    const at = number;
    const time = numbers[at + 3] as number;
    const notBefore = numbers[at + 4] as number;
    const event = {
      id: texts[2 * index] as string,
      source: names[numbers[at] as number] as string,
      type: names[numbers[at + 1] as number] as string,
      actor,
      synthetic: numbers[at + 2] === 1,
      time: time === ABSENT ? null : time,
      notBefore: notBefore === ABSENT ? null : notBefore,
      envelope: texts[2 * index + 1] as string,
      dataText: dataTexts[index] as string,
      sealAt: index * SEAL_BYTES,
    };
    number += NUMBERS_PER_EVENT;
    index += 1;
    return event;
  };
  const unpackRequest = (): IncomingRequest => {
    const stream = names[next()] as string;
    const expected = unpackExpected(next());
    const authId = next();
    const actor = authId === ABSENT ? null : (names[authId] as string);
    const events: IncomingEvent[] = [];
    for (let left = next(); left > 0; left -= 1) events.push(unpackEvent(actor));
    return { stream, expected, events };
  };
  return Array.from({ length: calls }, () => Array.from({ length: next() }, unpackRequest));
}

/** Makes a restored event's texts. `stream` null: where the event that it names is. */
export function packRestore(restored: RestoreEvent, stream: string | null): IncomingRestore {
  const { event, actor, recordedAt, chainedAt, salt, erasedDataHash } = restored;
  return {
    stream,
    event: {
      id: event.id,
      source: event.source,
      type: event.type,
      actor: actor.authId,
      synthetic: event.synthetic,
      time: event.time,
      notBefore: event.notBefore,
      envelope: envelopeText(event, actor),
      dataText: JSON.stringify(event.data),
      sealAt: 0,
    },
    recordedAt,
    chainedAt: chainedAt === undefined || chainedAt === recordedAt ? null : chainedAt,
    salt,
    erasedDataHash,
  };
}

const KINDS = ['appended', 'duplicate', 'id-reused', 'wrong-revision'] as const;

/** Adds an outcome to a reply: its kind, its fields, then its positions, whose number the caller knows. */
export function packOutcome(outcome: AppendOutcome, into: number[]): void {
  into.push(KINDS.indexOf(outcome.kind));
  switch (outcome.kind) {
    case 'appended':
      into.push(outcome.revision, outcome.recordedAt, ...outcome.positions);
      return;
    case 'duplicate':
      into.push(...outcome.positions);
      return;
    case 'id-reused':
      into.push(outcome.index, outcome.existing);
      return;
    case 'wrong-revision':
      into.push(outcome.actual ?? ABSENT);
  }
}

/** The outcomes of a call whose requests had `counts` events each. */
export function unpackOutcomes(packed: readonly number[], counts: readonly number[]): readonly AppendOutcome[] {
  let at = 0;
  const next = (): number => packed[at++] as number;
  const positions = (count: number): readonly Position[] => {
    at += count;
    return packed.slice(at - count, at) as Position[];
  };
  return counts.map((count): AppendOutcome => {
    const kind = KINDS[next()];
    if (kind === 'appended') {
      const revision = next() as Revision;
      const recordedAt = next() as Micros;
      return { kind, revision, recordedAt, positions: positions(count) };
    }
    if (kind === 'duplicate') return { kind, positions: positions(count) };
    if (kind === 'id-reused') return { kind, index: next(), existing: next() as Position };
    const actual = next();
    return { kind: 'wrong-revision', actual: actual === ABSENT ? null : (actual as Revision) };
  });
}

export function failureOf(error: unknown): Failure {
  if (error instanceof MusterbookError) return { code: error.code, message: error.message, facts: error.facts };
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: 'INTERNAL', message, facts: {} };
}

export function errorOf({ code, message, facts }: Failure): MusterbookError {
  return new MusterbookError(code, message, facts);
}

function packExpected(expected: ExpectedRevision): number {
  if (typeof expected === 'number') return expected;
  return expected === 'any' ? ANY : expected === 'none' ? NONE : EXISTS;
}

function unpackExpected(packed: number): ExpectedRevision {
  if (packed >= 0) return packed as Revision;
  return packed === ANY ? 'any' : packed === NONE ? 'none' : 'exists';
}
