// Holds A1 of docs/invariants.md.
/** Facts: what is taken, what is refused, and what of it is kept. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MusterbookError } from '../../src/errors.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { callerWith, declaration, leader, OPERATOR, openDoor, record, retraction, update, withAppend } from './door.ts';

const codes = (rejected: readonly { readonly index: number; readonly code: string }[]) =>
  rejected.map(({ index, code }) => [index, code]);

describe('facts', () => {
  test('strange but well-formed: two leaders in one term are both taken', async () => {
    const { accept, ledger } = openDoor();
    const claims = ['a', 'b'].map((id) => record(id, 'LeaderElected', 'payments', { leaderId: id, term: 7 }));
    assert.deepEqual(await accept.facts(claims, OPERATOR), { appended: 2, duplicates: 0, rejected: [], position: 2 });
    assert.equal((await ledger.readAll({ limit: 9 })).length, 2);
  });

  test('each is stamped with who appended it', async () => {
    const { accept, ledger } = openDoor();
    await accept.facts(
      [leader('a', 'node-1', { authid: 'mallory', position: 99, recordedat: '1999-01-01T00:00:00Z' })],
      OPERATOR,
    );
    const recorded = await ledger.eventByKey({ source: '/test', id: 'a' });
    assert.equal(recorded?.actor, 'ada');
    assert.ok(recorded?.envelope.includes('"authtype":"service_account","authid":"ada"'));
    assert.equal(recorded?.position, 1);
    assert.ok(!recorded?.envelope.includes('recordedat'));
  });

  test('the same again is a duplicate, in one batch and later; with other content its id is reused', async () => {
    const { accept } = openDoor();
    const result = await accept.facts([leader('a'), leader('a'), leader('a', 'node-2')], OPERATOR);
    assert.deepEqual([result.appended, result.duplicates], [1, 1]);
    assert.deepEqual(codes(result.rejected), [[2, 'EVENT_ID_REUSED']]);
    assert.deepEqual(await accept.facts([leader('a', 'node-1', { traceparent: 'x' })], OPERATOR), {
      ...{ appended: 0, duplicates: 1, rejected: [], position: 1 },
    });
  });

  test('other spellings of one content are one content', async () => {
    const { accept } = openDoor();
    await accept.facts([record('a', 'LeaderElected', 'payments', { leaderId: 'n', term: 1 })], OPERATOR);
    const again = record(
      'a',
      'io.musterbook.LeaderElected',
      'payments',
      { term: 1.0, leaderId: 'n' },
      { time: '2022-12-13T15:14:00.0000009-05:00' },
    );
    assert.equal((await accept.facts([again], OPERATOR)).duplicates, 1);
  });

  test('`timeknown: false` means that no time was sent', async () => {
    const { accept, ledger } = openDoor();
    await accept.facts([leader('a', 'node-1', { timeknown: false })], OPERATOR);
    assert.equal((await ledger.readAll({ limit: 1 }))[0]?.occurredAtKnown, false);
    assert.equal((await accept.facts([leader('a', 'node-1', { time: undefined })], OPERATOR)).duplicates, 1);
  });

  test('an erased event of elsewhere is acknowledged and left out', async () => {
    const { accept, ledger } = openDoor();
    const erased = record('a', 'LeaderElected', 'payments', {}, { erased: true, datahash: 'ab', data: undefined });
    const result = await accept.facts([erased, leader('b')], OPERATOR);
    assert.deepEqual([result.appended, result.duplicates, result.rejected], [1, 1, []]);
    assert.deepEqual(
      (await ledger.readAll({ limit: 9 })).map(({ id }) => id),
      ['b'],
    );
  });

  test('values that were parsed elsewhere are judged alike', async () => {
    const { accept } = openDoor();
    const value = JSON.parse(leader('a').text) as Record<string, unknown>;
    let deep: unknown = 1;
    for (let depth = 0; depth < 50; depth += 1) deep = [deep];
    const values = [
      value,
      { ...value, id: 'b', data: { leaderId: 'n', deep } },
      { ...value, id: 'c', data: { leaderId: 'n', note: '\ud800' } },
    ];
    const result = await accept.facts(
      values.map((each) => ({ value: each })),
      OPERATOR,
    );
    assert.equal(result.appended, 1);
    assert.deepEqual(codes(result.rejected), [
      [1, 'JSON_TOO_DEEP'],
      [2, 'LONE_SURROGATE'],
    ]);
  });

  test('what is refused is kept with its reason, cut when it is long', async () => {
    const { accept, ledger } = openDoor();
    const long = record('a', 'Nothing', 'payments', { note: 'ä'.repeat(100_000) });
    await accept.facts([{ text: '{"half":' }, long], OPERATOR);
    const { rejections } = await ledger.rejections({ limit: 9 });
    assert.deepEqual(
      rejections.map(({ door, code, truncated }) => [door, code, truncated]),
      [
        ['graphql', 'EVENT_TYPE_UNKNOWN', true],
        ['graphql', 'JSON_UNREADABLE', false],
      ],
    );
    assert.equal(rejections[1]?.record, '{"half":');
    assert.ok(Buffer.byteLength(rejections[0]?.record ?? '') <= 64 * 1024);
    assert.ok(long.text.startsWith(rejections[0]?.record ?? 'x'));
  });
});

describe('the first event of a stream', () => {
  test('of an incident must declare it; then anything goes, in one batch too', async () => {
    const { accept } = openDoor();
    const result = await accept.facts([update('early'), declaration('d'), update('u'), declaration('d2')], OPERATOR);
    assert.equal(result.appended, 3);
    assert.deepEqual(codes(result.rejected), [[0, 'UNKNOWN_INCIDENT']]);
    assert.equal((await accept.facts([update('early')], OPERATOR)).appended, 1);
  });

  test('of clusters and collectors may be any', async () => {
    const { accept } = openDoor();
    const gap = record('g', 'CollectorGapRecorded', 'probe', { reason: 'restart' });
    assert.equal((await accept.facts([leader('a'), gap], OPERATOR)).appended, 2);
  });
});

describe('retractions', () => {
  test('go to the stream of the event they name, whatever they say or leave out', async () => {
    const { accept, ledger } = openDoor();
    const elsewhere = record('r', 'EventRetracted', 'nonsense', {
      eventSource: '/test',
      eventId: 'u',
      reason: 'wrong',
    });
    const silent = record(
      's',
      'EventRetracted',
      'x',
      { eventSource: '/test', eventId: 'd', reason: 'wrong' },
      { subject: undefined },
    );
    const result = await accept.facts([declaration('d'), update('u'), elsewhere, silent], OPERATOR);
    assert.deepEqual([result.appended, result.rejected], [4, []]);
    const events = await ledger.readAll({ limit: 9 });
    assert.deepEqual(
      events.map(({ stream, subject }) => [stream, subject]),
      Array.from({ length: 4 }, () => ['incident-outage', 'outage']),
    );
    assert.equal((await ledger.retractedBy(events[1]?.position ?? (0 as never)))?.id, 'r');
  });

  test('must name a known event, which may have come earlier in the batch but not later', async () => {
    const { accept } = openDoor();
    const result = await accept.facts([retraction('r1', 'a'), leader('a'), retraction('r2', 'a')], OPERATOR);
    assert.equal(result.appended, 2);
    assert.deepEqual(codes(result.rejected), [[0, 'UNKNOWN_EVENT']]);
  });

  test('of a refused event name nothing', async () => {
    const { accept } = openDoor();
    const result = await accept.facts([update('u'), retraction('r', 'u')], OPERATOR);
    assert.deepEqual(codes(result.rejected), [
      [0, 'UNKNOWN_INCIDENT'],
      [1, 'UNKNOWN_EVENT'],
    ]);
  });

  test('of a retraction are kept, without effect', async () => {
    const { accept, ledger } = openDoor();
    const result = await accept.facts([leader('a'), retraction('r', 'a'), retraction('rr', 'r')], OPERATOR);
    assert.equal(result.appended, 3);
    assert.equal((await ledger.retractedAmong([1, 2] as never)).size, 1);
  });
});

describe('roles', () => {
  test('ingest appends what machines report, and nothing else', async () => {
    const { accept } = openDoor();
    const gap = record('g', 'CollectorGapRecorded', 'probe', { reason: 'restart' });
    const component = record('c', 'ComponentRegistered', 'api', { name: 'API' });
    const plan = { title: 'x', startsAt: '2022-12-14T00:00:00Z', endsAt: '2022-12-15T00:00:00Z' };
    const maintenance = record('m', 'MaintenanceScheduled', 'upgrade', plan);
    const all = [leader('a'), gap, declaration('d'), component, maintenance, retraction('r', 'a')];
    const result = await accept.facts(all, callerWith('ingest'));
    assert.equal(result.appended, 2);
    assert.deepEqual(
      codes(result.rejected),
      [2, 3, 4, 5].map((index) => [index, 'FORBIDDEN']),
    );
    assert.equal((await accept.facts(all, callerWith('operate'))).appended, 4);
  });

  test('read appends nothing', async () => {
    const { accept } = openDoor();
    assert.deepEqual(codes((await accept.facts([leader('a')], callerWith('read'))).rejected), [[0, 'FORBIDDEN']]);
  });
});

describe('batches in order', () => {
  test('are appended in the order in which they were pushed, and count on', async () => {
    const { accept, ledger } = openDoor();
    const push = accept.factsInOrder(OPERATOR);
    const batches = [[declaration('d')], [update('u'), { text: '{' }], [retraction('r', 'u'), update('x', 'none')]];
    const results = await Promise.all(batches.map(push));
    assert.deepEqual(
      results.map(({ appended }) => appended),
      [1, 1, 1],
    );
    assert.deepEqual(
      results.flatMap(({ rejected }) => codes(rejected)),
      [
        [2, 'JSON_UNREADABLE'],
        [4, 'UNKNOWN_INCIDENT'],
      ],
    );
    assert.deepEqual(
      (await ledger.readAll({ limit: 9 })).map(({ id }) => id),
      ['d', 'u', 'r'],
    );
  });

  test('after a failure append nothing more; the failure tells what was appended', async () => {
    const memory = openMemoryLedger();
    let calls = 0;
    const ledger = withAppend(memory, (requests) => {
      calls += 1;
      return calls === 2 ? Promise.reject(new MusterbookError('STORAGE_FULL', 'full')) : memory.append(requests);
    });
    const push = openDoor({ ledger }).accept.factsInOrder(OPERATOR);
    // More than one append call: the first is durable, the second fails.
    const batch = Array.from({ length: 1_500 }, (_, index) => leader(`e-${index}`));
    const [first, second] = await Promise.allSettled([push(batch), push([leader('later')])]);
    assert.ok(first?.status === 'rejected' && second?.status === 'rejected');
    const { facts, code } = first.reason as MusterbookError;
    assert.equal(code, 'STORAGE_FULL');
    assert.equal((facts['partial'] as { appended: number }).appended, 1_000);
    assert.equal((await memory.head()).events, 1_000);
  });
});
