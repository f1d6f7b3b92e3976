import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { createAccept } from '../../src/accept/create.ts';
import { systemClock, uuidV7 } from '../../src/clock.ts';
import { exportPages } from '../../src/egress/export.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { CALLER, type Serving, serve } from './serving.ts';
import { subscribe } from './streams.ts';

async function story(serving: Serving): Promise<void> {
  await serving.tell(
    [
      'NodeJoined',
      'c',
      { nodeId: 'n1', 'unknown key': [1, { ä: null }] },
      1,
      { notbefore: '2022-12-13T19:00:00Z', synthetic: true, traceparent: '00-x' },
    ],
    ['LeaderElected', 'c', { leaderId: 'n1', term: 1 }, 2],
    ['IncidentDeclared', 'i', { title: 'T “quoted”', status: 'investigating', origin: 'manual' }],
    ['EventRetracted', 'c', { eventSource: '/tests', eventId: 't1', reason: 'wrong' }],
  );
}

test('the export says everything: restored into an empty ledger it gives the same lines, hashes too', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const response = await fetch(`${serving.url}/export.jsonl`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/jsonl/);
  const text = await response.text();
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, 4);
  const third = JSON.parse(lines[2] ?? '');
  assert.deepEqual([third.timeknown, third.time], [false, third.recordedat], 'time is given where none was sent');
  assert.equal(JSON.parse(lines[0] ?? '').timeknown, undefined);
  const other = openMemoryLedger();
  const accept = createAccept({ ledger: other, clock: systemClock, newId: uuidV7, source: 'musterbook' });
  const restored = await accept.restore(
    lines.map((line) => ({ text: line })),
    CALLER,
  );
  assert.deepEqual([restored.appended, restored.rejected], [4, []]);
  let again = '';
  for await (const page of exportPages(other, { after: 0 as never, stream: null })) again += page;
  assert.equal(again, text, 'byte for byte');
  await other.close();
});

test('stored members come first, byte for byte, and the ledger’s own after them', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const [line = ''] = (await (await fetch(`${serving.url}/export.jsonl`)).text()).split('\n');
  const event = await serving.ledger.eventAt(1 as never);
  assert.ok(event);
  assert.ok(line.startsWith(`${event.envelope.slice(0, -1)},"data":${event.dataText},"position":1,`));
});

test('the export can be cut by position and by stream', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const positions = async (query: string) => {
    const text = await (await fetch(`${serving.url}/export.jsonl${query}`)).text();
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).position);
  };
  assert.deepEqual(await positions('?after=2'), [3, 4]);
  assert.deepEqual(await positions('?stream=cluster-c'), [1, 2, 4]);
  assert.deepEqual(await positions('?stream=cluster-c&after=1'), [2, 4]);
  assert.deepEqual(await positions('?stream=cluster-nobody'), []);
  assert.equal((await fetch(`${serving.url}/export.jsonl?after=x`)).status, 400);
  assert.equal((await fetch(`${serving.url}/export.jsonl?stream=nonsense`)).status, 400);
});

test('an export of many pages comes whole, slowly read or not', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ...Array.from(
      { length: 1_700 },
      (_, index) => ['NodeJoined', 'c', { nodeId: `n${index}`, name: 'x'.repeat(300) }] as const,
    ),
  );
  const text = await (await fetch(`${serving.url}/export.jsonl`)).text();
  assert.equal(text.trimEnd().split('\n').length, 1_700);
});

test('events are streamed with their positions as ids, from a cursor on', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const read = async (path: string, headers: Record<string, string>, count: number): Promise<string[]> => {
    const abort = new AbortController();
    const response = await fetch(serving.url + path, { headers, signal: abort.signal });
    const ids: string[] = [];
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      ids.splice(0, ids.length, ...[...text.matchAll(/^id: (\d+)$/gm)].map((match) => match[1] ?? ''));
      if (ids.length >= count) break;
    }
    abort.abort();
    return ids;
  };
  assert.deepEqual(await read('/v1/events/stream?after=1', {}, 3), ['2', '3', '4']);
  assert.deepEqual(await read('/v1/events/stream?after=1', { 'last-event-id': '3' }, 1), ['4']);
  const live = read('/v1/events/stream?after=4', {}, 1);
  await serving.tell(['NodeJoined', 'c', { nodeId: 'n2' }]);
  assert.deepEqual(await live, ['5']);
});

