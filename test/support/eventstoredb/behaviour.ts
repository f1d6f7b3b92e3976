/**
 * What we rely on in an EventStoreDB, as tests that any server can be put to: the test server always, a real one when there is one. Streams
 * have new names, so that a server with a history will do.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import {
  binaryEvent,
  type EventStoreDBClient,
  excludeSystemEvents,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  streamNameFilter,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { all, clientFor, event, Told } from './client.ts';

/** A client and the name of a stream that does not exist. */
interface Case {
  readonly client: EventStoreDBClient;
  readonly s: string;
}
type Begin = (test: TestContext) => Promise<Case>;

const noStream = { expectedRevision: 'no_stream' } as const;
const wrong = (expected: unknown, actual: unknown) => (error: unknown) =>
  error instanceof WrongExpectedVersionError && error.expectedVersion === expected && error.actualVersion === actual;
const revisions = (events: readonly { readonly event?: { readonly revision: bigint } }[]): unknown[] =>
  events.map((resolved) => resolved.event?.revision);

/** @param connect gives the connection string of a server that is there until the test ends. */
export function behaviour(server: string, connect: (test: TestContext) => Promise<string>): void {
  const begin: Begin = async (t) => ({ client: clientFor(t, await connect(t)), s: `mb-${randomUUID()}` });
  describe(`${server}: an append`, { timeout: 60_000 }, () => appends(begin));
  describe(`${server}: a read`, { timeout: 60_000 }, () => reads(begin));
  describe(`${server}: a hidden or deleted event`, { timeout: 60_000 }, () => deletes(begin));
  describe(`${server}: a subscription`, { timeout: 60_000 }, () => subscriptions(begin));
}

