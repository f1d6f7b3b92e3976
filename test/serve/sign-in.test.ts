// Holds S3 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken, readTokens } from '../../src/serve/auth.ts';
import { posted, sent } from './sent.ts';
import { serve } from './serving.ts';

const READER = createToken('a reader', ['read']);
const SENDER = createToken('a collector', ['ingest']);
const { tokens: TOKENS } = readTokens(`${READER.line}\n${SENDER.line}\n`);
const PAGE = { accept: 'text/html' };

function cookieOf(headers: { readonly 'set-cookie'?: string[] | undefined }): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

test('signing in sets a cookie that scripts cannot read, goes back to where the reader was, and opens pages and GraphQL', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  await serving.tell(['NodeJoined', 'c', { nodeId: 'n' }]);
  const closed = await sent(serving.url, { path: '/events/1', headers: PAGE });
  assert.equal(closed.status, 401);
  assert.match(closed.body, /<form[^>]* method="post" action="\/sign-in">/);
  assert.match(closed.body, /name="to" value="\/events\/1"/);
  assert.doesNotMatch(closed.body, /NodeJoined|<script/);

  const answer = await posted(serving.url, '/sign-in', { token: READER.token, to: '/events/1' });
  assert.deepEqual([answer.status, answer.headers.location], [303, '/events/1']);
  assert.equal(
    answer.headers['set-cookie']?.[0],
    `musterbook_session=${READER.token}; Path=/; HttpOnly; SameSite=Strict`,
  );
  const cookie = cookieOf(answer.headers);
  const open = await sent(serving.url, { path: '/events/1', headers: { ...PAGE, cookie: `theme=x; ${cookie}` } });
  assert.equal(open.status, 200);
  assert.match(open.body, /data-reader="a reader"/);
  assert.match(open.body, /NodeJoined/);
  const asked = await serving.ask('{ ledger { head } }', {}, { cookie });
  assert.deepEqual(asked.data, { ledger: { head: '1' } });
});

test('the session may what its token may, and no page of elsewhere may use it', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const cookie = `musterbook_session=${READER.token}`;
  const append = 'mutation { declareIncident(input: { title: "t" }) { __typename } }';
  const refused = await serving.ask(append, {}, { cookie });
  assert.equal(refused.errors[0]?.extensions['code'], 'FORBIDDEN');
  const foreign = await sent(serving.url, {
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', origin: 'https://evil.example', cookie },
    body: '{"query":"{ ledger { head } }"}',
  });
  assert.equal(foreign.status, 403);
  const forged = await posted(serving.url, '/sign-in', { token: READER.token }, { origin: 'https://evil.example' });
  assert.deepEqual([forged.status, forged.headers['set-cookie']], [403, undefined]);
  const byHeader = await serving.ask('{ ledger { head } }', {}, { cookie, authorization: 'Bearer mb_wrong' });
  assert.equal(byHeader.status, 401, 'what is sent on purpose goes first');
});

test('behind https the cookie goes over https only', async (t) => {
  const serving = await serve(t, { tokens: TOKENS, publicUrl: new URL('https://muster.example') });
  const answer = await posted(serving.url, '/sign-in', { token: READER.token }, { origin: 'https://muster.example' });
  assert.equal(
    answer.headers['set-cookie']?.[0],
    `__Host-musterbook_session=${READER.token}; Path=/; HttpOnly; SameSite=Strict; Secure`,
  );
  const asked = await serving.ask('{ ledger { head } }', {}, { cookie: cookieOf(answer.headers) });
  assert.equal(asked.status, 200);
});

test('a token that is unknown, or may not read, is told so; after 20 failures in a minute an address waits', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const sender = await posted(serving.url, '/sign-in', { token: SENDER.token });
  assert.equal(sender.status, 403);
  assert.match(sender.body, /may not read/);
  const statuses: number[] = [];
  for (let count = 0; count < 21; count += 1) {
    const { status, body, headers } = await posted(serving.url, '/sign-in', { token: `guess${count}`, to: '/ledger' });
    statuses.push(status);
    assert.equal(headers['set-cookie'], undefined);
    assert.match(body, /value="\/ledger"/, 'where the reader wanted to go is kept');
  }
  assert.deepEqual(statuses, [...Array(20).fill(401), 429]);
  const stale = await sent(serving.url, {
    path: '/events/1',
    headers: { ...PAGE, cookie: 'musterbook_session=mb_gone' },
  });
  assert.equal(stale.status, 429, 'a session is a sign-in too');
  assert.equal(
    (await posted(serving.url, '/sign-in', { token: READER.token })).status,
    303,
    'a right token still comes in',
  );
});

test('a link followed on another site is asked once more, so that the session is seen', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const first = await sent(serving.url, {
    path: '/events/7?x="><script>',
    headers: { ...PAGE, 'sec-fetch-site': 'cross-site' },
  });
  assert.equal(first.status, 200);
  assert.match(first.body, /<meta http-equiv="refresh" content="0; url=\/events\/7\?x=%22%3E%3Cscript%3E">/);
  const second = await sent(serving.url, { path: '/events/7', headers: { ...PAGE, 'sec-fetch-site': 'same-origin' } });
  assert.equal(second.status, 401, 'and not a third time');
});

test('after the sign-in the reader goes nowhere but to a path of this server', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  for (const to of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'events',
    '/a\r\nx: y',
    '/sign-out',
    '',
  ]) {
    const { headers } = await posted(serving.url, '/sign-in', { token: READER.token, to });
    assert.equal(headers.location, '/', JSON.stringify(to));
  }
});

test('a sign-in that is no form, or larger than one, is refused before it is looked at', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const large = await posted(serving.url, '/sign-in', { token: READER.token, to: `/${'x'.repeat(10_000)}` });
  assert.deepEqual([large.status, large.headers['set-cookie']], [413, undefined]);
  const json = await posted(serving.url, '/sign-in', { token: READER.token }, { 'content-type': 'application/json' });
  assert.deepEqual([json.status, json.headers['set-cookie']], [415, undefined]);
});

test('signing out takes the cookie away; who is signed in is told so', async (t) => {
  const serving = await serve(t, { tokens: TOKENS });
  const cookie = `musterbook_session=${READER.token}`;
  const shown = await sent(serving.url, { path: '/sign-in', headers: { ...PAGE, cookie } });
  assert.match(shown.body, /Signed in as a reader/);
  const out = await posted(serving.url, '/sign-out', {}, { cookie });
  assert.deepEqual([out.status, out.headers.location], [303, '/sign-in']);
  assert.match(String(out.headers['set-cookie']), /^musterbook_session=; Max-Age=0; Path=\/; HttpOnly/);
});

test('where there are no tokens there is nothing to sign in to', async (t) => {
  const serving = await serve(t);
  const { status, body } = await sent(serving.url, { path: '/sign-in', headers: PAGE });
  assert.equal(status, 200);
  assert.match(body, /No sign-in needed/);
});
