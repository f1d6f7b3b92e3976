/** Random payloads that pass their schemas, over few ids, so that events meet. */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import { formatTime, MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import {
  ACTION_ITEM_KINDS,
  ANOMALY_SEVERITIES,
  COMPONENT_STATUSES,
  DEPLOYMENT_OUTCOMES,
  ELECTION_WAYS,
  IMPACTS,
  INCIDENT_ORIGINS,
  INCIDENT_STATUSES,
  LEADER_LOST_REASONS,
  NODE_KINDS,
  VISIBILITIES,
} from '../../schemas/words.ts';
import type { Chance } from './random.ts';

type Draw<Name extends EventName> = (chance: Chance, at: Micros) => EventData[Name];

const OBSERVERS = ['o1', 'o2', 'o3'];
const JOBS = ['web-1', 'web-2', 'batch-1', 'batch-2', 'web'];
const COMPONENTS = ['api', 'site', 'nobody-registered'];
const CLUSTERS = ['c0', 'c1', 'c2'];
const UPDATES = ['u1', 'u2', 'u3'];

const node = (chance: Chance) => `n${chance.below(5)}`;
/** The key with a value, or, in the share given, no key at all. */
function maybe<Key extends string, Value>(chance: Chance, key: Key, value: Value): { [K in Key]?: Value } {
  return chance.happens(0.5) ? ({ [key]: value } as { [K in Key]?: Value }) : {};
}
const scope = (chance: Chance) => (chance.happens(0.2) ? { scope: 'orders' } : {});
const term = (chance: Chance) => (chance.happens(0.85) ? { term: chance.below(8) } : {});
const incarnation = (chance: Chance) => (chance.happens(0.3) ? { incarnation: `i${chance.below(4)}` } : {});
/** Up to an hour before or after. */
const near = (chance: Chance, at: Micros) =>
  formatTime(Math.max(0, at + Math.round((chance.next() - 0.5) * 7_200 * MICROS_PER_SECOND)) as Micros);
const components = (chance: Chance) =>
  maybe(
    chance,
    'components',
    COMPONENTS.filter(() => chance.happens(0.5)).map((componentId) => ({
      componentId,
      ...maybe(chance, 'status', chance.pick(COMPONENT_STATUSES)),
    })),
  );

/** One entry for each event type but `EventRetracted`. */
export const PAYLOADS: { readonly [Name in Exclude<EventName, 'EventRetracted'>]: Draw<Name> } = {
  NodeJoined: (chance) => ({
    nodeId: node(chance),
    ...maybe(chance, 'zone', `z${chance.below(3)}`),
    ...maybe(chance, 'kind', chance.pick(NODE_KINDS)),
    ...maybe(chance, 'labels', { rack: `r${chance.below(3)}` }),
    ...incarnation(chance),
  }),
  NodeLeft: (chance) => ({ nodeId: node(chance), ...incarnation(chance) }),
  ElectionStarted: (chance) => ({ ...scope(chance), ...term(chance), ...maybe(chance, 'candidateId', node(chance)) }),
  LeaderElected: (chance) => ({
    ...scope(chance),
    ...term(chance),
    leaderId: node(chance),
    ...(chance.happens(0.3) ? { how: chance.pick(ELECTION_WAYS) } : {}),
  }),
  LeaderLost: (chance) => ({
    ...scope(chance),
    ...term(chance),
    leaderId: node(chance),
    reason: chance.pick(LEADER_LOST_REASONS),
  }),
  FollowerAttached: (chance) => ({ ...scope(chance), ...term(chance), nodeId: node(chance), leaderId: node(chance) }),
  FollowerDetached: (chance) => ({
    ...scope(chance),
    nodeId: node(chance),
    ...maybe(chance, 'leaderId', node(chance)),
  }),
  HeartbeatLost: (chance, at) => ({
    nodeId: node(chance),
    ...maybe(chance, 'observerId', chance.pick(OBSERVERS)),
    ...maybe(chance, 'lastSeenAt', near(chance, at)),
    ...incarnation(chance),
  }),
  HeartbeatRestored: (chance) => ({
    nodeId: node(chance),
    ...(chance.happens(0.8) ? { observerId: chance.pick(OBSERVERS) } : {}),
    ...incarnation(chance),
  }),
  JobSubmitted: (chance) => ({
    jobId: chance.pick(JOBS),
    ...maybe(chance, 'groupId', 'web'),
    ...maybe(chance, 'instances', chance.below(4)),
    ...maybe(chance, 'critical', chance.happens(0.5)),
  }),
  JobAssigned: (chance) => ({
    jobId: chance.pick(JOBS),
    nodeId: node(chance),
    ...term(chance),
    ...maybe(chance, 'leaderId', node(chance)),
    ...(chance.happens(0.2) ? { attempt: chance.below(5) } : {}),
  }),
  JobStarted: (chance) => ({ jobId: chance.pick(JOBS), nodeId: node(chance) }),
  JobCompleted: (chance) => ({ jobId: chance.pick(JOBS), nodeId: node(chance) }),
  JobFailed: (chance) => ({ jobId: chance.pick(JOBS), nodeId: node(chance), ...maybe(chance, 'error', 'exit 1') }),
  JobUnassigned: (chance) => ({
    jobId: chance.pick(JOBS),
    ...maybe(chance, 'nodeId', node(chance)),
    reason: 'drained',
  }),
  DeploymentStarted: (chance) => ({
    deploymentId: `d${chance.below(3)}`,
    ...maybe(chance, 'description', `v${chance.below(9)}`),
  }),
  DeploymentFinished: (chance) => ({ deploymentId: `d${chance.below(3)}`, outcome: chance.pick(DEPLOYMENT_OUTCOMES) }),
  AnomalyDetected: (chance) => ({
    anomalyId: `a${chance.below(3)}`,
    code: 'FOLLOWERS_LOST',
    severity: chance.pick(ANOMALY_SEVERITIES),
    rule: 'followers',
    ruleVersion: '1',
    message: 'nobody follows',
    ...maybe(chance, 'nodeIds', [node(chance)]),
    ...maybe(chance, 'jobIds', [chance.pick(JOBS)]),
    ...term(chance),
    evidence: [{ source: 's0', id: 'h1' }],
  }),
  AnomalyCleared: (chance) => ({ anomalyId: `a${chance.below(3)}`, reason: 'over' }),
  CollectorGapRecorded: (chance, at) => ({
    ...maybe(chance, 'from', near(chance, at)),
    ...maybe(chance, 'to', near(chance, at)),
    ...(chance.happens(0.3) ? { clusterIds: [chance.pick(CLUSTERS)] } : {}),
    ...(chance.happens(0.3) ? { componentIds: [chance.pick(COMPONENTS)] } : {}),
    reason: 'restarted',
  }),
  IncidentDeclared: (chance, at) => ({
    title: `trouble ${chance.below(9)}`,
    status: chance.pick(INCIDENT_STATUSES),
    origin: chance.pick(INCIDENT_ORIGINS),
    ...maybe(chance, 'message', 'we look into it'),
    ...maybe(chance, 'impact', chance.pick(IMPACTS)),
    ...maybe(chance, 'visibility', chance.pick(VISIBILITIES)),
    ...maybe(chance, 'impactStartedAt', near(chance, at)),
    ...maybe(chance, 'clusterIds', [chance.pick(CLUSTERS)]),
    ...components(chance),
  }),
  IncidentUpdated: (chance, at) => ({
    message: `news ${chance.below(9)}`,
    ...maybe(chance, 'updateId', chance.pick(UPDATES)),
    ...maybe(chance, 'status', chance.pick(INCIDENT_STATUSES)),
    ...maybe(chance, 'visibility', chance.pick(VISIBILITIES)),
    ...maybe(chance, 'impactStartedAt', near(chance, at)),
    ...maybe(chance, 'impactEndedAt', chance.happens(0.2) ? null : near(chance, at)),
    ...components(chance),
  }),
  IncidentUpdateAmended: (chance, at) => ({
    updateId: chance.pick(UPDATES),
    ...maybe(chance, 'message', 'put right'),
    ...maybe(chance, 'correctedAt', near(chance, at)),
    reason: 'it was wrong',
  }),
  IncidentReopened: (chance) => ({ message: 'it is back', ...maybe(chance, 'status', chance.pick(INCIDENT_STATUSES)) }),
  ResponderNotified: (chance) => ({ responder: chance.pick(['kim', 'lee']), channel: 'pager' }),
  ResponderAcknowledged: (chance) => ({ responder: chance.pick(['kim', 'lee']) }),
  EvidenceLinked: (chance, at) => ({
    clusterId: chance.pick(CLUSTERS),
    ...maybe(chance, 'from', near(chance, at)),
    ...maybe(chance, 'to', near(chance, at)),
  }),
  ActionItemAdded: (chance, at) => ({
    itemId: `item-${chance.below(3)}`,
    title: 'alert on followers',
    kind: chance.pick(ACTION_ITEM_KINDS),
    ...maybe(chance, 'dueAt', near(chance, at)),
  }),
  ActionItemCompleted: (chance) => ({ itemId: `item-${chance.below(3)}` }),
  PostmortemPublished: (chance) => ({
    body: `# What happened, take ${chance.below(9)}`,
    ...maybe(chance, 'visibility', chance.pick(VISIBILITIES)),
  }),
  ComponentRegistered: (chance) => ({
    name: `Name ${chance.below(3)}`,
    ...maybe(chance, 'group', 'core'),
    ...maybe(chance, 'clusterId', chance.pick(CLUSTERS)),
    ...maybe(chance, 'jobIds', ['web']),
  }),
  ComponentStatusChanged: (chance) => ({ status: chance.pick(COMPONENT_STATUSES) }),
  ComponentRetired: () => ({}),
  MaintenanceScheduled: (chance, at) => ({
    title: 'upgrade',
    startsAt: near(chance, at),
    endsAt: near(chance, at),
    ...maybe(chance, 'components', [{ componentId: chance.pick(COMPONENTS) }]),
    ...maybe(chance, 'clusterIds', [chance.pick(CLUSTERS)]),
  }),
  MaintenanceUpdated: (chance, at) => ({
    message: 'takes longer',
    ...maybe(chance, 'endsAt', near(chance, at)),
    ...maybe(chance, 'components', [{ componentId: chance.pick(COMPONENTS) }]),
  }),
  MaintenanceStarted: () => ({}),
  MaintenanceCompleted: () => ({}),
  MaintenanceCancelled: () => ({}),
};
