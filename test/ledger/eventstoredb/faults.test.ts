/** What becomes of the ledger when the store, the link or the record is not as it should be. */
import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type { Micros } from '../../../schemas/time.ts';
import { EventStoreServer, eventStoreFor, type Member } from '../../support/eventstoredb/server.ts';
import { at, cluster, facts, nth, placed, request, revision, sample } from '../sample.ts';
import { areEqual, holdsOnce, until } from './faults.ts';
import { newPrefix, openEsdb, openingOf, openReplica } from './opening.ts';

for (const kind of ['drop-before', 'drop-after'] as const) {
  test(`a link that is lost ${kind === 'drop-before' ? 'before' : 'after'} the store wrote: appended once, acknowledged once`, async (context) => {
    const server = await eventStoreFor(context);
    const ledger = await openEsdb(context, { url: server.connectionString });
    const fault = server.faults.appends.inject({ kind });
    const outcomes = await ledger.append(facts([sample('a'), sample('b'), sample('c', { subject: 'db' })]));
    equal(fault.firings, 1);
    deepEqual(
      outcomes.map((outcome) => outcome.kind),
      ['appended', 'appended', 'appended'],
    );
    await holdsOnce(ledger, ['a', 'b', 'c']);
  });
}

test('the store gives up on an append by its own time limit: the same as no answer', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  server.faults.appends.inject({ kind: 'timeout', written: true });
  server.faults.appends.inject({ kind: 'timeout', written: false }, { skip: 1 });
  await placed(ledger, [sample('a')]);
  await placed(ledger, [sample('b')]);
  await holdsOnce(ledger, ['a', 'b']);
});

test('an append whose outcome stays unknown says so; the same again tells', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString, callMsMax: 100, settleMsMax: 1 });
  server.faults.appends.inject({ kind: 'silence', written: true }, { times: 9 });
  await rejects(ledger.append(facts([sample('a')])), (failure: { code?: string; facts?: object }) => {
    deepEqual([failure.code, (failure.facts as { outcome?: string }).outcome], ['STORE_UNREACHABLE', 'unknown']);
    return true;
  });
  server.faults.clear();
  equal((await ledger.append(facts([sample('a')])))[0]?.kind, 'duplicate');
  await holdsOnce(ledger, ['a']);
});

test('a node that only follows names the leader, and the append goes there', async (context) => {
  const leader = await eventStoreFor(context);
  const server = await eventStoreFor(context, { store: leader.store });
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  const fault = server.faults.appends.inject(
    { kind: 'not-leader', leader: { host: '127.0.0.1', port: leader.port } },
    { times: 99 },
  );
  await placed(ledger, [sample('b')]);
  ok(fault.firings >= 1);
  await holdsOnce(ledger, ['a', 'b']);
});

test('in a cluster, another node is found when the one in use goes away', async (context) => {
  const members: Member[] = [];
  const first = new EventStoreServer({ members: () => members });
  const second = new EventStoreServer({ members: () => members, store: first.store });
  for (const server of [first, second]) {
    await server.start();
    context.after(() => server.stop());
    members.push({
      host: '127.0.0.1',
      port: server.port,
      state: members.length === 0 ? 'leader' : 'follower',
      alive: true,
    });
  }
  const url = `esdb://127.0.0.1:${first.port},127.0.0.1:${second.port}?tls=false&maxDiscoverAttempts=3&discoveryInterval=10`;
  const ledger = await openEsdb(context, { url });
  await placed(ledger, [sample('a')]);
  members.splice(0, 2, { host: '127.0.0.1', port: second.port, state: 'leader', alive: true });
  const appending = ledger.append(facts([sample('b')]));
  await first.stop();
  equal((await appending)[0]?.kind, 'appended');
  await placed(ledger, [sample('c')]);
  await holdsOnce(ledger, ['a', 'b', 'c']);
});

