import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AccessDeniedError, NotLeaderError, streamNameFilter, UnavailableError } from '@eventstore/db-client';
import { all, clientFor, event, onceBack, Told } from './client.ts';
import { eventStoreFor } from './server.ts';

const noStream = { expectedRevision: 'no_stream' } as const;

describe('a fault', { timeout: 30_000 }, () => {
  for (const kind of ['drop-before', 'drop-after'] as const) {
    test(`${kind}: the client cannot know what became of an append, and learns it by sending it again`, async (t) => {
      const server = await eventStoreFor(t);
      const client = clientFor(t, server.connectionString);
      const events = [event(), event()];
      const injected = server.faults.appends.inject({ kind }, { when: ({ stream }) => stream === 's' });
      await client.appendToStream('other', event());
      await assert.rejects(client.appendToStream('s', events, noStream), UnavailableError);
      assert.equal(injected.firings, 1);
      assert.equal(server.store.currentRevision('s'), kind === 'drop-after' ? 1n : -1n);
      const again = await onceBack(() => client.appendToStream('s', events, noStream));
      assert.equal(again.nextExpectedRevision, 1n);
      assert.equal(server.store.currentRevision('s'), 1n);
    });
  }

  for (const written of [true, false]) {
    test(`silence: an append is never answered, ${written ? 'though' : 'nor'} written, while others are`, async (t) => {
      const server = await eventStoreFor(t);
      const client = clientFor(t, server.connectionString);
      const injected = server.faults.appends.inject({ kind: 'silence', written });
      let settled = false;
      const silent = client.appendToStream('s', event(), noStream).finally(() => {
        settled = true;
      });
      await injected.fired;
      await client.appendToStream('other', event());
      assert.equal(settled, false);
      assert.equal(server.store.currentRevision('s'), written ? 0n : -1n);
      server.dropConnections();
      await assert.rejects(silent, UnavailableError);
    });
  }

  test('late: an answer may come behind those of later appends', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const injected = server.faults.appends.inject({ kind: 'late' }, { skip: 1 });
    await client.appendToStream('s', event());
    const order: string[] = [];
    const late = client.appendToStream('s', event(), { expectedRevision: 0n }).then(() => order.push('first'));
    await client.appendToStream('s', event(), { expectedRevision: 1n }).then(() => order.push('second'));
    injected.release();
    await late;
    assert.deepEqual(order, ['second', 'first']);
  });

  test('timeout: the server gives up on an append that it wrote', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    server.faults.appends.inject({ kind: 'timeout', written: true });
    await assert.rejects(client.appendToStream('s', event(), noStream), { type: 'deadline-exceeded' });
    assert.equal(server.store.currentRevision('s'), 0n);
  });

  test('busy: nothing is written, and the client does not know the error', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    server.faults.appends.inject({ kind: 'busy' });
    await assert.rejects(client.appendToStream('s', event()), { type: 'unknown', message: /Server Is Busy/ });
    assert.equal(server.store.currentRevision('s'), -1n);
  });

  test('not-leader: the next append goes to the leader', async (t) => {
    const leader = await eventStoreFor(t);
    const follower = await eventStoreFor(t, { store: leader.store });
    const client = clientFor(t, follower.connectionString);
    follower.faults.appends.inject({ kind: 'not-leader', leader: { host: '127.0.0.1', port: leader.port } });
    await assert.rejects(
      client.appendToStream('s', event()),
      (error) => error instanceof NotLeaderError && error.leader.port === leader.port,
    );
    await client.appendToStream('s', event());
    assert.ok(leader.connections > 0);
    assert.equal(leader.store.currentRevision('s'), 0n);
  });

  test('access-denied: an append and a read are refused', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    server.faults.appends.inject({ kind: 'access-denied' }, { times: 2 });
    server.faults.reads.inject({ kind: 'access-denied' }, { when: ({ stream }) => stream === '$all' });
    await assert.rejects(client.appendToStream('s', event()), AccessDeniedError);
    const credentials = { username: 'admin', password: 'wrong' };
    await assert.rejects(client.appendToStream('s', event(), { credentials }), AccessDeniedError);
    await assert.rejects(all(client.readAll()), AccessDeniedError);
    await client.appendToStream('s', event());
    assert.equal((await all(client.readStream('s'))).length, 1);
  });

  test('of a read: cut off, never answered, sent to the leader, or not ready', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', event());
    const read = (): Promise<unknown[]> => all(client.readStream('s'));
    server.faults.reads.inject({ kind: 'drop' });
    await assert.rejects(read(), UnavailableError);
    await onceBack(read);
    server.faults.reads.inject({ kind: 'not-ready' });
    await assert.rejects(read(), /Server Is Not Ready/);
    server.faults.reads.inject({ kind: 'not-leader', leader: { host: '127.0.0.1', port: server.port } });
    await assert.rejects(onceBack(read), NotLeaderError);
    const silent = server.faults.reads.inject({ kind: 'silence' });
    const waiting = onceBack(read);
    await silent.fired;
    server.dropConnections();
    assert.equal((await waiting).length, 1);
  });

  test('amid a read: it breaks off with an error, or looks complete', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', [event(), event(), event()]);
    server.faults.midread.inject({ kind: 'abort' }, { skip: 1 });
    await assert.rejects(all(client.readStream('s')), UnavailableError);
    server.faults.midread.inject({ kind: 'end' }, { skip: 1 });
    assert.equal((await onceBack(() => all(client.readStream('s')))).length, 2);
    assert.equal((await all(client.readStream('s'))).length, 3);
  });

  for (const kind of ['end', 'abort', 'drop'] as const) {
    test(`of a subscription: ${kind} after its second event`, async (t) => {
      const server = await eventStoreFor(t);
      const client = clientFor(t, server.connectionString);
      await client.appendToStream('s', [event(), event(), event()]);
      server.faults.subscriptions.inject({ kind }, { skip: 1, when: ({ stream }) => stream === 's' });
      const told = new Told(client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['s'] }) }));
      const over = await told.over;
      if (kind === 'end') assert.equal(over, 'end');
      else assert.ok(over instanceof UnavailableError);
      assert.ok(!told.seen.includes('s 2'));
    });
  }

  test('checkpoint-ahead: who resumes from the checkpoint never sees the event that took its position', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('mb-a', event());
    server.faults.subscriptions.inject({ kind: 'checkpoint-ahead' });
    const reached = Promise.withResolvers<{ readonly commit: bigint; readonly prepare: bigint }>();
    const checkpointReached = async (_: unknown, position: { commit: bigint; prepare: bigint }): Promise<void> =>
      reached.resolve(position);
    const prefixes = ['mb-'];
    const told = new Told(client.subscribeToAll({ filter: streamNameFilter({ prefixes, checkpointReached }) }));
    const checkpoint = await reached.promise;
    await client.appendToStream('mb-a', [event(), event()]);
    await told.until('mb-a 2');
    assert.equal(checkpoint.commit, server.store.eventsOf('mb-a')[1]?.position);
    const resumed = new Told(
      client.subscribeToAll({ filter: streamNameFilter({ prefixes }), fromPosition: checkpoint }),
    );
    await resumed.until('caught up');
    assert.deepEqual(resumed.seen, ['confirmation', 'mb-a 2', 'caught up']);
    await Promise.all([told.stop(), resumed.stop()]);
  });

  test('of gossip: discovery fails, and succeeds for a new client once gossip is back', async (t) => {
    const server = await eventStoreFor(t);
    const injected = server.faults.gossip.inject('refuse', { times: Number.POSITIVE_INFINITY });
    const early = clientFor(t, server.discoveryString);
    await assert.rejects(early.appendToStream('s', event()), /Failed to discover after 3 attempts/);
    assert.equal(injected.firings, 3);
    server.faults.clear();
    await clientFor(t, server.discoveryString).appendToStream('s', event());
    assert.equal(server.store.currentRevision('s'), 0n);
  });

  test('of what the server can do: the client appends once it is told', async (t) => {
    const server = await eventStoreFor(t);
    const injected = server.faults.features.inject('refuse');
    const client = clientFor(t, server.connectionString);
    await onceBack(() => client.appendToStream('s', event()));
    assert.equal(injected.firings, 1);
    const silent = server.faults.features.inject('silence');
    const waiting = clientFor(t, server.connectionString).appendToStream('s', event());
    await silent.fired;
    await client.appendToStream('s', event());
    server.dropConnections();
    await assert.rejects(waiting, { code: 14 });
  });

  test('behind our back: a stored event reads as it was changed', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', [event({ n: 1 }), event({ n: 2 })]);
    const { position } = server.store.eventsOf('s')[1]!;
    server.store.tamper(position, { data: Buffer.from('{"n":3}') });
    const [first, second] = await all(client.readStream('s'));
    assert.deepEqual([first?.event?.data, second?.event?.data], [{ n: 1 }, { n: 3 }]);
    assert.throws(() => server.store.tamper(position + 1n, {}), RangeError);
  });

  test('of the whole server: what it held is there when it is back at the same address', async (t) => {
    const server = await eventStoreFor(t);
    const { port } = server;
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', event());
    const told = new Told(client.subscribeToStream('s'));
    await told.until('caught up');
    await server.stop();
    assert.ok((await told.over) instanceof UnavailableError);
    await assert.rejects(client.appendToStream('s', event()), { code: 14 });
    await server.start();
    assert.equal(server.port, port);
    await onceBack(() => client.appendToStream('s', event(), { expectedRevision: 0n }));
    assert.equal((await all(client.readStream('s'))).length, 2);
  });
});
