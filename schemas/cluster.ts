/** What happens in a cluster: membership, leadership, heartbeats, jobs, deployments, anomalies. */
import Type from 'typebox';
import { count, defineEvent, flag, id, ids, oneOf, optional, text, time, words } from './define.ts';
import { ANOMALY_SEVERITIES, DEPLOYMENT_OUTCOMES, ELECTION_WAYS, LEADER_LOST_REASONS, NODE_KINDS } from './words.ts';

const nodeId = id('The node.');
const jobId = id('The smallest placed thing: a pod uid, an allocation, a partition.');
const scope = optional(id('What is led: a lease, Raft group, partition, consumer group. Absent: the cluster itself.'));
const term = optional(count('Term, epoch or generation. Left out where the source has none that can be trusted.'));
const incarnation = optional(
  id('A word that differs each time the node starts anew. Another word replaces it; words are not ordered.'),
);
const reason = optional(text('Why, in the source’s words.'));

export const NodeJoined = defineEvent({
  name: 'NodeJoined',
  category: 'cluster',
  doc: 'A node became a member, or its attributes changed.',
  fields: {
    nodeId,
    name: optional(text('A name for people; absent: the id.')),
    address: optional(text('Where it is reached.')),
    zone: optional(text('Failure domain: zone, rack, data centre.')),
    labels: optional(Type.Record(Type.String(), Type.String(), { description: 'Labels as the source has them.' })),
    kind: optional(oneOf(NODE_KINDS, 'Whether it votes, learns, or only runs jobs.')),
    schedulable: optional(flag('Whether jobs may be placed on it.')),
    incarnation,
  },
});

export const NodeLeft = defineEvent({
  name: 'NodeLeft',
  category: 'cluster',
  doc: 'A node is no longer a member: it left or was removed. A lost heartbeat is not a departure.',
  fields: { nodeId, reason, incarnation },
});

export const ElectionStarted = defineEvent({
  name: 'ElectionStarted',
  category: 'cluster',
  doc: 'An election began. Its term moves nothing until a leader is elected.',
  fields: { scope, term, candidateId: optional(id('The node that stands.')), reason },
});

export const LeaderElected = defineEvent({
  name: 'LeaderElected',
  category: 'cluster',
  doc: 'A node claims to lead. A second leader in one term is recorded like any other fact.',
  fields: {
    scope,
    term,
    leaderId: id('The node that leads.'),
    votes: optional(count('How many votes it had.')),
    electorate: optional(count('How many could vote.')),
    how: optional(oneOf(ELECTION_WAYS, 'How it came to lead; `bootstrapped` starts term counting anew.')),
  },
});

export const LeaderLost = defineEvent({
  name: 'LeaderLost',
  category: 'cluster',
  doc: 'A leader leads no more. Without a term the node’s latest claim is meant.',
  fields: {
    scope,
    leaderId: id('The node that led.'),
    term,
    reason: oneOf(LEADER_LOST_REASONS, 'Why it no longer leads.'),
  },
});

export const FollowerAttached = defineEvent({
  name: 'FollowerAttached',
  category: 'cluster',
  doc: 'A node follows a leader.',
  fields: { scope, nodeId, leaderId: id('The node it follows.'), term },
});

export const FollowerDetached = defineEvent({
  name: 'FollowerDetached',
  category: 'cluster',
  doc: 'A node no longer follows.',
  fields: { scope, nodeId, leaderId: optional(id('The node it followed.')), term, reason },
});

const observerId = optional(id('Who says so. Absent: one observer without a name.'));

export const HeartbeatLost = defineEvent({
  name: 'HeartbeatLost',
  category: 'cluster',
  doc: 'An observer no longer hears a node.',
  fields: {
    nodeId,
    lastSeenAt: optional(time('When the observer last heard it.')),
    observerId,
    timeoutMs: optional(count('After how long a silence, in milliseconds.')),
    incarnation,
  },
});

export const HeartbeatRestored = defineEvent({
  name: 'HeartbeatRestored',
  category: 'cluster',
  doc: 'An observer hears a node again. Without an observer it speaks for all of them.',
  fields: { nodeId, observerId, incarnation },
});

export const JobSubmitted = defineEvent({
  name: 'JobSubmitted',
  category: 'cluster',
  doc: 'A job is wanted. Where jobId equals groupId it makes the group, with the number of instances wanted, and no job.',
  fields: {
    jobId,
    groupId: optional(id('What the job is an instance of; stable over redeploys.')),
    instances: optional(count('How many instances the group wants; on the group’s own event.')),
    name: optional(text('A name for people; absent: the id.')),
    critical: optional(flag('Whether people must know when it does not run.')),
    componentId: optional(id('The component of the status page that it serves.')),
  },
});

export const JobAssigned = defineEvent({
  name: 'JobAssigned',
  category: 'cluster',
  doc: 'A leader placed a job on a node. It moves the job at once, also when it does not start there.',
  fields: {
    jobId,
    nodeId,
    scope,
    leaderId: optional(id('The leader that placed it.')),
    term,
    attempt: optional(count('Which try this is.')),
  },
});

export const JobStarted = defineEvent({
  name: 'JobStarted',
  category: 'cluster',
  doc: 'A job runs on a node.',
  fields: { jobId, nodeId },
});
export const JobCompleted = defineEvent({
  name: 'JobCompleted',
  category: 'cluster',
  doc: 'A job ended well.',
  fields: { jobId, nodeId },
});
export const JobFailed = defineEvent({
  name: 'JobFailed',
  category: 'cluster',
  doc: 'A job ended badly.',
  fields: { jobId, nodeId, error: optional(text('What it died of.')) },
});
export const JobUnassigned = defineEvent({
  name: 'JobUnassigned',
  category: 'cluster',
  doc: 'A job was taken off its node.',
  fields: { jobId, nodeId: optional(id('The node it was on.')), reason: text('Why.') },
});

const deploymentId = id('The deployment.');

export const DeploymentStarted = defineEvent({
  name: 'DeploymentStarted',
  category: 'cluster',
  doc: 'A deployment began.',
  fields: { deploymentId, description: optional(text('What is deployed.')) },
});
export const DeploymentFinished = defineEvent({
  name: 'DeploymentFinished',
  category: 'cluster',
  doc: 'A deployment ended.',
  fields: { deploymentId, outcome: oneOf(DEPLOYMENT_OUTCOMES, 'How it ended.') },
});

const anomalyId = id('The anomaly; the same from detection to clearing.');

export const AnomalyDetected = defineEvent({
  name: 'AnomalyDetected',
  category: 'cluster',
  doc: 'A rule found something wrong, on the evidence it names.',
  fields: {
    anomalyId,
    code: id('What kind of trouble, as a code.'),
    severity: oneOf(ANOMALY_SEVERITIES, 'How bad.'),
    rule: id('The rule that found it.'),
    ruleVersion: words('The rule’s version.'),
    message: text('What it found, for people.'),
    nodeIds: optional(ids('The nodes concerned.')),
    jobIds: optional(ids('The jobs concerned.')),
    scope,
    term,
    evidence: Type.Array(Type.Object({ source: id('`source` of an event.'), id: id('`id` of that event.') }), {
      description: 'The events it rests on.',
    }),
  },
});
export const AnomalyCleared = defineEvent({
  name: 'AnomalyCleared',
  category: 'cluster',
  doc: 'An anomaly is over.',
  fields: { anomalyId, reason: text('Why it is considered over.') },
});
