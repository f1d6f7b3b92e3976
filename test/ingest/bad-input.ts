/** The table of bad input: what is sent, and what it gets. `known` is an event that the ledger holds. */
import { gzipSync } from 'node:zlib';
import { BATCH, event, NDJSON, STRUCTURED } from './http/door.ts';

export interface Row {
  readonly what: string;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  readonly code: string;
  /** JSON pointer; absent: the answer is about the whole request. */
  readonly path?: string | null;
}

const json = (over: Readonly<Record<string, unknown>>): string => JSON.stringify(event('bad', over));
const data = (more: Readonly<Record<string, unknown>>): string =>
  json({ data: { leaderId: 'node-1', term: 7, ...more } });
const type = (headers: string): Readonly<Record<string, string>> => ({ 'content-type': headers });
const gzip = { 'content-type': STRUCTURED, 'content-encoding': 'gzip' };
const raw = JSON.stringify(event('bad'));

/** Requests that are refused as a whole. */
export const WHOLE: readonly Row[] = [
  { what: 'malformed JSON', body: '{"specversion":', status: 400, code: 'JSON_UNREADABLE' },
  { what: 'an empty body', body: '', status: 400, code: 'JSON_UNREADABLE' },
  { what: 'a NUL byte', body: raw.replace('node-1', 'node\0'), status: 400, code: 'JSON_UNREADABLE' },
  {
    what: 'bytes that are no UTF-8',
    body: Buffer.from([0x22, 0xc3, 0x28, 0x22]),
    status: 400,
    code: 'JSON_UNREADABLE',
  },
  { what: 'a list cut off', body: `[${raw},`, headers: type(BATCH), status: 400, code: 'JSON_UNREADABLE' },
  { what: 'an object where a list is due', body: raw, headers: type(BATCH), status: 400, code: 'JSON_UNREADABLE' },
  { what: 'a wrong content type', body: raw, headers: type('text/plain'), status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
  { what: 'no content type', body: raw, headers: {}, status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
  {
    what: 'a wrong charset',
    body: raw,
    headers: type('application/json; charset=utf-16'),
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  {
    what: 'an unknown encoding',
    body: raw,
    headers: { ...gzip, 'content-encoding': 'br' },
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
  },
  { what: 'broken gzip', body: gzipSync(raw).subarray(0, 40), headers: gzip, status: 400, code: 'BAD_REQUEST' },
  { what: 'gzip that is none', body: raw, headers: gzip, status: 400, code: 'BAD_REQUEST' },
  { what: 'a body too large', body: Buffer.alloc(33 * 1024 * 1024, 0x20), status: 413, code: 'BODY_TOO_LARGE' },
  {
    what: 'a gzip bomb',
    body: gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20)),
    headers: gzip,
    status: 413,
    code: 'BODY_TOO_LARGE',
  },
  {
    what: 'a gzip bomb of one line',
    body: gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x78)),
    headers: { ...gzip, 'content-type': NDJSON },
    status: 413,
    code: 'BODY_TOO_LARGE',
  },
  {
    what: 'a foreign Origin',
    body: raw,
    headers: { ...type(STRUCTURED), origin: 'https://evil.example' },
    status: 403,
    code: 'FOREIGN_ORIGIN',
  },
  {
    what: 'a foreign Host',
    body: raw,
    headers: { ...type(STRUCTURED), host: 'evil.example' },
    status: 421,
    code: 'FOREIGN_HOST',
  },
];

const NODE = { type: 'NodeJoined', subject: 'payments' };

/** A record that is refused alone: 422. */
function bad(what: string, body: string, code: string, path: string): Row {
  return { what, body, status: 422, code, path };
}

