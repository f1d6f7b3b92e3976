/** That the client's faults do not end the process: each test ends it where the guard is taken away. */
import { deepEqual, equal, rejects } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { guardedClient } from '../../../src/ledger/eventstoredb/guarded-client.ts';
import { type EventStoreServer, eventStoreFor } from '../../support/eventstoredb/server.ts';
import { until } from './faults.ts';

function clientOf(context: TestContext, url: string): EventStoreDBClient {
  const { client, dispose } = guardedClient(url);
  context.after(dispose);
  return client;
}

const append = (client: EventStoreDBClient, stream: string) =>
  client.appendToStream(stream, jsonEvent({ id: randomUUID(), type: 'Noted', data: {} }), { expectedRevision: 'any' });

const written = (server: EventStoreServer): readonly string[] =>
  server.store.log.map(({ stream }) => stream).filter((stream) => !stream.startsWith('$'));

test('an answer to an append that is in the table of pending ones no more is dropped', async (context) => {
  const [one, other] = [await eventStoreFor(context), await eventStoreFor(context)];
  const [lost, kept] = [clientOf(context, one.connectionString), clientOf(context, other.connectionString)];
  await Promise.all([append(lost, 'a'), append(kept, 'a')]);
  const late = other.faults.appends.inject({ kind: 'late' });
  const waiting = rejects(append(kept, 'b'));
  await late.fired;
  one.faults.appends.inject({ kind: 'drop-before' });
  await rejects(append(lost, 'b'));
  // The other client's append was rejected with it, though its own link is whole.
  await waiting;
  late.release();
  await append(kept, 'c');
  deepEqual(written(other), ['a', 'b', 'c']);
});

test('the first appends of a client leave in the order of the calls', async (context) => {
  const server = await eventStoreFor(context);
  const client = clientOf(context, server.connectionString);
  const streams = Array.from({ length: 20 }, (_, index) => `s${index}`);
  await Promise.all(streams.map((stream) => append(client, stream)));
  deepEqual(written(server), streams);
});

test('what fails once more while a lost link is dealt with is nobody’s unhandled rejection', async (context) => {
  const server = await eventStoreFor(context);
  const client = clientOf(context, server.discoveryString);
  server.faults.gossip.inject('refuse', { times: 99 });
  const parts = client as unknown as {
    getChannel(): Promise<unknown>;
    handleError(stub: unknown, error: Error): Promise<void>;
  };
  const discovery = rejects(parts.getChannel());
  const unavailable = Object.assign(new Error('gone'), { code: 14, details: 'gone' });
  equal(await parts.handleError({ getChannel: () => null }, unavailable), undefined);
  await discovery;
});

test('disposing ends what is under way, and the connection', async (context) => {
  const server = await eventStoreFor(context);
  const { client, dispose } = guardedClient(server.connectionString);
  await append(client, 'a');
  server.faults.appends.inject({ kind: 'silence', written: false });
  const waiting = rejects(append(client, 'b'));
  await turn();
  await dispose();
  await waiting;
  await until('no connection is open', () => server.connections === 0);
});
