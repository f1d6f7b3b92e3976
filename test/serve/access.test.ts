// Holds S3 of docs/invariants.md.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { createSignInLimit, createToken, readTokens } from '../../src/serve/auth.ts';
import { type Serving, serve } from './serving.ts';
import { subscribeWs } from './streams.ts';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answered {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of every door.
  readonly body: any;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** With node:http, since fetch sets Host and Origin by itself. */
function send(serving: Serving, { method = 'GET', path = '/', headers = {}, body }: Asked): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(serving.url + path, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const isJson =
          /json;/.test(response.headers['content-type'] ?? '') && !/jsonl/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          body: isJson && text ? JSON.parse(text) : text,
          headers: response.headers,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const QUERY = { method: 'POST', path: '/graphql', body: '{"query":"{ __typename }"}' };
const JSON_TYPE = { 'content-type': 'application/json' };

function upgrade(
  serving: Serving,
  headers: Record<string, string>,
  protocol = 'graphql-transport-ws',
): Promise<number | 'open'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${serving.url.replace('http', 'ws')}/graphql`, protocol, { headers });
    socket.on('open', () => {
      resolve('open');
      socket.terminate();
    });
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
    socket.on('error', () => {});
  });
}

test('whose host and whose page may come in, at every door and for upgrades', async (t) => {
  const serving = await serve(t, { publicUrl: new URL('https://status.example.com') });
  const { port } = serving.server;
  const table: [host: string, origin: string | null, status: number][] = [
    [`127.0.0.1:${port}`, null, 200],
    [`localhost:${port}`, null, 200],
    ['localhost', null, 200],
    [`LOCALHOST:${port}`, null, 200],
    ['[::1]:9', null, 200],
    ['status.example.com', null, 200],
    ['evil.example', null, 421],
    [`localhost.evil.example:${port}`, null, 421],
    [`evil.example@localhost:${port}`, null, 421],
    ['0.0.0.0', null, 421],
    [`localhost:${port}`, `http://localhost:${port}`, 200],
    ['status.example.com', 'https://status.example.com', 200],
    [`localhost:${port}`, 'https://status.example.com', 200],
    [`localhost:${port}`, 'http://evil.example', 403],
    [`localhost:${port}`, 'http://localhost:1', 403],
    [`localhost:${port}`, 'null', 403],
    [`localhost:${port}`, 'file://', 403],
  ];
  for (const [host, origin, status] of table) {
    const headers = { host, ...(origin === null ? {} : { origin }) };
    for (const path of ['/healthz', '/schemas', '/graphql?query={__typename}', '/export.jsonl']) {
      const answer = await send(serving, { path, headers });
      assert.equal(answer.status, status, `${path} as ${host} from ${origin}`);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
    const posted = await send(serving, { ...QUERY, headers: { ...headers, ...JSON_TYPE } });
    assert.equal(posted.status, status, `POST /graphql as ${host} from ${origin}`);
    if (status !== 200) assert.match(posted.body.code, /^FOREIGN_(HOST|ORIGIN)$/);
    assert.equal(
      await upgrade(serving, headers),
      status === 200 ? 'open' : status,
      `upgrade as ${host} from ${origin}`,
    );
  }
  const preflight = await send(serving, {
    method: 'OPTIONS',
    path: '/graphql',
    headers: { host: `localhost:${port}`, origin: `http://localhost:${port}`, 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.headers['access-control-allow-origin'], undefined, 'no CORS anywhere');
});

test('GraphQL takes JSON alone, and GET never mutates', async (t) => {
  const serving = await serve(t);
  const mutation = 'mutation { declareIncident(input: { title: "x" }) { __typename } }';
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    '',
  ]) {
    const answer = await send(serving, { ...QUERY, headers: type === '' ? {} : { 'content-type': type } });
    assert.deepEqual([answer.status, answer.body.code], [415, 'UNSUPPORTED_MEDIA_TYPE'], type);
  }
  const got = await send(serving, { path: `/graphql?query=${encodeURIComponent(mutation)}` });
  assert.deepEqual([got.status, got.headers['allow']], [405, 'POST']);
  const streamed = await send(serving, {
    path: `/graphql?query=${encodeURIComponent(mutation)}`,
    headers: { accept: 'text/event-stream' },
  });
  assert.equal(streamed.status, 405);
  assert.equal((await serving.ledger.head()).events, 0);
  const read = await send(serving, { path: '/graphql?query=query($i:ID!){cluster(id:$i){id}}&variables={"i":"c"}' });
  assert.deepEqual([read.status, read.body], [200, { data: { cluster: null } }]);
  for (const [method, path] of [
    ['PUT', '/graphql'],
    ['POST', '/export.jsonl'],
    ['DELETE', '/schemas'],
    ['POST', '/healthz'],
  ] as const) {
    assert.equal((await send(serving, { method, path })).status, 405, `${method} ${path}`);
  }
  assert.deepEqual((await send(serving, { path: '/nowhere' })).body.code, 'NOT_FOUND');
});

const KEYS = {
  read: createToken('reader', ['read']),
  ingest: createToken('collector', ['ingest']),
  operate: createToken('on call', ['operate']),
  admin: createToken('root', ['admin']),
  both: createToken('two', ['read', 'ingest']),
};
const { tokens: TOKENS } = readTokens(
  `# names\n\n${Object.values(KEYS)
    .map(({ line }) => line)
    .join('\n')}\n`,
);

