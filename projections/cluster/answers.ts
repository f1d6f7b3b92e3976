/** The fields of a cluster that take arguments. */
import type { Micros } from '../../schemas/time.ts';
import { entryOf } from '../record.ts';
import { leadingClaim, type ScopeState, UNNAMED } from './leadership.ts';
import type { AnomalyView, ClusterNodeView, ClusterView, DeploymentView, JobStateName, JobView } from './shapes.ts';
import type { ClusterState } from './state.ts';

/** GraphQL gives null or undefined for an argument left out. */
type Left<Argument> = Argument | null | undefined;

/** The leader of a scope; without one of the unnamed scope, else of the only one, else null. */
export function leaderOf(view: ClusterView, scope?: Left<string>): ClusterNodeView | null {
  const asked = scopeAsked(view.state, scope);
  const claim = asked === null ? null : leadingClaim(asked);
  return claim === null ? null : (view.nodesById.get(claim.leaderId) ?? null);
}

/** Since when the claim leads that leads: its beginning, or the end of the one that led before it. */
export function leaderSinceOf(view: ClusterView, scope?: Left<string>): Micros | null {
  return scopeAsked(view.state, scope)?.leading?.since ?? null;
}

export function termOf(view: ClusterView, scope?: Left<string>): number | null {
  return scopeAsked(view.state, scope)?.term ?? null;
}

/** No leader, and an election that began later than the last `LeaderElected`. */
export function electingOf(view: ClusterView, scope?: Left<string>): boolean {
  const asked = scopeAsked(view.state, scope);
  return asked !== null && asked.leading === null && asked.candidateIds !== null;
}

export function nodeOf(view: ClusterView, id: string): ClusterNodeView | null {
  return view.nodesById.get(id) ?? null;
}

export function jobsOf(view: ClusterView, states?: Left<readonly JobStateName[]>): readonly JobView[] {
  return states ? view.jobs.filter((job) => states.includes(job.state)) : view.jobs;
}

/** In the order in which they were first detected; `open` true: not cleared, false: cleared. */
export function anomaliesOf(view: ClusterView, open?: Left<boolean>): readonly AnomalyView[] {
  const anomalies: AnomalyView[] = [];
  for (const [id, anomaly] of Object.entries(view.state.anomalies)) {
    if (typeof open === 'boolean' && open !== (anomaly.clearedAt === null)) continue;
    anomalies.push({
      id,
      code: anomaly.code,
      severity: anomaly.severity,
      message: anomaly.message,
      rule: anomaly.rule,
      ruleVersion: anomaly.ruleVersion,
      since: anomaly.since,
      clearedAt: anomaly.clearedAt,
      nodes: present(anomaly.nodeIds, view.nodesById),
      jobs: present(anomaly.jobIds, view.jobsById),
      term: anomaly.term,
      evidenceRefs: anomaly.evidence,
    });
  }
  return anomalies;
}

/** The last ones to start, the latest last. */
export function deploymentsOf(view: ClusterView, last: number): readonly DeploymentView[] {
  const deployments = Object.entries(view.state.deployments).map(([id, deployment]) => ({ id, ...deployment }));
  deployments.sort((first, second) => first.startedAt - second.startedAt);
  return deployments.slice(Math.max(0, deployments.length - Math.max(0, last)));
}

/** Known ids only: an anomaly may name a group among its jobs. */
function present<View>(ids: readonly string[], views: ReadonlyMap<string, View>): readonly View[] {
  return ids.flatMap((id) => views.get(id) ?? []);
}

/** The scope of that name; without one the unnamed scope, else the only one, else null. */
export function scopeAsked(state: Readonly<ClusterState>, name?: Left<string>): Readonly<ScopeState> | null {
  const { scopes } = state.leadership;
  if (typeof name === 'string') return entryOf(scopes, name) ?? null;
  const unnamed = entryOf(scopes, UNNAMED);
  if (unnamed !== undefined) return unnamed;
  const all = Object.values(scopes);
  return all.length === 1 ? (all[0] ?? null) : null;
}
