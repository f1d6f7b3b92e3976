/** The topology of one cluster: who leads, who follows, who is alive, what runs where. */
import type { EventName } from '../../schemas/catalogue.ts';
import type * as declared from '../../schemas/cluster.ts';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Projection } from '../projection.ts';
import { anomalyCleared, anomalyDetected, deploymentFinished, deploymentStarted } from './happenings.ts';
import { jobAssigned, jobEnded, jobStarted, jobSubmitted, jobUnassigned } from './jobs.ts';
import { claimantLeft, electionStarted, leaderElected, leaderLost } from './leadership.ts';
import {
  followerAttached,
  followerDetached,
  heartbeatLost,
  heartbeatRestored,
  knownNode,
  nodeJoined,
  nodeLeft,
} from './nodes.ts';
import { type ClusterState, initialCluster } from './state.ts';

/** What schemas/cluster.ts declares. */
type ClusterEventName = keyof typeof declared & EventName;
type Take<Name extends EventName> = (state: ClusterState, event: FoldEvent<Name>) => void;

/** One entry for each event of a cluster; the compiler asks for what is missing. */
const TAKES: { readonly [Name in ClusterEventName]: Take<Name> } = {
  NodeJoined: (state, event) => nodeJoined(state.nodes, event),
  NodeLeft(state, event) {
    if (!nodeLeft(state.nodes, event)) return;
    claimantLeft(state.leadership, { nodeId: event.data.nodeId, at: event.effectiveAt }, null);
  },
  HeartbeatLost: (state, event) => heartbeatLost(state.nodes, event),
  HeartbeatRestored: (state, event) => heartbeatRestored(state.nodes, event),
  FollowerAttached: (state, event) => followerAttached(state.nodes, event),
  FollowerDetached: (state, event) => followerDetached(state.nodes, event),
  ElectionStarted(state, event) {
    if (event.data.candidateId !== undefined) knownNode(state.nodes, event.data.candidateId, event.effectiveAt);
    electionStarted(state.leadership, event);
  },
  LeaderElected(state, event) {
    knownNode(state.nodes, event.data.leaderId, event.effectiveAt);
    leaderElected(state.leadership, event, null);
  },
  LeaderLost(state, event) {
    knownNode(state.nodes, event.data.leaderId, event.effectiveAt);
    leaderLost(state.leadership, event, null);
  },
  JobSubmitted: jobSubmitted,
  JobAssigned: jobAssigned,
  JobStarted: jobStarted,
  JobCompleted: jobEnded,
  JobFailed: jobEnded,
  JobUnassigned: jobUnassigned,
  DeploymentStarted: deploymentStarted,
  DeploymentFinished: deploymentFinished,
  AnomalyDetected: anomalyDetected,
  AnomalyCleared: anomalyCleared,
};

export const cluster: Projection<ClusterState> = {
  name: 'cluster',
  version: 1,
  categories: ['cluster'],
  types: Object.keys(TAKES) as ClusterEventName[],
  keyed: 'stream',
  initial: initialCluster,
  fold(state, event) {
    state.latestEffectiveAt = event.effectiveAt;
    if (!state.sources.includes(event.source)) state.sources.push(event.source);
    const take = TAKES[event.type as ClusterEventName] as Take<EventName>;
    take(state, event);
    return state;
  },
  tags: (state) => (isKnown(state) ? ['exists'] : []),
};

/** False where every event of the cluster was taken back: then it answers as one that nobody named. */
export function isKnown(state: Readonly<ClusterState>): boolean {
  return state.latestEffectiveAt !== null;
}
