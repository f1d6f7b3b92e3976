import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeEvent } from '../../schemas/cloudevents/decode.ts';
import { envelopeText, sameContent } from '../../schemas/cloudevents/envelope.ts';
import { binaryAttributes, contentMode } from '../../schemas/cloudevents/http.ts';
import { canonicalJson, wellFormed } from '../../schemas/json/canonical.ts';

const GOOD = {
  specversion: '1.0',
  id: 'e-1',
  source: '/test',
  type: 'io.musterbook.LeaderElected',
  subject: 'payments',
  time: '2022-12-13T15:14:00.123456789-05:00',
  data: { leaderId: 'n1', term: 5, note: { kept: true } },
} as const;

function decoded(value: unknown) {
  const result = decodeEvent(value);
  assert.ok(result.ok, result.ok ? '' : `${result.fault.code} ${result.fault.path} ${result.fault.message}`);
  return result.event;
}

function faultOf(value: unknown) {
  const result = decodeEvent(value);
  assert.ok(!result.ok, 'expected a fault');
  return [result.fault.code, result.fault.path];
}

test('a structured event is read, its time cut to microseconds in UTC and unknown data kept', () => {
  const event = decoded(GOOD);
  assert.equal(event.type, 'LeaderElected');
  assert.equal(event.time, Date.UTC(2022, 11, 13, 20, 14) * 1000 + 123_456);
  assert.deepEqual(event.data, GOOD.data);
});

test('the bare type name means the same', () => {
  assert.equal(decoded({ ...GOOD, type: 'LeaderElected' }).type, 'LeaderElected');
});

test("the ledger's own attributes are ignored on the way in, other extensions are kept", () => {
  const event = decoded({
    ...GOOD,
    position: 7,
    hash: 'x',
    authid: 'me',
    recordedat: 'x',
    chainedat: 'x',
    traceparent: '00-1',
    sequence: '4',
  });
  assert.deepEqual(event.extensions, { traceparent: '00-1', sequence: '4' });
});

test('timeknown false makes the time no content', () => {
  assert.equal(decoded({ ...GOOD, timeknown: false }).time, null);
});

const FAULTS: readonly [string, unknown, string, string][] = [
  ['not an object', [], 'ENVELOPE_INVALID', ''],
  ['another specversion', { ...GOOD, specversion: '0.3' }, 'ENVELOPE_INVALID', '/specversion'],
  ['no id', { ...GOOD, id: undefined }, 'ID_INVALID', '/id'],
  ['an id of 201 characters', { ...GOOD, id: 'x'.repeat(201) }, 'ID_INVALID', '/id'],
  ['an id with a line break', { ...GOOD, id: 'a\nb' }, 'ID_INVALID', '/id'],
  ['an id with white space at its end', { ...GOOD, id: 'a ' }, 'ID_INVALID', '/id'],
  ['a source with a lone surrogate', { ...GOOD, source: 'a\ud800' }, 'ID_INVALID', '/source'],
  ['an empty subject', { ...GOOD, subject: '' }, 'ID_INVALID', '/subject'],
  ['an unknown type', { ...GOOD, type: 'com.example.other' }, 'EVENT_TYPE_UNKNOWN', '/type'],
  ['a type named like a property of every object', { ...GOOD, type: 'constructor' }, 'EVENT_TYPE_UNKNOWN', '/type'],
  ['a time without zone', { ...GOOD, time: '2022-12-13T20:14:00' }, 'TIME_WITHOUT_ZONE', '/time'],
  ['a time out of range', { ...GOOD, time: '1969-12-31T23:59:59Z' }, 'TIME_OUT_OF_RANGE', '/time'],
  ['a day that is none', { ...GOOD, time: '2022-02-30T00:00:00Z' }, 'TIME_UNREADABLE', '/time'],
  ['notbefore after time', { ...GOOD, notbefore: '2023-01-01T00:00:00Z' }, 'ENVELOPE_INVALID', '/notbefore'],
  ['a word for synthetic', { ...GOOD, synthetic: 'yes' }, 'ENVELOPE_INVALID', '/synthetic'],
  ['an extension in capitals', { ...GOOD, Trace: 'x' }, 'ENVELOPE_INVALID', '/Trace'],
  ['an object as extension', { ...GOOD, trace: {} }, 'ENVELOPE_INVALID', '/trace'],
  ['a missing field in data', { ...GOOD, data: {} }, 'DATA_INVALID', '/data/leaderId'],
  ['a term beyond 2^53−1', { ...GOOD, data: { leaderId: 'a', term: 2 ** 53 } }, 'DATA_INVALID', '/data/term'],
  ['data that is a text', { ...GOOD, data: 'x' }, 'DATA_INVALID', '/data'],
  ['base64 data', { ...GOOD, data_base64: 'eA==' }, 'DATA_INVALID', '/data_base64'],
  ['data of another content type', { ...GOOD, datacontenttype: 'text/plain' }, 'ENVELOPE_INVALID', '/datacontenttype'],
];

