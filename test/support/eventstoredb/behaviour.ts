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
  StreamDeletedError,
  StreamNotFoundError,
  streamNameFilter,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { appends } from './behaviour-appends.ts';
import { subscriptions } from './behaviour-subscriptions.ts';
import { all, clientFor, event, Told } from './client.ts';

/** A client and the name of a stream that does not exist. */
export interface Case {
  readonly client: EventStoreDBClient;
  readonly s: string;
}
export type Begin = (test: TestContext) => Promise<Case>;

const noStream = { expectedRevision: 'no_stream' } as const;
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

  test('stays out of sight when its deleted stream is given metadata', async (t) => {
    const { client, s } = await begin(t);
    await client.appendToStream(s, [event(), event()]);
    await client.deleteStream(s);
    await client.setStreamMetadata(s, { maxCount: 10 });
    assert.deepEqual(revisions(await all(client.readStream(s))), []);
    assert.equal((await client.appendToStream(s, event(), { expectedRevision: 1n })).nextExpectedRevision, 2n);
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
