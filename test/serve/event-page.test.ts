import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sent } from './sent.ts';
import { type Serving, serve } from './serving.ts';

async function page(serving: Serving, position: number | string) {
  return sent(serving.url, { path: `/events/${position}`, headers: { accept: 'text/html' } });
}

async function told(serving: Serving): Promise<void> {
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'n1' }, 1, { correlationid: 'deploy-7' }],
    ['LeaderElected', 'web', { leaderId: 'n1', term: 1 }, 2, { causationid: 't1' }],
    ['IncidentDeclared', 'i', { title: 'T', status: 'investigating', origin: 'manual', clusterIds: ['web'] }],
    ['NodeLeft', 'web', { nodeId: 'n1', reason: '<img src=x onerror=alert(1)>' }, 3],
    ['EventRetracted', 'web', { eventSource: '/tests', eventId: 't4', reason: 'it had "not" left' }],
  );
}

test('an event has a page that says everything about it, without scripts', async (t) => {
  const serving = await serve(t);
  await told(serving);
  const { status, body } = await page(serving, 2);
  assert.equal(status, 200);
  const event = await serving.ledger.eventAt(2 as never);
  const before = await serving.ledger.eventAt(1 as never);
  for (const text of [
    'LeaderElected',
    'cluster-web',
    'revision 1',
    '/tests',
    event?.hash,
    before?.hash,
    event?.dataHash,
  ]) {
    assert.ok(body.includes(String(text)), String(text));
  }
  assert.match(body, /<dt>Cause<\/dt><dd><a href="\/events\/1">NodeJoined at position 1<\/a>/);
  assert.match(body, /<a class="button" rel="prev" href="\/events\/1">/);
  assert.match(body, /<a class="button" rel="next" href="\/events\/4">/, 'the next of its stream, not of the ledger');
  assert.match(body, /<a href="\/clusters\/web">/);
  assert.match(body, /<pre id="cloudevent" tabindex="0">\{/);
  assert.match((await page(serving, 1)).body, /deploy-7/);
  assert.match((await page(serving, 3)).body, /<dt>Cluster<\/dt><dd><a href="\/clusters\/web">web<\/a>/);
});

test('a retracted event names its retraction, and the retraction what it takes back; what was recorded is never markup', async (t) => {
  const serving = await serve(t);
  await told(serving);
  const left = await page(serving, 4);
  assert.match(
    left.body,
    /Retracted by <a href="\/events\/5">EventRetracted at position 5<\/a>.*it had &#34;not&#34; left/,
  );
  assert.doesNotMatch(left.body, /<img/);
  assert.match(left.body, /&#60;img src=x/);
  assert.match((await page(serving, 5)).body, /Takes back <a href="\/events\/4">NodeLeft at position 4<\/a>/);
});

test('an erased event keeps its page, its place and its digest', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'secret-name' }, 1],
    ['EventRetracted', 'web', { eventSource: '/tests', eventId: 't1', reason: 'a name', erase: true }],
  );
  const { status, body } = await page(serving, 1);
  assert.equal(status, 200);
  assert.doesNotMatch(body, /secret-name/);
  assert.match(body, /erased for good/);
});

test('whoever asks for no page gets the event as it is exported', async (t) => {
  const serving = await serve(t);
  await told(serving);
  const { headers, body } = await sent(serving.url, { path: '/events/1', headers: { accept: '*/*' } });
  assert.equal(headers['content-type'], 'application/cloudevents+json; charset=utf-8');
  const exported = await (await fetch(`${serving.url}/export.jsonl`)).text();
  assert.equal(body, exported.split('\n')[0]);
});

test('a position without an event is answered as not found', async (t) => {
  const serving = await serve(t);
  for (const position of [0, 9, 'x', '-1', '9007199254740993'])
    assert.equal((await page(serving, position)).status, 404, `${position}`);
  assert.equal((await sent(serving.url, { path: '/events/9' })).status, 404);
});