function appends(begin: Begin): void {
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

function reads(begin: Begin): void {
  test('gives back what was appended', async (t) => {
    const one = await begin(t);
    const { client } = one;
    const s = `${one.s}-ü`;
    const sent = event({ n: 7 });
    const bytes = binaryEvent({ type: 'Raw', data: Buffer.from([0, 255]), metadata: Buffer.from('no json') });
    await client.appendToStream(s, [sent, bytes]);
    const [first, second] = await all(client.readStream(s));
    assert.deepEqual([first?.event?.id, first?.event?.type, first?.event?.streamId], [sent.id, 'LeaderElected', s]);
    assert.deepEqual([first?.event?.data, first?.event?.metadata], [{ n: 7 }, { envelope: '{"n":7}' }]);
    assert.ok(Math.abs(first!.event!.created.getTime() - Date.now()) < 600_000);
    assert.deepEqual(first?.event?.position, { commit: first?.commitPosition, prepare: first?.commitPosition });
    assert.deepEqual([second?.event?.isJson, second?.event?.data], [false, Uint8Array.of(0, 255)]);
    assert.deepEqual(second?.event?.metadata, Uint8Array.from(Buffer.from('no json')));
  });

  test('of a stream goes both ways, from where it is told, as far as it is told', async (t) => {
    const { client, s } = await begin(t);
    await client.appendToStream(s, [event(), event(), event(), event()]);
    assert.deepEqual(revisions(await all(client.readStream(s, { fromRevision: 1n, maxCount: 2 }))), [1n, 2n]);
    const newest = { direction: 'backwards', fromRevision: 'end', maxCount: 2 } as const;
    assert.deepEqual(revisions(await all(client.readStream(s, newest))), [3n, 2n]);
    assert.deepEqual(revisions(await all(client.readStream(s, { ...newest, fromRevision: 1n }))), [1n, 0n]);
    assert.deepEqual(await all(client.readStream(s, { fromRevision: 9n })), []);
  });

  test('of a stream that does not exist says so', async (t) => {
    const { client, s } = await begin(t);
    await assert.rejects(
      all(client.readStream(s)),
      (error) => error instanceof StreamNotFoundError && error.streamName === s,
    );
  });

  test('of everything begins at its position forwards and in front of it backwards', async (t) => {
    const { client, s } = await begin(t);
    const { position: before } = await client.appendToStream(s, event());
    const { position } = await client.appendToStream(s, event(), { expectedRevision: 0n });
    const { position: behind } = await client.appendToStream(s, event(), { expectedRevision: 1n });
    const from = { commit: position!.commit, prepare: position!.prepare };
    const onwards = (await all(client.readAll({ fromPosition: from, maxCount: 50 }))).map((e) => e.commitPosition);
    assert.equal(onwards[0], position?.commit);
    assert.ok(onwards.includes(behind?.commit));
    const backwards = await all(client.readAll({ fromPosition: from, direction: 'backwards', maxCount: 50 }));
    assert.ok(backwards.some((e) => e.commitPosition === before?.commit));
    assert.ok(backwards.every((e) => e.commitPosition! < position!.commit));
  });
}

function deletes(begin: Begin): void {
  test('is not read beyond $maxCount, though it stays in $all', async (t) => {
    const { client, s } = await begin(t);
    await client.setStreamMetadata(s, { maxCount: 2 });
    await client.setStreamMetadata(s, { maxCount: 3, owner: 'us' });
    await client.appendToStream(s, [event(), event(), event(), event(), event()]);
    assert.deepEqual(revisions(await all(client.readStream(s))), [2n, 3n, 4n]);
    const told = new Told(client.subscribeToAll({ filter: streamNameFilter({ prefixes: [s] }) }));
    await told.until(`${s} 4`);
    assert.ok(told.seen.includes(`${s} 0`));
    await told.stop();
    assert.deepEqual((await client.getStreamMetadata(s)).metadata, { maxCount: 3, owner: 'us' });
    assert.deepEqual(revisions(await all(client.readStream(`$$${s}`))), [1n]);
  });

  test('is not found in its stream until that is appended to again, behind what it was', async (t) => {
    const { client, s } = await begin(t);
    await client.appendToStream(s, [event(), event()]);
    await assert.rejects(client.deleteStream(s, { expectedRevision: 7n }), WrongExpectedVersionError);
    await client.deleteStream(s, { expectedRevision: 1n });
    await assert.rejects(all(client.readStream(s)), StreamNotFoundError);
    assert.equal((await client.appendToStream(s, event(), noStream)).nextExpectedRevision, 2n);
    assert.deepEqual(revisions(await all(client.readStream(s))), [2n]);
  });

  test('under a tombstone is gone for ever', async (t) => {
    const { client, s } = await begin(t);
    await client.appendToStream(s, event());
    await client.tombstoneStream(s, { expectedRevision: 0n });
    await assert.rejects(
      all(client.readStream(s)),
      (error) => error instanceof StreamDeletedError && error.streamName === s,
    );
    await assert.rejects(client.appendToStream(s, event()), StreamDeletedError);
    await assert.rejects(client.deleteStream(s), StreamDeletedError);
    assert.ok((await new Told(client.subscribeToStream(s)).over) instanceof StreamDeletedError);
  });
}

function subscriptions(begin: Begin): void {
  const toAll = ({ client, s }: Case, from?: bigint): Told => {
    const fromPosition = from === undefined ? 'start' : { commit: from, prepare: from };
    return new Told(client.subscribeToAll({ filter: streamNameFilter({ prefixes: [s] }), fromPosition }));
  };

  test('is confirmed, tells the past, says that it caught up and tells the present', async (t) => {
    const one = await begin(t);
    const { client, s } = one;
    await client.appendToStream(s, [event(), event()]);
    await client.appendToStream(`other-${s}`, event());
    const told = toAll(one);
    await told.until('caught up');
    await client.appendToStream(`other-${s}`, event());
    await client.appendToStream(`${s}-b`, event());
    await told.until(`${s}-b 0`);
    assert.deepEqual(told.seen, ['confirmation', `${s} 0`, `${s} 1`, 'caught up', `${s}-b 0`]);
    await told.stop();
  });

  test('begins behind the position that it is given', async (t) => {
    const one = await begin(t);
    await one.client.appendToStream(one.s, [event(), event(), event()]);
    const [, second] = await all(one.client.readStream(one.s));
    const told = toAll(one, second!.event!.position!.commit);
    await told.until('caught up');
    assert.deepEqual(told.seen, ['confirmation', `${one.s} 2`, 'caught up']);
    await told.stop();
  });

  test('from the end tells the present only', async (t) => {
    const { client, s } = await begin(t);
    await client.appendToStream(s, event());
    const filter = streamNameFilter({ prefixes: [s] });
    const told = new Told(client.subscribeToAll({ fromPosition: 'end', filter }));
    await told.until('caught up');
    await client.appendToStream(s, event());
    await told.until(`${s} 1`);
    assert.deepEqual(told.seen, ['confirmation', 'caught up', `${s} 1`]);
    await told.stop();
  });

  test('filters by the type of events, too', async (t) => {
    const { client, s } = await begin(t);
    await client.setStreamMetadata(s, { owner: 'us' });
    await client.appendToStream(s, event());
    const told = new Told(client.subscribeToAll({ filter: excludeSystemEvents() }));
    await told.until(`${s} 0`);
    assert.ok(!told.seen.includes(`$$${s} 0`));
    await told.stop();
  });

  test('loses nothing of what is written faster than it reads', async (t) => {
    const one = await begin(t);
    const told = toAll(one);
    await told.until('caught up');
    for (let batch = 0; batch < 5; batch += 1) {
      await one.client.appendToStream(
        one.s,
        Array.from({ length: 100 }, (_, n) => event({ n })),
      );
    }
    await told.until(`${one.s} 499`);
    assert.deepEqual(
      told.seen.filter((text) => text.startsWith(one.s)),
      Array.from({ length: 500 }, (_, n) => `${one.s} ${n}`),
    );
    await told.stop();
  });

  test('to one stream begins behind its revision and waits for a stream that does not exist yet', async (t) => {
    const { client, s } = await begin(t);
    const early = new Told(client.subscribeToStream(s));
    await early.until('caught up');
    await client.appendToStream(s, [event(), event()]);
    await early.until(`${s} 1`);
    const late = new Told(client.subscribeToStream(s, { fromRevision: 0n }));
    await late.until('caught up');
    assert.deepEqual(late.seen, ['confirmation', `${s} 1`, 'caught up']);
    await Promise.all([early.stop(), late.stop()]);
  });
}
