// Holds L5 of docs/invariants.md.
/** What `verify` finds of everything that someone with the file and SQLite can do to it. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Checkpoint, Verification } from '../../../src/ledger/proof.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { openSqliteReader } from '../../../src/ledger/sqlite/reader.ts';
import { makeCheckpoint, verifyLedger } from '../../../src/ledger/verify.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { at, erasure, facts, request, retraction, sample } from '../sample.ts';

const EVENTS = 60;

/** Sixty events in three streams; the one at position 10 is retracted at 60. */
async function history(context: TestContext): Promise<string> {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  let minutes = 0;
  const ledger = await openSqliteLedger({ path, thread: 'here', clock: () => at(minutes++) });
  const events = Array.from({ length: EVENTS - 1 }, (_, index) =>
    sample(`e${index + 1}`, { subject: `c${index % 3}`, notBefore: at(-1), extensions: { sequence: index } }),
  );
  for (const event of events) await ledger.append([request([event], 'any', { authType: 'user', authId: 'ada' })]);
  await ledger.append(facts([retraction('r', events[9] ?? sample(''))]));
  await ledger.close();
  return path;
}

function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

async function verified(path: string, checkpoint?: Checkpoint): Promise<Verification> {
  const reader = openSqliteReader(path);
  try {
    return await verifyLedger(reader, checkpoint ? { checkpoint } : {});
  } finally {
    await reader.close();
  }
}

async function checkpointOf(path: string): Promise<Checkpoint> {
  const reader = openSqliteReader(path);
  try {
    return await makeCheckpoint(reader);
  } finally {
    await reader.close();
  }
}

test('an untouched ledger verifies, its end unproved without a checkpoint', async (context) => {
  const path = await history(context);
  const checkpoint = await checkpointOf(path);
  deepEqual([checkpoint.position, checkpoint.events, checkpoint.streams], [60, 60, 3]);
  const without = await verified(path);
  deepEqual([without.ok, without.endProved, without.events, without.streams], [true, false, 60, 3]);
  deepEqual(without.findings, []);
  const withIt = await verified(path, checkpoint);
  deepEqual([withIt.ok, withIt.endProved], [true, true]);
});

test('a checkpoint still holds when the ledger has grown, in old and new streams', async (context) => {
  const path = await history(context);
  const checkpoint = await checkpointOf(path);
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  await ledger.append(facts([sample('later', { subject: 'c1' }), sample('new', { subject: 'c9' })]));
  await ledger.close();
  const result = await verified(path, checkpoint);
  deepEqual([result.ok, result.endProved, result.events], [true, true, 62]);
});

const CHANGES: readonly (readonly [what: string, sql: string, kind: string])[] = [
  ['a byte of its data', `UPDATE event SET data = replace(data, 'n1', 'n2') WHERE position = 31`, 'hash'],
  ['its data to what is no JSON', `UPDATE event SET data = 'gone' WHERE position = 31`, 'hash'],
  [
    'a byte of its envelope',
    `UPDATE event SET envelope = replace(envelope, 'sequence', 'sequencf') WHERE position = 31`,
    'hash',
  ],
  ['its envelope to what is no JSON', `UPDATE event SET envelope = 'null' WHERE position = 31`, 'hash'],
  ['its salt', `UPDATE event SET salt = zeroblob(16) WHERE position = 31`, 'hash'],
  ['its hash', `UPDATE event SET hash = zeroblob(32) WHERE position = 31`, 'hash'],
  ['its recordedAt', `UPDATE event SET recorded_at = recorded_at + 1 WHERE position = 31`, 'hash'],
  ['its data away, as if erased', `UPDATE event SET data = NULL, salt = NULL WHERE position = 31`, 'hash'],
  ['its id beside the envelope', `UPDATE event SET id = 'other' WHERE position = 31`, 'envelope'],
  ['its time beside the envelope', `UPDATE event SET occurred_at = occurred_at - 1 WHERE position = 31`, 'envelope'],
  ['its time beyond all times', `UPDATE event SET occurred_at = 9000000000000000 WHERE position = 31`, 'envelope'],
  ['its time away', `UPDATE event SET occurred_at = NULL WHERE position = 31`, 'envelope'],
  ['its notbefore away', `UPDATE event SET not_before = NULL WHERE position = 31`, 'envelope'],
  ['its actor', `UPDATE event SET actor_id = NULL WHERE position = 31`, 'envelope'],
  ['it to synthetic', `UPDATE event SET synthetic = 1 WHERE position = 31`, 'envelope'],
  ['its type to one that is not', `UPDATE event SET type_id = 77 WHERE position = 31`, 'unreadable'],
  [
    'its time to no number of ours',
    `UPDATE event SET occurred_at = 9223372036854775807 WHERE position = 31`,
    'unreadable',
  ],
  ['it into a retracted one', `INSERT INTO retraction VALUES (31, 59, 1)`, 'retraction'],
];

