/** Which lanes are drawn where there are too many: those of each kind that changed most recently. */
import type { ClusterState } from '../cluster/state.ts';
import { entryOf, setEntry } from '../record.ts';
import type { Window } from './window.ts';

export type WatchedKind = 'leader' | 'node' | 'job';

export interface LaneChoice {
  /** Whether the lane is drawn; asked when it first shows, and whenever one that is not drawn would change. */
  takes(kind: WatchedKind, id: string): boolean;
  /** The jobs that are drawn; null: all. */
  readonly jobs: ReadonlySet<string> | null;
  /** How many lanes are not drawn. */
  readonly omitted: number;
}

/** None at all: for a window of which nothing has happened yet. */
export const NO_LANES: LaneChoice = { takes: () => false, jobs: new Set(), omitted: 0 };

/** Whether a cluster may have more lanes than there is room for: then `chooseLanes` must look at it. */
export function mayOverflow({ leadership, nodes, jobs }: Readonly<ClusterState>, room: number): boolean {
  const [scopes, all] = [Object.keys(leadership.scopes).length, Object.keys(nodes).length + Object.keys(jobs).length];
  return scopes + all > room;
}

/** Every lane that shows, up to the room. */
export function everyLane(room: number): LaneChoice {
  let taken = 0;
  const left = new Set<string>();
  return {
    jobs: null,
    takes(kind, id) {
      if (taken < room) taken += 1;
      else left.add(`${kind} ${id}`);
      return left.size === 0;
    },
    get omitted() {
      return left.size;
    },
  };
}

/**
 * `state`: as of the window's end. Scopes may fill half of the room, nodes half of what is then left, jobs the rest; what
 * one of them leaves free goes to the others. Nodes that had left and jobs that had completed before the window are no lanes.
 */
export function chooseLanes(
  state: Readonly<ClusterState>,
  { window, room }: { readonly window: Window; readonly room: number },
): LaneChoice {
  const { scopes } = state.leadership;
  const candidates: readonly (readonly [WatchedKind, readonly Candidate[]])[] = [
    ['leader', Object.entries(scopes).map(([id, { leading }]) => ({ id, changedAt: leading?.since ?? 0 }))],
    ['node', nodesOf(state, window)],
    ['job', jobsOf(state, window)],
  ];
  const shares = sharesOf(
    candidates.map(([, of]) => of.length),
    room,
  );
  const chosen = new Map(candidates.map(([kind, of], index) => [kind, latest(of, shares[index] ?? 0)]));
  const jobs = chosen.get('job') ?? null;
  const omitted = candidates.reduce((sum, [, of], index) => sum + of.length - (shares[index] ?? 0), 0);
  return { takes: (kind, id) => chosen.get(kind)?.has(id) === true, jobs, omitted };
}

/** The state with the jobs that are drawn alone: how others fare changes nothing for these. Shares what it keeps. */
export function withChosenJobs(state: Readonly<ClusterState>, { jobs: chosen }: LaneChoice): ClusterState {
  const rest = { ...state, deployments: {}, anomalies: {} };
  if (chosen === null) return rest;
  const jobs: ClusterState['jobs'] = {};
  for (const [id, job] of Object.entries(state.jobs)) if (chosen.has(id)) setEntry(jobs, id, job);
  return { ...rest, jobs };
}

/** How many of each may be taken: in turn up to half of what is left, the last all of it; then what nobody took. */
export function sharesOf(wanted: readonly number[], room: number): readonly number[] {
  let left = room;
  const shares = wanted.map((count, index) => {
    const share = Math.min(count, index === wanted.length - 1 ? left : Math.ceil(left / 2));
    left -= share;
    return share;
  });
  return shares.map((share, index) => {
    const more = Math.min((wanted[index] ?? 0) - share, left);
    left -= more;
    return share + more;
  });
}

interface Candidate {
  readonly id: string;
  readonly changedAt: number;
}

function nodesOf({ nodes }: Readonly<ClusterState>, { from }: Window): readonly Candidate[] {
  return Object.entries(nodes)
    .filter(([, { liveness, since }]) => liveness !== 'LEFT' || since > from)
    .map(([id, { since }]) => ({ id, changedAt: since }));
}

function jobsOf({ nodes, jobs }: Readonly<ClusterState>, { from }: Window): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const [id, { state, since, nodeId }] of Object.entries(jobs)) {
    if (state === 'COMPLETED' && since <= from) continue;
    const isHeld = (state === 'ASSIGNED' || state === 'RUNNING') && nodeId !== null;
    const node = isHeld ? entryOf(nodes, nodeId) : undefined;
    candidates.push({ id, changedAt: Math.max(since, node?.since ?? 0) });
  }
  return candidates;
}

function latest(candidates: readonly Candidate[], count: number): ReadonlySet<string> {
  const sorted = count < candidates.length ? candidates.toSorted((a, b) => b.changedAt - a.changedAt) : candidates;
  return new Set(sorted.slice(0, count).map(({ id }) => id));
}
