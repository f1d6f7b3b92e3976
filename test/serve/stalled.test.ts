/** Slow readers on real connections. Frames are large, so that what the kernel and Node hold is soon full. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { type Serving, serve } from './serving.ts';
import { subscribe } from './streams.ts';

const QUERY = 'subscription { cluster(id: "c") { cursor cluster { term nodes { id labels } } } }';
const CHANGES = 200;
/** About 110 kB a frame: 200 of them are more than any socket takes. */
const LABELS = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`label-${index}`, 'x'.repeat(100)]));

async function begin(serving: Serving): Promise<void> {
  await serving.tell(
    ['NodeJoined', 'c', { nodeId: 'n', labels: LABELS }],
    ['LeaderElected', 'c', { leaderId: 'n', term: 1 }],
  );
}

async function change(serving: Serving, from: number, to: number): Promise<void> {
  for (let term = from; term <= to; term += 1) await serving.tell(['LeaderElected', 'c', { leaderId: 'n', term }]);
}

async function terms(
  next: () => Promise<{ readonly cluster: { readonly cluster: { readonly term: number } } }>,
  upTo: number,
): Promise<number[]> {
  const found: number[] = [];
  while (found.at(-1) !== upTo) found.push((await next()).cluster.cluster.term);
  return found;
}

async function gauge(serving: Serving, name: string): Promise<number> {
  const text = await (await fetch(`${serving.url}/metrics`)).text();
  return Number(new RegExp(`^musterbook_(?:subscription_)?${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

const ALL = Array.from({ length: CHANGES }, (_, index) => index + 1);

test('a stalled SSE reader is left alone, harms nobody, and reads every change once it goes on', async (t) => {
  const serving = await serve(t);
  await begin(serving);
  const brisk = await subscribe(serving.url, QUERY);
  const stalled = await subscribe(serving.url, QUERY);
  stalled.pause();
  const reading = terms(brisk.next, CHANGES);
  await change(serving, 2, CHANGES);
  assert.deepEqual(await reading, ALL, 'the other sees everything meanwhile');
  const delivered = await gauge(serving, 'payloads_delivered');
  assert.ok(
    delivered < 2 * CHANGES - 50,
    `${delivered} frames were handed over: nothing is queued for who does not read`,
  );
  stalled.resume();
  assert.deepEqual(await terms(stalled.next, CHANGES), ALL);
  brisk.close();
  stalled.close();
});

test('a stalled WebSocket reader is left alone, and reads every change once it goes on', async (t) => {
  const serving = await serve(t);
  await begin(serving);
  const socket = new WebSocket(`${serving.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const found: number[] = [];
  const done = Promise.withResolvers<void>();
  socket.on('message', (raw) => {
    const message = JSON.parse(String(raw));
    if (message.type !== 'next') return;
    found.push(message.payload.data.cluster.cluster.term);
    if (found.at(-1) === CHANGES) done.resolve();
  });
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: QUERY } }));
  while (found.length === 0) await once(socket, 'message');
  socket.pause();
  await change(serving, 2, CHANGES);
  assert.ok(found.length < CHANGES);
  socket.resume();
  await done.promise;
  assert.deepEqual(found, ALL);
  socket.terminate();
});

test('readers that come and go in the middle of everything leave nothing behind', async (t) => {
  const serving = await serve(t);
  await begin(serving);
  const changing = change(serving, 2, 120);
  for (let round = 0; round < 30; round += 1) {
    const reader = await subscribe(serving.url, QUERY);
    if (round % 3 === 0) await reader.next();
    reader.close();
  }
  await changing;
  while ((await gauge(serving, 'subscribers')) !== 0) await change(serving, 121, 121);
  assert.deepEqual(serving.errors, []);
});
