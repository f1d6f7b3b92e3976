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
/** Records that are refused, each alone in its request. */
export const RECORDS: readonly Row[] = [
  { what: 'no object', body: '7', status: 422, code: 'ENVELOPE_INVALID', path: '' },
  { what: 'null', body: 'null', status: 422, code: 'ENVELOPE_INVALID', path: '' },
  {
    what: 'another CloudEvents version',
    body: json({ specversion: '0.3' }),
    status: 422,
    code: 'ENVELOPE_INVALID',
    path: '/specversion',
  },
  { what: 'a missing id', body: json({ id: undefined }), status: 422, code: 'ID_INVALID', path: '/id' },
  { what: 'an id too long', body: json({ id: 'x'.repeat(201) }), status: 422, code: 'ID_INVALID', path: '/id' },
  { what: 'an empty subject', body: json({ subject: '' }), status: 422, code: 'ID_INVALID', path: '/subject' },
  {
    what: 'an id with white space at its end',
    body: json({ source: 'a ' }),
    status: 422,
    code: 'ID_INVALID',
    path: '/source',
  },
  { what: 'an escaped NUL in an id', body: json({ id: 'a\0b' }), status: 422, code: 'ID_INVALID', path: '/id' },
  {
    what: 'an escaped NUL in a node’s id',
    body: data({ leaderId: 'a\0b' }),
    status: 422,
    code: 'DATA_INVALID',
    path: '/data/leaderId',
  },
  { what: 'an id that is a number', body: json({ id: 7 }), status: 422, code: 'ID_INVALID', path: '/id' },
  {
    what: 'a lone surrogate in an id',
    body: json({ id: 'a\ud800' }),
    status: 422,
    code: 'LONE_SURROGATE',
    path: '/id',
  },
  {
    what: 'a lone surrogate in data',
    body: data({ note: ['ok', '\udc00'] }),
    status: 422,
    code: 'LONE_SURROGATE',
    path: '/data/note/1',
  },
  {
    what: 'an unknown event',
    body: json({ type: 'io.musterbook.LeaderCrowned' }),
    status: 422,
    code: 'EVENT_TYPE_UNKNOWN',
    path: '/type',
  },
  {
    what: 'a missing field',
    body: json({ ...NODE, data: {} }),
    status: 422,
    code: 'DATA_INVALID',
    path: '/data/nodeId',
  },
  { what: 'no data', body: json({ data: undefined }), status: 422, code: 'DATA_INVALID', path: '/data/leaderId' },
  { what: 'a wrong type', body: data({ term: 'seven' }), status: 422, code: 'DATA_INVALID', path: '/data/term' },
  { what: 'a negative term', body: data({ term: -1 }), status: 422, code: 'DATA_INVALID', path: '/data/term' },
  {
    what: 'a term beyond 2^53−1',
    body: data({ term: 2 ** 53 }),
    status: 422,
    code: 'DATA_INVALID',
    path: '/data/term',
  },
  { what: 'a broken term', body: data({ term: 1.5 }), status: 422, code: 'DATA_INVALID', path: '/data/term' },
  {
    what: 'a number without end',
    body: raw.replace('"term":7', '"term":7,"load":1e999'),
    status: 422,
    code: 'NUMBER_OUT_OF_RANGE',
    path: '/data/load',
  },
  {
    what: 'a word that is not of the list',
    body: data({ how: 'by lot' }),
    status: 422,
    code: 'DATA_INVALID',
    path: '/data/how',
  },
  {
    what: 'a time without zone',
    body: json({ time: '2022-12-13T20:14:00' }),
    status: 422,
    code: 'TIME_WITHOUT_ZONE',
    path: '/time',
  },
  {
    what: 'a time that is none',
    body: json({ time: 'yesterday' }),
    status: 422,
    code: 'TIME_UNREADABLE',
    path: '/time',
  },
  {
    what: 'a time of a day that is none',
    body: json({ time: '2022-02-30T00:00:00Z' }),
    status: 422,
    code: 'TIME_UNREADABLE',
    path: '/time',
  },
  {
    what: 'a time that is a number',
    body: json({ time: 1_670_962_440 }),
    status: 422,
    code: 'TIME_UNREADABLE',
    path: '/time',
  },
  {
    what: 'a time before 1970',
    body: json({ time: '1969-12-31T23:59:59Z' }),
    status: 422,
    code: 'TIME_OUT_OF_RANGE',
    path: '/time',
  },
  {
    what: 'a time after 2200',
    body: json({ time: '2201-01-01T00:00:00Z' }),
    status: 422,
    code: 'TIME_OUT_OF_RANGE',
    path: '/time',
  },
  {
    what: 'a notbefore after the time',
    body: json({ notbefore: '2022-12-13T20:15:00Z' }),
    status: 422,
    code: 'ENVELOPE_INVALID',
    path: '/notbefore',
  },
  {
    what: 'an attribute that is an object',
    body: json({ traceparent: {} }),
    status: 422,
    code: 'ENVELOPE_INVALID',
    path: '/traceparent',
  },
  {
    what: 'an attribute’s name in capitals',
    body: json({ clusterId: 'x' }),
    status: 422,
    code: 'ENVELOPE_INVALID',
    path: '/clusterId',
  },
  {
    what: 'a member named twice',
    body: raw.replace('"term":7', '"term":7,"term":8'),
    status: 422,
    code: 'JSON_DUPLICATE_KEY',
    path: '/data/term',
  },
  {
    what: 'a member named twice, once in escapes',
    body: raw.replace('"term":7', '"term":7,"\\u0074erm":8'),
    status: 422,
    code: 'JSON_DUPLICATE_KEY',
    path: '/data/term',
  },
  {
    what: 'deep nesting',
    body: raw.replace('"term":7', `"deep":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    status: 422,
    code: 'JSON_TOO_DEEP',
    path: '',
  },
  {
    what: 'an event too large',
    body: data({ note: 'x'.repeat(256 * 1024) }),
    status: 422,
    code: 'EVENT_TOO_LARGE',
    path: '',
  },
  {
    what: 'an event much too large',
    body: data({ note: 'x'.repeat(1024 * 1024) }),
    status: 422,
    code: 'EVENT_TOO_LARGE',
    path: '',
  },
  {
    what: 'an event too large in bytes',
    body: data({ note: 'ä'.repeat(140 * 1024) }),
    status: 422,
    code: 'EVENT_TOO_LARGE',
    path: '',
  },
  {
    what: 'an unknown incident',
    body: json({ type: 'IncidentUpdated', subject: 'none', data: { message: 'x' } }),
    status: 422,
    code: 'UNKNOWN_INCIDENT',
    path: '/subject',
  },
  {
    what: 'an unknown component',
    body: json({ type: 'ComponentRetired', subject: 'none', data: {} }),
    status: 422,
    code: 'UNKNOWN_COMPONENT',
    path: '/subject',
  },
  {
    what: 'an unknown maintenance',
    body: json({ type: 'MaintenanceStarted', subject: 'none', data: {} }),
    status: 422,
    code: 'UNKNOWN_MAINTENANCE',
    path: '/subject',
  },
  {
    what: 'a retraction of nothing',
    body: json({ type: 'EventRetracted', data: { eventSource: '/test', eventId: 'none', reason: 'x' } }),
    status: 422,
    code: 'UNKNOWN_EVENT',
    path: '/data/eventId',
  },
  {
    what: 'an id used for something else',
    body: JSON.stringify(event('known', { data: { leaderId: 'node-2' } })),
    status: 422,
    code: 'EVENT_ID_REUSED',
    path: '/id',
  },
  {
    what: 'erasing',
    body: json({ type: 'EventRetracted', data: { eventSource: '/test', eventId: 'known', reason: 'x', erase: true } }),
    status: 422,
    code: 'ERASURE_UNAVAILABLE',
    path: '/data/erase',
  },
];
