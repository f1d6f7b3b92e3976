/** What is read off JSON texts beside their value. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countMembers, depthOf, duplicateKey, shapeOf, splitList } from '../../src/accept/json-text.ts';

const SEED = Number(process.env['MUSTERBOOK_TEST_SEED'] ?? Date.now() % 1e9);
const settings = { seed: SEED };

test(`members and depth of a text are those of its value, however it is spaced (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space);
      assert.deepEqual(shapeOf(text), { members: countMembers(JSON.parse(text)), depth: depthOf(value) });
      assert.equal(duplicateKey(text), null);
    }),
    settings,
  );
});

test(`a member named twice is counted twice in the text, and found (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), fc.array(fc.jsonValue(), { maxLength: 3 }), (name, value, before) => {
      const key = JSON.stringify(name);
      const twice = `{${key}:${JSON.stringify(value)},${key} :1}`;
      const text = JSON.stringify({ 'a/b': [...before, 0] }).replace(/0\]\}$/, () => `${twice}]}`);
      assert.ok(shapeOf(text).members > countMembers(JSON.parse(text)));
      const pointer = name.replaceAll('~', '~0').replaceAll('/', '~1');
      assert.equal(duplicateKey(text), `/a~1b/${before.length}/${pointer}`);
    }),
    settings,
  );
});

test('names that objects have from elsewhere are names like any other', () => {
  const text = '{"__proto__":{"constructor":1},"toString":2}';
  assert.equal(countMembers(JSON.parse(text)), 3);
  assert.equal(shapeOf(text).members, 3);
});

test(`a list is split at its commas: the parts mean what the whole means (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), fc.constantFrom(0, 1), (values, space) => {
      const parts = splitList(` ${JSON.stringify(values, null, space)}\n`);
      assert.deepEqual(
        parts?.map((part) => JSON.parse(part) as unknown),
        JSON.parse(JSON.stringify(values)),
      );
    }),
    settings,
  );
});

test(`a broken list has a broken part (seed ${SEED})`, () => {
  const pieces = fc.array(fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '1', 'null', ' ', '"a"'), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = `[${parts.join('')}]`;
      const split = splitList(text);
      assert.equal(split?.every(isJson) ?? false, isJson(text), text);
    }),
    { ...settings, numRuns: 2_000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
