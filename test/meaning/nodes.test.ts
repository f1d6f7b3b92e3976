import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStory, micros, type Story } from '../support/events.ts';
import { nodeAfter, topologyOf } from '../support/topology.ts';

function liveness(story: Story, id = 'n1'): string {
  return nodeAfter(story.events, id).liveness;
}

describe('knowing a node', () => {
  test('an event that names a node makes it known, its liveness UNKNOWN', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'elected' }, { at: 5 });
    tell('LeaderLost', { leaderId: 'lost', reason: 'crashed' });
    tell('ElectionStarted', { candidateId: 'candidate' });
    tell('FollowerAttached', { nodeId: 'follower', leaderId: 'followed' });
    tell('FollowerDetached', { nodeId: 'detached', leaderId: 'left-behind' });
    tell('JobAssigned', { jobId: 'j', nodeId: 'assigned', leaderId: 'assigner' });
    tell('JobStarted', { jobId: 'j', nodeId: 'started' });
    tell('JobCompleted', { jobId: 'j', nodeId: 'completed' });
    tell('JobFailed', { jobId: 'j', nodeId: 'failed' });
    tell('JobUnassigned', { jobId: 'j', nodeId: 'unassigned', reason: 'drained' });
    tell('AnomalyDetected', {
      anomalyId: 'x',
      code: 'SPLIT',
      severity: 'critical',
      rule: 'r',
      ruleVersion: '1',
      message: 'm',
      nodeIds: ['anomalous'],
      evidence: [],
    });

    const { nodes } = topologyOf(story.events);
    assert.deepEqual(
      nodes.map((node) => node.id),
      [
        ...['elected', 'lost', 'candidate', 'follower', 'followed', 'detached', 'left-behind', 'assigned', 'assigner'],
        ...['started', 'completed', 'failed', 'unassigned', 'anomalous'],
      ],
    );
    assert.equal(
      nodes.every((node) => node.liveness === 'UNKNOWN'),
      true,
    );
    assert.equal(nodes[0]?.since, micros(5));
  });

  test('an observer is not made known', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'watcher' });
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'witness' });

    assert.deepEqual(
      topologyOf(story.events).nodes.map((node) => node.id),
      ['n1'],
    );
  });

  test('ids that mean something to JavaScript are ids like any other', () => {
    const story = createStory();
    const tell = story.cluster();
    for (const id of ['constructor', '__proto__', 'toString', '10', '9']) {
      tell('NodeJoined', { nodeId: id, name: `name of ${id}` });
      tell('JobAssigned', { jobId: id, nodeId: id });
      tell('LeaderElected', { scope: id, leaderId: id, term: 1 });
    }

    const view = topologyOf(JSON.parse(JSON.stringify(story.events)));
    assert.deepEqual(
      view.nodes.map((node) => [node.id, node.name, node.jobs.length]).sort(),
      ['10', '9', '__proto__', 'constructor', 'toString'].map((id) => [id, `name of ${id}`, 1]),
    );
    assert.equal(view.leaders.length, 5);
  });
});

