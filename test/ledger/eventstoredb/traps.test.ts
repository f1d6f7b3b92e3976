/** The ways to lose or double an event with this client and this store that are known (each was found in its source). */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { WrongExpectedVersionError } from '@eventstore/db-client';
import { storeError } from '../../../src/ledger/eventstoredb/failure.ts';
import { eventStoreFor } from '../../support/eventstoredb/server.ts';
import { cluster, facts, nth, placed, request, revision, sample } from '../sample.ts';
import { areEqual, holdsOnce, until } from './faults.ts';
import { openEsdb, openingOf, openReplica } from './opening.ts';

/** Short: a test waits for an answer that never comes. */
const CALL_MS_MAX = 200;
const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test('a conflict is an answer, never a success: throwOnAppendFailure stays on', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString });
  await placed(first, [sample('a'), sample('b')]);
  const second = await openReplica(context, first);
  const outcomes = await Promise.all([
    first.append([request([sample('c')], revision(1))]),
    second.append([request([sample('d')], revision(1))]),
  ]);
  deepEqual(
    outcomes
      .flat()
      .map(({ kind }) => kind)
      .sort(),
    ['appended', 'wrong-revision'],
  );
  equal(outcomes.flat().find((outcome) => outcome.kind === 'wrong-revision')?.actual, 2);
});

for (const written of [true, false]) {
  test(`an append that is never answered, ${written ? 'written' : 'not written'}, is sent again after our own deadline`, async (context) => {
    const server = await eventStoreFor(context);
    const ledger = await openEsdb(context, { url: server.connectionString, callMsMax: CALL_MS_MAX });
    const fault = server.faults.appends.inject({ kind: 'silence', written });
    const [outcome] = await ledger.append(facts([sample('a')]));
    equal(fault.firings, 1);
    equal(outcome?.kind, 'appended');
    equal(ledger.status().counts['unknown_outcomes'], 1);
    await holdsOnce(ledger, ['a']);
  });
}

test('a lost link of one client, with answers on the way to another, ends no process and loses nothing', async (context) => {
  // The table of pending appends belongs to the module: an error on either link empties it for both.
  const [one, other] = [await eventStoreFor(context), await eventStoreFor(context)];
  const lost = await openEsdb(context, { url: one.connectionString, callMsMax: CALL_MS_MAX });
  const kept = await openEsdb(context, { url: other.connectionString, callMsMax: CALL_MS_MAX });
  await placed(lost, [sample('a')]);
  await placed(kept, [sample('a')]);
  const late = other.faults.appends.inject({ kind: 'late' });
  const waiting = kept.append(facts([sample('b')]));
  await late.fired;
  one.faults.appends.inject({ kind: 'drop-before' });
  const cut = lost.append(facts([sample('b')]));
  equal((await cut)[0]?.kind, 'appended');
  // The answer to an append that is in the table no more.
  late.release();
  equal((await waiting)[0]?.kind, 'appended');
  await holdsOnce(lost, ['a', 'b']);
  await holdsOnce(kept, ['a', 'b']);
});

test('many large appends whose link breaks while it is full end no process and are all written once', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString, callMsMax: 2_000 });
  await placed(ledger, [sample('first')]);
  server.faults.appends.inject({ kind: 'drop-before' }, { skip: 3 });
  const names = ids('e', 24);
  const note = 'x'.repeat(200_000);
  await Promise.all(
    names.map((id) => ledger.append(facts([sample(id, { subject: id, data: { leaderId: 'n1', note } })]))),
  );
  await holdsOnce(ledger, ['first', ...names]);
});

for (const [what, place] of [
  ['gossip', 'gossip'],
  ['what the server can do', 'features'],
] as const) {
  test(`a client whose first question, ${what}, was refused is replaced: appends go through afterwards`, async (context) => {
    const server = await eventStoreFor(context);
    const url = place === 'gossip' ? server.discoveryString : server.connectionString;
    server.faults[place].inject('refuse', { times: 4 });
    const ledger = await openEsdb(context, { url });
    if (place === 'gossip') {
      equal(ledger.status().state, 'retrying');
      await rejects(ledger.append(facts([sample('a')])), { code: 'STORE_UNREACHABLE' });
    }
    await until('the link is up', () => ledger.status().state === 'up');
    equal((await ledger.append(facts([sample('a')])))[0]?.kind, 'appended');
    await holdsOnce(ledger, ['a']);
  });
}

test('a client for appends whose first discovery failed, when another one’s did not, is replaced', async (context) => {
  const server = await eventStoreFor(context);
  const refused = server.faults.gossip.inject('refuse', { skip: 1, times: 3 });
  const ledger = await openEsdb(context, { url: server.discoveryString });
  equal(refused.firings, 3);
  await until('the link is up', () => ledger.status().state === 'up');
  await placed(ledger, [sample('a')]);
  await holdsOnce(ledger, ['a']);
});

test('a server that restarts forgets which ids it has seen: the exact revision keeps the event single', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  const fault = server.faults.appends.inject({ kind: 'drop-after' });
  const appending = ledger.append(facts([sample('b')]));
  await fault.fired;
  await server.stop();
  server.store.forgetRecentIds();
  await server.start();
  const [outcome] = await appending;
  equal(outcome?.kind, 'appended');
  const { prefix } = openingOf(ledger);
  equal(server.store.eventsOf(`${prefix}cluster-web`).length, 2);
  await holdsOnce(ledger, ['a', 'b']);
});

