// Holds A2 of docs/invariants.md.
/** Whatever is sent: the door answers, takes nothing that breaks the rules, and keeps what it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isEventName, validateData } from '../../../schemas/catalogue.ts';
import { isId } from '../../../schemas/ids.ts';
import { BATCH, type Door, event, NDJSON, openDoor, STRUCTURED } from './door.ts';

const SEED = Number(process.env['MUSTERBOOK_TEST_SEED'] ?? Date.now() % 1e9);
const settings = { seed: SEED, numRuns: 300 };

async function assertSound(door: Door): Promise<void> {
  for (const taken of await door.ledger.readAllRecorded({ limit: 1_000 })) {
    assert.ok([taken.id, taken.source, taken.subject].every(isId));
    assert.ok(isEventName(taken.type) && validateData(taken.type, taken.data) === null);
    assert.equal(JSON.stringify(JSON.parse(taken.envelope)), taken.envelope);
  }
}

test(`any bytes in any mode (seed ${SEED})`, async () => {
  const types = fc.constantFrom(STRUCTURED, BATCH, NDJSON, 'application/json');
  const encodings = fc.constantFrom('identity', 'identity', 'gzip');
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), types, encodings, async (bytes, type, encoding) => {
      const door = openDoor();
      const answer = await door.send(bytes, { 'content-type': type, 'content-encoding': encoding });
      assert.ok([200, 400, 422].includes(answer.status), String(answer.status));
      await assertSound(door);
    }),
    settings,
  );
});

test(`any JSON as a record, and any value in place of any attribute (seed ${SEED})`, async () => {
  const name = fc.constantFrom(
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'data',
    'notbefore',
    'synthetic',
    'sequence',
  );
  const mutated = fc.tuple(name, fc.jsonValue()).map(([key, value]) => event('a', { [key]: value }));
  const inData = fc
    .tuple(fc.constantFrom('leaderId', 'term', 'scope', 'how', 'votes', 'more'), fc.jsonValue())
    .map(([key, value]) => event('a', { data: { leaderId: 'n', [key]: value } }));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), mutated, inData), async (value) => {
      const door = openDoor();
      const text = JSON.stringify(value);
      const { body } = await door.send(text, { 'content-type': NDJSON });
      assert.equal(body.appended + body.rejectedCount, 1);
      const { rejections } = await door.ledger.rejections({ limit: 2 });
      assert.deepEqual(
        rejections.map(({ record, code }) => [record, code]),
        body.rejected.map(({ code }) => [text, code]),
      );
      await assertSound(door);
      // What was taken once is the same when it comes again.
      const again = await door.send(text, { 'content-type': NDJSON });
      assert.equal(again.body.duplicates, body.appended);
    }),
    settings,
  );
});

test(`a good event among noise is taken, whatever the noise (seed ${SEED})`, async () => {
  const noise = fc.array(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.map((byte) => (byte === 10 ? 32 : byte))),
  );
  await fc.assert(
    fc.asyncProperty(noise, noise, fc.integer({ min: 1, max: 40 }), async (before, after, size) => {
      const door = openDoor();
      const good = Buffer.from(JSON.stringify(event('good')));
      const bytes = Buffer.concat([...before, good, ...after].flatMap((line) => [line, Buffer.from('\n')]));
      const body = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })();
      const { body: answer } = await door.send(body, { 'content-type': NDJSON });
      assert.equal(answer.appended, 1);
      assert.ok(await door.ledger.eventByKey({ source: '/test', id: 'good' }));
    }),
    { ...settings, numRuns: 100 },
  );
});
