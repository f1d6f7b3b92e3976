import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStory, micros, type Story } from '../support/events.ts';
import { jobAfter, nodeAfter, topologyOf } from '../support/topology.ts';

/** Seconds of `createStory`'s start as a time in a payload. */
function timeText(seconds: number): string {
  return new Date(micros(seconds) / 1_000).toISOString();
}

function livenessOf(story: Story, id: string): string {
  return nodeAfter(story.events, id).liveness;
}

describe('a gap over a cluster', () => {
  test('liveness known only from the collector in the gap is UNKNOWN', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'joined' }, { source: 'probe' });
    tell('HeartbeatLost', { nodeId: 'lost' }, { source: 'probe' });
    tell('NodeLeft', { nodeId: 'left' }, { source: 'probe' });
    tell('NodeJoined', { nodeId: 'elsewhere' }, { source: 'other' });
    story.collector('probe')('CollectorGapRecorded', { from: timeText(60), reason: 'restarted' }, { at: 70 });

    assert.deepEqual(
      topologyOf(story.events).nodes.map((node) => [node.id, node.liveness]),
      [
        ['joined', 'UNKNOWN'],
        ['lost', 'UNKNOWN'],
        ['left', 'UNKNOWN'],
        ['elsewhere', 'ALIVE'],
      ],
    );
    assert.equal(nodeAfter(story.events, 'joined').since, micros(60));
  });

  test('liveness that another collector knows too stays known', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'joined' }, { source: 'probe' });
    tell('NodeJoined', { nodeId: 'joined' }, { source: 'other' });
    tell('HeartbeatLost', { nodeId: 'lost', observerId: 'o1' }, { source: 'probe' });
    tell('HeartbeatLost', { nodeId: 'lost', observerId: 'o2' }, { source: 'other' });
    story.collector('probe')('CollectorGapRecorded', { reason: 'restarted' });

    assert.equal(livenessOf(story, 'joined'), 'ALIVE');
    assert.equal(livenessOf(story, 'lost'), 'LOST');
  });

  test('an open gap holds in the present, whatever the collector says meanwhile', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1' }, { source: 'probe' });
    story.collector('probe')('CollectorGapRecorded', { from: timeText(60), reason: 'overrun' }, { at: 70 });
    tell('HeartbeatLost', { nodeId: 'n1' }, { source: 'probe', at: 80 });

    assert.equal(livenessOf(story, 'n1'), 'UNKNOWN');
  });

  test('once the same collector and from come with a to, what was said holds', () => {
    const story = createStory();
    const tell = story.cluster();
    const probe = story.collector('probe');
    tell('NodeJoined', { nodeId: 'n1' }, { source: 'probe' });
    probe('CollectorGapRecorded', { from: timeText(60), reason: 'overrun' }, { at: 70 });
    tell('HeartbeatLost', { nodeId: 'n1' }, { source: 'probe', at: 80 });
    probe('CollectorGapRecorded', { from: timeText(60), to: timeText(90), reason: 'listed again' }, { at: 91 });

    assert.equal(livenessOf(story, 'n1'), 'LOST');
    assert.equal(topologyOf(story.events).completeness.complete, true);
  });

  test('jobs orphaned on a node whose liveness is lost to a gap fall back', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' }, { source: 'probe' });
    tell('HeartbeatLost', { nodeId: 'n1' }, { source: 'probe' });
    assert.equal(jobAfter(story.events, 'j').state, 'ORPHANED');
    story.collector('probe')('CollectorGapRecorded', { reason: 'restarted' });

    assert.equal(jobAfter(story.events, 'j').state, 'RUNNING');
  });

  test('absent ids mean all that the collector reports, and nothing else', () => {
    const story = createStory();
    story.cluster('payments')('NodeJoined', { nodeId: 'n1' }, { source: 'probe' });
    story.cluster('search')('NodeJoined', { nodeId: 'n1' }, { source: 'other' });
    story.collector('probe')('CollectorGapRecorded', { reason: 'restarted' });

    assert.equal(topologyOf(story.events, 'payments').completeness.complete, false);
    assert.equal(topologyOf(story.events, 'search').completeness.complete, true);
  });

  test('a gap that names clusters, or only components, leaves the others alone', () => {
    const story = createStory();
    const probe = story.collector('probe');
    for (const id of ['payments', 'search']) story.cluster(id)('NodeJoined', { nodeId: 'n1' }, { source: 'probe' });
    probe('CollectorGapRecorded', { clusterIds: ['search'], from: timeText(60), reason: 'restarted' }, { at: 70 });
    probe('CollectorGapRecorded', { componentIds: ['api'], from: timeText(65), reason: 'restarted' });

    assert.equal(topologyOf(story.events, 'payments').completeness.complete, true);
    assert.equal(topologyOf(story.events, 'payments').nodes[0]?.liveness, 'ALIVE');
    assert.equal(topologyOf(story.events, 'search').nodes[0]?.liveness, 'UNKNOWN');
  });

  test('the answer carries the gaps that make it incomplete', () => {
    const story = createStory();
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { source: 'probe' });
    const gap = story.collector('probe')('CollectorGapRecorded', { from: timeText(60), reason: 'overrun' }, { at: 70 });

    const { completeness } = topologyOf(story.events);
    assert.equal(completeness.complete, false);
    assert.deepEqual(
      completeness.gaps.map((found) => [found.collector, found.from, found.to, found.reason, found.eventPosition]),
      [['probe', micros(60), null, 'overrun', gap.position]],
    );
  });

  test('who leads is not touched by a gap', () => {
    const story = createStory();
    story.cluster()('LeaderElected', { leaderId: 'n1', term: 2 }, { source: 'probe' });
    story.collector('probe')('CollectorGapRecorded', { reason: 'restarted' });

    assert.equal(nodeAfter(story.events, 'n1').role, 'LEADER');
  });
});
