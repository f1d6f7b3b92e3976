/** Which lanes an event of a cluster can turn: derived from the event, so that no state is compared with the one before. */
import type { EventName } from '../../schemas/catalogue.ts';
import type * as declared from '../../schemas/cluster.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { UNNAMED } from '../cluster/leadership.ts';

/** No scope's name, as that is a text. */
export const EVERY_SCOPE = Symbol('every scope');

export interface Touched {
  readonly nodeIds: readonly (string | undefined)[];
  readonly jobIds: readonly string[];
  /** `EVERY_SCOPE`: the departure of a node ends its claims wherever it has some; null: none. */
  readonly scope: string | typeof EVERY_SCOPE | null;
}

type ClusterEventName = keyof typeof declared & EventName;
type TouchedBy = { readonly [Name in ClusterEventName]: (data: FoldEvent<Name>['data']) => Touched };

const NONE: readonly never[] = [];
const NOTHING: Touched = { nodeIds: NONE, jobIds: NONE, scope: null };
const ofNode = ({ nodeId }: { readonly nodeId: string }): Touched => ({ ...NOTHING, nodeIds: [nodeId] });
const ofJob = ({ jobId, nodeId }: { readonly jobId: string; readonly nodeId?: string }): Touched => ({
  nodeIds: nodeId === undefined ? NONE : [nodeId],
  jobIds: [jobId],
  scope: null,
});
const ofClaim = ({ scope = UNNAMED, leaderId }: { readonly scope?: string; readonly leaderId: string }): Touched => ({
  nodeIds: [leaderId],
  jobIds: NONE,
  scope,
});
const ofFollowing = ({ nodeId, leaderId }: { readonly nodeId: string; readonly leaderId?: string }): Touched => ({
  ...NOTHING,
  nodeIds: [nodeId, leaderId],
});

// A record, so that the compiler asks for an event type that is missing here.
const TOUCHED: TouchedBy = {
  NodeJoined: ofNode,
  NodeLeft: (data) => ({ ...ofNode(data), scope: EVERY_SCOPE }),
  HeartbeatLost: ofNode,
  HeartbeatRestored: ofNode,
  FollowerAttached: ofFollowing,
  FollowerDetached: ofFollowing,
  ElectionStarted: ({ scope = UNNAMED, candidateId }) => ({ nodeIds: [candidateId], jobIds: NONE, scope }),
  LeaderElected: ofClaim,
  LeaderLost: ofClaim,
  JobSubmitted: ofJob,
  JobAssigned: (data) => ({ nodeIds: [data.nodeId, data.leaderId], jobIds: [data.jobId], scope: null }),
  JobStarted: ofJob,
  JobCompleted: ofJob,
  JobFailed: ofJob,
  JobUnassigned: ofJob,
  DeploymentStarted: () => NOTHING,
  DeploymentFinished: () => NOTHING,
  AnomalyDetected: ({ nodeIds = NONE, jobIds = NONE }) => ({ nodeIds, jobIds, scope: null }),
  AnomalyCleared: () => NOTHING,
};

/** Every node, job and scope that the event names, which may also only make it known. */
export function touchedBy(event: AnyFoldEvent): Touched {
  const touched = TOUCHED[event.type as ClusterEventName] as (data: unknown) => Touched;
  return touched(event.data);
}
