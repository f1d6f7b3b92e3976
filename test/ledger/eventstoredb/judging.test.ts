import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NewEvent } from '../../../schemas/event.ts';
import type { Position, Revision } from '../../../schemas/ids.ts';
import { keyTextOf, outcomeOf, planAppend, prepare } from '../../../src/ledger/eventstoredb/judging.ts';
import { openMemoryLedger } from '../../../src/ledger/memory/ledger.ts';
import type { KnownEvent } from '../../../src/ledger/mirror.ts';
import type { AppendOutcome, AppendRequest, ExpectedRevision, Ledger } from '../../../src/ledger/port.ts';
import { at, cluster, request, revision, sample } from '../sample.ts';

/** Judges requests to one stream as one append onto what a ledger holds; positions go on where it ends. */
async function judgedTogether(ledger: Ledger, requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
  const known = new Map<string, KnownEvent>();
  for (const event of await ledger.readAllRecorded({ limit: 1000 })) {
    const { position, stream, type, occurredAt, dataText } = event;
    known.set(keyTextOf(event), { position, stream, type, time: occurredAt, dataText });
  }
  const end = await ledger.streamHead(cluster('web'));
  const { position } = await ledger.head();
  const plan = planAppend(
    requests.map((each) => prepare(each, at(0))),
    known,
    end?.revision ?? -1,
  );
  const recorded = plan.added.map((_, index) => ({
    position: (position + 1 + index) as Position,
    revision: ((end?.revision ?? -1) + 1 + index) as Revision,
    recordedAt: at(0),
  }));
  return plan.outcomes.map((outcome) => outcomeOf(outcome, recorded));
}

const expectation: fc.Arbitrary<ExpectedRevision> = fc.oneof(
  fc.constantFrom('any' as const, 'none' as const, 'exists' as const),
  fc.nat(6).map(revision),
);
const someEvent: fc.Arbitrary<NewEvent> = fc
  .record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), term: fc.nat(1) })
  .map(({ id, term }) => sample(id, { data: { leaderId: 'n1', term } }));
const someRequest = fc
  .record({
    events: fc.uniqueArray(someEvent, { minLength: 1, maxLength: 4, selector: ({ id }) => id }),
    expected: expectation,
  })
  .map(({ events, expected }) => request(events, expected));

test('requests judged together for one append fare as they do one after another in a ledger', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someRequest, { maxLength: 5 }),
      fc.array(someRequest, { maxLength: 8 }),
      async (before, together) => {
        const ledger = openMemoryLedger({ clock: () => at(0) });
        await ledger.append(before);
        const judged = await judgedTogether(ledger, together);
        deepEqual(judged, await ledger.append(together));
      },
    ),
  );
});

test('an event that another request of the same append brings is known with the place it will have', async () => {
  const ledger = openMemoryLedger({ clock: () => at(0) });
  const other = sample('a', { data: { leaderId: 'n2', term: 1 } });
  const outcomes = await judgedTogether(ledger, [
    request([sample('a')]),
    request([sample('a')]),
    request([sample('b'), other]),
  ]);
  deepEqual(outcomes, [
    { kind: 'appended', positions: [1], revision: 0, recordedAt: at(0) },
    { kind: 'duplicate', positions: [1] },
    { kind: 'id-reused', index: 1, existing: 1 },
  ]);
});

test('what an event weighs is no less than what is sent of it', () => {
  const event = sample('a', { data: { leaderId: '"'.repeat(100), note: '\u20ac'.repeat(100) } });
  const { bytes, events } = prepare(request([event]), at(0));
  const [only] = events;
  equal(bytes > Buffer.byteLength(`${only?.dataText}${JSON.stringify(only?.envelope)}`), true);
});