for (const [what, sql, kind] of CHANGES) {
  test(`changing ${what} is found, at its place`, async (context) => {
    const path = await history(context);
    tamper(path, sql);
    const result = await verified(path);
    equal(result.ok, false);
    const [finding] = result.findings;
    deepEqual([finding?.position, finding?.kind], [31, kind], JSON.stringify(result.findings));
    if (kind === 'hash' || kind === 'envelope') deepEqual([finding?.stream, finding?.revision], ['cluster-c0', 10]);
  });
}

test('a name that stands for many is changed: every event that bears it is found', async (context) => {
  const path = await history(context);
  tamper(path, `UPDATE source SET name = 'test://other'`);
  const result = await verified(path);
  equal(result.findings.length + result.findingsOmitted >= EVENTS, true);
});

test('a hidden retraction is found', async (context) => {
  const path = await history(context);
  tamper(path, 'DELETE FROM retraction');
  const { findings } = await verified(path);
  deepEqual(
    findings.map(({ kind, position }) => [kind, position]),
    [['retraction', 10]],
  );
});

test('data that is gone with its digest kept, but without a retraction that erases it, is found', async (context) => {
  const path = await history(context);
  const reader = openSqliteReader(path);
  const dataHash = (await reader.eventAt(31 as never))?.dataHash;
  await reader.close();
  tamper(
    path,
    `UPDATE event SET data = NULL, salt = NULL WHERE position = 31; INSERT INTO erasure VALUES (31, x'${dataHash}')`,
  );
  const { findings, erasures } = await verified(path);
  deepEqual(
    findings.map(({ kind, position, revision }) => [kind, position, revision]),
    [['retraction', 31, 10]],
  );
  deepEqual(erasures, []);
});

test('data that came back after it was erased is found', async (context) => {
  const path = await history(context);
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  const before = await ledger.eventAt(31 as never);
  await ledger.append(facts([erasure('er', sample('e31', { subject: 'c0' }))]));
  await ledger.close();
  equal((await verified(path)).erasures.length, 1);
  tamper(path, `UPDATE event SET data = '${before?.dataText}', salt = x'${before?.salt}' WHERE position = 31`);
  const { findings } = await verified(path);
  deepEqual(
    findings.map(({ kind, position }) => [kind, position]),
    [['retraction', 31]],
  );
});

