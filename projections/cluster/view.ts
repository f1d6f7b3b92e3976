/**
 * The topology of a cluster as it is shown: roles, orphaned jobs and the effect of gaps are derived here, since they
 * follow from several parts of the state. It lies on the way of every query, so it makes each object once.
 */
import type { Micros } from '../../schemas/time.ts';
import { completenessOf, type GapView, gapsCoveringCluster } from '../gaps/view.ts';
import { isContested } from './leadership.ts';
import { livenessSources } from './nodes.ts';
import type {
  ClusterNodeView,
  ClusterView,
  JobCopyView,
  JobGroupView,
  JobStateName,
  JobView,
  LeaderClaimView,
  NodeRole,
  StrayReportView,
} from './shapes.ts';
import type { ClusterState, JobState, NodeState } from './state.ts';

export type { AnomalyView, ClusterNodeView, ClusterView, JobStateName, JobView } from './shapes.ts';

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };
type NodeDraft = Mutable<ClusterNodeView> & { jobs: JobView[] };
type GroupDraft = Mutable<JobGroupView> & { jobs: JobView[] };

/** `gaps`: those in force at the moment of the answer; which of them concern this cluster is judged here. */
export function clusterView(state: Readonly<ClusterState>, gaps: readonly GapView[]): ClusterView {
  const covering = gapsCoveringCluster(gaps, state.id, state.sources);
  const nodesById = drawNodes(state, covering);
  const groups = drawGroups(state);
  const jobsById = drawJobs(state, { nodesById, groups });
  return {
    id: state.id,
    leaders: drawClaims(state, nodesById),
    scopes: Object.keys(state.leadership.scopes).filter((scope) => scope !== ''),
    nodes: [...nodesById.values()],
    jobs: [...jobsById.values()],
    jobGroups: [...groups.values()],
    completeness: completenessOf(covering),
    latestEffectiveAt: state.latestEffectiveAt,
    state,
    nodesById,
    jobsById,
  };
}

function drawNodes(state: Readonly<ClusterState>, covering: readonly GapView[]): Map<string, NodeDraft> {
  const silent = new Map<string, Micros | null>();
  for (const gap of covering) silent.set(gap.collector, earlier(silent.get(gap.collector), gap.from));
  const roleOf = rolesIn(state);
  const drawn = new Map<string, NodeDraft>();
  for (const [id, node] of Object.entries(state.nodes)) {
    const unheard = silent.size > 0 && isUnheard(node, silent);
    const liveness = unheard ? 'UNKNOWN' : node.liveness;
    drawn.set(id, {
      id,
      name: node.name,
      address: node.address,
      zone: node.zone,
      kind: node.kind,
      schedulable: node.schedulable,
      incarnation: node.incarnation,
      labels: node.labels,
      role: roleOf(id, node),
      liveness,
      following: null,
      followingTerm: node.following?.term ?? null,
      lastSeenAt: node.lastSeenAt,
      since: unheard ? silentSince(node, silent) : node.since,
      jobs: [],
      observers: node.words,
    });
  }
  for (const [id, node] of drawn) {
    const following = state.nodes[id]?.following;
    if (following) node.following = drawn.get(following.leaderId) ?? null;
  }
  return drawn;
}

/** Whether all that made the node's liveness known are inside a gap. `silent`: the collectors inside one. */
export function isUnheard(node: Readonly<NodeState>, silent: Pick<ReadonlyMap<string, unknown>, 'has'>): boolean {
  if (node.liveness === 'UNKNOWN') return false;
  return livenessSources(node).every((sources) => sources.every((source) => silent.has(source)));
}

/** Since when nobody was left who could tell; null where that is not known. */
function silentSince(node: Readonly<NodeState>, silent: ReadonlyMap<string, Micros | null>): Micros | null {
  let latest: Micros | null = null;
  for (const source of livenessSources(node).flat()) {
    const from = silent.get(source) ?? null;
    if (from === null) return null;
    if (latest === null || from > latest) latest = from;
  }
  return latest;
}

function earlier(known: Micros | null | undefined, from: Micros | null): Micros | null {
  if (known === undefined) return from;
  return known === null || from === null ? null : (Math.min(known, from) as Micros);
}

function rolesIn(state: Readonly<ClusterState>): (id: string, node: Readonly<NodeState>) => NodeRole {
  const leaders = new Set<string>();
  const candidates = new Set<string>();
  for (const scope of Object.values(state.leadership.scopes)) {
    const { leading } = scope;
    for (const claim of scope.open) if (claim.claim === leading?.claim) leaders.add(claim.leaderId);
    if (leading === null) for (const id of scope.candidateIds ?? []) candidates.add(id);
  }
  return (id, node) => roleOf(node, { leads: leaders.has(id), stands: candidates.has(id) });
}

/** `leads`: in any scope; `stands`: is a candidate in a scope that nobody leads. */
export function roleOf(
  node: Readonly<NodeState>,
  { leads, stands }: { readonly leads: boolean; readonly stands: boolean },
): NodeRole {
  if (leads) return 'LEADER';
  if (node.liveness !== 'LEFT') {
    if (stands) return 'CANDIDATE';
    if (node.following !== null) return 'FOLLOWER';
  }
  if (node.kind === 'learner') return 'LEARNER';
  return node.kind === 'worker' ? 'WORKER' : 'UNKNOWN';
}

