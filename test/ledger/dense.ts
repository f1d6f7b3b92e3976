/** What the backends that give positions themselves promise beyond the port: positions count from 1 without a gap. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from './conformance.ts';
import { at, facts, placed, request, revision, sample } from './sample.ts';

export function densePositions({ name, open, reopen }: Backend): void {
  test(`${name}: positions count from 1 without a gap, whatever was refused between`, async (context) => {
    const ledger = await open(context, () => at(0));
    deepEqual(await placed(ledger, [sample('a'), sample('b'), sample('c', { subject: 'db' })]), [1, 2, 3]);
    await ledger.append([
      request([sample('d'), sample('a', { data: { leaderId: 'other' } })]),
      request([sample('d')], revision(7)),
      request([sample('a')]),
    ]);
    deepEqual(await placed(ledger, [sample('d'), sample('a'), sample('e')]), [4, 1, 5]);
    const calls = Array.from({ length: 64 }, (_, caller) => ledger.append(facts([sample(`call ${caller}`)])));
    await Promise.all(calls);
    const events = await ledger.readAll({ limit: 100 });
    deepEqual(
      events.map((event) => event.position),
      Array.from({ length: 69 }, (_, index) => index + 1),
    );
    if (reopen === null) return;
    const again = await reopen(context, ledger, () => at(0));
    deepEqual(await placed(again, [sample('f')]), [70]);
  });

  test(`${name}: a restore counts from 1 too, and rejections do not count`, async (context) => {
    const ledger = await open(context, () => at(0));
    const rejection = { at: at(0), door: 'http', code: 'A', message: 'a', path: null, record: '{}', truncated: false };
    await ledger.keepRejections([rejection]);
    const actor = { authType: 'unauthenticated', authId: null };
    const restored = { event: sample('a'), actor, recordedAt: at(1), salt: null, erasedDataHash: null };
    await ledger.restore([restored]);
    equal((await ledger.head()).restoredUpTo, 1);
    deepEqual(await placed(ledger, [sample('b')]), [2]);
  });
}