/** Records that are refused, each alone in its request. */
export const RECORDS: readonly Row[] = [
  bad('no object', '7', 'ENVELOPE_INVALID', ''),
  bad('null', 'null', 'ENVELOPE_INVALID', ''),
  bad('another CloudEvents version', json({ specversion: '0.3' }), 'ENVELOPE_INVALID', '/specversion'),
  bad('a missing id', json({ id: undefined }), 'ID_INVALID', '/id'),
  bad('an id too long', json({ id: 'x'.repeat(201) }), 'ID_INVALID', '/id'),
  bad('an empty subject', json({ subject: '' }), 'ID_INVALID', '/subject'),
  bad('an id with white space at its end', json({ source: 'a ' }), 'ID_INVALID', '/source'),
  bad('an escaped NUL in an id', json({ id: 'a\0b' }), 'ID_INVALID', '/id'),
  bad('an escaped NUL in a node’s id', data({ leaderId: 'a\0b' }), 'DATA_INVALID', '/data/leaderId'),
  bad('an id that is a number', json({ id: 7 }), 'ID_INVALID', '/id'),
  bad('a lone surrogate in an id', json({ id: 'a\ud800' }), 'LONE_SURROGATE', '/id'),
  bad('a lone surrogate in data', data({ note: ['ok', '\udc00'] }), 'LONE_SURROGATE', '/data/note/1'),
  bad('an unknown event', json({ type: 'io.musterbook.LeaderCrowned' }), 'EVENT_TYPE_UNKNOWN', '/type'),
  bad('a missing field', json({ ...NODE, data: {} }), 'DATA_INVALID', '/data/nodeId'),
  bad('no data', json({ data: undefined }), 'DATA_INVALID', '/data/leaderId'),
  bad('a wrong type', data({ term: 'seven' }), 'DATA_INVALID', '/data/term'),
  bad('a negative term', data({ term: -1 }), 'DATA_INVALID', '/data/term'),
  bad('a term beyond 2^53−1', data({ term: 2 ** 53 }), 'DATA_INVALID', '/data/term'),
  bad('a broken term', data({ term: 1.5 }), 'DATA_INVALID', '/data/term'),
  bad('a number without end', raw.replace('"term":7', '"term":7,"load":1e999'), 'NUMBER_OUT_OF_RANGE', '/data/load'),
  bad('a word that is not of the list', data({ how: 'by lot' }), 'DATA_INVALID', '/data/how'),
  bad('a time without zone', json({ time: '2022-12-13T20:14:00' }), 'TIME_WITHOUT_ZONE', '/time'),
  bad('a time that is none', json({ time: 'yesterday' }), 'TIME_UNREADABLE', '/time'),
  bad('a time of a day that is none', json({ time: '2022-02-30T00:00:00Z' }), 'TIME_UNREADABLE', '/time'),
  bad('a time that is a number', json({ time: 1_670_962_440 }), 'TIME_UNREADABLE', '/time'),
  bad('a time before 1970', json({ time: '1969-12-31T23:59:59Z' }), 'TIME_OUT_OF_RANGE', '/time'),
  bad('a time after 2200', json({ time: '2201-01-01T00:00:00Z' }), 'TIME_OUT_OF_RANGE', '/time'),
  bad('a notbefore after the time', json({ notbefore: '2022-12-13T20:15:00Z' }), 'ENVELOPE_INVALID', '/notbefore'),
  bad('an attribute that is an object', json({ traceparent: {} }), 'ENVELOPE_INVALID', '/traceparent'),
  bad('an attribute’s name in capitals', json({ clusterId: 'x' }), 'ENVELOPE_INVALID', '/clusterId'),
  bad('a member named twice', raw.replace('"term":7', '"term":7,"term":8'), 'JSON_DUPLICATE_KEY', '/data/term'),
  bad(
    'a member named twice, once in escapes',
    raw.replace('"term":7', '"term":7,"\\u0074erm":8'),
    'JSON_DUPLICATE_KEY',
    '/data/term',
  ),
  bad(
    'deep nesting',
    raw.replace('"term":7', `"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    'JSON_TOO_DEEP',
    '',
  ),
  bad('an event too large', data({ note: 'x'.repeat(256 * 1024) }), 'EVENT_TOO_LARGE', ''),
  bad('an event much too large', data({ note: 'x'.repeat(1024 * 1024) }), 'EVENT_TOO_LARGE', ''),
  bad('an event too large in bytes', data({ note: 'ä'.repeat(140 * 1024) }), 'EVENT_TOO_LARGE', ''),
  bad(
    'an unknown incident',
    json({ type: 'IncidentUpdated', subject: 'none', data: { message: 'x' } }),
    'UNKNOWN_INCIDENT',
    '/subject',
  ),
  bad(
    'an unknown component',
    json({ type: 'ComponentRetired', subject: 'none', data: {} }),
    'UNKNOWN_COMPONENT',
    '/subject',
  ),
  bad(
    'an unknown maintenance',
    json({ type: 'MaintenanceStarted', subject: 'none', data: {} }),
    'UNKNOWN_MAINTENANCE',
    '/subject',
  ),
  bad(
    'a retraction of nothing',
    json({ type: 'EventRetracted', data: { eventSource: '/test', eventId: 'none', reason: 'x' } }),
    'UNKNOWN_EVENT',
    '/data/eventId',
  ),
  bad(
    'an id used for something else',
    JSON.stringify(event('known', { data: { leaderId: 'node-2' } })),
    'EVENT_ID_REUSED',
    '/id',
  ),
  bad(
    'an erasure of nothing',
    json({ type: 'EventRetracted', data: { eventSource: '/test', eventId: 'none', reason: 'x', erase: true } }),
    'UNKNOWN_EVENT',
    '/data/eventId',
  ),
];
