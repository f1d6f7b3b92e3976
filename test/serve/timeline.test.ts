/** `timeline` through GraphQL: what the lanes say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { drawn, type Lane, told } from './drawn.ts';
import { CALLER, type Serving, serve, type Told } from './serving.ts';

async function restored(t: TestContext, scenario: string): Promise<Serving> {
  const serving = await serve(t);
  const file = new URL(`../../scenarios/${scenario}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const result = await serving.accept.restore(
    lines.map((text) => ({ text })),
    CALLER,
  );
  assert.ok(await serving.views.reached(result.position, 5_000));
  return serving;
}

test('the evening of Spreedly: one leader throughout, and jobs that nobody picked up', async (t) => {
  const serving = await restored(t, 'spreedly-2022-12-13');
  const asked = { cluster: 'spreedly-orchestration', from: '20:00', to: '20:30', buckets: 1_800 };
  const timeline = await drawn(serving, asked);
  assert.deepEqual(told(timeline, 'leader', 'spreedly-orchestration'), ['20:00:00–… orch-1 term 7']);
  assert.deepEqual(told(timeline, 'job', 'core-api-1'), [
    '20:00:00–20:13:22 RUNNING orch-2 term 7',
    '20:13:22–20:13:30 UNASSIGNED',
    '20:13:30–20:27:20 ASSIGNED orch-3 term 7',
    '20:27:20–… RUNNING orch-3 term 7',
  ]);
  assert.deepEqual(told(timeline, 'incident', 'spreedly-2022-12-13'), ['20:14:00–20:28:00 unstated']);
  assert.deepEqual(told(timeline, 'maintenance', 'spreedly-routine-2022-12-13'), ['20:00:00–20:09:30 completed']);
  assert.equal(timeline.lanesOmitted, 0);
  assert.equal(timeline.bucketMs, 1_000);
  // As known at 20:30 neither the beginning nor the end of the impact had been said, only that there was an incident.
  const then = await drawn(serving, { ...asked, knownAt: '20:30' });
  assert.deepEqual(told(then, 'incident', 'spreedly-2022-12-13'), ['20:27:00–… unstated']);
  const early = await drawn(serving, { ...asked, knownAt: '20:15' });
  assert.equal(told(early, 'incident', 'spreedly-2022-12-13'), null);
  assert.deepEqual(told(early, 'job', 'core-api-1')?.at(-1), '20:13:30–… ASSIGNED orch-3 term 7');
});

test('the evening of Spreedly: the followers fall away while the leader leads', async (t) => {
  const serving = await restored(t, 'spreedly-2022-12-13');
  const asked = { cluster: 'spreedly-orchestration', from: '19:30', to: '20:30', buckets: 3_600 };
  const { followers } = await drawn(serving, asked);
  const turns = followers.flatMap((count: number | null, index: number) => {
    const time = `${19 + Math.floor((index + 1_800) / 3_600)}:${new Date(index * 1_000 + 1_800_000).toISOString().slice(14, 19)}`;
    return count === followers[index - 1] ? [] : [`${time} ${count}`];
  });
  assert.deepEqual(turns.slice(0, 2), ['19:30:00 null', '19:30:02 0']);
  assert.deepEqual(turns.slice(6), [
    ...['19:30:36 5', '19:50:10 4', '19:55:30 3', '20:01:00 2', '20:05:20 1', '20:08:40 0'],
    ...['20:26:20 1', '20:26:32 2', '20:26:44 3', '20:26:56 4', '20:27:08 5'],
  ]);
  // Of coarse buckets each has its fewest: the first one that fell says so at once.
  const coarse = await drawn(serving, { ...asked, buckets: 6 });
  assert.deepEqual(coarse.followers, [0, 5, 3, 0, 0, 0]);
  const then = await drawn(serving, { ...asked, buckets: 6, knownAt: '20:00' });
  assert.deepEqual(then.followers, [0, 5, 3, 3, null, null]);
});

test('two masters for 41 minutes are on two lanes', async (t) => {
  const serving = await restored(t, 'gitlab-2017-01-08-split-brain');
  const asked = {
    cluster: 'gitlab-postgres',
    from: '2017-01-08T00:00:00Z',
    to: '2017-01-08T02:00:00Z',
    buckets: 7_200,
  };
  const timeline = await drawn(serving, asked);
  assert.deepEqual(told(timeline, 'leader', 'gitlab-postgres'), [
    '00:50:03–01:00:00 postgres-01',
    '01:00:00–01:41:00 postgres-02',
    '01:41:00–… none',
  ]);
  assert.deepEqual(told(timeline, 'leader', 'gitlab-postgres#2'), ['01:00:00–01:41:00 postgres-01']);
});

const JOINED: readonly Told[] = [
  ['NodeJoined', 'web', { nodeId: 'a', zone: 'z1', name: 'Alpha' }, 0],
  ['NodeJoined', 'web', { nodeId: 'b', zone: 'z2' }, 0],
];

test('two leaders of one term: both are seen, whoever of them leads', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['ElectionStarted', 'web', { scope: 'orders', candidateId: 'a' }, 1],
    ['LeaderElected', 'web', { scope: 'orders', leaderId: 'a', term: 4 }, 2],
    ['LeaderElected', 'web', { scope: 'orders', leaderId: 'b', term: 4 }, 10],
    ['LeaderElected', 'web', { scope: 'orders', leaderId: 'c', term: 3 }, 15],
    ['LeaderLost', 'web', { scope: 'orders', leaderId: 'a', term: 4, reason: 'crashed' }, 20],
    ['NodeLeft', 'web', { nodeId: 'b' }, 30],
  );
  const timeline = await drawn(serving);
  assert.deepEqual(told(timeline, 'leader', 'orders'), [
    '20:01:00–20:02:00 electing',
    '20:02:00–20:20:00 a term 4',
    '20:20:00–20:30:00 b term 4',
    '20:30:00–… none',
  ]);
  assert.deepEqual(told(timeline, 'leader', 'orders#2'), ['20:10:00–20:20:00 b term 4']);
  assert.deepEqual(told(timeline, 'leader', 'orders#3'), ['20:15:00–… c term 3']);
  assert.deepEqual(
    timeline.lanes.filter((lane: Lane) => lane.kind === 'leader').map((lane: Lane) => lane.group),
    ['orders', 'orders', 'orders'],
  );
});

test('lanes of one kind have ids of their own, whatever scopes are called', async (t) => {
  const serving = await serve(t);
  const elected = (leaderId: string, scope: string | undefined, term: number, minute: number): Told => {
    return ['LeaderElected', 'web', { leaderId, term, ...(scope === undefined ? {} : { scope }) }, minute];
  };
  await serving.tell(
    ...['web', undefined, 'web#2'].map((scope) => elected('a', scope, 1, 1)),
    ...['web', undefined].map((scope) => elected('b', scope, 1, 5)),
  );
  const { lanes } = await drawn(serving);
  const leaders = lanes.filter((lane: Lane) => lane.kind === 'leader');
  assert.equal(new Set(leaders.map((lane: Lane) => lane.id)).size, 5);
  assert.deepEqual(
    leaders.map((lane: Lane) => [lane.group, lane.values[0]]),
    [
      ['web', 'a'],
      ['web', 'b'],
      [null, 'a'],
      [null, 'b'],
      ['web#2', 'a'],
    ],
  );
});

test('a node called as nobody is has a space before its name', async (t) => {
  const serving = await serve(t);
  await serving.tell(['LeaderElected', 'web', { leaderId: 'none' }, 1], ['LeaderElected', 'web', { leaderId: 'x' }, 2]);
  assert.deepEqual(told(await drawn(serving), 'leader', 'web')?.[0], '20:01:00–20:02:00  none');
});

test('liveness and jobs: lost, orphaned, silent in a gap, back; late facts in their places, retracted ones gone', async (t) => {
  const serving = await serve(t);
  const gap = { from: '2022-12-13T20:40:00Z', to: '2022-12-13T20:45:00Z', reason: 'link down' };
  await serving.tell(
    ...JOINED,
    ['JobAssigned', 'web', { jobId: 'j', nodeId: 'a', term: 3 }, 1],
    ['JobStarted', 'web', { jobId: 'j', nodeId: 'a' }, 2],
    ['HeartbeatRestored', 'web', { nodeId: 'a' }, 30],
    ['HeartbeatLost', 'web', { nodeId: 'b' }, 31, { id: 'wrong' }],
    ['EventRetracted', 'web', { eventSource: '/tests', eventId: 'wrong', reason: 'misread' }, 32],
    // Told late.
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 20],
    ['CollectorGapRecorded', '/tests', gap, 50],
  );
  const timeline = await drawn(serving);
  assert.deepEqual(told(timeline, 'node', 'a'), [
    '20:00:00–20:20:00 ALIVE',
    '20:20:00–20:30:00 LOST',
    '20:30:00–20:40:00 ALIVE',
    '20:40:00–20:45:00 UNKNOWN',
    '20:45:00–… ALIVE',
  ]);
  assert.deepEqual(told(timeline, 'job', 'j'), [
    '20:01:00–20:02:00 ASSIGNED a term 3',
    '20:02:00–20:20:00 RUNNING a term 3',
    '20:20:00–20:30:00 ORPHANED a term 3',
    '20:30:00–… RUNNING a term 3',
  ]);
  assert.deepEqual(told(timeline, 'node', 'b')?.[0], '20:00:00–20:40:00 ALIVE');
  assert.deepEqual(told(timeline, 'gap', '/tests'), ['20:40:00–20:45:00 link down']);
  const [a] = timeline.lanes.filter((lane: Lane) => lane.kind === 'node');
  assert.deepEqual([a.name, a.group], ['Alpha', 'z1']);
  assert.deepEqual(timeline.completeness, { complete: false, gaps: [{ reason: 'link down', event: { id: 't9' } }] });
  assert.equal(timeline.counts.length, 3_600);
  assert.equal(
    timeline.counts.reduce((sum: number, count: number) => sum + count, 0),
    6,
  );
  assert.deepEqual([timeline.counts[0], timeline.counts[20 * 60]], [2, 1]);
  assert.deepEqual(timeline.asOf, { position: '9', occurredAt: '2022-12-13T20:30:00.000Z' });
});

test('an end is open only where what held lasts still', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ...JOINED,
    ['JobAssigned', 'web', { jobId: 'j', nodeId: 'a' }, 1],
    ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 1],
    ['LeaderLost', 'web', { leaderId: 'a', term: 1, reason: 'crashed' }, 5],
  );
  const asked = { to: '20:10' };
  const lasting = await drawn(serving, asked);
  assert.deepEqual(told(lasting, 'node', 'a'), ['20:00:00–… ALIVE']);
  assert.deepEqual(told(lasting, 'job', 'j'), ['20:01:00–… ASSIGNED a']);
  assert.deepEqual(told(lasting, 'leader', 'web')?.at(-1), '20:05:00–… none');
  // Back to what it was by now, but not throughout.
  const gap = { from: '2022-12-13T20:40:00Z', to: '2022-12-13T20:45:00Z', reason: 'link down' };
  await serving.tell(
    ['CollectorGapRecorded', '/tests', gap, 50],
    ['LeaderElected', 'web', { leaderId: 'a', term: 2 }, 51],
    ['LeaderLost', 'web', { leaderId: 'a', term: 2, reason: 'crashed' }, 52],
  );
  const over = await drawn(serving, asked);
  assert.deepEqual(told(over, 'node', 'a'), ['20:00:00–20:10:00 ALIVE']);
  assert.deepEqual(told(over, 'job', 'j'), ['20:01:00–20:10:00 ASSIGNED a']);
  assert.deepEqual(told(over, 'leader', 'web')?.at(-1), '20:05:00–20:10:00 none');
});

test('nodes that had left and jobs that had completed before have no lanes', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ...JOINED,
    ['JobAssigned', 'web', { jobId: 'done', nodeId: 'a' }, 1],
    ['JobCompleted', 'web', { jobId: 'done', nodeId: 'a' }, 2],
    ['JobAssigned', 'web', { jobId: 'failed', nodeId: 'a' }, 1],
    ['JobFailed', 'web', { jobId: 'failed', nodeId: 'a' }, 2],
    ['NodeLeft', 'web', { nodeId: 'b' }, 3],
  );
  const { lanes } = await drawn(serving, { from: '20:30' });
  assert.deepEqual(
    lanes.map((lane: Lane) => [lane.kind, lane.id, ...lane.values]),
    [
      ['node', 'a', 'ALIVE'],
      ['job', 'failed', 'FAILED a'],
    ],
  );
});
