import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anomaliesOf, deploymentsOf, jobsOf } from '../../projections/cluster/answers.ts';
import type { JobView } from '../../projections/cluster/view.ts';
import type { EventData } from '../../schemas/catalogue.ts';
import { createStory, micros, type Story } from '../support/events.ts';
import { jobAfter, nodeAfter, topologyOf } from '../support/topology.ts';

/** State and node of a job. */
function placed(story: Story, id = 'j'): [string, string | null] {
  const job = jobAfter(story.events, id);
  return [job.state, job.node?.id ?? null];
}

function copiesOf(job: JobView): string[] {
  return job.copies.map((copy) => copy.node.id);
}

const anomaly: EventData['AnomalyDetected'] = {
  anomalyId: 'x',
  code: 'FOLLOWERS_LOST',
  severity: 'critical',
  rule: 'followers',
  ruleVersion: '2',
  message: 'nobody follows',
  evidence: [{ source: '/s', id: 'e1' }],
};

describe('knowing a job', () => {
  test('an event that names a job makes it known', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'started', nodeId: 'n1' });
    tell('JobCompleted', { jobId: 'completed', nodeId: 'n1' });
    tell('AnomalyDetected', { ...anomaly, jobIds: ['anomalous'] });

    assert.deepEqual(
      topologyOf(story.events).jobs.map((job) => [job.id, job.state]),
      [
        ['started', 'RUNNING'],
        ['completed', 'SUBMITTED'],
        ['anomalous', 'SUBMITTED'],
      ],
    );
  });

  test('a submitted job waits, with the attributes stated', () => {
    const story = createStory();
    story.cluster()(
      'JobSubmitted',
      { jobId: 'j', groupId: 'web', name: 'Web', critical: true, componentId: 'api' },
      { at: 10 },
    );

    const job = jobAfter(story.events, 'j');
    assert.deepEqual(
      [job.state, job.name, job.critical, job.componentId, job.group?.id, job.attempts, job.since],
      ['SUBMITTED', 'Web', true, 'api', 'web', 0, micros(10)],
    );
  });

  test('the group’s own submission makes the group, with the number wanted, and no job', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobSubmitted', { jobId: 'web', groupId: 'web', instances: 3, name: 'Web', critical: true });
    tell('JobSubmitted', { jobId: 'web-1', groupId: 'web', instances: 9 });

    const view = topologyOf(story.events);
    assert.deepEqual(
      view.jobs.map((job) => job.id),
      ['web-1'],
    );
    const [group] = view.jobGroups;
    assert.deepEqual([group?.id, group?.name, group?.wanted, group?.running], ['web', 'Web', 3, 0]);
    assert.equal(group?.jobs[0], view.jobs[0]);
    assert.equal(view.jobs[0]?.group, group);
    assert.equal(view.jobs[0]?.critical, true, 'critical as its group is');
  });

  test('a group that an anomaly had named as a job is no job once it is submitted', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('AnomalyDetected', { ...anomaly, jobIds: ['web'] });
    tell('JobSubmitted', { jobId: 'web', groupId: 'web', instances: 3 });
    tell('AnomalyDetected', { ...anomaly, jobIds: ['web'] });

    assert.deepEqual(topologyOf(story.events).jobs, []);
  });

  test('a group is stable over redeploys and counts its jobs that run', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobSubmitted', { jobId: 'web', groupId: 'web', instances: 2 });
    for (const jobId of ['old', 'new-1', 'new-2']) tell('JobSubmitted', { jobId, groupId: 'web' });
    tell('JobStarted', { jobId: 'old', nodeId: 'n1' });
    tell('JobCompleted', { jobId: 'old', nodeId: 'n1' });
    tell('JobStarted', { jobId: 'new-1', nodeId: 'n1' });
    tell('JobAssigned', { jobId: 'new-2', nodeId: 'n2' });

    const [group] = topologyOf(story.events).jobGroups;
    assert.deepEqual([group?.wanted, group?.running, group?.jobs.length], [2, 1, 3]);
  });
});

