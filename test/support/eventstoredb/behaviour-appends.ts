/** What we rely on in appends to an EventStoreDB: for any server, see behaviour.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaxAppendSizeExceededError, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import type { Begin } from './behaviour.ts';
import { all, event } from './client.ts';

const noStream = { expectedRevision: 'no_stream' } as const;
const wrong = (expected: unknown, actual: unknown) => (error: unknown) =>
  error instanceof WrongExpectedVersionError && error.expectedVersion === expected && error.actualVersion === actual;

export function appends(begin: Begin): void {
  test('goes to a stream that does not exist yet, then to the revision that is there', async (t) => {
    const { client, s } = await begin(t);
    const first = await client.appendToStream(s, [event(), event()], noStream);
    assert.deepEqual([first.success, first.nextExpectedRevision], [true, 1n]);
    const second = await client.appendToStream(s, event(), { expectedRevision: 1n });
    assert.equal(second.nextExpectedRevision, 2n);
    const positions = (await all(client.readStream(s))).map((resolved) => resolved.event?.position?.commit);
    assert.deepEqual([first.position?.commit, second.position?.commit], [positions[1], positions[2]]);
    assert.ok(second.position!.commit > first.position!.commit + 50n, 'positions count bytes');
    assert.equal(second.position?.commit, second.position?.prepare);
  });

  test('at a revision that is not the last is refused with the one that is', async (t) => {
    const { client, s } = await begin(t);
    const at = (expectedRevision: bigint | 'no_stream' | 'stream_exists') =>
      client.appendToStream(s, event(), { expectedRevision });
    await assert.rejects(at(3n), wrong(3n, 'no_stream'));
    await assert.rejects(at('stream_exists'), wrong('stream_exists', 'no_stream'));
    await client.appendToStream(s, [event(), event()], noStream);
    await assert.rejects(at('no_stream'), wrong('no_stream', 1n));
    await assert.rejects(at(0n), wrong(0n, 1n));
    await assert.rejects(at(2n), wrong(2n, 1n));
    assert.equal((await at('stream_exists')).nextExpectedRevision, 2n);
  });

  test('of the same events at the same place is answered as the first time', async (t) => {
    const { client, s } = await begin(t);
    const events = [event(), event()];
    const first = await client.appendToStream(s, events, noStream);
    await client.appendToStream(s, event(), { expectedRevision: 1n });
    assert.deepEqual(await client.appendToStream(s, events, noStream), first);
    assert.deepEqual(await client.appendToStream(s, events[1]!, { expectedRevision: 0n }), first);
    assert.equal((await all(client.readStream(s))).length, 3);
  });

  test('of events that are there in part is a wrong version, and nothing is written', async (t) => {
    const { client, s } = await begin(t);
    const [one, two, three] = [event(), event(), event()];
    await client.appendToStream(s, [one, two], noStream);
    await assert.rejects(client.appendToStream(s, [one, three], noStream), wrong('no_stream', 1n));
    await assert.rejects(client.appendToStream(s, [two, three], { expectedRevision: 0n }), wrong(0n, 1n));
    await assert.rejects(client.appendToStream(s, [one, three]), wrong('any', 1n));
    assert.equal((await all(client.readStream(s))).length, 2);
  });

  test('at any revision is recognised by its ids, in its stream', async (t) => {
    const { client, s } = await begin(t);
    const one = event();
    const first = await client.appendToStream(s, one);
    assert.deepEqual(await client.appendToStream(s, one), first);
    assert.equal((await client.appendToStream(`${s}-other`, one)).nextExpectedRevision, 0n);
  });

  test('of more than 1 MiB is refused, however many chunks it comes in', async (t) => {
    const { client, s } = await begin(t);
    const pad = 'x'.repeat(300_000);
    const fits = [1, 2, 3].map((n) => event({ n, pad }));
    for (const batchAppendSize of [3 * 1024 * 1024, 400_000]) {
      await assert.rejects(
        client.appendToStream(s, [...fits, event({ n: 4, pad })], { ...noStream, batchAppendSize }),
        (error) => error instanceof MaxAppendSizeExceededError && error.maxAppendSize === 1_048_576,
      );
    }
    const chunked = await client.appendToStream(s, fits, { ...noStream, batchAppendSize: 400_000 });
    assert.equal(chunked.nextExpectedRevision, 2n);
  });

  test('whose deadline is over is answered with a timeout', async (t) => {
    const { client, s } = await begin(t);
    await assert.rejects(client.appendToStream(s, event(), { deadline: -1000 }), { type: 'deadline-exceeded' });
    await assert.rejects(all(client.readStream(s)), StreamNotFoundError);
  });

  test('keeps its place among 50 in flight, in each stream', async (t) => {
    const { client, s } = await begin(t);
    // The client sends the first append of a connection later than those asked for right behind it: one goes ahead.
    await client.appendToStream(s, event());
    const streams = ['a', 'b', 'c', 'd', 'e'].map((name) => `${s}-${name}`);
    const flights = Array.from({ length: 50 }, (_, n) => {
      const place = Math.floor(n / streams.length);
      const expectedRevision = place === 0 ? ('no_stream' as const) : BigInt(place - 1);
      return client.appendToStream(streams[n % streams.length]!, event({ n }), { expectedRevision });
    });
    const positions = (await Promise.all(flights)).map(({ position }) => position!.commit);
    assert.deepEqual(
      positions,
      positions.toSorted((x, y) => Number(x - y)),
    );
    for (const [index, stream] of streams.entries()) {
      const events = await all(client.readStream<{ type: string; data: { n: number } }>(stream));
      assert.deepEqual(
        events.map((resolved) => resolved.event?.data.n),
        Array.from({ length: 10 }, (_, place) => place * streams.length + index),
      );
    }
  });
}