function drawClaims(
  state: Readonly<ClusterState>,
  nodesById: ReadonlyMap<string, ClusterNodeView>,
): readonly LeaderClaimView[] {
  const numbered: { readonly number: number; readonly view: LeaderClaimView }[] = [];
  for (const [name, scope] of Object.entries(state.leadership.scopes)) {
    for (const claim of scope.open) {
      const view = {
        scope: name === '' ? null : name,
        node: existing(nodesById, claim.leaderId),
        term: claim.term,
        since: claim.since,
        contested: isContested(scope, claim.term),
        stale: claim.stale,
        eventPosition: claim.eventPosition,
      };
      numbered.push({ number: claim.claim, view });
    }
  }
  return numbered.sort((first, second) => first.number - second.number).map(({ view }) => view);
}

function drawGroups(state: Readonly<ClusterState>): Map<string, GroupDraft> {
  const drawn = new Map<string, GroupDraft>();
  for (const [id, group] of Object.entries(state.groups)) {
    drawn.set(id, { id, name: group.stated?.name ?? null, wanted: group.wanted, running: 0, jobs: [] });
  }
  return drawn;
}

/** What the views of jobs are drawn into. */
interface Drawn {
  readonly nodesById: ReadonlyMap<string, NodeDraft>;
  readonly groups: ReadonlyMap<string, GroupDraft>;
}

function isHolding({ state }: JobView): boolean {
  return state === 'ASSIGNED' || state === 'RUNNING' || state === 'ORPHANED';
}

/**
 * Draws one job anew into a view that nobody else reads, of a state in which nothing but that job has changed since; its
 * node and group among those of the view. `id` must be among the view's jobs.
 */
export function redrawJob(view: ClusterView, id: string): void {
  const job = view.state.jobs[id];
  const drawn = view.jobsById.get(id) as Mutable<JobView> | undefined;
  if (job === undefined || drawn === undefined) throw new Error(`expected the job ${JSON.stringify(id)} in the view`);
  const before = { node: isHolding(drawn) ? drawn.node : null, runs: drawn.state === 'RUNNING' };
  const { group } = drawn;
  const nodesById = view.nodesById as ReadonlyMap<string, NodeDraft>;
  Object.assign(drawn, drawJob(id, { job, state: view.state, drawn: { nodesById, groups: NO_GROUPS } }), { group });
  if (group !== null) (group as GroupDraft).running += Number(drawn.state === 'RUNNING') - Number(before.runs);
  const node = isHolding(drawn) ? drawn.node : null;
  if (node === before.node) return;
  // In the order of all jobs.
  for (const changed of [before.node, node]) {
    if (changed !== null)
      (changed as NodeDraft).jobs = view.jobs.filter((each) => each.node === changed && isHolding(each));
  }
}
const NO_GROUPS: ReadonlyMap<string, GroupDraft> = new Map();

function drawJobs(state: Readonly<ClusterState>, drawn: Drawn): Map<string, JobView> {
  const jobs = new Map<string, JobView>();
  for (const [id, job] of Object.entries(state.jobs)) {
    const view = drawJob(id, { job, state, drawn });
    jobs.set(id, view);
    if (isHolding(view) && job.nodeId !== null) drawn.nodesById.get(job.nodeId)?.jobs.push(view);
    const group = job.groupId === null ? undefined : drawn.groups.get(job.groupId);
    if (group === undefined) continue;
    group.jobs.push(view);
    if (view.state === 'RUNNING') group.running += 1;
  }
  return jobs;
}

function drawJob(
  id: string,
  from: { readonly job: Readonly<JobState>; readonly state: Readonly<ClusterState>; readonly drawn: Drawn },
): JobView {
  const { job, state, drawn } = from;
  const node = job.nodeId === null ? null : existing(drawn.nodesById, job.nodeId);
  const group = job.groupId === null ? undefined : state.groups[job.groupId];
  const shown = shownState(job, node);
  return {
    id,
    name: job.stated?.name ?? null,
    critical: job.stated?.critical ?? group?.stated?.critical ?? false,
    group: job.groupId === null ? null : (drawn.groups.get(job.groupId) ?? null),
    state: shown,
    node,
    assignedTerm: job.assignedTerm,
    attempts: job.attempts,
    componentId: job.stated?.componentId ?? group?.stated?.componentId ?? null,
    since: shown === 'ORPHANED' ? (Math.max(job.since, node?.since ?? 0) as Micros) : job.since,
    copies: job.astray?.copies.map((copy) => ({ ...copy, node: existing(drawn.nodesById, copy.nodeId) })) ?? NO_COPIES,
    strayReports:
      job.astray?.reports.map((report) => ({ ...report, node: existing(drawn.nodesById, report.nodeId) })) ??
      NO_REPORTS,
  };
}
const NO_COPIES: readonly JobCopyView[] = [];
const NO_REPORTS: readonly StrayReportView[] = [];

/** `node`: the one that it is on, gaps applied. */
export function shownState(job: Readonly<JobState>, node: Pick<ClusterNodeView, 'liveness'> | null): JobStateName {
  if (job.state === 'MENTIONED') return 'SUBMITTED';
  if (job.state !== 'ASSIGNED' && job.state !== 'RUNNING') return job.state;
  return node?.liveness === 'LOST' || node?.liveness === 'LEFT' ? 'ORPHANED' : job.state;
}

/** Whoever an event names is known, so it is there. */
function existing<View>(views: ReadonlyMap<string, View>, id: string): View {
  const view = views.get(id);
  if (view === undefined) throw new Error(`expected ${JSON.stringify(id)} among what is known of the cluster`);
  return view;
}
