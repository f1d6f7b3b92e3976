// Holds L4 of docs/invariants.md.
import { deepEqual, equal, ok } from 'node:assert/strict';
import type { NewEvent } from '../../../schemas/event.ts';
import type { AppendOutcome } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { Suite } from '../conformance.ts';
import { at, cluster, facts, nth, placed, positionsOf, request, revision, sample } from '../sample.ts';

const kinds = (outcomes: readonly AppendOutcome[]): readonly string[] => outcomes.map((outcome) => outcome.kind);

export function identityCases({ open, test }: Suite): void {
  test('the same content again is a duplicate, whatever is expected and however its data is ordered', async (context) => {
    const ledger = await open(context);
    const first = sample('a', { data: { leaderId: 'n1', term: 3 } });
    const before = positionsOf(await ledger.append([request([first, sample('b')])]));
    const again = sample('a', { data: { term: 3, leaderId: 'n1' }, extensions: { traceparent: 'x' }, synthetic: true });
    const outcomes = await ledger.append([
      request([again], 'none'),
      request([again, sample('b')], revision(0)),
      request([sample('c')]),
    ]);
    deepEqual(outcomes.slice(0, 2), [
      { kind: 'duplicate', positions: [nth(before, 0)] },
      { kind: 'duplicate', positions: before },
    ]);
    const { position } = await ledger.head();
    deepEqual(outcomes[2], { kind: 'appended', positions: [position], revision: 2, recordedAt: at(0) });
  });

  test('of a request with known and new events, the new ones are appended', async (context) => {
    const ledger = await open(context);
    const [known] = await placed(ledger, [sample('a')]);
    const [outcome] = await ledger.append([request([sample('a'), sample('b')])]);
    const { position, events } = await ledger.head();
    deepEqual(outcome, { kind: 'appended', positions: [known, position], revision: 1, recordedAt: at(0) });
    equal(events, 2);
  });

  test('in its stream an id stands for one type, time and data; another source may use it', async (context) => {
    const ledger = await open(context);
    const [a, untimed] = await placed(ledger, [sample('a'), sample('untimed', { time: null })]);
    const others: readonly (readonly [NewEvent, number | undefined])[] = [
      [sample('a', { type: 'NodeJoined', data: { nodeId: 'n1' } }), a],
      [sample('a', { time: at(1) }), a],
      [sample('a', { time: null }), a],
      [sample('a', { data: { leaderId: 'n2', term: 1 } }), a],
      [sample('untimed', { time: at(0) }), untimed],
    ];
    for (const [other, existing] of others) {
      for (const expected of ['any', revision(99)] as const) {
        deepEqual(await ledger.append([request([other], expected)]), [{ kind: 'id-reused', index: 0, existing }]);
      }
    }
    const elsewhere = await ledger.append(facts([sample('a', { source: 'test://other', data: { leaderId: 'n9' } })]));
    deepEqual(kinds(elsewhere), ['appended']);
    equal((await ledger.head()).events, 3);
  });

  test('an id that stands for an event of one stream is reused in every other', async (context) => {
    const ledger = await open(context);
    const [existing] = await placed(ledger, [sample('a')]);
    const other = sample('a', { subject: 'db' });
    for (const expected of ['any', revision(99)] as const) {
      deepEqual(await ledger.append([request([other], expected)]), [{ kind: 'id-reused', index: 0, existing }]);
    }
    const whole = request([sample('b', { subject: 'db' }), other]);
    deepEqual(await ledger.append([whole]), [{ kind: 'id-reused', index: 1, existing }]);
    equal(await ledger.streamHead(cluster('db')), null);
    const { events, streams } = await ledger.head();
    deepEqual([events, streams], [1, 1]);
  });

  test('of 16 callers who bring one id to as many streams at once, one is right', async (context) => {
    const ledger = await open(context);
    const calls = Array.from({ length: 16 }, (_, caller) =>
      ledger.append(facts([sample('a', { subject: `c${caller}` })])),
    );
    const outcomes = (await Promise.all(calls)).flat();
    deepEqual(kinds(outcomes).toSorted(), ['appended', ...Array.from({ length: 15 }, () => 'id-reused')]);
    equal((await ledger.head()).events, 1);
    ok((await verifyLedger(ledger)).ok);
  });

  test('of 16 callers who bring one event to its stream at once, one appends it and the others hear where it is', async (context) => {
    const ledger = await open(context);
    const calls = Array.from({ length: 16 }, () => ledger.append(facts([sample('a')])));
    const outcomes = (await Promise.all(calls)).flat();
    deepEqual(kinds(outcomes).toSorted(), ['appended', ...Array.from({ length: 15 }, () => 'duplicate')]);
    const { position, events } = await ledger.head();
    deepEqual([new Set(positionsOf(outcomes)), events], [new Set([position]), 1]);
  });
}
