import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../../schemas/ids.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { OpenLedger } from '../conformance.ts';
import { cluster, facts, position, retraction, sample } from '../sample.ts';

export function retractionCases(open: OpenLedger): void {
  test('the first retraction counts, from its own position on', async (context) => {
    const ledger = await open(context);
    const mistake = sample('mistake');
    await ledger.append(facts([sample('a'), mistake, retraction('r1', mistake), retraction('r2', mistake)]));
    equal((await ledger.retractedBy(position(2)))?.id, 'r1');
    equal(await ledger.retractedBy(position(1)), null);
    const among = async (upTo?: number) => [
      ...(await ledger.retractedAmong([3, 2, 1, 2] as Position[], upTo as Position)),
    ];
    deepEqual(await among(), [[2, 3]]);
    deepEqual(await among(3), [[2, 3]]);
    deepEqual(await among(2), []);
    deepEqual(await ledger.readRetractions({ limit: 9 }), [{ position: 3, target: 2, stream: cluster('web') }]);
    deepEqual(await ledger.readRetractions({ limit: 9, after: position(3) }), []);
    deepEqual(await ledger.readRetractions({ limit: 9, upTo: position(2) }), []);
    equal((await verifyLedger(ledger)).ok, true);
  });

  test('a retraction of a retraction, of the unknown, or from another stream is kept without effect', async (context) => {
    const ledger = await open(context);
    const mistake = sample('mistake');
    const first = retraction('r1', mistake);
    await ledger.append(facts([mistake, first, retraction('r2', first), retraction('r3', sample('unknown'))]));
    const elsewhere = retraction('r4', sample('other'));
    await ledger.append(facts([sample('other'), { ...elsewhere, subject: 'db' }]));
    equal((await ledger.head()).events, 6);
    deepEqual([...(await ledger.retractedAmong([1, 2, 3, 4, 5, 6] as Position[]))], [[1, 2]]);
    equal((await verifyLedger(ledger)).ok, true);
  });

  test('asked for few positions far apart or many close together, the answer is the same', async (context) => {
    const ledger = await open(context);
    const events = Array.from({ length: 100 }, (_, index) => sample(`e${index}`));
    const retracted = events.filter((_, index) => index % 10 === 0);
    await ledger.append(facts([...events, ...retracted.map((event, index) => retraction(`r${index}`, event))]));
    const dense = await ledger.retractedAmong(Array.from({ length: 100 }, (_, index) => position(index + 1)));
    deepEqual(
      [...dense],
      retracted.map((_, index) => [index * 10 + 1, 101 + index]),
    );
    deepEqual(
      [...(await ledger.retractedAmong([91, 2, 1] as Position[]))],
      [
        [1, 101],
        [91, 110],
      ],
    );
    deepEqual([...(await ledger.retractedAmong([]))], []);
  });
}
