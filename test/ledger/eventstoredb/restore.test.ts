import { deepEqual, equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type { RestoreEvent } from '../../../src/ledger/port.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { eventStoreFor } from '../../support/eventstoredb/server.ts';
import { at, erasure, facts, nobody, placed, sample } from '../sample.ts';
import { openEsdb, openingOf, openReplica } from './opening.ts';

/** Events of many streams in turn, a minute apart. */
const coming = (count: number): readonly RestoreEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    event: sample(`e${index}`, { subject: `s${index % 7}` }),
    ...{ actor: nobody, recordedAt: at(index), salt: null, erasedDataHash: null },
  }));

test('a restore over links that break keeps the order across streams and doubles nothing', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  for (const [index, kind] of (['drop-before', 'drop-after', 'drop-after'] as const).entries()) {
    server.faults.appends.inject({ kind }, { skip: 20 + index * 30, when: ({ stream }) => stream.includes('cluster') });
  }
  const events = coming(150);
  const outcomes = await ledger.restore(events);
  deepEqual([...new Set(outcomes.map(({ kind }) => kind))], ['appended']);
  const read = await ledger.readAll({ limit: 999 });
  deepEqual(
    read.map(({ id, recordedAt }) => [id, recordedAt]),
    events.map(({ event, recordedAt }) => [event.id, recordedAt]),
  );
  equal((await verifyLedger(ledger)).ok, true);
  equal((await ledger.head()).restoredUpTo, read.at(-1)?.position);
});

test('others who append while it is restored into are a conflict, not a mixture', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const replica = await openReplica(context, ledger);
  const late = server.faults.appends.inject({ kind: 'late' }, { when: ({ stream }) => stream.endsWith('cluster-s0') });
  const restoring = rejects(ledger.restore(coming(20)), { code: 'LEDGER_NOT_EMPTY' });
  await late.fired;
  await placed(replica, [sample('other', { subject: 's0' })]);
  late.release();
  await restoring;
  equal((await verifyLedger(replica)).ok, true);
});

test('a replica that has not begun the restore does not go on with it', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await ledger.restore(coming(3));
  const replica = await openReplica(context, ledger);
  await rejects(replica.restore(coming(4)), { code: 'LEDGER_NOT_EMPTY' });
});

test('what was restored as erased is owed by nobody; what is erased here is, also where the store cannot be asked', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString, callMsMax: 200 });
  const secret = sample('secret');
  const [first] = coming(1) as readonly [RestoreEvent];
  await ledger.restore([
    { ...first, event: { ...secret, data: {} } as typeof secret, erasedDataHash: 'ab'.repeat(32) },
    { ...first, event: erasure('r', secret) },
  ]);
  await ledger.scrub();
  await ledger.append(facts([sample('another'), erasure('r2', sample('another'))]));
  await rejects(ledger.scrub(), { code: 'ERASURE_INCOMPLETE', message: /keeps its text at cluster-web@2/ });
  await server.stop();
  await rejects(ledger.scrub(), { code: 'ERASURE_INCOMPLETE', message: /cannot be asked/ });
  equal(openingOf(ledger).callMsMax, 200);
});