describe('placing a job', () => {
  test('an assignment moves the job at once', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1', term: 4 }, { at: 10 });
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' }, { at: 11 });
    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
    assert.equal(jobAfter(story.events, 'j').assignedTerm, 4);
    tell('JobAssigned', { jobId: 'j', nodeId: 'n2', term: 5 }, { at: 20 });

    const job = jobAfter(story.events, 'j');
    assert.deepEqual(placed(story), ['ASSIGNED', 'n2']);
    assert.deepEqual([job.assignedTerm, job.attempts, job.since], [5, 2, micros(20)]);
    assert.deepEqual(nodeAfter(story.events, 'n1').jobs, []);
    assert.equal(nodeAfter(story.events, 'n2').jobs[0]?.id, 'j');
  });

  test('attempts are as stated, else counted, also when it is placed where it was', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1' });
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1' });
    assert.equal(jobAfter(story.events, 'j').attempts, 2);
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1', attempt: 4 });
    assert.equal(jobAfter(story.events, 'j').attempts, 4);
  });

  test('a running job placed again on its own node does not run until it starts there', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1' });
    assert.deepEqual(placed(story), ['ASSIGNED', 'n1']);
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
  });

  test('a job that is assigned and starts elsewhere runs there, for it did not run', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1' });
    tell('JobStarted', { jobId: 'j', nodeId: 'n2' });

    assert.deepEqual(placed(story), ['RUNNING', 'n2']);
    assert.deepEqual(copiesOf(jobAfter(story.events, 'j')), []);
  });

  test('unassigned, it is on no node', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1', term: 2 });
    tell('JobUnassigned', { jobId: 'j', reason: 'drained' });

    assert.deepEqual(placed(story), ['UNASSIGNED', null]);
    assert.equal(jobAfter(story.events, 'j').assignedTerm, null);
  });

  test('a job that completed stays completed when it is cleared away', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobCompleted', { jobId: 'j', nodeId: 'n1' });
    tell('JobUnassigned', { jobId: 'j', reason: 'garbage collection' });

    assert.deepEqual(placed(story), ['COMPLETED', 'n1']);
  });

  test('unassigned from a node that does not hold it, it stays and the report is listed', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobAssigned', { jobId: 'j', nodeId: 'n2' });
    tell('JobUnassigned', { jobId: 'j', nodeId: 'n1', reason: 'late' });

    assert.deepEqual(placed(story), ['ASSIGNED', 'n2']);
    assert.deepEqual(
      jobAfter(story.events, 'j').strayReports.map((report) => [report.node.id, report.type]),
      [['n1', 'JobUnassigned']],
    );
  });

  test('submitted again after its end, it waits again; while it runs that changes nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobSubmitted', { jobId: 'j' });
    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
    tell('JobFailed', { jobId: 'j', nodeId: 'n1' });
    assert.deepEqual(placed(story), ['FAILED', 'n1']);
    tell('JobSubmitted', { jobId: 'j' });
    assert.deepEqual(placed(story), ['SUBMITTED', null]);
  });
});

