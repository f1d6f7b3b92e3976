/** What is known of a cluster: plain JSON. Ids of nodes, jobs, groups, deployments and anomalies are the keys. */
import type { EventData } from '../../schemas/catalogue.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { Keyed } from '../record.ts';
import type { Incarnations } from './incarnation.ts';
import { initialLeadership, type LeadershipState } from './leadership.ts';

export interface ClusterState {
  readonly id: string;
  /** The latest effective time folded. */
  latestEffectiveAt: Micros | null;
  /** `source` of everyone who reported about the cluster, in the order in which they first did. */
  sources: string[];
  leadership: LeadershipState;
  nodes: Keyed<NodeState>;
  jobs: Keyed<JobState>;
  groups: Keyed<GroupState>;
  deployments: Keyed<DeploymentState>;
  anomalies: Keyed<AnomalyState>;
}

export interface NodeState extends Incarnations {
  name: string | null;
  address: string | null;
  zone: string | null;
  labels: Readonly<Record<string, string>> | null;
  kind: NonNullable<EventData['NodeJoined']['kind']> | null;
  schedulable: boolean | null;
  joined: boolean;
  /** Who said that it left, since its last join; empty while it is a member. */
  leftSources: string[];
  /** Who said that it is alive without being an observer; counts while no observer has spoken. */
  aliveSources: string[];
  words: ObserverWord[];
  /** What the words come to, gaps aside, and since when. */
  liveness: 'ALIVE' | 'LOST' | 'LEFT' | 'UNKNOWN';
  since: Micros;
  lastSeenAt: Micros | null;
  following: Following | null;
}

/** An observer's last word. */
export interface ObserverWord {
  /** Null: the observer without a name. */
  readonly observerId: string | null;
  lost: boolean;
  since: Micros;
  /** Collectors that brought this word. */
  sources: string[];
}

export interface Following {
  readonly leaderId: string;
  readonly scope: string | null;
  readonly term: number | null;
}

/** There are many of these, and every checkpoint holds them all: what most jobs lack is null as a whole. */
export interface JobState {
  /** MENTIONED: known only because an anomaly named it; shown as SUBMITTED. */
  state: 'MENTIONED' | 'SUBMITTED' | 'ASSIGNED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'UNASSIGNED';
  since: Micros;
  /** The node that holds it while ASSIGNED or RUNNING, or that it ended on. */
  nodeId: string | null;
  assignedTerm: number | null;
  attempts: number;
  groupId: string | null;
  stated: StatedAttributes | null;
  astray: Astray | null;
}

/** What submissions said of a job or a group. */
export interface StatedAttributes {
  readonly name: string | null;
  readonly critical: boolean | null;
  readonly componentId: string | null;
}

/** What nodes that do not hold the job reported of it. */
export interface Astray {
  copies: JobCopy[];
  /** The newest ones. */
  reports: StrayReport[];
}

export interface JobCopy {
  readonly nodeId: string;
  since: Micros;
  endedAt: Micros | null;
  eventPosition: Position;
}

export interface StrayReport {
  readonly nodeId: string;
  readonly type: 'JobCompleted' | 'JobFailed' | 'JobUnassigned';
  readonly at: Micros;
  readonly eventPosition: Position;
}

export interface GroupState {
  wanted: number | null;
  stated: StatedAttributes | null;
}

export interface DeploymentState {
  description: string | null;
  startedAt: Micros;
  finishedAt: Micros | null;
  outcome: EventData['DeploymentFinished']['outcome'] | null;
}

export interface AnomalyState {
  code: string;
  severity: EventData['AnomalyDetected']['severity'];
  message: string;
  rule: string;
  ruleVersion: string;
  since: Micros;
  clearedAt: Micros | null;
  nodeIds: readonly string[];
  jobIds: readonly string[];
  scope: string | null;
  term: number | null;
  evidence: EventData['AnomalyDetected']['evidence'];
}

export function initialCluster(id: string): ClusterState {
  return {
    id,
    latestEffectiveAt: null,
    sources: [],
    leadership: initialLeadership(),
    nodes: {},
    jobs: {},
    groups: {},
    deployments: {},
    anomalies: {},
  };
}
