/** Our CloudEvents codec against the conformance material of the CloudEvents project. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { decodeEvent } from '../../schemas/cloudevents/decode.ts';
import { binaryAttributes, contentMode } from '../../schemas/cloudevents/http.ts';
import { sharedMissing, sharedPath } from '../support/shared.ts';

interface Sample {
  readonly Mode?: string;
  readonly ContextAttributes: Readonly<Record<string, unknown>> & {
    readonly Extensions?: Readonly<Record<string, string>>;
  };
  readonly Data?: string;
}

const skip = sharedMissing('cloudevents');
const read = (file: string) => readFileSync(sharedPath('cloudevents', file), 'utf8');

function samples(file: string): readonly Sample[] {
  return parseAllDocuments(read(file))
    .map((document) => document.toJS() as Sample | null)
    .filter((sample) => sample !== null);
}

function attributesOf({
  ContextAttributes: { Extensions = {}, specversion, ...context },
}: Sample): Record<string, string> {
  const all: Record<string, unknown> = { specversion: Number(specversion).toFixed(1), ...context, ...Extensions };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, value instanceof Date ? value.toISOString() : String(value)]),
  );
}

// What a sender has to do (HTTP binding, section 3.1.3.2): percent-encode white space, quotes, percent and all beyond ASCII.
const encoded = (text: string) =>
  text.replace(/[^\x21\x23-\x24\x26-\x7e]/gu, (character) => encodeURIComponent(character));

for (const file of [
  'yaml_v1.yaml',
  'yaml_v1.0_v1_minimum.yaml',
  'pkg_diff_testdata_sample1_a.yaml',
  'pkg_diff_testdata_sample3_b.yaml',
]) {
  test(`binary mode gives back the attributes of ${file}`, { skip }, () => {
    const found = samples(file);
    assert.ok(found.length > 0);
    for (const sample of found) {
      const { datacontenttype, ...attributes } = attributesOf(sample);
      const headers = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encoded(value)]),
      );
      const given = datacontenttype === undefined ? headers : { ...headers, 'content-type': datacontenttype };
      assert.deepEqual(binaryAttributes(given), {
        ...attributes,
        ...(datacontenttype === undefined ? {} : { datacontenttype }),
      });
    }
  });

  test(`structured mode keeps the extensions of ${file}`, { skip }, () => {
    for (const sample of samples(file)) {
      const attributes = attributesOf(sample);
      const ours = {
        ...attributes,
        datacontenttype: 'application/json',
        type: 'NodeLeft',
        subject: 'c',
        data: { nodeId: 'n' },
      };
      const result = decodeEvent(ours);
      assert.ok(result.ok, result.ok ? '' : result.fault.message);
      assert.deepEqual(result.event.extensions, sample.ContextAttributes.Extensions ?? {});
      assert.equal(result.event.id, attributes['id']);
    }
  });
}

for (const file of ['yaml_v03.yaml', 'yaml_v0.3_v03_minimum.yaml', 'pkg_diff_testdata_sample4_a.yaml']) {
  test(`an event of another version, or without one, is refused with the place (${file})`, { skip }, () => {
    for (const sample of samples(file)) {
      const { specversion, ...attributes } = attributesOf(sample);
      const result = decodeEvent({ ...attributes, ...(specversion === 'NaN' ? {} : { specversion }) });
      assert.ok(!result.ok);
      assert.equal(result.fault.path, '/specversion');
    }
  });
}

interface Scenario {
  readonly name: string;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, string>>;
}

function scenarios(): readonly Scenario[] {
  const [, ...outlines] = read('features_http-protocol-binding.feature').split('Scenario Outline:');
  return outlines.flatMap((outline) => {
    const request = /"""\n([\s\S]*?)"""/.exec(outline)?.[1] ?? '';
    const [head = '', body = ''] = request.split(/\n\s*\n/);
    const table = outline.slice(outline.indexOf('the attributes are:'), outline.indexOf('And the data'));
    const attributes = Object.fromEntries(
      [...table.matchAll(/\|\s*(\S+)\s*\|\s*(\S.*?)\s*\|/g)].slice(1).map(([, key = '', value = '']) => [key, value]),
    );
    const headers = Object.fromEntries(
      head
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(': ') as [string, string])
        .map(([name, value]) => [name.toLowerCase(), value]),
    );
    const types = [...outline.slice(outline.indexOf('Examples:')).matchAll(/\|\s*(application[^|]*?)\s*\|/g)].map(
      (match) => match[1] ?? '',
    );
    return types.map((contentType) => ({
      name: outline.trim().split(' (', 1)[0] ?? '',
      contentType,
      headers: { ...headers, 'content-type': contentType },
      body: JSON.parse(body),
      attributes: Object.fromEntries(
        Object.entries(attributes).map(([key, value]) => [key, value.replace('<contentType>', contentType)]),
      ),
    }));
  });
}

test('the scenarios of the HTTP protocol binding', { skip }, () => {
  const all = scenarios();
  assert.equal(all.length, 4);
  for (const { contentType, headers, body, attributes } of all) {
    const mode = contentMode(contentType, headers);
    const { data, ...structured } = body as Record<string, unknown>;
    if (mode === 'binary') assert.deepEqual(binaryAttributes(headers), attributes);
    else assert.deepEqual(structured, attributes);
    assert.deepEqual(mode === 'binary' ? body : data, { message: 'Hello World!' });
    assert.ok(mode === 'binary' || mode === 'structured');
  }
});
