/** From a record as it came to an event, or to what is wrong with it. Pure; the hot path of every way in. */
import { decodeEvent } from '../../schemas/cloudevents/decode.ts';
import { envelopeText } from '../../schemas/cloudevents/envelope.ts';
import { EVENT_BYTES_MAX, type NewEvent, TYPE_PREFIX } from '../../schemas/event.ts';
import { wellFormed } from '../../schemas/json/canonical.ts';
import type { EventKey } from '../ledger/port.ts';
import type { IncomingRecord } from './accept.ts';
import { countMembers, DEPTH_MAX, depthOf, duplicateKey, pathWhere, shapeOf } from './json-text.ts';
import type { Fault } from './rejections.ts';

export type ReadRecord =
  | { readonly kind: 'event'; readonly event: NewEvent }
  /** An erased event of another ledger: acknowledged, not taken. */
  | { readonly kind: 'left-out'; readonly key: EventKey | null }
  | {
      readonly kind: 'fault';
      /** As far as the record says them. */
      readonly id: string | null;
      readonly source: string | null;
      readonly fault: Fault;
    };

/** A JSON object that may be read as a CloudEvent. */
export type RawRecord = Readonly<Record<string, unknown>>;
/** `value` beside a fault: the record could be parsed, but may not be taken. */
export type ReadValue = { readonly value: unknown } | { readonly value?: unknown; readonly fault: Fault };

/** A text longer than this, in UTF-16 units, is refused unread: room for an export's own attributes and white space. */
export const TEXT_LENGTH_MAX = 2 * EVENT_BYTES_MAX;
/** A text this short cannot be an event that is too large, whatever its characters. */
const SURELY_SMALL = EVENT_BYTES_MAX / 8;
/** The most of an unusable id that a rejection repeats. */
const ID_SHOWN_MAX = 200;

export function readRecord(record: IncomingRecord): ReadRecord {
  if ('fault' in record) return { kind: 'fault', id: null, source: null, fault: record.fault };
  const read = 'text' in record ? readText(record.text, record.parsed) : readValue(record.value);
  if ('fault' in read) return faulty(read.value as RawRecord, read.fault);
  const raw = read.value as RawRecord;
  if (raw !== null && typeof raw === 'object' && raw['erased'] === true) return { kind: 'left-out', key: keyOf(raw) };
  const decoded = decodeEvent(withSubject(raw));
  if (!decoded.ok) return faulty(raw, decoded.fault);
  const isSmall = 'text' in record && record.text.length < SURELY_SMALL;
  const fault = isSmall ? null : sizeFault(decoded.event);
  return fault ? faulty(raw, fault) : { kind: 'event', event: decoded.event };
}

/**
 * Parses a text and refuses what JSON leaves open: members named twice, nesting without end, lone surrogates. `parsed`:
 * what the text says, where the door parsed it already.
 */
export function readText(text: string, parsed?: unknown): ReadValue {
  if (text.length > TEXT_LENGTH_MAX) return { fault: tooLarge(`${text.length} characters`) };
  const { depth, members } = shapeOf(text);
  if (depth > DEPTH_MAX) return { fault: tooDeep() };
  let value = parsed;
  try {
    if (value === undefined) value = JSON.parse(text);
  } catch (error) {
    return { fault: unreadable(error instanceof Error ? error.message : String(error)) };
  }
  const counted = countMembers(value);
  if (counted !== members) return { value, fault: counted < 0 ? notFinite(value) : namedTwice(text) };
  // Only an escape can bring a lone surrogate into a text that was UTF-8.
  if (text.includes('\\u') && !wellFormed(value)) return { value, fault: loneSurrogate(value) };
  return { value };
}

function readValue(value: unknown): ReadValue {
  if (depthOf(value) > DEPTH_MAX) return { fault: tooDeep() };
  if (countMembers(value) < 0) return { value, fault: notFinite(value) };
  if (!wellFormed(value)) return { value, fault: loneSurrogate(value) };
  return { value };
}

/** What a JSON parser said, as a fault. */
export function unreadable(reason: string): Fault {
  return { code: 'JSON_UNREADABLE', message: `this is no JSON: ${reason}`, path: null };
}

/** A record that is cut off because it is too long to be an event. */
export function tooLarge(size: string): Fault {
  return {
    code: 'EVENT_TOO_LARGE',
    message: `an event is at most ${EVENT_BYTES_MAX} bytes; this has ${size}`,
    path: '',
  };
}

/** The record as text, as a rejection keeps it. */
export function recordText(record: IncomingRecord): string {
  if ('text' in record) return record.text;
  if ('fault' in record) return record.unreadable;
  return JSON.stringify(record.value) ?? String(record.value);
}

/** A retraction goes where the event it names is: it need not say where. */
function withSubject(raw: RawRecord): RawRecord {
  if (raw === null || typeof raw !== 'object' || raw['subject'] !== undefined) return raw;
  const isRetraction = raw['type'] === RETRACTED || raw['type'] === `${TYPE_PREFIX}${RETRACTED}`;
  return isRetraction ? { ...raw, subject: RETRACTED } : raw;
}
const RETRACTED = 'EventRetracted';

function faulty(raw: RawRecord, fault: Fault): ReadRecord {
  const { id, source } = Object(raw) as RawRecord;
  return { kind: 'fault', id: shown(id), source: shown(source), fault };
}

function keyOf({ id, source }: RawRecord): EventKey | null {
  return typeof id === 'string' && typeof source === 'string' ? { source, id } : null;
}

function shown(id: unknown): string | null {
  return typeof id === 'string' ? id.slice(0, ID_SHOWN_MAX).toWellFormed() : null;
}

/**
 * Measured is what will be stored, so that an event weighs the same wherever it comes from: without the ledger's own
 * attributes and white space.
 */
export function sizeFault(event: NewEvent): Fault | null {
  const envelope = envelopeText(event, { authType: '', authId: null });
  const bytes = Buffer.byteLength(envelope) + Buffer.byteLength(JSON.stringify(event.data));
  return bytes > EVENT_BYTES_MAX ? tooLarge(`${bytes} bytes`) : null;
}

function tooDeep(): Fault {
  return { code: 'JSON_TOO_DEEP', message: `objects and lists nest deeper than ${DEPTH_MAX}`, path: '' };
}

function namedTwice(text: string): Fault {
  const path = duplicateKey(text) ?? '';
  return { code: 'JSON_DUPLICATE_KEY', message: 'an object names a member twice', path };
}

function notFinite(value: unknown): Fault {
  const path = pathWhere(value, (leaf) => typeof leaf === 'number' && !Number.isFinite(leaf)) ?? '';
  return { code: 'NUMBER_OUT_OF_RANGE', message: 'a number is larger than a double can hold', path };
}

function loneSurrogate(value: unknown): Fault {
  const path = pathWhere(value, (leaf) => typeof leaf === 'string' && !leaf.isWellFormed()) ?? '';
  return {
    code: 'LONE_SURROGATE',
    message: 'a text has a surrogate without its other half',
    path: path.toWellFormed(),
  };
}
