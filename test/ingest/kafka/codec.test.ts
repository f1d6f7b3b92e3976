/** CloudEvents out of Kafka records, without a broker. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readRecord } from '../../../src/accept/read-record.ts';
import { decodeRecord, type RawRecord } from '../../../src/ingest/kafka/codec.ts';
import { sharedMissing, sharedPath } from '../../support/shared.ts';

const EVENT = {
  ...{ specversion: '1.0', id: 'a', source: '/test', type: 'io.musterbook.LeaderElected', subject: 'payments' },
  ...{ time: '2022-12-13T20:14:00.000Z', data: { leaderId: 'node-1' } },
};
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

function ceHeaders(attributes: Readonly<Record<string, unknown>>): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [`ce_${name}`, Buffer.from(String(value))]),
  );
}

/** What the door makes of a record: the event, or the code it is refused with. */
function taken(record: RawRecord) {
  const read = readRecord(decodeRecord(record));
  return read.kind === 'event'
    ? read.event
    : read.kind === 'fault'
      ? `${read.fault.code} ${read.fault.path}`
      : read.kind;
}

describe('a Kafka record', () => {
  const { data, ...attributes } = EVENT;

  test('gives the same event in structured mode, in binary mode and as plain JSON', () => {
    const plain = taken({ value: bytes(EVENT) });
    assert.ok(typeof plain === 'object');
    const headers = { 'content-type': Buffer.from('application/cloudevents+json; charset=utf-8') };
    assert.deepEqual(taken({ value: bytes(EVENT), headers }), plain);
    assert.deepEqual(taken({ value: bytes(data), headers: ceHeaders(attributes) }), plain);
    const typed = { ...ceHeaders(attributes), 'content-type': 'application/json' };
    assert.deepEqual(taken({ value: bytes(data), headers: typed }), plain);
  });

  test('in binary mode takes values as they stand, without percent-decoding, and booleans as such', () => {
    const headers = { ...ceHeaders({ ...attributes, subject: 'a%20b é', synthetic: true }) };
    const event = taken({ value: bytes(data), headers });
    assert.ok(typeof event === 'object');
    assert.deepEqual([event.subject, event.synthetic], ['a%20b é', true]);
  });

  test('in binary mode may have no data; without a value and without attributes it is a tombstone', () => {
    const headers = ceHeaders({ ...attributes, type: 'io.musterbook.LeaderLost' });
    assert.equal(taken({ value: null, headers }), taken({ value: bytes({}), headers }));
    assert.equal(taken({ value: null }), 'ENVELOPE_INVALID null');
    assert.equal(taken({ value: null, headers: { other: 'x' } }), 'ENVELOPE_INVALID null');
  });

  test('is refused where it is no JSON, no UTF-8, a batch, of another content type, or closes what it stands in', () => {
    const type = (text: string) => ({ 'content-type': text });
    const cases: readonly (readonly [RawRecord, string])[] = [
      [{ value: Buffer.from('{') }, 'JSON_UNREADABLE null'],
      [{ value: Buffer.from('') }, 'JSON_UNREADABLE null'],
      [{ value: Buffer.from([0xc3, 0x28]) }, 'JSON_UNREADABLE null'],
      [{ value: bytes([EVENT]), headers: type('application/cloudevents-batch+json') }, 'ENVELOPE_INVALID null'],
      [{ value: bytes(EVENT), headers: type('application/cloudevents+avro') }, 'ENVELOPE_INVALID null'],
      [{ value: bytes(EVENT), headers: type('application/avro') }, 'ENVELOPE_INVALID null'],
      [
        { value: bytes(data), headers: { ...ceHeaders(attributes), ...type('text/plain') } },
        'ENVELOPE_INVALID /datacontenttype',
      ],
      [{ value: Buffer.from('1},"x":{"y":1'), headers: ceHeaders(attributes) }, 'JSON_UNREADABLE /data'],
      [{ value: bytes(data), headers: ceHeaders({ ...attributes, data: '{}' }) }, 'JSON_DUPLICATE_KEY /data'],
      [{ value: Buffer.from('{"a":1,"a":2}'), headers: ceHeaders(attributes) }, 'JSON_DUPLICATE_KEY /data/a'],
      [
        { value: bytes(data), headers: ceHeaders({ ...attributes, ['__proto__']: 'x' }) },
        'ENVELOPE_INVALID /__proto__',
      ],
    ];
    for (const [record, expected] of cases) assert.equal(taken(record), expected, String(record.value));
  });

  test('never makes the way in throw, whatever it holds', () => {
    const name = fc.oneof(
      fc.constantFrom('content-type', 'ce_id', 'ce_specversion', 'ce___proto__', 'ce_'),
      fc.string(),
    );
    const header = fc.oneof(
      fc.string(),
      fc.uint8Array().map((array) => Buffer.from(array)),
    );
    const value = fc.option(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
    );
    const headers = fc.dictionary(name, fc.oneof(header, fc.array(header)));
    fc.assert(
      fc.property(value, headers, (value, headers) => {
        readRecord(decodeRecord({ value, headers }));
      }),
    );
  });
});

const FEATURE = ['cloudevents', 'features_kafka-protocol-binding.feature'] as const;

describe("the CloudEvents project's own examples of the Kafka binding", { skip: sharedMissing(...FEATURE) }, () => {
  const scenarios =
    sharedMissing(...FEATURE) === false ? readScenarios(readFileSync(sharedPath(...FEATURE), 'utf8')) : [];

  test('there are three', () => assert.equal(scenarios.length, 3));

  for (const { name, payload, headers, attributes } of scenarios) {
    test(name, () => {
      const coded = decodeRecord({ value: Buffer.from(payload), headers });
      assert.ok('text' in coded);
      const { data, ...read } = JSON.parse(coded.text) as Record<string, unknown>;
      assert.deepEqual(read, attributes);
      assert.deepEqual(data, { message: 'Hello World!' });
      assert.deepEqual(coded.parsed, { ...read, data });
    });
  }
});

interface Scenario {
  readonly name: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Gherkin, as far as that file uses it: an outline stands for each of its examples. */
function readScenarios(text: string): Scenario[] {
  return text
    .split(/^\s*Scenario(?: Outline)?: /m)
    .slice(1)
    .flatMap((part) => {
      const [body = '', examples = ''] = part.split(/^\s*Examples:/m);
      const rows = tableIn(examples).slice(1);
      const variants = rows.length === 0 ? [body] : rows.map(([value = '']) => body.replaceAll('<contentType>', value));
      return variants.map((variant) => {
        const [given = '', then = ''] = variant.split(/^\s*When /m);
        return {
          name: variant.split('\n', 1)[0] ?? '',
          payload: /"""\n([\s\S]*?)"""/.exec(given)?.[1] ?? '',
          headers: Object.fromEntries(tableIn(given).slice(1)),
          attributes: Object.fromEntries(tableIn(then).slice(1)),
        };
      });
    });
}

function tableIn(text: string): string[][] {
  return [...text.matchAll(/^\s*\|(.*)\|\s*$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()));
}