test('each role opens its own doors', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const event = (type: string, subject: string, data: object) => ({
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/s',
    type,
    subject,
    data,
  });
  const append = (each: object) => ({
    query: 'mutation($e:[JSON!]!) { appendEvents(input: { events: $e }) { appended rejected { code } } }',
    variables: { e: [each] },
  });
  const post = async (key: keyof typeof KEYS | null, body: object) =>
    send(serving, {
      ...QUERY,
      headers: { ...JSON_TYPE, ...(key && { authorization: `Bearer ${KEYS[key].token}` }) },
      body: JSON.stringify(body),
    });
  const query = { query: '{ ledger { events } }' };
  const declare = {
    query:
      'mutation { declareIncident(input: { title: "t" }) { __typename ... on IncidentPayload { event { actor } } } }',
  };
  const table: [key: keyof typeof KEYS, reads: boolean, appends: boolean, commands: boolean][] = [
    ['read', true, false, false],
    ['ingest', false, true, false],
    ['operate', true, true, true],
    ['admin', true, true, true],
    ['both', true, true, false],
  ];
  for (const [key, reads, appends, commands] of table) {
    const read = await post(key, query);
    assert.equal(read.status, reads ? 200 : 403, `${key} queries`);
    if (!reads) assert.equal(read.body.errors[0].extensions.code, 'FORBIDDEN');
    const exported = await send(serving, {
      path: '/export.jsonl',
      headers: { authorization: `Bearer ${KEYS[key].token}` },
    });
    assert.equal(exported.status, reads ? 200 : 403, `${key} exports`);
    const appended = await post(key, append(event('NodeJoined', 'c', { nodeId: 'n' })));
    assert.equal(appended.body.data?.appendEvents.appended ?? 0, appends ? 1 : 0, `${key} appends cluster events`);
    const incident = await post(
      key,
      append(event('IncidentDeclared', `i-${key}`, { title: 't', status: 'investigating', origin: 'import' })),
    );
    assert.equal(incident.body.data?.appendEvents.appended ?? 0, commands ? 1 : 0, `${key} appends incident events`);
    const declared = await post(key, declare);
    assert.equal(declared.body.data?.declareIncident?.__typename === 'IncidentPayload', commands, `${key} declares`);
    if (!commands) assert.equal(declared.body.errors[0].extensions.code, 'FORBIDDEN');
    else
      assert.equal(
        declared.body.data.declareIncident.event?.actor,
        key === 'admin' ? 'root' : 'on call',
        'the actor is stamped',
      );
  }
  for (const path of ['/healthz', '/readyz', '/']) assert.equal((await send(serving, { path })).status, 200, path);
  for (const path of ['/metrics', '/schemas', '/schema.graphql', '/v1/events/stream', '/graphql?query={__typename}']) {
    const answer = await send(serving, { path });
    assert.deepEqual(
      [answer.status, answer.body.code, answer.headers['www-authenticate']],
      [401, 'UNAUTHENTICATED', 'Bearer'],
      path,
    );
  }
  assert.equal((await post(null, query)).status, 401);
});

test('over WebSocket the token comes with the first message', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  await serving.tell(['NodeJoined', 'c', { nodeId: 'n' }]);
  const good = subscribeWs(
    serving.url,
    'subscription { cluster(id: "c") { cursor } }',
    {},
    `Bearer ${KEYS.read.token}`,
  );
  assert.deepEqual(await good.next(), { cluster: { cursor: '1' } });
  await good.close();
  for (const authorization of ['Bearer mb_wrong', undefined]) {
    const bad = subscribeWs(serving.url, 'subscription { cluster(id: "c") { cursor } }', {}, authorization);
    await assert.rejects(bad.next(), (close: { code?: number }) => close.code === 4403);
  }
  const ingest = subscribeWs(
    serving.url,
    'subscription { cluster(id: "c") { cursor } }',
    {},
    `Bearer ${KEYS.ingest.token}`,
  );
  await assert.rejects(
    ingest.next(),
    (errors: readonly { extensions: { code: string } }[]) => errors[0]?.extensions.code === 'FORBIDDEN',
  );
});

test('after 20 failed sign-ins in a minute an address gets 429; a right token still comes in', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const attempt = (token: string) => send(serving, { path: '/metrics', headers: { authorization: `Bearer ${token}` } });
  const statuses: number[] = [];
  for (let count = 0; count < 21; count += 1) statuses.push((await attempt('guess')).status);
  assert.deepEqual(statuses, [...Array(20).fill(401), 429]);
  const limited = await attempt('guess');
  assert.deepEqual([limited.body.code, limited.headers['retry-after']], ['TOO_MANY_SIGN_INS', '60']);
  assert.equal((await attempt(KEYS.read.token)).status, 200);
});

test('failures are forgotten after a minute, and counted for each address', () => {
  let now = 0;
  const limit = createSignInLimit(() => now);
  const burst = (address: string) => Array.from({ length: 21 }, () => limit.failed(address));
  assert.equal(burst('a').at(-1), true);
  assert.equal(limit.failed('b'), false);
  now += 60_000;
  assert.equal(limit.failed('a'), false);
});

test('a token file names the lines that cannot be read', () => {
  const hex = 'a'.repeat(64);
  const { tokens, faults } = readTokens(`${hex} read ok\n${hex} king x\nshort read x\n${hex} read\n`);
  assert.equal(tokens.length, 1);
  assert.deepEqual(
    faults.map((fault) => fault.slice(0, 6)),
    ['line 2', 'line 3', 'line 4'],
  );
});
