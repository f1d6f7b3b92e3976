// Holds S2, S4 of docs/invariants.md.
/** Replays over both transports: what they tell, at what pace, to whom, and what cannot be replayed. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Position } from '../../schemas/ids.ts';
import { FakeTimer, type Frame, frames, type Refusal, Refused, replayQuery, watchReplay } from './replaying.ts';
import { CALLER, type Serving, serve } from './serving.ts';
import { subscribe } from './streams.ts';

const at = (time: string) => `2022-12-13T${time}Z`;
const SPREEDLY = { id: 'spreedly-orchestration', from: at('20:10:00'), to: at('20:30:00') };
const HOUR = { id: 'web', from: at('20:00:00'), to: at('21:00:00') };

async function spreedly(t: TestContext): Promise<Serving> {
  const serving = await serve(t);
  const file = new URL('../../scenarios/spreedly-2022-12-13.jsonl', import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const records = lines.map((text) => ({ text }));
  const { position, rejected } = await serving.accept.restore(records, CALLER);
  assert.deepEqual(rejected, []);
  assert.ok(await serving.views.reached(position, 5_000));
  return serving;
}

/** Every frame of a replay, by the client of graphql-ws; ends when the server completes it. */
async function framesByWebSocket(url: string, query: string, variables: Record<string, unknown>): Promise<Frame[]> {
  const options = { url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 };
  const client = createClient(options);
  const found: Frame[] = [];
  for await (const { data } of client.iterate<{ replay: Frame }>({ query, variables }))
    if (data) found.push(data.replay);
  await client.dispose();
  return found;
}

