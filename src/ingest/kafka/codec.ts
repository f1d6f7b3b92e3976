/**
 * A CloudEvent out of a Kafka record, by the Kafka protocol binding for CloudEvents 1.0.2: structured mode (the record's value is the
 * event, `content-type: application/cloudevents+json`), binary mode (attributes in `ce_` headers, data in the value), and, beyond the
 * binding, a value that is a CloudEvent in JSON with no header at all. The binding has no batch mode. The key is not read: a producer
 * may put what it likes there, the subject is the event's own.
 */
import { isUtf8 } from 'node:buffer';
import { TEXT_LENGTH_MAX, unreadable } from '../../accept/read-record.ts';
import type { Fault } from '../../accept/rejections.ts';

/** What of a record says what it holds. */
export interface RawRecord {
  /** Null: a tombstone, or in binary mode an event without data. */
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, Header | readonly Header[] | undefined>> | undefined;
}
type Header = Uint8Array | string;

/** As `accept` takes it. */
export type Coded =
  | { readonly text: string; readonly parsed?: unknown }
  | { readonly unreadable: string; readonly fault: Fault };

const ATTRIBUTE = 'ce_';
const BYTE_ORDER_MARK = '\uFEFF';
/** Attributes that are booleans in the JSON format; headers are text. */
const BOOLEANS: ReadonlySet<string> = new Set(['synthetic', 'timeknown', 'erased']);

export function decodeRecord({ value, headers = {} }: RawRecord): Coded {
  const names = Object.keys(headers);
  const contentType = names.length === 0 ? undefined : textOf(headers, 'content-type');
  const media = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (media === 'application/cloudevents+json') return structured(value);
  if (media.startsWith('application/cloudevents')) {
    return refused(value, `content-type ${media} is not read: over Kafka an event comes by itself, in JSON`);
  }
  const attributes = names.filter((name) => name.startsWith(ATTRIBUTE));
  if (attributes.length > 0) return binary(value, attributesOf(headers, attributes, contentType));
  if (media !== '' && !isJson(media)) return refused(value, `content-type ${media} is not read: send JSON`);
  return structured(value);
}

function structured(value: Uint8Array | null): Coded {
  if (value === null) return refused(null, 'a tombstone: the record has no value, and the ledger deletes nothing');
  const text = textIn(value);
  if (text === null) return notUtf8(value);
  const parsed = parse(text);
  return parsed === undefined ? { text } : { text, parsed };
}

/** Put together as structured mode would have sent it. */
function binary(value: Uint8Array | null, attributes: Readonly<Record<string, string | boolean>>): Coded {
  const envelope = JSON.stringify(attributes);
  if (value === null || value.byteLength === 0) return { text: envelope };
  const text = textIn(value);
  if (text === null) return notUtf8(value);
  const { datacontenttype } = attributes;
  // Then the door says what is wrong with the content type, and not that this is no JSON.
  if (typeof datacontenttype === 'string' && !isJson(datacontenttype.split(';', 1)[0]?.trim() ?? '')) {
    return { text: `${envelope.slice(0, -1)},"data":${JSON.stringify(text)}}` };
  }
  // The data stands for itself before it is put between ours: it cannot close our object.
  try {
    const parsed = { ...attributes, data: JSON.parse(text) as unknown };
    return { text: `${envelope.slice(0, -1)},"data":${text}}`, parsed };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { unreadable: text, fault: { ...unreadable(reason), path: '/data' } };
  }
}

/** By name. Values are UTF-8 as they stand: the Kafka binding, unlike HTTP's, has no percent-encoding. */
function attributesOf(
  headers: NonNullable<RawRecord['headers']>,
  names: readonly string[],
  contentType: string | undefined,
): Readonly<Record<string, string | boolean>> {
  // A name may be any text, `__proto__` too.
  const attributes = new Map<string, string | boolean>();
  for (const name of names) {
    const text = textOf(headers, name);
    if (text === undefined) continue;
    const attribute = name.slice(ATTRIBUTE.length);
    attributes.set(attribute, BOOLEANS.has(attribute) && /^(true|false)$/.test(text) ? text === 'true' : text);
  }
  if (contentType !== undefined) attributes.set('datacontenttype', contentType);
  return Object.fromEntries(attributes);
}

function textOf(headers: NonNullable<RawRecord['headers']>, name: string): string | undefined {
  const header = headers[name];
  // Of a name that is there more than once, the last counts.
  const one = Array.isArray(header) ? (header.at(-1) as Header | undefined) : (header as Header | undefined);
  return one === undefined || typeof one === 'string' ? one : Buffer.from(one).toString('utf8');
}

/** Undefined for what is no JSON, and for what is too long to be an event: the door says so. */
function parse(text: string): unknown {
  if (text.length > TEXT_LENGTH_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textIn(value: Uint8Array): string | null {
  if (!isUtf8(value)) return null;
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function notUtf8(value: Uint8Array): Coded {
  return { unreadable: Buffer.from(value).toString('utf8'), fault: unreadable('it is not UTF-8') };
}

function refused(value: Uint8Array | null, message: string): Coded {
  const text = value === null ? '' : Buffer.from(value).toString('utf8');
  return { unreadable: text, fault: { code: 'ENVELOPE_INVALID', message, path: null } };
}

function isJson(media: string): boolean {
  return /^(application\/json|text\/json|.+\+json)$/i.test(media);
}