test('what is erased while it is proved is no finding', async (context) => {
  const path = await history(context);
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  context.after(() => ledger.close());
  const head = await ledger.head();
  await ledger.append(facts([erasure('er', sample('e31', { subject: 'c0' }))]));
  // As if the erasure had come right after the proof began.
  const then = new Proxy(ledger, {
    get(target, name) {
      if (name === 'head') return async () => head;
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  const { ok: proved, erased, erasures } = await verifyLedger(then);
  deepEqual([proved, erased, erasures], [true, [31], []]);
});

test('a removed event is found where the next one of its stream stands', async (context) => {
  const path = await history(context);
  tamper(path, 'DELETE FROM event WHERE position = 31');
  const { findings } = await verified(path);
  deepEqual(
    [findings[0]?.kind, findings[0]?.stream, findings[0]?.revision, findings[0]?.position],
    ['revision', 'cluster-c0', 11, 34],
  );
});

test('a removed event with all after it moved up is found', async (context) => {
  const path = await history(context);
  tamper(
    path,
    `DELETE FROM event WHERE position = 31;
     UPDATE event SET revision = revision - 1 WHERE stream_id = (SELECT id FROM stream WHERE name = 'cluster-c0') AND revision > 10`,
  );
  const { findings } = await verified(path);
  deepEqual([findings[0]?.kind, findings[0]?.position], ['hash', 34]);
});

test('two events of a stream that changed places are found', async (context) => {
  const path = await history(context);
  tamper(
    path,
    `UPDATE event SET position = 1000 WHERE position = 31; UPDATE event SET position = 31 WHERE position = 34;
     UPDATE event SET position = 34 WHERE position = 1000`,
  );
  const { ok: isOk, findings } = await verified(path);
  equal(isOk, false);
  ok(findings.some(({ kind, position }) => kind === 'revision' && position === 31));
});

test('two events of different streams that changed places are found by recordedAt', async (context) => {
  const path = await history(context);
  tamper(
    path,
    `UPDATE event SET position = 1000 WHERE position = 31; UPDATE event SET position = 31 WHERE position = 32;
     UPDATE event SET position = 32 WHERE position = 1000`,
  );
  const { findings } = await verified(path);
  deepEqual(
    findings.map(({ kind, position }) => [kind, position]),
    [['order', 32]],
  );
});

// Someone who cuts the tail and mends every count: only a checkpoint kept elsewhere can know.
const MENDED = `UPDATE stream SET revision = (SELECT max(revision) FROM event WHERE stream_id = stream.id),
    position = (SELECT max(position) FROM event WHERE stream_id = stream.id),
    hash = (SELECT hash FROM event WHERE stream_id = stream.id ORDER BY revision DESC LIMIT 1);
  UPDATE ledger SET position = (SELECT max(position) FROM event), events = (SELECT count(*) FROM event),
    streams = (SELECT count(*) FROM stream)`;

for (const [what, sql] of [
  ['cut tail', `DELETE FROM event WHERE position > 55; DELETE FROM retraction; ${MENDED}`],
  ['missing last event', `DELETE FROM event WHERE position = 60; DELETE FROM retraction; ${MENDED}`],
  [
    'missing stream',
    `DELETE FROM event WHERE stream_id = (SELECT id FROM stream WHERE name = 'cluster-c1'); DELETE FROM stream WHERE name = 'cluster-c1'; ${MENDED}`,
  ],
] as const) {
  test(`a ${what} shows only against a checkpoint`, async (context) => {
    const path = await history(context);
    const checkpoint = await checkpointOf(path);
    tamper(path, sql);
    const without = await verified(path);
    deepEqual([without.ok, without.endProved], [true, false]);
    const { ok: isOk, endProved, findings } = await verified(path, checkpoint);
    deepEqual([isOk, endProved], [false, false]);
    ok(findings.every((finding) => finding.kind === 'checkpoint'));
  });
}

test('a tail that was cut without mending the counts shows without a checkpoint', async (context) => {
  const path = await history(context);
  tamper(path, 'DELETE FROM event WHERE position > 55');
  const { ok: isOk, findings } = await verified(path);
  equal(isOk, false);
  ok(findings.some((finding) => finding.kind === 'count'));
});

test('any single byte changed in a stored text is found', async (context) => {
  const path = await history(context);
  const database = new DatabaseSync(path);
  context.after(() => database.close());
  const change = fc.record({
    position: fc.integer({ min: 1, max: EVENTS }),
    column: fc.constantFrom('data', 'envelope', 'salt', 'hash'),
    offset: fc.nat(),
    bit: fc.integer({ min: 0, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ position, column, offset, bit }) => {
      const row = database
        .prepare(`SELECT CAST(${column} AS BLOB) AS bytes FROM event WHERE position = ?`)
        .get(position);
      const before = Buffer.from(row?.['bytes'] as Uint8Array);
      const after = Buffer.from(before);
      const at = offset % after.length;
      after[at] = (after[at] ?? 0) ^ (1 << bit);
      const cast = column === 'data' || column === 'envelope' ? 'CAST(? AS TEXT)' : '?';
      const put = database.prepare(`UPDATE event SET ${column} = ${cast} WHERE position = ?`);
      put.run(after, position);
      const result = await verified(path);
      put.run(before, position);
      equal(result.ok, false);
      ok(result.findings.some((finding) => finding.position === position));
    }),
    { numRuns: 60 },
  );
  ok((await verified(path)).ok);
});
