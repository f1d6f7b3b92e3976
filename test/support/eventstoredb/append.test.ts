import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MaxAppendSizeExceededError, StreamDeletedError, WrongExpectedVersionError } from '@eventstore/db-client';
import { all, clientFor, event, onceBack } from './client.ts';
import { eventStoreFor } from './server.ts';

const wrong = (expected: unknown, actual: unknown) => (error: unknown) =>
  error instanceof WrongExpectedVersionError && error.expectedVersion === expected && error.actualVersion === actual;

describe('an append', { timeout: 30_000 }, () => {
  test('goes to a stream that does not exist yet, then to the revision that is there', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const first = await client.appendToStream('s', [event(), event()], { expectedRevision: 'no_stream' });
    assert.deepEqual([first.success, first.nextExpectedRevision], [true, 1n]);
    const second = await client.appendToStream('s', event(), { expectedRevision: 1n });
    assert.equal(second.nextExpectedRevision, 2n);
    const log = server.store.eventsOf('s');
    assert.deepEqual([first.position?.commit, second.position?.commit], [log[1]?.position, log[2]?.position]);
    assert.ok(second.position!.commit > first.position!.commit + 100n);
  });

  test('at a revision that is not the last is refused with the one that is', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await assert.rejects(client.appendToStream('s', event(), { expectedRevision: 3n }), wrong(3n, 'no_stream'));
    await assert.rejects(
      client.appendToStream('s', event(), { expectedRevision: 'stream_exists' }),
      wrong('stream_exists', 'no_stream'),
    );
    await client.appendToStream('s', [event(), event()], { expectedRevision: 'no_stream' });
    await assert.rejects(
      client.appendToStream('s', event(), { expectedRevision: 'no_stream' }),
      wrong('no_stream', 1n),
    );
    await assert.rejects(client.appendToStream('s', event(), { expectedRevision: 0n }), wrong(0n, 1n));
    await assert.rejects(client.appendToStream('s', event(), { expectedRevision: 2n }), wrong(2n, 1n));
    await client.appendToStream('s', event(), { expectedRevision: 'stream_exists' });
    assert.equal(server.store.currentRevision('s'), 2n);
  });

  test('of the same events at the same place is answered as the first time, also after a restart', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const events = [event(), event()];
    const first = await client.appendToStream('s', events, { expectedRevision: 'no_stream' });
    await client.appendToStream('s', event(), { expectedRevision: 1n });
    assert.deepEqual(await client.appendToStream('s', events, { expectedRevision: 'no_stream' }), first);
    assert.deepEqual(await client.appendToStream('s', events[1]!, { expectedRevision: 0n }), first);
    await server.stop();
    await server.start();
    const again = clientFor(t, server.connectionString);
    const repeated = await onceBack(() => again.appendToStream('s', events, { expectedRevision: 'no_stream' }));
    assert.deepEqual(repeated, first);
    assert.equal(server.store.currentRevision('s'), 2n);
  });

  test('of events that are there in part is a wrong version, and nothing is written', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const [one, two, three] = [event(), event(), event()];
    await client.appendToStream('s', [one, two], { expectedRevision: 'no_stream' });
    await assert.rejects(
      client.appendToStream('s', [one, three], { expectedRevision: 'no_stream' }),
      wrong('no_stream', 1n),
    );
    await assert.rejects(client.appendToStream('s', [two, three], { expectedRevision: 0n }), wrong(0n, 1n));
    await assert.rejects(client.appendToStream('s', [one, three], { expectedRevision: 'any' }), wrong('any', 1n));
    assert.equal(server.store.currentRevision('s'), 1n);
  });

  test('at any revision is recognised by its ids until the server restarts', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const one = event();
    const first = await client.appendToStream('s', one);
    assert.deepEqual(await client.appendToStream('s', one), first);
    await client.appendToStream('other', one);
    await server.stop();
    await server.start();
    const again = clientFor(t, server.connectionString);
    const second = await onceBack(() => again.appendToStream('s', one));
    assert.equal(second.nextExpectedRevision, 1n);
  });

  test('of more than 1 MiB is refused, however many chunks it comes in', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const pad = 'x'.repeat(300_000);
    const fits = [1, 2, 3].map((n) => event({ n, pad }));
    const large = [...fits, event({ n: 4, pad })];
    for (const batchAppendSize of [3 * 1024 * 1024, 400_000]) {
      const tooLarge = client.appendToStream('s', large, { expectedRevision: 'no_stream', batchAppendSize });
      await assert.rejects(
        tooLarge,
        (error) => error instanceof MaxAppendSizeExceededError && error.maxAppendSize === 1_048_576,
      );
    }
    const chunked = await client.appendToStream('s', fits, { expectedRevision: 'no_stream', batchAppendSize: 400_000 });
    assert.equal(chunked.nextExpectedRevision, 2n);
  });

  test('whose deadline is over is answered with a timeout', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', event());
    await assert.rejects(client.appendToStream('s', event(), { deadline: -1000 }), { type: 'deadline-exceeded' });
    assert.equal(server.store.currentRevision('s'), 0n);
  });

  test('goes the older way when it is given credentials, with the same answers', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const options = {
      credentials: { username: 'admin', password: 'changeit' },
      expectedRevision: 'no_stream' as const,
    };
    const events = [event(), event()];
    const first = await client.appendToStream('s', events, options);
    assert.deepEqual(await client.appendToStream('s', events, options), first);
    await assert.rejects(client.appendToStream('s', event(), options), wrong('no_stream', 1n));
    const large = [1, 2].map((n) => event({ n, pad: 'x'.repeat(600_000) }));
    await assert.rejects(client.appendToStream('t', large, options), MaxAppendSizeExceededError);
    await client.tombstoneStream('s');
    await assert.rejects(client.appendToStream('s', event(), options), StreamDeletedError);
  });

  test('keeps its place among 50 in flight, in each stream', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    // The client sends the first append of a connection later than those asked for right behind it: one goes ahead.
    await client.appendToStream('first', event());
    const streams = ['a', 'b', 'c', 'd', 'e'];
    const flights = Array.from({ length: 50 }, (_, n) => {
      const stream = streams[n % streams.length]!;
      const place = Math.floor(n / streams.length);
      const expectedRevision = place === 0 ? ('no_stream' as const) : BigInt(place - 1);
      return client.appendToStream(stream, event({ n }), { expectedRevision });
    });
    const results = await Promise.all(flights);
    const positions = results.map(({ position }) => position!.commit);
    assert.deepEqual(
      positions,
      [...positions].sort((x, y) => Number(x - y)),
    );
    for (const [index, stream] of streams.entries()) {
      const told = await all(client.readStream<{ type: string; data: { n: number } }>(stream));
      const numbers = told.map((resolved) => resolved.event?.data.n);
      assert.deepEqual(
        numbers,
        Array.from({ length: 10 }, (_, place) => place * streams.length + index),
      );
    }
  });

  test('goes where gossip says that the leader is', async (t) => {
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
