/** What the test server does beside what any server does: what it shows to tests, and details that a real one is not held to. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import {
  type AllStreamSubscription,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  streamNameFilter,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { credentials } from '@grpc/grpc-js';
import { all, clientFor, event, onceBack, Told } from './client.ts';
import { eventStoreFor } from './server.ts';

describe('the test server', { timeout: 30_000 }, () => {
  test('forgets the ids of appends at any revision when it restarts, but not what is in a stream', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const one = event();
    const first = await client.appendToStream('s', one);
    await server.stop();
    await server.start();
    const exact = { expectedRevision: 'no_stream' } as const;
    assert.deepEqual(await onceBack(() => client.appendToStream('s', one, exact)), first);
    await server.stop();
    await server.start();
    assert.equal((await onceBack(() => client.appendToStream('s', one))).nextExpectedRevision, 1n);
  });

  test('takes appends the older way, with the same answers', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    // With credentials the client leaves the batch way.
    const login = { username: 'admin', password: 'changeit' };
    const options = { credentials: login, expectedRevision: 'no_stream' as const };
    const events = [event(), event()];
    const first = await client.appendToStream('s', events, options);
    assert.deepEqual(await client.appendToStream('s', events, options), first);
    assert.equal(first.position?.commit, server.store.eventsOf('s')[1]?.position);
    await assert.rejects(client.appendToStream('s', event(), options), WrongExpectedVersionError);
    const large = [1, 2].map((n) => event({ n, pad: 'x'.repeat(600_000) }));
    await assert.rejects(client.appendToStream('t', large, options), MaxAppendSizeExceededError);
    await client.tombstoneStream('s');
    await assert.rejects(client.appendToStream('s', event(), options), StreamDeletedError);
  });

  test('takes batches whose chunks are mixed, and gives up on one that is not complete by its deadline', async (t) => {
    const server = await eventStoreFor(t);
    const call = new StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure()).batchAppend();
    t.after(() => call.cancel());
    call.on('error', () => undefined);
    const answers: streams.BatchAppendResp[] = [];
    const chunk = (stream: string, options?: streams.BatchAppendReq.Options): streams.BatchAppendReq => {
      const message = new streams.BatchAppendReq.ProposedMessage().setId(new shared.UUID().setString(randomUUID()));
      message.getMetadataMap().set('type', 'T').set('content-type', 'application/json');
      const request = new streams.BatchAppendReq().setCorrelationId(new shared.UUID().setString(stream));
      return request.addProposedMessages(message) && (options === undefined ? request : request.setOptions(options));
    };
    const options = (stream: string): streams.BatchAppendReq.Options =>
      new streams.BatchAppendReq.Options()
        .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)))
        .setNoStream(new shared.Empty());
    // The package that holds `Timestamp` is the client's dependency, not ours: an empty `deadline` field (6) brings one.
    const deadline = streams.BatchAppendReq.Options.deserializeBinary(Uint8Array.of((6 << 3) | 2, 0)).getDeadline();
    deadline?.fromDate(new Date(Date.now() + 100));
    for (const stream of ['a', 'b']) call.write(chunk(stream, options(stream)));
    call.write(chunk('incomplete', options('incomplete').setDeadline(deadline)));
    call.write(chunk('b').setIsFinal(true));
    call.write(chunk('a').setIsFinal(true));
    while (answers.length < 3) answers.push(...((await once(call, 'data')) as streams.BatchAppendResp[]));
    const told = answers.map((answer) => [
      answer.getCorrelationId()?.getString(),
      answer.getSuccess()?.getCurrentRevision() ?? answer.getError()?.getMessage(),
    ]);
    assert.deepEqual(
      told.filter(([stream]) => stream !== 'incomplete'),
      [
        ['b', '1'],
        ['a', '1'],
      ],
    );
    assert.ok(told.some(([stream, answer]) => stream === 'incomplete' && answer === 'Timeout'));
    assert.equal(server.store.currentRevision('incomplete'), -1n);
  });

  test('has foreign and system events in its log, in one order', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('mb-a', event());
    server.store.appendForeign('orders-1', 'OrderPlaced', { total: 3 });
    await client.appendToStream('mb-b', event());
    const told = (await all(client.readAll())).map((resolved) => resolved.event?.streamId);
    assert.deepEqual(
      told,
      server.store.log.map(({ stream }) => stream),
    );
    assert.deepEqual(told.slice(-3), ['mb-a', 'orders-1', 'mb-b']);
    assert.ok(told[0]?.startsWith('$'));
  });

  test('refuses positions at which no event begins', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const commit = server.store.log[1]!.position + 1n;
    const fromPosition = { commit, prepare: commit };
    await assert.rejects(all(client.readAll({ fromPosition })), /invalid position/);
    assert.match(String(await new Told(client.subscribeToAll({ fromPosition })).over), /invalid position/);
  });

  test('tells a checkpoint after every window of events, matching or not, at the last of them', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    for (let n = 0; n < 4; n += 1) server.store.appendForeign(n === 1 ? 'mb-a' : 'orders', 'Placed');
    const checkpoints: bigint[] = [];
    const checkpointReached = async (_: AllStreamSubscription, { commit }: { commit: bigint }): Promise<void> => {
      checkpoints.push(commit);
    };
    const filter = streamNameFilter({ prefixes: ['mb-'], maxSearchWindow: 3, checkpointReached });
    const told = new Told(client.subscribeToAll({ filter }));
    await told.until('caught up');
    for (let n = 0; n < 3; n += 1) server.store.appendForeign(n === 0 ? 'mb-b' : 'orders', 'Placed');
    server.store.appendForeign('mb-c', 'Placed');
    await told.until('mb-c 0');
    // Three system events come first: the windows end at places 2, 5 and 8 of the log.
    assert.deepEqual(
      checkpoints,
      [2, 5, 8].map((place) => server.store.log[place]!.position),
    );
    await told.stop();
  });

  test('tells a live subscriber that it fell behind', async (t) => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    t.after(() => process.off('warning', warn));
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const told = new Told(client.subscribeToAll({ fromPosition: 'end' }));
    await told.until('caught up');
    assert.equal(server.subscriptions, 1);
    const batch = Array.from({ length: 40 }, () => event());
    await client.appendToStream('s', batch);
    await told.until('s 39');
    await client.appendToStream('s', event());
    await told.until('s 40');
    const between = told.seen.filter((text) => !text.startsWith('s '));
    assert.deepEqual(between, ['confirmation', 'caught up', 'fell behind', 'caught up']);
    for (let n = 0; n < 50; n += 1) await client.appendToStream('s', event());
    await told.until('s 90');
    assert.deepEqual(warnings, [], 'no listener is left behind');
    await told.stop();
    while (server.subscriptions > 0) await new Promise(setImmediate);
  });

  test('of an older version does not tell a subscriber where it is', async (t) => {
    const server = await eventStoreFor(t, { version: '22.10.5' });
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', event());
    const told = new Told(client.subscribeToStream('s'));
    await told.until('s 0');
    const batch = Array.from({ length: 40 }, () => event());
    await client.appendToStream('s', batch);
    await told.until('s 40');
    const events = Array.from({ length: 41 }, (_, n) => `s ${n}`);
    assert.deepEqual(told.seen, ['confirmation', ...events]);
    await told.stop();
  });

  test('sends clients where gossip says that the leader is', async (t) => {
    const leader = await eventStoreFor(t);
    const members = () => [
      { host: '127.0.0.1', port: 1, state: 'leader' as const, alive: false },
      { host: '127.0.0.1', port: leader.port, state: 'leader' as const, alive: true },
    ];
    const seed = await eventStoreFor(t, { members });
    await clientFor(t, seed.discoveryString).appendToStream('s', event());
    assert.equal(leader.store.currentRevision('s'), 0n);
    assert.equal(seed.store.currentRevision('s'), -1n);
  });
});