async function gauge({ url }: Serving, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^musterbook_(?:subscription_)?${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** What either client rejects with. */
function errorsOf(reason: unknown): readonly Refusal[] {
  return reason instanceof Refused ? reason.errors : (reason as readonly Refusal[]);
}

test('the twenty minutes that this project was born from are told again, over both transports', async (t) => {
  const { url } = await spreedly(t);
  const query =
    replayQuery(`cursor at event { type id subject clockAhead retractedBy { id } ... on JobStartedEvent { jobId } }
    cluster { leader { id } nodes { id following { id } } jobs { id state } incidents { status impactOpen } asOf { occurredAt restored } }`);
  const told = await frames(url, query, { ...SPREEDLY, speed: 0 });
  assert.equal(told.length, 30);
  const [first, last] = [told[0] as Frame, told.at(-1) as Frame];
  assert.equal(first['event'].id, 'reports-1-taken-off', 'what happened at 20:10:00 itself lies before');
  assert.equal(last['event'].id, 'reports-1-started-2');
  const following = (frame: Frame): number =>
    frame['cluster'].nodes.filter((node: { following: unknown }) => node.following !== null).length;
  const running = (frame: Frame): number =>
    frame['cluster'].jobs.filter(({ state }: { state: string }) => state === 'RUNNING').length;
  assert.deepEqual(
    [...new Set(told.map(following))],
    [0, 1, 2, 3, 4, 5],
    'nobody follows; then one after the other does',
  );
  const lowest = Math.min(...told.map(running));
  assert.ok(told.findIndex((frame) => running(frame) === lowest) > told.findIndex((frame) => running(frame) > lowest));
  assert.equal(running(last), last['cluster'].jobs.length);
  const open = told.map(({ cluster }) => cluster.incidents[0]?.impactOpen ?? null);
  assert.deepEqual([open[0], open.at(-1)], [null, true], 'before 20:14 there was no impact');
  assert.deepEqual(last['cluster'].asOf, { occurredAt: last.at, restored: true });
  assert.deepEqual(await framesByWebSocket(url, query, { ...SPREEDLY, speed: 0 }), told);
});

test('as known at 20:12 the replay ends there; envelope and hash are read where asked for', async (t) => {
  const { url, ledger } = await spreedly(t);
  const query = replayQuery('cursor knownAt event { id hash cause { id } }');
  const told = await frames(url, query, { ...SPREEDLY, speed: 0, knownAt: at('20:12:00') });
  assert.equal(told.at(-1)?.['event'].id, 'vault-sync-1-assigned-2');
  assert.equal(told.at(-1)?.knownAt, '2022-12-13T20:12:00.000Z');
  for (const { cursor, event } of told) {
    const { hash } = (await ledger.eventAt(Number(cursor) as never)) ?? {};
    assert.equal(event.hash, hash);
  }
});

async function paced(t: TestContext, minutes: readonly number[]) {
  const timer = new FakeTimer();
  const serving = await serve(t, { timer });
  await serving.tell(...minutes.map((minute) => ['HeartbeatLost', 'web', { nodeId: 'n' }, minute] as const));
  return { timer, serving };
}

test('frames come when their time has come, at the speed asked for, and the last one completes', async (t) => {
  const { timer, serving } = await paced(t, [1, 3, 3, 10]);
  const { next, ended } = await watchReplay(serving.url, 'at cluster { id }', { ...HOUR, speed: 60 });
  for (const [due, minute] of [
    [1_000, '01'],
    [3_000, '03'],
    [3_000, '03'],
    [10_000, '10'],
  ] as const) {
    if (timer.nowMs() < due) timer.pass((await timer.slept()) - timer.nowMs());
    assert.equal((await next()).at, `2022-12-13T20:${minute}:00.000Z`);
    assert.equal(timer.nowMs(), due);
  }
  assert.equal(await ended, 'complete');
  assert.deepEqual(timer.asked, [1_000, 2_000, 7_000]);
});

test('by default it plays as it happened; dead time is skipped to a second where asked for; 0 waits for nothing', async (t) => {
  const { timer, serving } = await paced(t, [0.001, 0.01, 59]);
  const asked = async (more: object): Promise<readonly number[]> => {
    timer.asked.length = 0;
    const { ended } = await watchReplay(serving.url, 'at', { ...HOUR, ...more });
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    for (; !isOver; await nextTurn()) if (timer.sleeping > 0) timer.pass((await timer.slept()) - timer.nowMs());
    assert.equal(await ended, 'complete');
    return [...timer.asked];
  };
  assert.deepEqual(await asked({ speed: undefined }), [60, 540, 3_539_400]);
  assert.deepEqual(await asked({ speed: 1, skipIdle: true }), [60, 540, 1_000]);
  assert.deepEqual(await asked({ speed: 0 }), []);
});

test('a replay of which nothing is left completes at once', async (t) => {
  const { url, tell } = await serve(t);
  await tell(['NodeJoined', 'web', { nodeId: 'a' }, 1], ['NodeJoined', 'web', { nodeId: 'b' }, 2]);
  const quiet = { ...HOUR, from: at('20:30:00') };
  assert.deepEqual(await frames(url, replayQuery('cursor'), quiet), []);
  assert.deepEqual(await frames(url, replayQuery('cursor'), { ...HOUR, after: 2 }), []);
  assert.deepEqual(await framesByWebSocket(url, replayQuery('cursor'), quiet), []);
});

test('who leaves while a replay waits ends it; a server that closes cuts it off without completing it', async (t) => {
  const { timer, serving } = await paced(t, [1, 30]);
  const leaving = await watchReplay(serving.url, 'at', { ...HOUR, speed: 1 });
  await timer.slept();
  assert.equal(await gauge(serving, 'subscribers'), 1);
  leaving.close();
  while ((await gauge(serving, 'subscribers')) !== 0) await nextTurn();
  assert.equal(timer.sleeping, 0);
  const cut = await subscribe(serving.url, replayQuery('at'), { ...HOUR, speed: 1 });
  timer.pass((await timer.slept()) - timer.nowMs());
  await cut.next();
  await timer.slept();
  await serving.server.close();
  assert.equal(await cut.ended, 'next');
});

test('what is erased while a replay waits is not told, though it was read ahead', async (t) => {
  const timer = new FakeTimer();
  const serving = await serve(t, { timer });
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 1],
    ['NodeJoined', 'web', { nodeId: 'secret' }, 2, { id: 'secret' }],
    ['NodeJoined', 'web', { nodeId: 'b' }, 3],
  );
  const { next, ended } = await watchReplay(serving.url, 'cursor event { data } cluster { nodes { id } }', HOUR);
  timer.pass((await timer.slept()) - timer.nowMs());
  assert.equal((await next()).cursor, '1');
  assert.equal(await timer.slept(), 120_000);
  const { data, errors } = await serving.ask(
    `mutation { retractEvent(input: { event: { key: { source: "/tests", id: "secret" } }, reason: "a secret", erase: true }) {
      __typename ... on RetractEventPayload { position } } }`,
  );
  assert.deepEqual([errors, data.retractEvent.__typename], [[], 'RetractEventPayload']);
  assert.ok(await serving.views.reached(Number(data.retractEvent.position) as Position, 5_000));
  timer.pass(60_000);
  assert.equal(await timer.slept(), 180_000);
  timer.pass(60_000);
  const { cursor, cluster } = await next();
  assert.deepEqual([cursor, cluster.nodes], ['3', [{ id: 'a' }, { id: 'b' }]]);
  assert.equal(await ended, 'complete');
});

const CHANGES = 200;
/** About 110 kB a frame: 200 of them are more than any socket takes. */
const LABELS = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`label-${index}`, 'x'.repeat(100)]));

