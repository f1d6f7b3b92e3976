// Holds L2 and L3 of docs/invariants.md.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import type { Micros } from '../../../schemas/time.ts';
import type { AppendOutcome, ExpectedRevision } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { Suite } from '../conformance.ts';
import { at, cluster, facts, nth, placed, request, revision, sample } from '../sample.ts';

const kinds = (outcomes: readonly AppendOutcome[]): readonly string[] => outcomes.map((outcome) => outcome.kind);

export function appendCases({ open, test }: Suite): void {
  test('positions rise over the whole ledger, revisions count each stream from 0', async (context) => {
    const ledger = await open(context);
    const outcomes = await ledger.append([
      request([sample('a'), sample('b')]),
      request([sample('c', { subject: 'db' })]),
    ]);
    const positions = (await ledger.readAll({ limit: 9 })).map((event) => event.position);
    const [a, b, c] = [nth(positions, 0), nth(positions, 1), nth(positions, 2)];
    deepEqual(outcomes, [
      { kind: 'appended', positions: [a, b], revision: 1, recordedAt: at(0) },
      { kind: 'appended', positions: [c], revision: 0, recordedAt: at(0) },
    ]);
    ok(0 < a && a < b && b < c);
    const head = await ledger.head();
    deepEqual(head, { position: c, recordedAt: at(0), events: 3, streams: 2, restoredUpTo: null });
  });

  test('an expectation is met or answered with where the stream is', async (context) => {
    const ledger = await open(context);
    const append = async (id: string, expected: ExpectedRevision) => {
      const [outcome] = await ledger.append([request([sample(id)], expected)]);
      return outcome?.kind === 'wrong-revision' ? outcome.actual : outcome?.kind;
    };
    equal(await append('a', 'exists'), null);
    equal(await append('a', revision(0)), null);
    equal(await append('a', 'none'), 'appended');
    equal(await append('b', 'none'), 0);
    equal(await append('b', 'exists'), 'appended');
    equal(await append('c', revision(0)), 1);
    equal(await append('c', revision(2)), 1);
    equal(await append('c', revision(1)), 'appended');
    equal(await append('d', 'any'), 'appended');
    equal((await ledger.head()).events, 4);
  });

  test('a request stands or falls whole, and the others of its call beside it', async (context) => {
    const ledger = await open(context);
    const [existing] = await placed(ledger, [sample('known')]);
    const outcomes = await ledger.append([
      request([sample('a')]),
      request([sample('b'), sample('c', { source: 'test://new' }), sample('known', { data: { leaderId: 'other' } })]),
      request([sample('d'), sample('e')], revision(7)),
      request([sample('f', { subject: 'db' })]),
      request([sample('g'), sample('h')], revision(1)),
    ]);
    deepEqual(kinds(outcomes), ['appended', 'id-reused', 'wrong-revision', 'appended', 'appended']);
    deepEqual(outcomes[1], { kind: 'id-reused', index: 2, existing });
    const events = await ledger.readAll({ limit: 10 });
    deepEqual(
      events.map((event) => event.id),
      ['known', 'a', 'f', 'g', 'h'],
    );
    const [later] = await ledger.append(facts([sample('c', { source: 'test://new' })]));
    equal(later?.kind, 'appended');
    ok((await verifyLedger(ledger)).ok);
  });

  test('a stream whose first request fell leaves no trace', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts([sample('known')]));
    const fallen = [
      request([sample('a', { subject: 'db' }), sample('b', { subject: 'db' })], revision(3)),
      request([sample('a', { subject: 'db' })], 'exists'),
    ];
    deepEqual(kinds(await ledger.append(fallen)), ['wrong-revision', 'wrong-revision']);
    equal(await ledger.streamHead(cluster('db')), null);
    equal((await ledger.head()).streams, 1);
  });

  test('an event without a time happened when it was recorded, and that is marked', async (context) => {
    const ledger = await open(context, () => at(3));
    await ledger.append(
      facts([sample('a', { time: null }), sample('b', { time: at(9) }), sample('c', { time: at(1) })]),
    );
    const events = await ledger.readAll({ limit: 3 });
    deepEqual(
      events.map(({ occurredAt, occurredAtKnown, effectiveAt }) => ({ occurredAt, occurredAtKnown, effectiveAt })),
      [
        { occurredAt: at(3), occurredAtKnown: false, effectiveAt: at(3) },
        { occurredAt: at(9), occurredAtKnown: true, effectiveAt: at(3) },
        { occurredAt: at(1), occurredAtKnown: true, effectiveAt: at(1) },
      ],
    );
  });

  test('recordedAt never falls with position, even when the clock does', async (context) => {
    let now = at(0);
    const ledger = await open(context, () => now);
    for (const minutes of [5, 7, 2, 6, 8]) {
      now = at(minutes);
      await ledger.append(facts([sample(`at ${minutes}`)]));
    }
    const events = await ledger.readAll({ limit: 9 });
    deepEqual(
      events.map((event) => event.recordedAt),
      [at(5), at(7), at(7), at(7), at(8)],
    );
    ok((await verifyLedger(ledger)).ok);
  });

  test('what was appended comes back as it was, with who appended it', async (context) => {
    const ledger = await open(context);
    const event = sample('a', {
      time: (at(0) + 1) as Micros,
      notBefore: at(-1),
      synthetic: true,
      extensions: { traceparent: '00-1', sequence: 7 },
      data: { leaderId: 'n\u00e9\u{1f6a2}', extra: { nested: [1, null, '\u0000'] } },
    });
    await ledger.append([request([event], 'any', { authType: 'service_account', authId: 'robot' })]);
    const [found] = await ledger.readAllRecorded({ limit: 1 });
    deepEqual(found?.data, event.data);
    deepEqual([found?.occurredAt, found?.notBefore, found?.synthetic], [event.time, event.notBefore, true]);
    deepEqual([found?.actor, found?.erased, found?.category, found?.subject], ['robot', false, 'cluster', 'web']);
    equal(found?.dataText, JSON.stringify(event.data));
    equal(
      found?.envelope,
      `{"specversion":"1.0","id":"a","source":"test://collector","type":"io.musterbook.LeaderElected","subject":"web",` +
        `"time":"2022-12-13T20:00:00.000001Z","notbefore":"2022-12-13T19:59:00.000Z","synthetic":true,` +
        `"sequence":7,"traceparent":"00-1","authtype":"service_account","authid":"robot"}`,
    );
  });

  test('64 callers at once: every event once, revisions without a gap, the chain intact', async (context) => {
    const ledger = await open(context);
    const callers = Array.from({ length: 64 }, async (_, caller) => {
      for (let turn = 0; turn < 5; turn += 1) {
        const [outcome] = await ledger.append(facts([sample(`${caller}-${turn}`, { subject: `c${caller % 3}` })]));
        equal(outcome?.kind, 'appended');
      }
    });
    await Promise.all(callers);
    const events = await ledger.readAll({ limit: 1000 });
    const positions = events.map((event) => event.position);
    equal(new Set(positions).size, 320);
    deepEqual(
      positions,
      positions.toSorted((left, right) => left - right),
    );
    equal((await ledger.head()).position, positions.at(-1));
    equal(new Set(events.map((event) => event.id)).size, 320);
    for (const subject of ['c0', 'c1', 'c2']) {
      const stream = await ledger.readStream(cluster(subject), { limit: 1000 });
      deepEqual(
        stream.map((event) => event.revision),
        stream.map((_, index) => index),
      );
    }
    ok((await verifyLedger(ledger)).ok);
  });

  test('of 64 callers who believe the same revision, one is right', async (context) => {
    const ledger = await open(context);
    const calls = Array.from({ length: 64 }, (_, caller) => ledger.append([request([sample(`e${caller}`)], 'none')]));
    const outcomes = (await Promise.all(calls)).flat();
    equal(outcomes.filter((outcome) => outcome.kind === 'appended').length, 1);
    equal(outcomes.filter((outcome) => outcome.kind === 'wrong-revision' && outcome.actual === 0).length, 63);
  });

  test('every event has a salt of its own, so that equal data does not show as equal', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts([sample('a'), sample('b')]));
    const [first, second] = await ledger.readAllRecorded({ limit: 2 });
    equal(first?.dataText, second?.dataText);
    notEqual(first?.salt, second?.salt);
    notEqual(first?.dataHash, second?.dataHash);
  });
}
