/**
 * What GraphQL shows of a cluster. Property names are the fields' names; times are µs, events are positions, evidence is
 * keys. view.ts builds it, answers.ts answers the fields that take arguments.
 */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { CompletenessView } from '../gaps/view.ts';
import type { ClusterState } from './state.ts';

export type NodeRole = 'LEADER' | 'CANDIDATE' | 'FOLLOWER' | 'LEARNER' | 'WORKER' | 'UNKNOWN';
export type Liveness = 'ALIVE' | 'LOST' | 'LEFT' | 'UNKNOWN';
export type JobStateName = 'SUBMITTED' | 'ASSIGNED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'UNASSIGNED' | 'ORPHANED';

export interface ClusterView {
  readonly id: string;
  /** Open claims of all scopes, stale ones too, in the order in which they began. */
  readonly leaders: readonly LeaderClaimView[];
  /** The named scopes, in the order in which they became known. */
  readonly scopes: readonly string[];
  readonly nodes: readonly ClusterNodeView[];
  /** All jobs; the field's `states` argument is answered by `jobsOf`. */
  readonly jobs: readonly JobView[];
  readonly jobGroups: readonly JobGroupView[];
  readonly completeness: CompletenessView;
  /** The latest effective time folded (`asOf.occurredAt`); null before the first event. */
  readonly latestEffectiveAt: Micros | null;
  /** What the view was made from, for the functions of answers.ts. */
  readonly state: Readonly<ClusterState>;
  /** The nodes of this view by id. */
  readonly nodesById: ReadonlyMap<string, ClusterNodeView>;
  /** The jobs of this view by id. */
  readonly jobsById: ReadonlyMap<string, JobView>;
}

export interface LeaderClaimView {
  readonly scope: string | null;
  readonly node: ClusterNodeView;
  readonly term: number | null;
  readonly since: Micros;
  readonly contested: boolean;
  readonly stale: boolean;
  readonly eventPosition: Position;
}

export interface ClusterNodeView {
  readonly id: string;
  readonly name: string | null;
  readonly address: string | null;
  readonly zone: string | null;
  readonly kind: string | null;
  readonly schedulable: boolean | null;
  readonly incarnation: string | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly role: NodeRole;
  readonly liveness: Liveness;
  readonly following: ClusterNodeView | null;
  readonly followingTerm: number | null;
  readonly lastSeenAt: Micros | null;
  /** Since when the present liveness holds. */
  readonly since: Micros | null;
  /** Jobs it holds: assigned, running or orphaned here. */
  readonly jobs: readonly JobView[];
  /** What each observer said last, in the order in which they first spoke. */
  readonly observers: readonly ObserverView[];
}

export interface ObserverView {
  /** Null: the observer without a name. */
  readonly observerId: string | null;
  readonly lost: boolean;
  readonly since: Micros;
}

export interface JobView {
  readonly id: string;
  readonly name: string | null;
  readonly critical: boolean;
  readonly group: JobGroupView | null;
  readonly state: JobStateName;
  /** The node that holds it, or that it ended on. */
  readonly node: ClusterNodeView | null;
  readonly assignedTerm: number | null;
  readonly attempts: number;
  /** The job's own, else its group's. */
  readonly componentId: string | null;
  readonly since: Micros;
  /** Second copies: where else it was reported to run. */
  readonly copies: readonly JobCopyView[];
  /** Reports of nodes that did not hold it, the newest 20; they changed nothing. */
  readonly strayReports: readonly StrayReportView[];
}

export interface JobCopyView {
  readonly node: ClusterNodeView;
  readonly since: Micros;
  readonly endedAt: Micros | null;
  readonly eventPosition: Position;
}

export interface StrayReportView {
  readonly node: ClusterNodeView;
  /** Name of the event: JobCompleted, JobFailed or JobUnassigned. */
  readonly type: string;
  readonly at: Micros;
  readonly eventPosition: Position;
}

export interface JobGroupView {
  readonly id: string;
  readonly name: string | null;
  /** How many instances were asked for; null when nobody said. */
  readonly wanted: number | null;
  /** Its jobs that are RUNNING; orphaned ones and second copies do not count. */
  readonly running: number;
  readonly jobs: readonly JobView[];
}

export interface DeploymentView {
  readonly id: string;
  readonly description: string | null;
  /** When only the end was reported, the end. */
  readonly startedAt: Micros;
  readonly finishedAt: Micros | null;
  readonly outcome: string | null;
}

export interface AnomalyView {
  readonly id: string;
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly rule: string;
  readonly ruleVersion: string;
  readonly since: Micros;
  readonly clearedAt: Micros | null;
  readonly nodes: readonly ClusterNodeView[];
  readonly jobs: readonly JobView[];
  readonly term: number | null;
  readonly evidenceRefs: readonly EvidenceRef[];
}
export interface EvidenceRef {
  readonly source: string;
  readonly id: string;
}