describe('orphans', () => {
  test('a job assigned or running on a node that is LOST is ORPHANED; its state returns with the node', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('NodeJoined', { nodeId: 'n1' });
    tell('JobAssigned', { jobId: 'assigned', nodeId: 'n1' });
    tell('JobStarted', { jobId: 'running', nodeId: 'n1' }, { at: 10 });
    tell('JobStarted', { jobId: 'done', nodeId: 'n1' });
    tell('JobCompleted', { jobId: 'done', nodeId: 'n1' });
    tell('HeartbeatLost', { nodeId: 'n1' }, { at: 20 });

    const view = topologyOf(story.events);
    assert.deepEqual(
      jobsOf(view, ['ORPHANED']).map((job) => job.id),
      ['assigned', 'running'],
    );
    assert.equal(jobAfter(story.events, 'running').since, micros(20));
    assert.deepEqual(placed(story, 'done'), ['COMPLETED', 'n1']);
    tell('HeartbeatRestored', { nodeId: 'n1' });
    assert.deepEqual(placed(story, 'assigned'), ['ASSIGNED', 'n1']);
    assert.deepEqual(placed(story, 'running'), ['RUNNING', 'n1']);
    assert.equal(jobAfter(story.events, 'running').since, micros(10));
  });

  test('on a node that LEFT too', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('NodeLeft', { nodeId: 'n1' });
    assert.deepEqual(placed(story), ['ORPHANED', 'n1']);
    tell('NodeJoined', { nodeId: 'n1' });
    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
  });

  test('not on a node whose liveness is UNKNOWN', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('HeartbeatLost', { nodeId: 'n1', observerId: 'o1' });
    tell('HeartbeatRestored', { nodeId: 'n1', observerId: 'o2' });

    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
  });

  test('an orphan does not count as running', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobSubmitted', { jobId: 'web', groupId: 'web', instances: 1 });
    tell('JobSubmitted', { jobId: 'j', groupId: 'web' });
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('HeartbeatLost', { nodeId: 'n1' });

    assert.equal(topologyOf(story.events).jobGroups[0]?.running, 0);
  });

  test('a new leader orphans nothing', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('LeaderElected', { leaderId: 'a', term: 1 });
    tell('JobAssigned', { jobId: 'j', nodeId: 'n1', leaderId: 'a', term: 1 });
    tell('LeaderLost', { leaderId: 'a', term: 1, reason: 'crashed' });
    tell('LeaderElected', { leaderId: 'b', term: 2 });

    assert.deepEqual(placed(story), ['ASSIGNED', 'n1']);
    assert.equal(jobAfter(story.events, 'j').assignedTerm, 1);
  });
});

describe('second copies and stray reports', () => {
  test('a start elsewhere moves the job when its node is LOST or LEFT', () => {
    for (const leave of ['HeartbeatLost', 'NodeLeft'] as const) {
      const story = createStory();
      const tell = story.cluster();
      tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
      tell(leave, { nodeId: 'n1' });
      tell('JobStarted', { jobId: 'j', nodeId: 'n2' });

      assert.deepEqual(placed(story), ['RUNNING', 'n2']);
      assert.deepEqual(copiesOf(jobAfter(story.events, 'j')), []);
    }
  });

  test('a start elsewhere moves a job that does not run', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobFailed', { jobId: 'j', nodeId: 'n1' });
    tell('JobStarted', { jobId: 'j', nodeId: 'n2' });

    assert.deepEqual(placed(story), ['RUNNING', 'n2']);
    assert.equal(jobAfter(story.events, 'j').attempts, 2);
  });

  test('else it is listed as a second copy', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' }, { at: 10 });
    tell('JobStarted', { jobId: 'j', nodeId: 'n2' }, { at: 20 });
    tell('JobStarted', { jobId: 'j', nodeId: 'n2' }, { at: 21 });

    const job = jobAfter(story.events, 'j');
    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
    assert.deepEqual(
      job.copies.map((copy) => [copy.node.id, copy.since, copy.endedAt]),
      [['n2', micros(20), null]],
    );
    assert.deepEqual(nodeAfter(story.events, 'n2').jobs, []);
  });

  test('assigned to the node of its second copy, the copy is the job', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobStarted', { jobId: 'j', nodeId: 'n2' });
    tell('JobAssigned', { jobId: 'j', nodeId: 'n2' });

    assert.deepEqual(placed(story), ['ASSIGNED', 'n2']);
    assert.deepEqual(copiesOf(jobAfter(story.events, 'j')), []);
  });

  test('an end reported by a node that does not hold the job changes nothing and is listed', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobStarted', { jobId: 'j', nodeId: 'n2' });
    const completed = tell('JobCompleted', { jobId: 'j', nodeId: 'n2' }, { at: 30 });
    tell('JobFailed', { jobId: 'j', nodeId: 'n3' });

    const job = jobAfter(story.events, 'j');
    assert.deepEqual(placed(story), ['RUNNING', 'n1']);
    assert.deepEqual(
      job.strayReports.map((report) => [report.node.id, report.type]),
      [
        ['n2', 'JobCompleted'],
        ['n3', 'JobFailed'],
      ],
    );
    assert.equal(job.strayReports[0]?.eventPosition, completed.position);
    assert.equal(job.copies[0]?.endedAt, micros(30));
  });

  test('the end reported by the holder is the job’s end, and the same said again is nothing new', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    tell('JobCompleted', { jobId: 'j', nodeId: 'n1' }, { at: 20 });
    tell('JobCompleted', { jobId: 'j', nodeId: 'n1' }, { at: 30 });

    const job = jobAfter(story.events, 'j');
    assert.deepEqual([job.state, job.node?.id, job.since, job.strayReports], ['COMPLETED', 'n1', micros(20), []]);
    assert.deepEqual(nodeAfter(story.events, 'n1').jobs, []);
  });

  test('of many stray reports the newest are kept', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('JobStarted', { jobId: 'j', nodeId: 'n1' });
    for (let report = 0; report < 50; report += 1) tell('JobFailed', { jobId: 'j', nodeId: `other-${report}` });

    const kept = jobAfter(story.events, 'j').strayReports.map((report) => report.node.id);
    assert.equal(kept.length, 20);
    assert.equal(kept.at(-1), 'other-49');
  });
});

