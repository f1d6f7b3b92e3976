/** Puts a timeline together from its lanes. */
import type { ClaimColumns } from '../elections/elections.ts';
import { furtherClaims } from './claims.ts';
import type { Afterwards, ClusterLanes } from './cluster-lanes.ts';
import type { LaneColumns } from './lane.ts';
import type { LaneView, TimelineView } from './view.ts';
import { type Window, windowOf } from './window.ts';

/** How many lanes a timeline has at most, and how many intervals its lanes may hold together. */
const LANES_MAX = 500;
const INTERVALS_MAX = 500_000;

export function lanesMax(buckets: number): number {
  return Math.min(LANES_MAX, Math.floor(INTERVALS_MAX / buckets));
}

/** Leaders with their further lanes, nodes, jobs, then what was stated. `room`: for all of them. */
export function allLanes(
  watched: ClusterLanes,
  stated: readonly LaneView[],
  from: { readonly window: Window; readonly afterwards: Afterwards; readonly room: number },
): { readonly lanes: readonly LaneView[]; readonly omitted: number } {
  const { window, afterwards } = from;
  const drawn = watched.finish(afterwards);
  const claims: Readonly<ClaimColumns> = afterwards.elections.claims;
  const further = furtherClaims({
    window,
    claims,
    leadsOf: (scope) => watched.leadsOf(scope),
    room: Math.max(0, from.room - drawn.length - stated.length),
  });
  const leaders = drawn.filter(({ kind }) => kind === 'leader');
  const others = drawn.filter(({ kind }) => kind !== 'leader');
  const lanes = [...withFurther(leaders, further.lanes), ...others, ...stated];
  return { lanes, omitted: further.omitted };
}

/** Each leader's lane with those of the claims beside. */
function withFurther(
  leaders: readonly LaneView[],
  further: readonly { readonly scope: string; readonly columns: LaneColumns }[],
): readonly LaneView[] {
  const ids = new Set<string>();
  // A scope may be called as the cluster is, or as its neighbour's second lane would be.
  const unique = (id: string, number: number): string => {
    const named = number === 1 && !ids.has(id) ? id : `${id}#${number}`;
    if (ids.has(named)) return unique(id, number + 1);
    ids.add(named);
    return named;
  };
  const first = leaders.map((leader) => ({ ...leader, id: unique(leader.id, 1) }));
  return first.flatMap((leader) => {
    const beside = further.filter(({ scope }) => scope === (leader.group ?? ''));
    const { kind, name, group } = leader;
    return [leader, ...beside.map(({ columns }) => ({ id: unique(leader.id, 2), kind, name, group, ...columns }))];
  });
}

/** Of a set of events in which the cluster is not known. */
export function emptyTimeline({ from, to, buckets }: Omit<Window, 'bucketMs'>): TimelineView {
  const { bucketMs } = windowOf(from, to, buckets);
  const counts = new Array<number>(buckets).fill(0);
  const followers = new Array<null>(buckets).fill(null);
  const completeness = { complete: true, gaps: [] };
  return { from, to, bucketMs, counts, followers, lanes: [], lanesOmitted: 0, latestEffectiveAt: null, completeness };
}
