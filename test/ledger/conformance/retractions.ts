import { deepEqual, equal } from 'node:assert/strict';
import type { Position } from '../../../schemas/ids.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import type { Suite } from '../conformance.ts';
import { cluster, nth, placed, retraction, sample } from '../sample.ts';

export function retractionCases({ open, test }: Suite): void {
  test('the first retraction counts, from its own position on', async (context) => {
    const ledger = await open(context);
    const mistake = sample('mistake');
    const events = [sample('a'), mistake, retraction('r1', mistake), retraction('r2', mistake)];
    const positions = await placed(ledger, events);
    const [first, target, retracted] = [nth(positions, 0), nth(positions, 1), nth(positions, 2)];
    equal((await ledger.retractedBy(target))?.id, 'r1');
    equal(await ledger.retractedBy(first), null);
    const asked = [retracted, target, first, target];
    const among = async (upTo?: Position) => [...(await ledger.retractedAmong(asked, upTo))];
    deepEqual(await among(), [[target, retracted]]);
    deepEqual(await among(retracted), [[target, retracted]]);
    deepEqual(await among(target), []);
    deepEqual(await ledger.readRetractions({ limit: 9 }), [{ position: retracted, target, stream: cluster('web') }]);
    deepEqual(await ledger.readRetractions({ limit: 9, after: retracted }), []);
    deepEqual(await ledger.readRetractions({ limit: 9, upTo: target }), []);
    equal((await verifyLedger(ledger)).ok, true);
  });

  test('a retraction of a retraction, of the unknown, or from another stream is kept without effect', async (context) => {
    const ledger = await open(context);
    const mistake = sample('mistake');
    const first = retraction('r1', mistake);
    const elsewhere = retraction('r4', sample('other'));
    const positions = [
      ...(await placed(ledger, [mistake, first, retraction('r2', first), retraction('r3', sample('unknown'))])),
      ...(await placed(ledger, [sample('other'), { ...elsewhere, subject: 'db' }])),
    ];
    equal((await ledger.head()).events, 6);
    deepEqual([...(await ledger.retractedAmong(positions))], [[nth(positions, 0), nth(positions, 1)]]);
    equal((await verifyLedger(ledger)).ok, true);
  });

  test('asked for few positions far apart or many close together, the answer is the same', async (context) => {
    const ledger = await open(context);
    const events = Array.from({ length: 100 }, (_, index) => sample(`e${index}`));
    const retracted = events.filter((_, index) => index % 10 === 0);
    const retractions = retracted.map((event, index) => retraction(`r${index}`, event));
    const positions = await placed(ledger, [...events, ...retractions]);
    const of = (index: number) => [nth(positions, index * 10), nth(positions, 100 + index)];
    const many = await ledger.retractedAmong(positions.slice(0, 100));
    deepEqual(
      [...many],
      retracted.map((_, index) => of(index)),
    );
    const few = [nth(positions, 90), nth(positions, 1), nth(positions, 0)];
    deepEqual([...(await ledger.retractedAmong(few))], [of(0), of(9)]);
    deepEqual([...(await ledger.retractedAmong([]))], []);
  });
}
