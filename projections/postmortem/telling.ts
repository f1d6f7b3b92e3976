/** Which events of a cluster tell something in a postmortem, and in which words. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';

/** What an event tells; `what` is the node, job or deployment that it is about. */
export interface Telling {
  readonly kind: string;
  readonly summary: string;
  readonly what: string | null;
}

/** What an event meant to the jobs of its cluster. */
export interface Consequence {
  /** Jobs that are placed on a node that was lost or left with this event. */
  readonly orphanedJobIds: readonly string[];
  /** A job that had been taken off, had failed or was orphaned runs again. */
  readonly runsAgain: boolean;
}

type Tell<Name extends EventName> = (data: FoldEvent<Name>['data'], consequence: Consequence) => Telling | null;

const TELLS = {
  NodeJoined: ({ nodeId }) => ({ kind: 'node_joined', what: nodeId, summary: `Node ${nodeId} joined` }),
  NodeLeft: ({ nodeId, reason }, consequence) => ({
    kind: 'node_left',
    what: nodeId,
    summary: `Node ${nodeId} left${because(reason)}${orphaned(consequence)}`,
  }),
  ElectionStarted: ({ candidateId = null, scope, term, reason }) => ({
    kind: 'election_started',
    what: candidateId,
    summary: `Election started${candidateId === null ? '' : ` by ${candidateId}`}${ofScope(scope, term)}${because(reason)}`,
  }),
  LeaderElected: ({ leaderId, scope, term, how }) => ({
    kind: 'leader_elected',
    what: leaderId,
    summary: `${leaderId} became leader${ofScope(scope, term)}${how === undefined ? '' : `, ${how}`}`,
  }),
  LeaderLost: ({ leaderId, scope, term, reason }) => ({
    kind: 'leader_lost',
    what: leaderId,
    summary: `${leaderId} leads no more${ofScope(scope, term)}: ${reason.replaceAll('_', ' ')}`,
  }),
  FollowerAttached: ({ nodeId, leaderId, scope, term }) => ({
    kind: 'follower_attached',
    what: nodeId,
    summary: `${nodeId} follows ${leaderId}${ofScope(scope, term)}`,
  }),
  FollowerDetached: ({ nodeId, leaderId, scope, term, reason }) => ({
    kind: 'follower_detached',
    what: nodeId,
    summary: `${nodeId} no longer follows${leaderId === undefined ? '' : ` ${leaderId}`}${ofScope(scope, term)}${because(reason)}`,
  }),
  HeartbeatLost: ({ nodeId, observerId }, consequence) => ({
    kind: 'heartbeat_lost',
    what: nodeId,
    summary: `Heartbeat of ${nodeId} lost${observedBy(observerId)}${orphaned(consequence)}`,
  }),
  HeartbeatRestored: ({ nodeId, observerId }) => ({
    kind: 'heartbeat_restored',
    what: nodeId,
    summary: `Heartbeat of ${nodeId} restored${observedBy(observerId)}`,
  }),
  JobUnassigned: ({ jobId, nodeId, reason }) => ({
    kind: 'job_unassigned',
    what: jobId,
    summary: `Job ${jobId} taken off${nodeId === undefined ? '' : ` ${nodeId}`}${because(reason)}`,
  }),
  JobFailed: ({ jobId, nodeId, error }) => ({
    kind: 'job_failed',
    what: jobId,
    summary: `Job ${jobId} failed on ${nodeId}${because(error)}`,
  }),
  // Jobs start all the time; that one starts tells something only where it had stopped.
  JobStarted: ({ jobId, nodeId }, { runsAgain }) =>
    runsAgain ? { kind: 'job_runs_again', what: jobId, summary: `Job ${jobId} runs again, on ${nodeId}` } : null,
  DeploymentStarted: ({ deploymentId, description }) => ({
    kind: 'deployment_started',
    what: deploymentId,
    summary: `Deployment ${deploymentId} started${because(description)}`,
  }),
  DeploymentFinished: ({ deploymentId, outcome }) => ({
    kind: 'deployment_finished',
    what: deploymentId,
    summary: `Deployment ${deploymentId} finished: ${outcome.replaceAll('_', ' ')}`,
  }),
  AnomalyDetected: ({ anomalyId, severity, code, message }) => ({
    kind: 'anomaly_detected',
    what: anomalyId,
    summary: `Anomaly detected (${severity}, ${code}): ${message}`,
  }),
  AnomalyCleared: ({ anomalyId, reason }) => ({
    kind: 'anomaly_cleared',
    what: anomalyId,
    summary: `Anomaly ${anomalyId} cleared${because(reason)}`,
  }),
} as const satisfies { readonly [Name in EventName]?: Tell<Name> };

/** Null for events that tell nothing here: submissions, assignments, completions, and starts of jobs that had not stopped. */
export function tellingOf(event: AnyFoldEvent, consequence: Consequence): Telling | null {
  if (!Object.hasOwn(TELLS, event.type)) return null;
  const tell = TELLS[event.type as keyof typeof TELLS] as Tell<EventName>;
  return tell(event.data, consequence);
}

/** How many jobs one row names. */
const JOBS_NAMED = 5;

function orphaned({ orphanedJobIds }: Consequence): string {
  if (orphanedJobIds.length === 0) return '';
  const named = orphanedJobIds.slice(0, JOBS_NAMED).join(', ');
  const more = orphanedJobIds.length > JOBS_NAMED ? ` and ${orphanedJobIds.length - JOBS_NAMED} more` : '';
  return `; orphaned: ${named}${more}`;
}

function ofScope(scope: string | undefined, term: number | undefined): string {
  return `${scope === undefined ? '' : ` of ${scope}`}${term === undefined ? '' : ` in term ${term}`}`;
}

function observedBy(observerId: string | undefined): string {
  return observerId === undefined ? '' : `, says ${observerId}`;
}

function because(reason: string | undefined): string {
  return reason === undefined || reason === '' ? '' : `: ${reason}`;
}
