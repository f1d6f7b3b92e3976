import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { createToken, readTokens } from '../../../src/serve/auth.ts';
import { type StatusServing, serveStatus } from './site.ts';

const DECLARED = { title: 'Payments fail', status: 'investigating', impact: 'major', origin: 'manual' };
const FILES = [
  '/status',
  '/status/style.css',
  '/status/badge.svg',
  '/history.atom',
  '/history.rss',
  '/api/v2/summary.json',
];

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** With node:http, since fetch sets Host and Origin by itself. */
function send(
  site: StatusServing,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(site.url);
    // The path as it stands: a URL would take out what leads upwards.
    const request = httpRequest({ hostname, port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

test('a file names its position and its bytes, and is not sent again to who has it', async (t) => {
  const site = await serveStatus(t);
  const position = await site.tell(['ComponentRegistered', 'api', { name: 'API' }, 0]);
  for (const path of FILES) {
    const first = await send(site, 'GET', path);
    const etag = String(first.headers['etag']);
    assert.match(etag, new RegExp(`^"${position}-[0-9a-f]{16}"$`), path);
    assert.equal(first.headers['cache-control'], 'public, max-age=10');
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, `W/"x",W/${etag} , "y"`, '*']) {
      const again = await send(site, 'GET', path, { 'if-none-match': known });
      assert.deepEqual([again.status, again.body, again.headers['etag']], [304, '', etag], path);
      assert.equal(again.headers['access-control-allow-origin'], '*');
    }
    const others = ['"1-0"', `W/"1-0", "${position}"`, etag.slice(1, -1), `"${etag.slice(1, -2)}"`, ''];
    for (const other of others)
      assert.equal((await send(site, 'GET', path, { 'if-none-match': other })).status, 200, other);
    const head = await send(site, 'HEAD', path);
    assert.deepEqual([head.status, head.body, head.headers['etag']], [200, '', etag]);
    assert.equal(Number(head.headers['content-length']), Buffer.byteLength(first.body));
  }
});

test('what changes nothing that is shown leaves the files as they are; what does, changes them at once', async (t) => {
  const site = await serveStatus(t);
  const etag = async (path = '/api/v2/summary.json') => (await site.get(path)).headers.get('etag');
  await site.tell(['ComponentRegistered', 'api', { name: 'API' }, 0]);
  const first = await etag();
  await site.tell(['NodeJoined', 'c', { nodeId: 'n' }, 1], ['LeaderElected', 'c', { leaderId: 'n', term: 1 }, 1]);
  assert.equal(await etag(), first, 'a cluster is not on the page');
  await site.tell(['CollectorGapRecorded', '/tests', { from: '2022-12-13T20:10:00Z', reason: 'blind' }, 10]);
  const blind = await etag();
  assert.notEqual(blind, first, 'a gap is');
  assert.deepEqual((await site.page('/status')).all('.now'), ['No data for 1 of 1 component']);
  assert.match((await site.json('/api/v2/status.json')).status.description, /^No Data for 1 of 1/);
  await site.tell([
    'CollectorGapRecorded',
    '/tests',
    { from: '2022-12-13T20:10:00Z', to: '2022-12-13T20:20:00Z', reason: 'blind' },
    20,
  ]);
  assert.deepEqual((await site.page('/status')).all('.now'), ['All systems operational']);
  await site.tell([
    'IncidentDeclared',
    'i',
    { ...DECLARED, components: [{ componentId: 'api', status: 'partial_outage' }] },
    21,
  ]);
  assert.equal((await site.json('/api/v2/summary.json')).incidents.length, 1);
});

test('what was erased is on no page and in no file any more, not even in those of before', async (t) => {
  const site = await serveStatus(t);
  await site.tell(['IncidentDeclared', 'i', { ...DECLARED, message: 'Mrs Smith told us.', updateId: 'u' }, 1]);
  const [event] = await site.ledger.readAll({ limit: 1 });
  assert.ok(event);
  await site.tell(['NodeJoined', 'c', { nodeId: 'n' }, 1]);
  const then = `?as_of=${new Date(event.recordedAt / 1000 + 0.5).toISOString()}`;
  assert.match(await (await site.get(`/status${then}`)).text(), /Mrs Smith/);
  assert.match(await (await site.get('/status')).text(), /Mrs Smith/);
  await site.tell([
    'EventRetracted',
    'i',
    { eventSource: '/tests', eventId: event.id, reason: 'personal', erase: true },
  ]);
  for (const path of ['/status', `/status${then}`, '/history.atom', `/history.atom${then}`]) {
    assert.doesNotMatch(await (await site.get(path)).text(), /Mrs Smith/, path);
  }
});

test('pages of other origins may read what is public, and nothing else', async (t) => {
  const site = await serveStatus(t);
  const foreign = { origin: 'https://elsewhere.example' };
  for (const path of [...FILES, '/api/v2/nothing.json']) {
    const answer = await send(site, 'GET', path, foreign);
    assert.ok(answer.status === 200 || answer.status === 404, path);
    assert.equal(answer.headers['access-control-allow-origin'], '*', path);
    assert.equal(answer.headers['cross-origin-resource-policy'] ?? 'cross-origin', 'cross-origin');
  }
  const preflight = await send(site, 'OPTIONS', '/api/v2/summary.json', {
    ...foreign,
    'access-control-request-method': 'GET',
  });
  assert.deepEqual([preflight.status, preflight.headers['access-control-allow-headers']], [204, 'If-None-Match']);
  for (const path of ['/graphql', '/export.jsonl', '/', '/statusx', '/api/v1/x.json']) {
    assert.equal((await send(site, 'GET', path, foreign)).status, 403, path);
  }
  assert.equal((await send(site, 'POST', '/status', foreign)).status, 403);
  assert.equal(
    (await send(site, 'GET', '/status', { host: 'rebound.example' })).status,
    421,
    'whose host is asked is looked at all the same',
  );
  assert.equal((await send(site, 'GET', '/graphql')).headers['access-control-allow-origin'], undefined);
});

test('only reading is possible, and no path leads out of the page', async (t) => {
  const site = await serveStatus(t);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    const answer = await send(site, method, '/status');
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'GET, HEAD, OPTIONS']);
  }
  for (const path of [
    '/status/../export.jsonl',
    '/status/%2e%2e/graphql',
    '/api/v2/../../metrics',
    '/api/v2/constructor.json',
    '/status/logo.svg',
  ]) {
    assert.equal((await send(site, 'GET', path)).status, 404, path);
  }
});

