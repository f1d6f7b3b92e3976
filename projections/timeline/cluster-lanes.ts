/**
 * The lanes of leaders, nodes and jobs: a fold of the cluster that is watched while it goes. Of each event only the lanes
 * that it touches are looked at; jobs follow from the liveness of their nodes, and that from gaps, too.
 */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { cluster, isKnown } from '../cluster/cluster.ts';
import { leadingClaim, type ScopeState } from '../cluster/leadership.ts';
import { livenessSources } from '../cluster/nodes.ts';
import type { Liveness } from '../cluster/shapes.ts';
import type { ClusterState, JobState, NodeState } from '../cluster/state.ts';
import { isUnheard, shownState } from '../cluster/view.ts';
import type { ElectionsState } from '../elections/elections.ts';
import type { GapView } from '../gaps/view.ts';
import { entryOf } from '../record.ts';
import type { LaneChoice } from './choice.ts';
import { Followers } from './followers.ts';
import { Lane } from './lane.ts';
import { Leads } from './leads.ts';
import { Silence } from './silence.ts';
import { EVERY_SCOPE, touchedBy } from './touched.ts';
import type { LaneView } from './view.ts';
import { bucketOf, type Window } from './window.ts';

/** A leader's lane says these where nobody leads; a node that is called so has a space before its name there. */
const NOBODY = 'none';
const ELECTING = 'electing';

export interface ClusterLanesOptions {
  readonly window: Window;
  /** As of the instant before the window; it is folded on, in place. */
  readonly state: ClusterState;
  /** Gaps that concern the cluster, closed ones too. */
  readonly gaps: readonly GapView[];
  readonly choice: LaneChoice;
  /** The last instant of which anything is known, µs. */
  readonly now: number;
}

/** What is known of the cluster when all events of the set are folded, those after the window too. */
export interface Afterwards {
  readonly state: Readonly<ClusterState>;
  readonly elections: Readonly<ElectionsState>;
}

export class ClusterLanes {
  /** Events by bucket. */
  readonly counts: number[];
  readonly #followers: Followers;
  readonly #window: Window;
  readonly #choice: LaneChoice;
  readonly #silence: Silence;
  #state: ClusterState;
  readonly #scopes = new Map<string, { readonly lane: Lane; readonly leads: Leads }>();
  readonly #nodes = new Map<string, Lane>();
  readonly #jobs = new Map<string, { readonly lane: Lane; nodeId: string | null }>();
  /** By node, the jobs with a lane that are on it. */
  readonly #jobsOn = new Map<string, Set<string>>();
  /** Of every node its liveness, as it is shown, and whom it follows unless it is lost or has left. */
  readonly #told = new Map<string, { readonly liveness: Liveness; readonly followed: string | null }>();

  constructor({ window, state, gaps, choice, now }: ClusterLanesOptions) {
    this.#window = window;
    this.#state = state;
    this.#choice = choice;
    this.#silence = new Silence(gaps);
    this.#silence.goTo(window.from);
    this.counts = new Array<number>(window.buckets).fill(0);
    this.#followers = new Followers(window, now);
    for (const id of Object.keys(state.leadership.scopes)) this.#turnScope(id, window.from);
    for (const id of Object.keys(state.nodes)) this.#turnNode(id, window.from);
    for (const id of Object.keys(state.jobs)) this.#turnJob(id, window.from);
    if (isKnown(state)) this.#followers.reach(window.from);
  }

