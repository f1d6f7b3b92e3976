/** What tests of faults have in common. */
import { deepEqual, equal } from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';

/** Asks until the answer is yes; throws after ten seconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000; turn += 1) {
    if (await isSo()) return;
    await delay(10);
  }
  throw new Error(`It did not come to pass that ${what}`);
}

/** That a ledger holds each of these ids once, and proves. */
export async function holdsOnce(ledger: Ledger, ids: readonly string[]): Promise<void> {
  const events = await ledger.readAll({ limit: 10_000 });
  deepEqual(events.map(({ id }) => id).sort(), [...ids].sort());
  const { ok, findings } = await verifyLedger(ledger);
  deepEqual(findings, []);
  equal(ok, true);
}

/** That replicas have the same events in the same order, and the same digest of all stream ends. */
export async function areEqual(replicas: readonly Ledger[]): Promise<void> {
  const heads = await Promise.all(replicas.map((replica) => replica.head()));
  const digests = await Promise.all(
    replicas.map((replica, index) =>
      replica.digestAt({ upTo: (heads[index] as (typeof heads)[number]).position, streamsMax: 1000 }),
    ),
  );
  for (const [index, head] of heads.entries()) {
    deepEqual(head, heads[0]);
    equal(digests[index], digests[0]);
  }
}
