import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { temporaryFolder } from '../support/temporary.ts';
import { sent } from './sent.ts';
import { type Serving, serve } from './serving.ts';

const SHELL = `<!doctype html>
<html lang="en">
<head>
<title>Musterbook</title>
<script type="module" crossorigin src="/assets/index-a1.js"></script>
</head>
<body><div id="app"><!--content--></div></body>
</html>
`;
const SCRIPT = 'console.log("'.concat('x'.repeat(5_000), '");');
const PAGE = { accept: 'text/html,application/xhtml+xml' };

async function withBundle(t: TestContext): Promise<Serving> {
  const webFolder = temporaryFolder(t);
  mkdirSync(join(webFolder, 'assets'));
  writeFileSync(join(webFolder, 'index.html'), SHELL);
  writeFileSync(join(webFolder, 'assets', 'index-a1.js'), SCRIPT);
  return serve(t, { webFolder });
}

test('every address of the explorer is answered with its shell, under a policy that allows nothing inline or foreign', async (t) => {
  const serving = await withBundle(t);
  for (const path of [
    '/',
    '/clusters/a%2Fb',
    '/clusters/a/compare',
    '/incidents',
    '/incidents/i/postmortem',
    '/events',
    '/ledger?rejections=x',
  ]) {
    const { status, headers, body } = await sent(serving.url, { path, headers: PAGE });
    assert.deepEqual([status, headers['content-type']], [200, 'text/html; charset=utf-8'], path);
    assert.match(body, /src="\/assets\/index-a1\.js"/);
    assert.match(body, /<noscript>/, 'without scripts it says what there is');
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.equal(headers['referrer-policy'], 'same-origin', 'else the forms would come with the Origin null');
  }
});

test('an unchanged page is not sent again, and a theme chosen before is in it from the first byte', async (t) => {
  const serving = await withBundle(t);
  const first = await sent(serving.url, { path: '/', headers: PAGE });
  const etag = String(first.headers['etag']);
  const again = await sent(serving.url, { path: '/', headers: { ...PAGE, 'if-none-match': etag } });
  assert.deepEqual([again.status, again.body], [304, '']);
  const dark = await sent(serving.url, {
    path: '/',
    headers: { ...PAGE, 'if-none-match': etag, cookie: 'a=b; musterbook_theme=dark' },
  });
  assert.equal(dark.status, 200);
  assert.match(dark.body, /<html lang="en" data-theme="dark" data-roles="[a-z ]*">/);
  const odd = await sent(serving.url, { path: '/', headers: { ...PAGE, cookie: 'musterbook_theme="><script>' } });
  assert.match(odd.body, /<html lang="en" data-roles="[a-z ]*">/);
});

test('files under /assets are kept for ever, compressed as the client takes it', async (t) => {
  const serving = await withBundle(t);
  const path = '/assets/index-a1.js';
  const plain = await sent(serving.url, { path });
  assert.deepEqual(
    [plain.status, plain.headers['content-type'], plain.headers['cache-control'], plain.body],
    [200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable', SCRIPT],
  );
  const brotli = await sent(serving.url, { path, headers: { 'accept-encoding': 'gzip, deflate, br' } });
  assert.deepEqual([brotli.headers['content-encoding'], String(brotliDecompressSync(brotli.bytes))], ['br', SCRIPT]);
  const gzip = await sent(serving.url, { path, headers: { 'accept-encoding': 'gzip' } });
  assert.deepEqual([gzip.headers['content-encoding'], String(gunzipSync(gzip.bytes))], ['gzip', SCRIPT]);
  const known = await sent(serving.url, { path, headers: { 'if-none-match': String(plain.headers['etag']) } });
  assert.equal(known.status, 304);
  for (const absent of ['/assets/none.js', '/assets/..%2Findex.html', '/assets/%2e%2e/index.html']) {
    assert.equal((await sent(serving.url, { path: absent })).status, 404, absent);
  }
});

test('whoever asks for no page is told what doors there are, as text or JSON', async (t) => {
  const serving = await withBundle(t);
  const curl = await sent(serving.url, { path: '/', headers: { accept: '*/*' } });
  assert.equal(curl.headers['content-type'], 'text/plain; charset=utf-8');
  assert.match(curl.body, /^ {2}\/graphql +GraphiQL/m);
  const json = await sent(serving.url, { path: '/', headers: { accept: 'application/json' } });
  assert.ok('/graphql' in JSON.parse(json.body).doors);
});

test('without its files the explorer says how to make them, and lists the doors', async (t) => {
  const serving = await serve(t, { webFolder: join(temporaryFolder(t), 'none') });
  const { status, body } = await sent(serving.url, { path: '/', headers: PAGE });
  assert.equal(status, 200);
  assert.match(body, /npm run build:web/);
  assert.match(body, /<a href="\/graphql">/);
  assert.equal((await sent(serving.url, { path: '/assets/index-a1.js' })).status, 404);
});
