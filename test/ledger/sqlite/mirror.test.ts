/** A mirror says what its source says, at the record's positions, and takes nothing that does not follow. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openMemoryLedger } from '../../../src/ledger/memory/ledger.ts';
import type { Mirror } from '../../../src/ledger/mirror.ts';
import { openMirror } from '../../../src/ledger/sqlite/mirror.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { cluster, erasure, facts, retraction, sample } from '../sample.ts';
import { batch, recordOf, shifted } from './mirrored.ts';

async function open(context: TestContext, thread: 'here' | 'worker' = 'here'): Promise<Mirror> {
  const mirror = await openMirror({ path: join(temporaryFolder(context), 'mirror.sqlite'), thread });
  context.after(() => mirror.close());
  return mirror;
}

for (const thread of ['here', 'worker'] as const) {
  test(`a mirror has the events of its source (${thread})`, async (context) => {
    const ledger = openMemoryLedger();
    const secret = sample('secret');
    await ledger.append(facts([sample('a'), secret, sample('b', { subject: 'db' }), retraction('r', sample('a'))]));
    const record = await recordOf(ledger);
    const mirror = await open(context, thread);
    equal(mirror.cursor, null);
    await mirror.adopt('record-1');
    await mirror.adopt('record-1');
    await rejects(mirror.adopt('record-2'), { code: 'LEDGER_FOREIGN' });
    await mirror.take(batch(record));
    equal(mirror.cursor, `after ${shifted(4)}`);
    ok((await verifyLedger(mirror)).ok);
    await ledger.append(facts([erasure('e', secret)]));
    await mirror.take(batch((await recordOf(ledger)).slice(4)));
    const proof = await verifyLedger(mirror);
    deepEqual([proof.ok, proof.findings, proof.erased], [true, [], [shifted(2)]]);
    deepEqual((await mirror.streamEnd(cluster('web')))?.revision, 3);
    await mirror.scrub();
  });
}
