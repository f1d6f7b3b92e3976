/** Restoring an export: the same recordedAt, the same actors, the same chain, or a reason why not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import { ADMIN, callerWith, declaration, leader, OPERATOR, openDoor, record, retraction, update } from './door.ts';

const lines = (...texts: readonly string[]) => texts.map((text) => ({ text }));

async function exported(): Promise<readonly string[]> {
  const { accept, ledger } = openDoor();
  const records = [leader('a'), declaration('d'), update('u'), leader('b', 'node-2'), retraction('r', 'a')];
  assert.equal((await accept.facts(records, OPERATOR)).appended, 5);
  return (await ledger.readAllRecorded({ limit: 99 })).map((event) => recordedLine(event).trimEnd());
}

describe('restoring', () => {
  test('an export gives the same ledger: hashes, salts, times, actors', async () => {
    const texts = await exported();
    const { accept, ledger } = openDoor();
    const result = await accept.restore(lines(...texts), ADMIN);
    assert.deepEqual(result, { appended: 5, duplicates: 0, rejected: [], position: 5 });
    assert.deepEqual(
      (await ledger.readAllRecorded({ limit: 99 })).map((event) => recordedLine(event).trimEnd()),
      texts,
    );
    assert.equal((await ledger.head()).restoredUpTo, 5);
  });

  test('goes on in several calls, until something else is appended', async () => {
    const texts = await exported();
    const { accept } = openDoor();
    await accept.restore(lines(...texts.slice(0, 2)), ADMIN);
    assert.equal((await accept.restore(lines(...texts.slice(1)), ADMIN)).duplicates, 1);
    await accept.facts([leader('z')], ADMIN);
    await assert.rejects(accept.restore(lines(...texts), ADMIN), { code: 'LEDGER_NOT_EMPTY' });
  });

  test('a line that was changed does not give the hash that it states', async () => {
    const texts = await exported();
    const { accept } = openDoor();
    const tampered = texts.map((text) => text.replace('Still slow', 'All well'));
    await assert.rejects(accept.restore(lines(...tampered), ADMIN), { code: 'HASH_MISMATCH' });
  });

  test('a line that is missing shows where its stream goes on', async () => {
    const texts = await exported();
    const later = texts[3]?.replace('"revision":1', '"revision":0') ?? '';
    await assert.rejects(openDoor().accept.restore(lines(later), ADMIN), { code: 'HASH_MISMATCH' });
    // A part of an export is honest about its place, and begins a chain of its own.
    assert.equal((await openDoor().accept.restore(lines(texts[3] ?? ''), ADMIN)).appended, 1);
  });

  test('an erased event comes back as its digest', async () => {
    const { accept, ledger } = openDoor();
    const erased = { recordedat: '2022-12-14T00:00:00Z', erased: true, datahash: 'ab'.repeat(32), data: undefined };
    const result = await accept.restore([record('a', 'LeaderElected', 'payments', {}, erased)], ADMIN);
    assert.equal(result.appended, 1);
    const recorded = await ledger.eventByKey({ source: '/test', id: 'a' });
    assert.deepEqual([recorded?.erased, recorded?.dataText, recorded?.dataHash], [true, null, 'ab'.repeat(32)]);
  });

  test('each line needs its recordedat, and readable evidence', async () => {
    const { accept } = openDoor();
    const at = { recordedat: '2022-12-14T00:00:00Z' };
    const bad = [
      leader('a'),
      leader('b', 'n', { recordedat: 'yesterday' }),
      leader('c', 'n', { ...at, salt: 'xyz' }),
      leader('d', 'n', { ...at, hash: 'AB'.repeat(32) }),
      record('e', 'LeaderElected', 'p', {}, { ...at, erased: true }),
      { text: '{' },
      leader('f', 'n', at),
    ];
    const { appended, rejected } = await accept.restore(bad, ADMIN);
    assert.equal(appended, 1);
    assert.deepEqual(
      rejected.map(({ index, code, path }) => [index, code, path]),
      [
        [0, 'RECORDEDAT_MISSING', '/recordedat'],
        [1, 'RECORDEDAT_INVALID', '/recordedat'],
        [2, 'EVIDENCE_INVALID', '/salt'],
        [3, 'EVIDENCE_INVALID', '/hash'],
        [4, 'EVIDENCE_INVALID', '/datahash'],
        [5, 'JSON_UNREADABLE', null],
      ],
    );
  });

  test('recordedat does not fall, and restoring takes the role admin', async () => {
    const { accept } = openDoor();
    const falling = ['2022-12-14T00:00:01Z', '2022-12-14T00:00:00Z'].map((recordedat, index) =>
      leader(`${index}`, 'n', { recordedat }),
    );
    await assert.rejects(accept.restore(falling, ADMIN), { code: 'RECORDED_AT_FALLS' });
    await assert.rejects(accept.restore([], callerWith('operate')), { code: 'FORBIDDEN' });
  });
});