test('a reader that stalls pauses its own replay alone, holds nothing up, and reads the rest once it goes on', async (t) => {
  const serving = await serve(t);
  await serving.tell(['NodeJoined', 'web', { nodeId: 'n', labels: LABELS }, 0]);
  for (let term = 1; term <= CHANGES; term += 1) {
    await serving.tell(['LeaderElected', 'web', { leaderId: 'n', term }, term / 10]);
  }
  const fields = 'cursor cluster { term nodes { labels } }';
  const terms = async (next: () => Promise<Frame>): Promise<number[]> => {
    const found: number[] = [];
    while (found.at(-1) !== CHANGES) found.push((await next())['cluster'].term);
    return found;
  };
  const all = Array.from({ length: CHANGES }, (_, index) => index + 1);
  const stalled = await watchReplay(serving.url, fields, { ...HOUR, speed: 0 });
  stalled.pause();
  const brisk = await watchReplay(serving.url, fields, { ...HOUR, speed: 0 });
  assert.deepEqual(await terms(brisk.next), all);
  const delivered = await gauge(serving, 'payloads_delivered');
  assert.ok(
    delivered < 2 * CHANGES - 50,
    `${delivered} frames were handed over: nothing is made for who does not read`,
  );
  stalled.resume();
  assert.deepEqual(await terms(stalled.next), all);
  assert.equal(await stalled.ended, 'complete');
});

test('what cannot be replayed is refused when it is asked for, with a code and what to do', async (t) => {
  const { url, tell, ledger } = await serve(t);
  await tell(['NodeJoined', 'web', { nodeId: 'a' }, 10], ['NodeJoined', 'other', { nodeId: 'a' }, 10]);
  const wrong = await tell(['LeaderElected', 'web', { leaderId: 'ghost', term: 2 }, 20, { id: 'wrong' }]);
  const { recordedAt } = await ledger.head();
  const retraction = await tell([
    'EventRetracted',
    'web',
    { eventSource: '/tests', eventId: 'wrong', reason: 'misread' },
  ]);
  const late = await tell(['NodeJoined', 'web', { nodeId: 'c' }, 30]);
  const check = async (more: object, code: string, message: RegExp): Promise<void> => {
    for (const read of [frames, framesByWebSocket]) {
      const reading = read(url, replayQuery('cursor cluster { id }'), { ...HOUR, speed: 0, ...more });
      const errors = await reading.then(() => assert.fail('it was not refused'), errorsOf);
      assert.deepEqual([errors[0]?.extensions.code, errors.length], [code, 1]);
      assert.match(errors[0]?.message ?? '', message);
    }
  };
  await check({ id: 'nobody' }, 'UNKNOWN_CLUSTER', /"nobody".*expected the id/);
  await check({ knownAt: at('19:00:00') }, 'UNKNOWN_CLUSTER', /known as of 2022-12-13T19:00:00/);
  await check({ to: HOUR.from }, 'FROM_AFTER_TO', /from .* is not before to/);
  await check({ from: HOUR.to, to: HOUR.from }, 'FROM_AFTER_TO', /exchange them/);
  await check({ to: '2100-01-01T00:00:00Z' }, 'MOMENT_IN_FUTURE', /to 2100.*lies in the future/);
  await check({ knownAt: '2100-01-01T00:00:00Z' }, 'MOMENT_IN_FUTURE', /knownAt 2100.*leave `knownAt` out/);
  await check({ speed: -1 }, 'BAD_VALUE', /speed -1: expected a finite number from 0 on/);
  await check({ speed: 'fast' }, 'BAD_VALUE', /\$speed/);
  await check({ from: 'yesterday' }, 'TIME_UNREADABLE', /RFC 3339/);
  await check({ after: 'x' }, 'BAD_VALUE', /Position/);
  await check({ after: 0 }, 'BAD_CURSOR', /after 0 is no frame of this replay: expected the cursor of one/);
  await check({ after: 2 }, 'BAD_CURSOR', /position of an event of cluster-web/);
  await check({ after: 99 }, 'BAD_CURSOR', /is no frame/);
  await check({ after: wrong }, 'BAD_CURSOR', /not retracted/);
  await check({ after: retraction }, 'BAD_CURSOR', /is no frame/);
  await check({ after: 1, from: at('20:10:00') }, 'BAD_CURSOR', /after 2022-12-13T20:10:00/);
  await check({ after: late, to: at('20:20:00') }, 'BAD_CURSOR', /by 2022-12-13T20:20:00/);
  const before = new Date((recordedAt ?? 0) / 1_000).toISOString();
  await check({ after: late, knownAt: before }, 'BAD_CURSOR', /was recorded by/);
  const known = await frames(url, replayQuery('cursor'), { ...HOUR, speed: 0, knownAt: before, after: 1 });
  assert.deepEqual(known, [{ cursor: String(wrong) }], 'what was retracted later is told as known before');
});

test('a literal speed beyond all numbers is refused, and one so slow that it never ends may be left', async (t) => {
  const { timer, serving } = await paced(t, [1]);
  const range = `clusterId: "web", from: "${HOUR.from}", to: "${HOUR.to}"`;
  const endless = frames(serving.url, `subscription { replay(${range}, speed: 1e999) { cursor } }`);
  await assert.rejects(endless, { code: 'BAD_VALUE' });
  const slow = await subscribe(serving.url, `subscription { replay(${range}, speed: 1e-300) { cursor } }`);
  await timer.slept();
  slow.close();
  while ((await gauge(serving, 'subscribers')) !== 0) await nextTurn();
});