  /** The next event of the window, in fold order. */
  take(event: AnyFoldEvent): void {
    const at = event.effectiveAt;
    this.#goTo(at);
    const bucket = bucketOf(this.#window, at);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.#state = cluster.fold(this.#state, event);
    const { nodeIds, jobIds, scope } = touchedBy(event);
    for (const id of nodeIds) if (id !== undefined) this.#turnNode(id, at);
    for (const id of jobIds) this.#turnJob(id, at);
    if (scope === EVERY_SCOPE) for (const id of Object.keys(this.#state.leadership.scopes)) this.#turnScope(id, at);
    else if (scope !== null) this.#turnScope(scope, at);
    this.#followers.reach(at);
  }

  /** The state at the window's end. */
  get state(): Readonly<ClusterState> {
    return this.#state;
  }

  /** By bucket, once it is finished. */
  get followers(): readonly (number | null)[] {
    return this.#followers.fewest;
  }

  finish(afterwards: Afterwards): LaneView[] {
    // The window does not hold its end.
    this.#goTo(this.#window.to - 1);
    this.#followers.finish();
    const lanes: LaneView[] = [];
    for (const [id, { lane, leads }] of this.#scopes) {
      const named = { kind: 'leader', group: id === '' ? null : id, name: null } as const;
      const lasts = this.#leaderLasts(id, leads, afterwards);
      lanes.push({ id: id === '' ? this.#state.id : id, ...named, ...lane.finish(lasts) });
      leads.finish();
    }
    for (const [id, lane] of this.#nodes) {
      const { name, zone } = entryOf(this.#state.nodes, id) as NodeState;
      const columns = lane.finish(this.#nodeLasts(id, afterwards));
      lanes.push({ id, kind: 'node', name, group: zone, ...columns });
    }
    for (const [id, { lane }] of this.#jobs) {
      const job = entryOf(this.#state.jobs, id);
      const columns = lane.finish(this.#jobLasts(id, afterwards));
      lanes.push({ id, kind: 'job', name: job?.stated?.name ?? null, group: job?.groupId ?? null, ...columns });
    }
    return lanes.filter((lane) => !isOver(lane, this.#window));
  }

  /** By scope, who led when: what other claims there were beside is told from the elections. */
  leadsOf(scope: string): Leads | undefined {
    return this.#scopes.get(scope)?.leads;
  }

  /** Past the gaps that begin and end on the way. */
  #goTo(at: number): void {
    for (let bound = this.#silence.nextAt; bound <= at; bound = this.#silence.nextAt) {
      this.#silence.goTo(bound);
      for (const id of Object.keys(this.#state.nodes)) this.#turnNode(id, bound);
      if (isKnown(this.#state)) this.#followers.reach(bound);
    }
  }

  #turnScope(id: string, at: number): void {
    const scope = entryOf(this.#state.leadership.scopes, id);
    if (scope === undefined) return;
    const claim = leadingClaim(scope);
    this.#followers.turnScope(id, claim?.leaderId ?? null);
    let known = this.#scopes.get(id);
    if (known === undefined) {
      if (!this.#choice.takes('leader', id)) return;
      known = { lane: new Lane(this.#window), leads: new Leads(this.#window) };
      this.#scopes.set(id, known);
    }
    known.leads.turn(at, claim?.claim ?? null);
    known.lane.turn(at, claim === null ? vacancy(scope) : leaderWord(claim.leaderId), claim?.term ?? null);
  }

  #turnNode(id: string, at: number): void {
    const node = entryOf(this.#state.nodes, id);
    if (node === undefined) return;
    const liveness = isUnheard(node, this.#silence.collectors) ? 'UNKNOWN' : node.liveness;
    const isThere = node.liveness !== 'LEFT' && liveness !== 'LOST';
    const followed = isThere && node.following !== null ? node.following.leaderId : null;
    const told = this.#told.get(id);
    if (told?.liveness === liveness && told.followed === followed) return;
    this.#told.set(id, { liveness, followed });
    this.#followers.turnNode(id, followed);
    if (told?.liveness === liveness) return;
    let lane = this.#nodes.get(id);
    if (lane === undefined && this.#choice.takes('node', id)) {
      lane = new Lane(this.#window);
      this.#nodes.set(id, lane);
    }
    lane?.turn(at, liveness, null);
    for (const jobId of this.#jobsOn.get(id) ?? []) this.#turnJob(jobId, at);
  }

  #turnJob(id: string, at: number): void {
    const job = entryOf(this.#state.jobs, id);
    let known = this.#jobs.get(id);
    if (job === undefined) {
      // What an anomaly had named as a job turned out to be a group.
      known?.lane.turn(at, null, null);
      return;
    }
    if (known === undefined) {
      if (!this.#choice.takes('job', id)) return;
      known = { lane: new Lane(this.#window), nodeId: null };
      this.#jobs.set(id, known);
    }
    if (known.nodeId !== job.nodeId) {
      if (known.nodeId !== null) this.#jobsOn.get(known.nodeId)?.delete(id);
      if (job.nodeId !== null) this.#placed(id, job.nodeId);
      known.nodeId = job.nodeId;
    }
    known.lane.turn(at, this.#jobWord(job), job.assignedTerm);
  }

  #placed(jobId: string, nodeId: string): void {
    const jobs = this.#jobsOn.get(nodeId);
    if (jobs === undefined) this.#jobsOn.set(nodeId, new Set([jobId]));
    else jobs.add(jobId);
  }

  /** The state, and after a space the node. */
  #jobWord(job: Readonly<JobState>): string {
    if (job.nodeId === null) return shownState(job, null);
    return `${shownState(job, this.#told.get(job.nodeId) ?? null)} ${job.nodeId}`;
  }

  #leaderLasts(id: string, leads: Leads, { state, elections }: Afterwards): boolean {
    const scope = entryOf(this.#state.leadership.scopes, id);
    const later = entryOf(state.leadership.scopes, id);
    if (scope === undefined || later === undefined) return false;
    if (leads.claim !== null) return later.leading?.claim === leads.claim;
    return later.leading === null && vacancy(later) === vacancy(scope) && !this.#claimedLater(id, elections);
  }

  #claimedLater(id: string, { claims }: Readonly<ElectionsState>): boolean {
    for (let claim = claims.scope.length - 1; claim >= 0; claim -= 1) {
      if ((claims.startedAt[claim] as number) < this.#window.to) return false;
      if (claims.scope[claim] === id) return true;
    }
    return false;
  }

  /** Told from when the node last changed, so that a new life of a node that stayed alive counts as a change. */
  #nodeLasts(id: string, { state }: Afterwards): boolean {
    const node = entryOf(this.#state.nodes, id);
    const later = entryOf(state.nodes, id);
    if (node === undefined || later === undefined || later.since >= this.#window.to) return false;
    const sources = [...livenessSources(node), ...livenessSources(later)].flat();
    return !this.#silence.changesLaterFor(sources);
  }

  #jobLasts(id: string, afterwards: Afterwards): boolean {
    const later = entryOf(afterwards.state.jobs, id);
    if (later === undefined || later.since >= this.#window.to) return false;
    const isHeld = later.state === 'ASSIGNED' || later.state === 'RUNNING';
    return !isHeld || later.nodeId === null || this.#nodeLasts(later.nodeId, afterwards);
  }
}

function vacancy(scope: Readonly<ScopeState>): string {
  return scope.candidateIds === null ? NOBODY : ELECTING;
}

/** No id has white space at its ends, so the two words are never taken for a node. */
export function leaderWord(nodeId: string): string {
  return nodeId === NOBODY || nodeId === ELECTING ? ` ${nodeId}` : nodeId;
}

/**
 * Nodes that had left and jobs that had completed before the window and stayed so have no lane: they only grow in number.
 * An interval that several were joined into shows the last of them, and did not stay so.
 */
function isOver({ kind, starts, values, merged }: LaneView, { from }: Window): boolean {
  if (starts.length !== 1 || starts[0] !== from || merged[0] !== 0) return false;
  return kind === 'node' ? values[0] === 'LEFT' : kind === 'job' && values[0]?.split(' ', 1)[0] === 'COMPLETED';
}