describe('joining and leaving', () => {
  test('the first join of a node of whom no observer has spoken makes it ALIVE', () => {
    const story = createStory();
    story.cluster()('NodeJoined', { nodeId: 'n1', zone: 'z1', kind: 'voter' }, { at: 10 });

    const node = nodeAfter(story.events, 'n1');
    assert.equal(node.liveness, 'ALIVE');
    assert.equal(node.since, micros(10));
    assert.equal(node.zone, 'z1');
    assert.equal(node.lastSeenAt, micros(10));
  });

  test('the first join of a node that was only mentioned makes it ALIVE', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'n1' });
    tell('NodeJoined', { nodeId: 'n1' });

    assert.equal(liveness(story), 'ALIVE');
  });

  test('the first join of a node of whom an observer has spoken leaves its liveness', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' });
    tell('NodeJoined', { nodeId: 'n1' });

    assert.equal(liveness(story), 'LOST');
  });

  test('a further join replaces attributes, not liveness', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1', zone: 'z1', address: '10.0.0.1', kind: 'voter' });
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'n2' });
    tell('HeartbeatLost', { nodeId: 'n1' });
    tell('NodeJoined', { nodeId: 'n1', zone: 'z2', schedulable: false });

    const node = nodeAfter(story.events, 'n1');
    assert.equal(node.liveness, 'LOST');
    assert.deepEqual(
      [node.zone, node.address, node.kind, node.schedulable],
      ['z2', '10.0.0.1', 'voter', false],
      'what is not stated is unchanged',
    );
    assert.equal(node.following?.id, 'n2');
  });

  test('a departure makes it LEFT, and heartbeats do not bring it back', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1' });
    tell('NodeLeft', { nodeId: 'n1' }, { at: 20 });
    assert.equal(liveness(story), 'LEFT');
    assert.equal(nodeAfter(story.events, 'n1').since, micros(20));
    tell('HeartbeatRestored', { nodeId: 'n1' });
    assert.equal(liveness(story), 'LEFT');
  });

  test('a join after a departure starts afresh: ALIVE, no observer, no following', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1' });
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'n2', term: 4 });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' });
    tell('NodeLeft', { nodeId: 'n1' });
    tell('NodeJoined', { nodeId: 'n1' }, { at: 50 });

    const node = nodeAfter(story.events, 'n1');
    assert.equal(node.liveness, 'ALIVE');
    assert.equal(node.since, micros(50));
    assert.equal(node.following, null);
    assert.equal(node.followingTerm, null);
    assert.deepEqual(node.observers, []);
  });

  test('a new incarnation starts afresh; its claims and jobs stay', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'one' });
    tell('LeaderElected', { leaderId: 'n1', term: 3 });
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'n2' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2' });
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'two' });

    const node = nodeAfter(story.events, 'n1');
    assert.equal(node.liveness, 'ALIVE');
    assert.equal(node.incarnation, 'two');
    assert.equal(node.following, null);
    assert.equal(node.role, 'LEADER');
    assert.deepEqual(
      node.jobs.map((job) => [job.id, job.state]),
      [['j', 'RUNNING']],
    );
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2' });
    assert.equal(liveness(story), 'LOST', 'what o1 said of the one before does not count');
  });

  test('events of an older incarnation change nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'one' });
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'two', zone: 'z2' });
    const before = nodeAfter(story.events, 'n1');
    tell('HeartbeatLost', { nodeId: 'n1', incarnation: 'one' });
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'one', zone: 'z1' });
    tell('NodeLeft', { nodeId: 'n1', incarnation: 'one' });
    tell('HeartbeatRestored', { nodeId: 'n1', incarnation: 'one' });

    assert.deepEqual(nodeAfter(story.events, 'n1'), before);
  });

  test('incarnations are words: which is older does not follow from their order', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1', incarnation: '9' });
    tell('NodeJoined', { nodeId: 'n1', incarnation: '1' });
    tell('HeartbeatLost', { nodeId: 'n1', incarnation: '9' });
    assert.equal(liveness(story), 'ALIVE');
    tell('HeartbeatLost', { nodeId: 'n1', incarnation: '1' });
    assert.equal(liveness(story), 'LOST');
  });

  test('a further join that names the first incarnation starts afresh; a heartbeat that names it does not', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1' });
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2', incarnation: 'one' });
    assert.equal(liveness(story), 'UNKNOWN', 'what o1 said still counts');
    tell('NodeJoined', { nodeId: 'n2' });
    tell('HeartbeatLost', { nodeId: 'n2' });
    tell('NodeJoined', { nodeId: 'n2', incarnation: 'one' });
    assert.equal(liveness(story, 'n2'), 'ALIVE');
  });

  test('a heartbeat of a new incarnation starts it afresh', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'one' });
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2', incarnation: 'two' });

    assert.equal(liveness(story), 'LOST', 'o1 spoke of the one before');
    assert.equal(nodeAfter(story.events, 'n1').incarnation, 'two');
  });

  test('events without an incarnation apply', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'one' });
    tell('NodeJoined', { nodeId: 'n1', incarnation: 'two' });
    tell('HeartbeatLost', { nodeId: 'n1' });

    assert.equal(liveness(story), 'LOST');
  });
});