for (const [name, value, code, path] of FAULTS) {
  test(`refused: ${name}`, () => {
    assert.deepEqual(faultOf(value), [code, path]);
  });
}

test('a leap second becomes the last microsecond of its minute', () => {
  assert.equal(
    decoded({ ...GOOD, time: '2016-12-31T23:59:60Z' }).time,
    Date.UTC(2016, 11, 31, 23, 59, 59) * 1000 + 999_999,
  );
});

test('binary mode: headers are percent-decoded, unquoted, and typed where the attribute is a boolean', () => {
  const attributes = binaryAttributes({
    'ce-id': 'Euro%20%E2%82%AC%20%F0%9F%98%80',
    'ce-source': '"with \\"quotes\\""',
    'ce-synthetic': 'true',
    'ce-broken': '100%zz%ff',
    'content-type': 'application/json; charset=utf-8',
    host: 'x',
  });
  assert.deepEqual(attributes, {
    id: 'Euro € 😀',
    source: 'with "quotes"',
    synthetic: true,
    broken: '100%zz%ff',
    datacontenttype: 'application/json; charset=utf-8',
  });
});

test('content modes', () => {
  assert.equal(contentMode('application/cloudevents+json; charset=utf-8', {}), 'structured');
  assert.equal(contentMode('application/cloudevents-batch+json', {}), 'batch');
  assert.equal(contentMode('application/x-ndjson', {}), 'ndjson');
  assert.equal(contentMode('application/json', { 'ce-specversion': '1.0' }), 'binary');
  assert.equal(contentMode('application/json', {}), 'plain-json');
  assert.equal(contentMode('text/plain', { 'ce-specversion': '1.0' }), null);
  assert.equal(contentMode(undefined, {}), null);
});

test('envelope bytes: fixed order, extensions by name, and reading them back gives the same bytes', () => {
  const event = decoded({ ...GOOD, zeta: 'z', alpha: 1, synthetic: true, notbefore: '2022-12-13T20:00:00Z' });
  const text = envelopeText(event, { authType: 'service_account', authId: 'loader' });
  assert.equal(
    text,
    '{"specversion":"1.0","id":"e-1","source":"/test","type":"io.musterbook.LeaderElected","subject":"payments","time":"2022-12-13T20:14:00.123456Z","notbefore":"2022-12-13T20:00:00.000Z","synthetic":true,"alpha":1,"zeta":"z","authtype":"service_account","authid":"loader"}',
  );
  const again = decoded({ ...JSON.parse(text), data: event.data });
  assert.equal(envelopeText(again, { authType: 'service_account', authId: 'loader' }), text);
});

test('two events are the same by type, subject, instant and canonical data, not by other attributes or spelling', () => {
  const first = decoded(GOOD);
  const recorded = {
    type: first.type,
    subject: first.subject,
    time: first.time,
    dataText: '{"term":5.0,"note":{"kept":true},"leaderId":"n1"}',
  };
  assert.ok(sameContent(recorded, decoded({ ...GOOD, time: '2022-12-13T20:14:00.123456Z', traceparent: 'other' })));
  assert.ok(!sameContent(recorded, decoded({ ...GOOD, data: { ...GOOD.data, term: 6 } })));
  assert.ok(!sameContent(recorded, decoded({ ...GOOD, time: undefined })));
  assert.ok(!sameContent(recorded, decoded({ ...GOOD, subject: 'other' })));
  assert.ok(
    sameContent({ ...recorded, dataText: null }, decoded({ ...GOOD, subject: 'other' })),
    'erased: whatever the content',
  );
});

test('canonical JSON: the same for any order of keys, and parses back to the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const shuffled = reversedKeys(value);
      assert.equal(canonicalJson(shuffled), canonicalJson(value));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('canonical JSON: the sample of RFC 8785, section 3.2.3', () => {
  const sample = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\ud83d\ude00': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  const order = [...canonicalJson(sample).matchAll(/:"([A-Z])/g)].map((match) => match[1]).join('');
  assert.equal(order, 'COCLEEH');
});

test('lone surrogates are found wherever they hide', () => {
  assert.ok(wellFormed({ a: ['😀'] }));
  assert.ok(!wellFormed({ a: ['\ud83d'] }));
  assert.ok(!wellFormed({ '\udc00': 1 }));
});

function reversedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversedKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversedKeys(member)]),
  );
}