test('actualVersion may be the text "no_stream": a stream that the store has not, but the mirror, is a broken record', async (context) => {
  const failure = new WrongExpectedVersionError(undefined, { streamName: 's', expected: 3n, current: 'no_stream' });
  deepEqual([storeError(failure, true).fault, storeError(failure, true).actual], ['wrong-revision', -1]);
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  await ledger.close();
  // Another store with the same ledger's name, and nothing else in it.
  const { prefix } = openingOf(ledger);
  const emptied = await eventStoreFor(context);
  const [naming] = server.store.eventsOf(`${prefix}ledger`);
  ok(naming);
  emptied.store.append({ stream: naming.stream, expected: 'no_stream', events: [naming] });
  const reopened = await openEsdb(context, { ...openingOf(ledger), url: emptied.connectionString });
  await rejects(reopened.append(facts([sample('b')])), { code: 'CHAIN_BROKEN' });
  equal(emptied.store.eventsOf(`${prefix}cluster-web`).length, 0);
});

test('others live in the same store: what is not under our prefix, or in no stream of ours, is passed over', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const { prefix } = openingOf(ledger);
  for (const stream of ['orders-1', 'cluster-web', `${prefix}notes`, `${prefix}x-1`])
    server.store.appendForeign(stream, 'Foreign');
  await placed(ledger, [sample('a')]);
  await holdsOnce(ledger, ['a']);
  equal(ledger.status().counts['foreign_events'], 2);
  equal(ledger.status().state, 'up');
});

test('a subscription that a server ends in good order is a lost link, and followed on', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const end = server.faults.subscriptions.inject({ kind: 'end' });
  await placed(ledger, [sample('a')]);
  await placed(ledger, [sample('b')]);
  equal(end.firings, 1);
  ok(Number(ledger.status().counts['reconnects']) >= 1);
  await holdsOnce(ledger, ['a', 'b']);
});

test('a checkpoint ahead of an event is no place to go on from', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  server.faults.subscriptions.inject({ kind: 'checkpoint-ahead' });
  const drop = server.faults.subscriptions.inject({ kind: 'drop' }, { skip: 1 });
  await placed(ledger, [sample('a')]);
  await placed(ledger, [sample('b')]);
  await placed(ledger, [sample('c')]);
  equal(drop.firings, 1);
  await holdsOnce(ledger, ['a', 'b', 'c']);
});

test('appends stay below a mebibyte: a large call is cut between requests, in its order', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const names = ids('e', 30);
  const note = 'x'.repeat(100_000);
  const positions = await placed(
    ledger,
    names.map((id) => sample(id, { data: { leaderId: 'n1', note } })),
  );
  deepEqual(
    positions,
    [...positions].sort((left, right) => left - right),
  );
  const stream = await ledger.readStream(cluster('web'), { limit: 99 });
  deepEqual(
    stream.map(({ id }) => id),
    names,
  );
  ok(Number(ledger.status().counts['appends']) >= 3);
});

test('a request larger than the store takes fails alone, and says so', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const large = (id: string, bytes: number) => sample(id, { data: { leaderId: 'n1', note: 'x'.repeat(bytes) } });
  const fitting = ledger.append([request([sample('a')])]);
  const tooLarge = ledger.append([request([large('b', 600_000), large('c', 600_000)])]);
  const after = ledger.append([request([sample('d')])]);
  await rejects(tooLarge, (failure: { code?: string; facts?: object }) => {
    deepEqual([failure.code, (failure.facts as { outcome?: string }).outcome], ['BODY_TOO_LARGE', 'nothing appended']);
    return true;
  });
  deepEqual(
    [...(await fitting), ...(await after)].map(({ kind }) => kind),
    ['appended', 'appended'],
  );
  await holdsOnce(ledger, ['a', 'd']);
});

test('the store takes an event with the same id at the same revision for ours, whatever it says: it is judged again', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString, callMsMax: CALL_MS_MAX });
  // The second does not follow yet, and believes the ledger to be empty.
  server.faults.reads.inject({ kind: 'silence' }, { when: ({ subscription }) => subscription, times: 2 });
  const second = await openReplica(context, first);
  await placed(first, [sample('a'), sample('b', { subject: 'db' })]);
  const other = sample('b', { subject: 'db', data: { leaderId: 'other' } });
  const [same, reused] = await second.append(facts([sample('a'), other]));
  deepEqual([same?.kind, reused?.kind], ['duplicate', 'id-reused']);
  equal(second.status().counts['conflicts'], 2);
  await holdsOnce(second, ['a', 'b']);
});

test('what another replica answered is no conflict where the mirror has not followed yet', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString, callMsMax: CALL_MS_MAX });
  server.faults.reads.inject({ kind: 'silence' }, { when: ({ subscription }) => subscription, times: 2 });
  const second = await openReplica(context, first);
  await placed(first, [sample('a'), sample('b')]);
  const outcomes = await second.append([request([sample('c')], revision(1)), request([sample('d')], 'exists')]);
  deepEqual(
    outcomes.map(({ kind }) => kind),
    ['appended', 'appended'],
  );
  await holdsOnce(second, ['a', 'b', 'c', 'd']);
});

test('two replicas end with the same ledger', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString });
  const second = await openReplica(context, first);
  const positions = await placed(first, [sample('a'), sample('b', { subject: 'db' })]);
  await until('the second has followed', async () => (await second.head()).position === nth(positions, 1));
  await areEqual([first, second]);
});
