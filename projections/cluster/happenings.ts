/** Deployments and anomalies of a cluster. */
import type { FoldEvent } from '../../schemas/event.ts';
import { entryOf, setEntry } from '../record.ts';
import { mentionJob } from './jobs.ts';
import { knownNode } from './nodes.ts';
import type { ClusterState } from './state.ts';

/** Started again after its end, a deployment begins anew. */
export function deploymentStarted(state: ClusterState, event: FoldEvent<'DeploymentStarted'>): void {
  const { deploymentId, description } = event.data;
  const known = entryOf(state.deployments, deploymentId);
  if (known !== undefined && known.finishedAt === null) {
    known.description = description ?? known.description;
    return;
  }
  setEntry(state.deployments, deploymentId, {
    description: description ?? known?.description ?? null,
    startedAt: event.effectiveAt,
    finishedAt: null,
    outcome: null,
  });
}

export function deploymentFinished(state: ClusterState, event: FoldEvent<'DeploymentFinished'>): void {
  const { deploymentId, outcome } = event.data;
  const known = entryOf(state.deployments, deploymentId);
  setEntry(state.deployments, deploymentId, {
    description: known?.description ?? null,
    startedAt: known?.startedAt ?? event.effectiveAt,
    finishedAt: event.effectiveAt,
    outcome,
  });
}

/** Detected again while open it keeps its beginning; after it was cleared it begins anew. */
export function anomalyDetected(state: ClusterState, event: FoldEvent<'AnomalyDetected'>): void {
  const { data, effectiveAt: at } = event;
  for (const nodeId of data.nodeIds ?? []) knownNode(state.nodes, nodeId, at);
  for (const jobId of data.jobIds ?? []) mentionJob(state, jobId, at);
  const known = entryOf(state.anomalies, data.anomalyId);
  setEntry(state.anomalies, data.anomalyId, {
    code: data.code,
    severity: data.severity,
    message: data.message,
    rule: data.rule,
    ruleVersion: data.ruleVersion,
    since: known?.clearedAt === null ? known.since : at,
    clearedAt: null,
    nodeIds: data.nodeIds ?? known?.nodeIds ?? [],
    jobIds: data.jobIds ?? known?.jobIds ?? [],
    scope: data.scope ?? known?.scope ?? null,
    term: data.term ?? known?.term ?? null,
    evidence: data.evidence,
  });
}

/** An anomaly that nobody detected cannot be cleared. */
export function anomalyCleared(state: ClusterState, event: FoldEvent<'AnomalyCleared'>): void {
  const known = entryOf(state.anomalies, event.data.anomalyId);
  if (known !== undefined) known.clearedAt ??= event.effectiveAt;
}