test('an event changed in the store stops a new replica at its place; it goes on once that is mended', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const positions = await placed(ledger, [sample('a'), sample('b'), sample('c', { subject: 'db' })]);
  const place = BigInt(nth(positions, 1));
  const { data } = server.store.log[server.store.placeOf(place)] ?? { data: new Uint8Array() };
  server.store.tamper(place, { data: Buffer.from('{"leaderId":"mallory"}') });
  const wakes: (() => void)[] = [];
  const timer = { nowMs: () => performance.now(), sleep: () => new Promise<void>((resolve) => wakes.push(resolve)) };
  const replica = await openReplica(context, ledger, { timer });
  await until('it stopped', () => replica.status().state === 'stopped');
  const { fault } = replica.status();
  equal(fault?.code, 'CHAIN_BROKEN');
  match(fault?.message ?? '', new RegExp(`cluster-web@1, position ${nth(positions, 1)}`));
  deepEqual(
    (await replica.readAll({ limit: 9 })).map(({ id }) => id),
    ['a'],
  );
  await rejects(replica.append(facts([sample('d')])), { code: 'CHAIN_BROKEN' });
  server.store.tamper(place, { data });
  for (const wake of wakes) wake();
  await until('it is up', () => replica.status().state === 'up');
  await placed(replica, [sample('d')]);
  await holdsOnce(replica, ['a', 'b', 'c', 'd']);
  for (const wake of wakes) wake();
});

test('an event that others wrote into a stream of ours is told as what it is, with its place', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  const { prefix } = openingOf(ledger);
  const { position } = server.store.appendForeign(`${prefix}cluster-web`, 'LeaderElected', { leaderId: 'n2' });
  await until('it stopped', () => ledger.status().state === 'stopped');
  match(
    ledger.status().fault?.message ?? '',
    new RegExp(`cluster-web@1, position ${position}: it has no metadata of ours`),
  );
  equal((await ledger.head()).events, 1);
});

test('a stream that was deleted is a broken record', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  server.store.delete(`${openingOf(ledger).prefix}cluster-web`, 0n, 'tombstone');
  await until('it stopped', () => ledger.status().state === 'stopped');
  equal(ledger.status().fault?.code, 'CHAIN_BROKEN');
});

test('a mirror of another ledger is refused at the start, also where the store has none', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  await ledger.close();
  const other = await openEsdb(context, { url: server.connectionString });
  const { prefix } = openingOf(other);
  await rejects(openEsdb(context, { ...openingOf(ledger), prefix }), { code: 'LEDGER_FOREIGN' });
  const empty = newPrefix();
  await rejects(openEsdb(context, { ...openingOf(ledger), prefix: empty }), { code: 'LEDGER_FOREIGN' });
  equal(server.store.eventsOf(`${empty}ledger`).length, 0);
  await holdsOnce(await openEsdb(context, openingOf(ledger)), ['a']);
});

test('replicas that begin together agree on which ledger it is', async (context) => {
  const server = await eventStoreFor(context);
  const prefix = newPrefix();
  const open = () => openEsdb(context, { url: server.connectionString, prefix });
  const replicas = await Promise.all([open(), open(), open()]);
  for (const [index, replica] of replicas.entries()) await placed(replica, [sample(`e${index}`)]);
  equal(server.store.eventsOf(`${prefix}ledger`).length, 1);
  await until('all have followed', async () => {
    const heads = await Promise.all(replicas.map((replica) => replica.head()));
    return heads.every(({ events }) => events === 3);
  });
  await areEqual(replicas);
});

test('a store that is not there: the ledger opens on its mirror, reads, refuses appends, and goes on when it is back', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  await ledger.close();
  await server.stop();
  const reopened = await openEsdb(context, openingOf(ledger));
  const { state, fault } = reopened.status();
  deepEqual([state, fault?.code], ['retrying', 'STORE_UNREACHABLE']);
  await holdsOnce(reopened, ['a']);
  await rejects(reopened.append(facts([sample('b')])), (failure: { code?: string; facts?: object }) => {
    deepEqual(
      [failure.code, (failure.facts as { outcome?: string }).outcome],
      ['STORE_UNREACHABLE', 'nothing appended'],
    );
    return true;
  });
  const fresh = await openReplica(context, ledger);
  equal((await fresh.head()).position, 0);
  await rejects(
    fresh.keepRejections([
      { at: at(0), door: 'http', code: 'A', message: '', path: null, record: '', truncated: false },
    ]),
    {
      code: 'STORE_UNREACHABLE',
    },
  );
  await server.start();
  await Promise.all([reopened.caughtUp(), fresh.caughtUp()]);
  await placed(reopened, [sample('b')]);
  await until('the fresh one has followed', async () => (await fresh.head()).events === 2);
  await areEqual([reopened, fresh]);
});

