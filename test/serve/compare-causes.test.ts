/** Comparing two moments through GraphQL: which events are to blame. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causesIn, diff, happened } from './comparing.ts';
import { serve } from './serving.ts';

test('what changed and changed back is no difference, and no cause of one', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 10],
    ['HeartbeatRestored', 'web', { nodeId: 'a' }, 11],
    ['NodeJoined', 'web', { nodeId: 'a', zone: 'z2' }, 12],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 20],
  );
  assert.deepEqual((await diff(serving, 'web', happened('20:05'), happened('20:11'))).nodes, []);
  assert.deepEqual(causesIn((await diff(serving, 'web', happened('20:05'), happened('20:15'))).nodes), { a: ['t4'] });
  assert.deepEqual(causesIn((await diff(serving, 'web', happened('20:05'), happened('20:25'))).nodes), {
    a: ['t4', 't5'],
  });
});

test('a job is orphaned by what befell its node', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['JobStarted', 'web', { jobId: 'j1', nodeId: 'a' }, 0],
    ['JobStarted', 'web', { jobId: 'j2', nodeId: 'b' }, 1],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 10],
    ['NodeLeft', 'web', { nodeId: 'b' }, 11],
  );
  const { jobs } = await diff(serving, 'web', happened('20:05'), happened('20:15'));
  const [a, b] = [{ id: 'a' }, { id: 'b' }];
  const orphaned = { change: 'CHANGED', fromState: 'RUNNING', toState: 'ORPHANED' };
  assert.deepEqual(jobs, [
    { id: 'j1', from: a, to: a, causes: [{ id: 't3' }], ...orphaned },
    { id: 'j2', from: b, to: b, causes: [{ id: 't4' }], ...orphaned },
  ]);
});

test('later knowledge is a difference: a late fact for itself, a mistake for its retraction', async (t) => {
  const serving = await serve(t);
  const known = await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['LeaderElected', 'web', { leaderId: 'ghost', term: 2 }, 5],
  );
  const later = await serving.tell(
    ['EventRetracted', 'web', { eventSource: '/tests', eventId: 't2', reason: 'misread' }, 50],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 4],
  );
  const found = await diff(serving, 'web', { position: known }, { position: later });
  assert.deepEqual(causesIn(found.nodes), { a: ['t4'], ghost: ['t3'] });
  assert.deepEqual(found.leader.causes, [{ id: 't3' }]);
  assert.deepEqual(found.term, { from: 2, to: null, causes: [{ id: 't3' }] });
  const ghost = found.nodes.find(({ id }: { id: string }) => id === 'ghost');
  assert.deepEqual([ghost.change, ghost.to], ['REMOVED', null]);
});

test('a word that shows only later is the cause, though another event brought it to light', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['HeartbeatLost', 'web', { nodeId: 'a', observerId: 'o1' }, 10],
  );
  // Learned later, of a time before: it changes nothing then, but not every observer has lost the node any more.
  await serving.tell(['HeartbeatRestored', 'web', { nodeId: 'a', observerId: 'o2' }, 5]);
  const { nodes } = await diff(serving, 'web', { position: 2 }, { position: 3 });
  assert.deepEqual(nodes, [
    { id: 'a', change: 'CHANGED', from: { liveness: 'LOST' }, to: { liveness: 'UNKNOWN' }, causes: [{ id: 't3' }] },
  ]);
});

test('what a gap hides differs because of the gap', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['JobStarted', 'web', { jobId: 'j1', nodeId: 'a' }, 0],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 1],
  );
  const gap = { from: '2022-12-13T20:10:00Z', reason: 'link down' };
  const open = await serving.tell(['CollectorGapRecorded', '/tests', gap, 15]);
  const closed = await serving.tell(['CollectorGapRecorded', '/tests', { ...gap, to: '2022-12-13T20:20:00Z' }, 40]);
  const inside = await diff(serving, 'web', happened('20:05'), happened('20:15'));
  assert.deepEqual(inside.nodes, [
    {
      id: 'a',
      change: 'CHANGED',
      from: { liveness: 'LOST' },
      to: { liveness: 'UNKNOWN' },
      causes: [{ id: 't4' }, { id: 't5' }],
    },
  ]);
  assert.deepEqual(causesIn(inside.jobs), { j1: ['t4', 't5'] }, 'it is no orphan while nobody can see its node');
  const opened = await diff(serving, 'web', { position: 3 }, { position: open });
  assert.deepEqual(causesIn(opened.nodes), { a: ['t4'] });
  const over = await diff(serving, 'web', { position: open }, { position: closed });
  assert.deepEqual(causesIn(over.nodes), { a: ['t5'] }, 'what ended it, since both know how it began');
  assert.deepEqual((await diff(serving, 'web', happened('20:05'), happened('20:25'))).nodes, []);
});

test('at most the newest twenty causes are told of a row', async (t) => {
  const serving = await serve(t);
  await serving.tell(['NodeJoined', 'web', { nodeId: 'a', zone: 'z' }, 0]);
  for (let flap = 1; flap <= 15; flap += 1) {
    await serving.tell(
      ['HeartbeatLost', 'web', { nodeId: 'a' }, flap],
      ['NodeJoined', 'web', { nodeId: 'a', zone: `z${flap}` }, flap + 0.5],
    );
  }
  const { nodes } = await diff(serving, 'web', { position: 1 }, { position: 31 });
  assert.equal(nodes[0].causes.length, 16, 'the loss, and fifteen zones');
  for (let move = 1; move <= 10; move += 1) {
    await serving.tell(['NodeJoined', 'web', { nodeId: 'a', zone: `y${move}` }, 20 + move]);
  }
  const more = await diff(serving, 'web', { position: 1 }, { position: 41 });
  assert.equal(more.nodes[0].causes.length, 20);
  assert.equal(more.nodes[0].causes.at(-1).id, 't41');
});