describe('deployments and anomalies', () => {
  test('a deployment has its start, its end and its outcome', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('DeploymentStarted', { deploymentId: 'd1', description: 'v2' }, { at: 10 });
    tell('DeploymentFinished', { deploymentId: 'd1', outcome: 'rolled_back' }, { at: 20 });
    tell('DeploymentStarted', { deploymentId: 'd2' }, { at: 30 });

    const view = topologyOf(story.events);
    assert.deepEqual(deploymentsOf(view, 20), [
      { id: 'd1', description: 'v2', startedAt: micros(10), finishedAt: micros(20), outcome: 'rolled_back' },
      { id: 'd2', description: null, startedAt: micros(30), finishedAt: null, outcome: null },
    ]);
    assert.deepEqual(
      deploymentsOf(view, 1).map((deployment) => deployment.id),
      ['d2'],
    );
  });

  test('an anomaly is open until it is cleared', () => {
    const story = createStory();
    const tell = story.cluster();
    tell('AnomalyDetected', { ...anomaly, nodeIds: ['n1'], jobIds: ['j'], term: 4 }, { at: 10 });
    tell('AnomalyDetected', { ...anomaly, message: 'still nobody' }, { at: 15 });
    const [open] = anomaliesOf(topologyOf(story.events), true);
    assert.deepEqual(
      [open?.id, open?.message, open?.since, open?.clearedAt, open?.term, open?.nodes[0]?.id, open?.jobs[0]?.id],
      ['x', 'still nobody', micros(10), null, 4, 'n1', 'j'],
    );
    assert.deepEqual(open?.evidenceRefs, [{ source: '/s', id: 'e1' }]);

    tell('AnomalyCleared', { anomalyId: 'x', reason: 'followers are back' }, { at: 20 });
    const view = topologyOf(story.events);
    assert.deepEqual(anomaliesOf(view, true), []);
    assert.equal(anomaliesOf(view, false)[0]?.clearedAt, micros(20));
    assert.equal(anomaliesOf(view).length, 1);
    tell('AnomalyDetected', anomaly, { at: 30 });
    assert.equal(anomaliesOf(topologyOf(story.events), true)[0]?.since, micros(30));
  });
});