test('schemas, health, metrics and the first page are there', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const get = (path: string) => fetch(serving.url + path);
  const index = (await (await get('/schemas')).json()) as { name: string }[];
  assert.ok(index.some(({ name }) => name === 'LeaderElected'));
  const schema = (await (await get('/schemas/LeaderElected.json')).json()) as { properties: object };
  assert.ok('leaderId' in schema.properties);
  assert.equal((await get('/schemas/Nothing.json')).status, 404);
  assert.match(await (await get('/schema.graphql')).text(), /type LeaderElectedEvent implements Event/);
  assert.deepEqual(await (await get('/healthz')).json(), { status: 'ok' });
  const ready = (await (await get('/readyz')).json()) as { status: string; position: number };
  assert.deepEqual([ready.status, ready.position], ['ready', 4]);
  const metrics = await (await get('/metrics')).text();
  for (const line of [
    'musterbook_ledger_events 4',
    'musterbook_ledger_head_position 4',
    'musterbook_subscribers 0',
    'musterbook_projection_lag_events{projection="cluster",state="LIVE"} 0',
  ]) {
    assert.ok(metrics.includes(`${line}\n`), line);
  }
  assert.match(metrics, /musterbook_request_seconds_bucket\{/);
  assert.match(await (await get('/')).text(), /\/graphql/);
});

test('GraphiQL is one page that names no other origin to load from, and its policy forbids it', async (t) => {
  const serving = await serve(t);
  const response = await fetch(`${serving.url}/graphql`, { headers: { accept: 'text/html' } });
  const page = await response.text();
  assert.equal(response.status, 200);
  assert.ok(page.includes('YogaGraphiQL'));
  assert.doesNotMatch(page, /<(?:script|link|img|iframe)[^>]+(?:src|href)=["'](?:https?:)?\/\//i);
  assert.doesNotMatch(page, /@import\s+(?:url\()?["']?(?:https?:)?\/\//i);
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /https?:|\*/);
});

test('a client that leaves, stalls halfway or talks nonsense does not end the server', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const raw = async (text: string): Promise<void> => {
    const socket = connect(serving.server.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
    await new Promise<void>((resolve) => socket.write('', () => resolve()));
    socket.destroy();
  };
  await raw('\u0000\u0001garbage\r\n\r\n');
  await raw(
    'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"que',
  );
  await raw('GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
  await raw(
    'GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\u00ff\u00ff\u00ff\u00ff',
  );
  const halfOpen = connect({ port: serving.server.port, host: '127.0.0.1', allowHalfOpen: true });
  halfOpen.end('GET /v1/events/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const streams = await Promise.all(
    Array.from({ length: 10 }, () => subscribe(serving.url, 'subscription { clusters { cursor } }')),
  );
  for (const stream of streams) {
    await stream.next();
    stream.close();
  }
  const partial = httpRequest(`${serving.url}/export.jsonl`, (response) => response.destroy());
  partial.on('error', () => {});
  partial.end();
  await once(partial, 'close');
  halfOpen.destroy();
  assert.equal((await serving.ask('{ ledger { events } }')).data.ledger.events, 4);
  assert.deepEqual(serving.errors, []);
});

test('nonsense on a WebSocket closes that socket with the protocol’s code', async (t) => {
  const serving = await serve(t);
  const closedWith = async (protocol: string, ...messages: (string | Buffer)[]): Promise<number> => {
    const socket = new WebSocket(`${serving.url.replace('http', 'ws')}/graphql`, protocol === '' ? [] : protocol);
    socket.on('open', () => {
      for (const message of messages) socket.send(message);
    });
    const [code] = (await once(socket, 'close')) as [number];
    return code;
  };
  const init = '{"type":"connection_init"}';
  const operation = '{"type":"subscribe","id":"1","payload":{"query":"subscription { clusters { cursor } }"}}';
  const table: [code: number, protocol: string, ...messages: (string | Buffer)[]][] = [
    [4400, 'graphql-transport-ws', 'not json'],
    [4400, 'graphql-transport-ws', '[1]'],
    [4400, 'graphql-transport-ws', '"text"'],
    [4400, 'graphql-transport-ws', '{"type":"nothing"}'],
    [4400, 'graphql-transport-ws', Buffer.from([0, 1, 2])],
    [4400, 'graphql-transport-ws', init, '{"type":"subscribe","id":1}'],
    [4400, 'graphql-transport-ws', init, '{"type":"subscribe","id":"1","payload":{"query":5}}'],
    [4401, 'graphql-transport-ws', operation],
    [4409, 'graphql-transport-ws', init, operation, operation],
    [4429, 'graphql-transport-ws', init, init],
    [4406, '', init],
    [1009, 'graphql-transport-ws', 'x'.repeat(2 * 1024 * 1024)],
  ];
  for (const [code, protocol, ...messages] of table) {
    assert.equal(await closedWith(protocol, ...messages), code, String(messages.at(-1)).slice(0, 60));
  }
  assert.equal((await serving.ask('{ ledger { events } }')).data.ledger.events, 0);
});