describe('liveness per observer', () => {
  test('LOST when the last word of each is lost', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' }, { at: 10 });
    assert.equal(liveness(story), 'LOST');
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2' }, { at: 20 });
    assert.equal(liveness(story), 'LOST');
    assert.equal(nodeAfter(story.events, 'n1').since, micros(10));
  });

  test('UNKNOWN when they differ', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2' });
    assert.equal(liveness(story), 'UNKNOWN');
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' });
    assert.equal(liveness(story), 'LOST');
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o2' });
    assert.equal(liveness(story), 'UNKNOWN');
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o1' });
    assert.equal(liveness(story), 'ALIVE');
  });

  test('an absent observer is one observer', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('HeartbeatLost', { nodeId: 'n1' });
    assert.equal(liveness(story), 'LOST');
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o1' });
    assert.equal(liveness(story), 'UNKNOWN');
    tell('HeartbeatLost', { nodeId: 'n1' });
    assert.equal(liveness(story), 'UNKNOWN');
  });

  test('a restoration without observer clears all', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o2' });
    tell('HeartbeatLost', { nodeId: 'n1' });
    tell('HeartbeatRestored', { nodeId: 'n1' }, { at: 30 });

    const node = nodeAfter(story.events, 'n1');
    assert.equal(node.liveness, 'ALIVE');
    assert.equal(node.since, micros(30));
    assert.equal(node.lastSeenAt, micros(30));
    assert.deepEqual(node.observers, []);
  });

  test('lastSeenAt is what observers said, never later than they said it', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('HeartbeatLost', { nodeId: 'n1', lastSeenAt: '2022-12-13T20:00:10.123456Z' }, { at: 20 });
    assert.equal(nodeAfter(story.events, 'n1').lastSeenAt, micros('2022-12-13T20:00:10.123456Z'));
    tell('HeartbeatLost', { nodeId: 'n1', lastSeenAt: '2022-12-13T20:00:05Z', observerId: 'o1' }, { at: 21 });
    assert.equal(nodeAfter(story.events, 'n1').lastSeenAt, micros('2022-12-13T20:00:10.123456Z'));
    tell('HeartbeatLost', { nodeId: 'n1', lastSeenAt: '2030-01-01T00:00:00+01:00', observerId: 'o2' }, { at: 22 });
    assert.equal(nodeAfter(story.events, 'n1').lastSeenAt, micros(22));
  });
});

describe('following', () => {
  test('following is what was last reported', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'a', term: 3 });
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'b', term: 4 });

    const view = topologyOf(story.events);
    const node = view.nodesById.get('n1');
    assert.equal(node?.following, view.nodesById.get('b'));
    assert.equal(node?.followingTerm, 4);
    assert.equal(node?.role, 'FOLLOWER');
    tell('FollowerDetached', { nodeId: 'n1', leaderId: 'b' });
    assert.equal(nodeAfter(story.events, 'n1').following, null);
    assert.equal(nodeAfter(story.events, 'n1').role, 'UNKNOWN');
  });

  test('a new leader is followed by those who are reported to follow it, by no one else', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 3 });
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'a', term: 3 });
    tell('LeaderElected', { leaderId: 'b', term: 4 });

    assert.equal(nodeAfter(story.events, 'n1').following?.id, 'a');
  });

  test('a detachment from another leader says nothing about the one followed', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'b' });
    tell('FollowerDetached', { nodeId: 'n1', leaderId: 'a' });

    assert.equal(nodeAfter(story.events, 'n1').following?.id, 'b');
  });

  test('a detachment in another scope says nothing about the one followed', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('FollowerAttached', { scope: 'orders', nodeId: 'n1', leaderId: 'b' });
    tell('FollowerDetached', { scope: 'refunds', nodeId: 'n1' });
    assert.equal(nodeAfter(story.events, 'n1').following?.id, 'b');
    tell('FollowerDetached', { nodeId: 'n1' });
    assert.equal(nodeAfter(story.events, 'n1').following, null);
  });

  test('a node that left follows nobody any more by its role', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('FollowerAttached', { nodeId: 'n1', leaderId: 'b' });
    tell('NodeLeft', { nodeId: 'n1' });

    assert.equal(nodeAfter(story.events, 'n1').role, 'UNKNOWN');
    assert.equal(nodeAfter(story.events, 'n1').following?.id, 'b', 'what was last reported');
  });
});

test('a role is LEADER, CANDIDATE or FOLLOWER while it is played, else what kind of node it is', () => {
  const story = createStory();
  const tell = story.cluster();
  tell('NodeJoined', { nodeId: 'voter', kind: 'voter' });
  tell('NodeJoined', { nodeId: 'learner', kind: 'learner' });
  tell('NodeJoined', { nodeId: 'worker', kind: 'worker' });
  tell('LeaderElected', { scope: 'orders', leaderId: 'worker' });
  const roles = () => topologyOf(story.events).nodes.map((node) => node.role);
  assert.deepEqual(roles(), ['UNKNOWN', 'LEARNER', 'LEADER']);
  tell('LeaderLost', { scope: 'orders', leaderId: 'worker', reason: 'crashed' });
  tell('ElectionStarted', { scope: 'orders', candidateId: 'voter' });
  assert.deepEqual(roles(), ['CANDIDATE', 'LEARNER', 'WORKER']);
});