test('a user who may not is told so, and tried again', async (context) => {
  const server = await eventStoreFor(context);
  server.faults.reads.inject({ kind: 'access-denied' }, { times: 2 });
  const ledger = await openEsdb(context, { url: server.connectionString });
  equal(ledger.status().fault?.code, 'STORE_REFUSED');
  await rejects(ledger.append(facts([sample('a')])), { code: 'STORE_REFUSED' });
  await until('the link is up', () => ledger.status().state === 'up');
  server.faults.appends.inject({ kind: 'access-denied' });
  await rejects(ledger.append(facts([sample('a')])), { code: 'STORE_REFUSED' });
  await placed(ledger, [sample('b')]);
  await holdsOnce(ledger, ['b']);
});

test('a subscription that is cut again and again gives every event once', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  for (const [index, kind] of (['end', 'abort', 'drop', 'abort', 'end'] as const).entries()) {
    server.faults.subscriptions.inject({ kind }, { skip: index });
  }
  const names = Array.from({ length: 30 }, (_, index) => `e${index}`);
  await Promise.all(names.map((id, index) => placed(ledger, [sample(id, { subject: `c${index % 4}` })])));
  await holdsOnce(ledger, names);
});

test('a request is seen whole or not at all, also when the link breaks inside it', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const replica = await openReplica(context, ledger);
  const seen: number[] = [];
  replica.onAppend(() => {
    void replica.head().then(({ events }) => seen.push(events));
  });
  server.faults.subscriptions.inject({ kind: 'drop' }, { skip: 2, when: ({ type }) => type === 'LeaderElected' });
  const events = ['a', 'b', 'c', 'd', 'e'].map((id) => sample(id));
  await ledger.append([{ ...nth2(facts(events)), events }]);
  await until('the replica has followed', async () => (await replica.head()).events === 5);
  await until('it was told', () => seen.length > 0);
  deepEqual([...new Set(seen)], [5]);
});

test('a store that is older than 23.10 never says that a reader has caught up: one that is given nothing has', async (context) => {
  const server = await eventStoreFor(context, { version: '22.10.5' });
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('a')]);
  await ledger.caughtUp();
  equal(ledger.status().parts[0]?.lag, 0);
});

test('a store that does not say what it can do is given up, and asked by another client', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString, callMsMax: 200 });
  server.faults.features.inject('silence');
  server.dropConnections();
  await placed(ledger, [sample('a')]);
  await holdsOnce(ledger, ['a']);
});

test('a read that is not answered makes the client be replaced, and the subscription on it is made anew', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString, callMsMax: 200 });
  await placed(ledger, [sample('a')]);
  const silent = server.faults.reads.inject({ kind: 'silence' }, { when: ({ subscription }) => !subscription });
  // Whether the stream is really so short is asked of the store.
  await rejects(ledger.append([request([sample('b')], revision(7))]), { code: 'STORE_UNREACHABLE' });
  equal(silent.firings, 1);
  await placed(ledger, [sample('c')]);
  await holdsOnce(ledger, ['a', 'c']);
});

test('a busy store refuses for now: the append is sent again', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const busy = server.faults.appends.inject({ kind: 'busy' }, { times: 3 });
  await placed(ledger, [sample('a')]);
  equal(busy.firings, 3);
  await holdsOnce(ledger, ['a']);
});

test('a clock that differs by more than a minute is counted, and its events are taken', async (context) => {
  const server = await eventStoreFor(context);
  const ahead = await openEsdb(context, { url: server.connectionString, clock: () => at(10), wallClock: () => at(10) });
  const replica = await openReplica(context, ahead, { clock: () => at(0), wallClock: () => at(0) as Micros });
  await replica.caughtUp();
  await placed(ahead, [sample('a')]);
  await until('it was followed', async () => (await replica.head()).events === 1);
  const { counts } = replica.status();
  deepEqual([counts['clock_skew_ms'], counts['skewed_events']], [600_000, 1]);
  equal(ahead.status().counts['clock_skew_ms'], 0);
  // recordedAt never falls: the clock behind takes over where the ledger is.
  await placed(replica, [sample('b')]);
  deepEqual(
    (await replica.readAll({ limit: 9 })).map(({ recordedAt }) => recordedAt),
    [at(10), at(10)],
  );
  equal((await replica.streamHead(cluster('web')))?.revision, 1);
});

function nth2<Item>(items: readonly Item[]): Item {
  return items[0] as Item;
}
