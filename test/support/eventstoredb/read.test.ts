import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { binaryEvent, StreamDeletedError, StreamNotFoundError, WrongExpectedVersionError } from '@eventstore/db-client';
import { all, clientFor, event } from './client.ts';
import { eventStoreFor } from './server.ts';

const numbers = (events: readonly { readonly event?: { readonly revision: bigint } }[]): (bigint | undefined)[] =>
  events.map((resolved) => resolved.event?.revision);

describe('a read', { timeout: 30_000 }, () => {
  test('gives back what was appended', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const before = Date.now();
    const sent = event({ n: 7 });
    const bytes = binaryEvent({ type: 'Raw', data: Buffer.from([0, 255]), metadata: Buffer.from('no json') });
    await client.appendToStream('mb-ü', [sent, bytes]);
    const [first, second] = await all(client.readStream('mb-ü'));
    assert.deepEqual(
      [first?.event?.id, first?.event?.type, first?.event?.streamId],
      [sent.id, 'LeaderElected', 'mb-ü'],
    );
    assert.deepEqual([first?.event?.data, first?.event?.metadata], [{ n: 7 }, { envelope: '{"n":7}' }]);
    assert.ok(first!.event!.created.getTime() >= before);
    assert.equal(first?.commitPosition, server.store.eventsOf('mb-ü')[0]?.position);
    assert.deepEqual(first?.event?.position, { commit: first?.commitPosition, prepare: first?.commitPosition });
    assert.equal(second?.event?.isJson, false);
    assert.deepEqual(second?.event?.data, Uint8Array.of(0, 255));
    assert.deepEqual(second?.event?.metadata, Uint8Array.from(Buffer.from('no json')));
  });

  test('of a stream goes both ways, from where it is told, as far as it is told', async (t) => {
    const client = clientFor(t, (await eventStoreFor(t)).connectionString);
    await client.appendToStream('s', [event(), event(), event(), event()]);
    assert.deepEqual(numbers(await all(client.readStream('s', { fromRevision: 1n, maxCount: 2 }))), [1n, 2n]);
    const backwards = { direction: 'backwards', fromRevision: 'end' } as const;
    assert.deepEqual(numbers(await all(client.readStream('s', { ...backwards, maxCount: 2 }))), [3n, 2n]);
    assert.deepEqual(numbers(await all(client.readStream('s', { ...backwards, fromRevision: 1n }))), [1n, 0n]);
    assert.deepEqual(await all(client.readStream('s', { fromRevision: 9n })), []);
  });

  test('of a stream that does not exist says so', async (t) => {
    const client = clientFor(t, (await eventStoreFor(t)).connectionString);
    await assert.rejects(
      all(client.readStream('nowhere')),
      (error) => error instanceof StreamNotFoundError && error.streamName === 'nowhere',
    );
  });

  test('of everything gives foreign and system events in the order of the log', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('mb-a', event());
    server.store.appendForeign('orders-1', 'OrderPlaced', { total: 3 });
    await client.appendToStream('mb-b', event());
    const events = await all(client.readAll());
    assert.deepEqual(
      events.map((resolved) => resolved.event?.streamId),
      server.store.log.map(({ stream }) => stream),
    );
    assert.ok(events.some((resolved) => resolved.event?.streamId.startsWith('$')));
    const [from] = server.store.eventsOf('mb-a');
    const fromPosition = { commit: from!.position, prepare: from!.position };
    const tail = await all(client.readAll({ fromPosition }));
    assert.deepEqual(
      tail.map((resolved) => resolved.event?.streamId),
      ['mb-a', 'orders-1', 'mb-b'],
    );
    const [newest] = await all(client.readAll({ direction: 'backwards', fromPosition: 'end', maxCount: 1 }));
    assert.equal(newest?.event?.streamId, 'mb-b');
    const before = await all(client.readAll({ direction: 'backwards', fromPosition, maxCount: 1 }));
    assert.ok(before[0]!.commitPosition! < from!.position);
  });

  test('from a position at which no event begins is refused', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    const commit = server.store.log[1]!.position + 1n;
    await assert.rejects(all(client.readAll({ fromPosition: { commit, prepare: commit } })), /invalid position/);
  });

  test('does not show what $maxCount hides, though it stays in $all', async (t) => {
    const server = await eventStoreFor(t);
    const client = clientFor(t, server.connectionString);
    await client.setStreamMetadata('s', { maxCount: 2 });
    await client.setStreamMetadata('s', { maxCount: 3, owner: 'us' });
    await client.appendToStream('s', [event(), event(), event(), event(), event()]);
    assert.deepEqual(numbers(await all(client.readStream('s'))), [2n, 3n, 4n]);
    assert.equal((await all(client.readAll())).filter((resolved) => resolved.event?.streamId === 's').length, 5);
    const { metadata } = await client.getStreamMetadata('s');
    assert.deepEqual(metadata, { maxCount: 3, owner: 'us' });
    assert.deepEqual(numbers(await all(client.readStream('$$s'))), [1n]);
  });

  test('does not find a deleted stream, and finds its new events once it is appended to', async (t) => {
    const client = clientFor(t, (await eventStoreFor(t)).connectionString);
    await client.appendToStream('s', [event(), event()]);
    await assert.rejects(client.deleteStream('s', { expectedRevision: 7n }), WrongExpectedVersionError);
    const { position } = await client.deleteStream('s', { expectedRevision: 1n });
    assert.ok(position!.commit > 0n);
    await assert.rejects(all(client.readStream('s')), StreamNotFoundError);
    const revived = await client.appendToStream('s', event(), { expectedRevision: 'no_stream' });
    assert.equal(revived.nextExpectedRevision, 2n);
    assert.deepEqual(numbers(await all(client.readStream('s'))), [2n]);
  });

  test('of a stream under a tombstone says that it is deleted for ever', async (t) => {
    const client = clientFor(t, (await eventStoreFor(t)).connectionString);
    await client.appendToStream('s', event());
    await client.tombstoneStream('s', { expectedRevision: 0n });
    await assert.rejects(
      all(client.readStream('s')),
      (error) => error instanceof StreamDeletedError && error.streamName === 's',
    );
    await assert.rejects(client.appendToStream('s', event()), StreamDeletedError);
    await assert.rejects(client.deleteStream('s'), StreamDeletedError);
  });
});