test('closed, the page asks for a token that may read, and no other origin sees it', async (t) => {
  const reader = createToken('reader', ['read']);
  const collector = createToken('collector', ['ingest']);
  const { tokens } = readTokens(`${reader.line}\n${collector.line}\n`);
  const closed = await serveStatus(t, { isPublic: false }, { tokens });
  for (const path of FILES) {
    assert.equal((await send(closed, 'GET', path)).status, 401, path);
    assert.equal((await send(closed, 'GET', path, { authorization: `Bearer ${collector.token}` })).status, 403, path);
    const answer = await send(closed, 'GET', path, { authorization: `Bearer ${reader.token}` });
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, undefined], path);
    assert.equal(answer.headers['cache-control'], 'private, no-cache');
    const foreign = { authorization: `Bearer ${reader.token}`, origin: 'https://elsewhere.example' };
    assert.equal((await send(closed, 'GET', path, foreign)).status, 403, path);
  }
  const open = await serveStatus(t, {}, { tokens });
  for (const path of FILES)
    assert.equal((await send(open, 'GET', path)).status, 200, `${path} is public, whatever else needs a token`);
});

test('addresses for elsewhere are those of the public URL, below its path; else of the host that was asked', async (t) => {
  const publicUrl = new URL('https://example.org/musterbook/');
  const site = await serveStatus(t, {}, { publicUrl });
  await site.tell(['IncidentDeclared', 'i', DECLARED, 1]);
  const summary = await site.json('/api/v2/summary.json');
  assert.equal(summary.page.url, 'https://example.org/musterbook/status');
  assert.equal(summary.incidents[0].shortlink, 'https://example.org/musterbook/status/incidents/i');
  const page = await site.page('/status');
  const links = page.elements.map(({ attributes: { href = '' } }) => href).filter((href) => href.startsWith('/'));
  assert.ok(links.every((href) => href.startsWith('/musterbook/')));
  const local = await serveStatus(t);
  const { page: own } = await local.json('/api/v2/status.json');
  assert.equal(own.url, `${local.url}/status`);
});

test('the policy lets a page load its style and its pictures, and nothing run', async (t) => {
  const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
  const site = await serveStatus(t, { color: '#ff00aa', logo: { type: 'image/svg+xml', bytes: svg } });
  const policy = String((await send(site, 'GET', '/status')).headers['content-security-policy']);
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|script/);
  const page = await site.page('/status');
  assert.ok(page.elements.every(({ name, attributes }) => name !== 'style' && !('style' in attributes)));
  assert.match(await (await site.get('/status/style.css')).text(), /--brand:#ff00aa/);
  const logo = await send(site, 'GET', '/status/logo.svg');
  assert.deepEqual([logo.status, logo.headers['content-type']], [200, 'image/svg+xml']);
  assert.match(String(logo.headers['content-security-policy']), /sandbox/, 'opened as a page, it runs nothing');
});
