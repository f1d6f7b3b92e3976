/** Elections as GraphQL shows them: property names are the fields' names, times are µs, events are positions. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ClusterNodeView, ClusterView } from '../cluster/view.ts';
import { type ClaimColumns, CONTESTED, type ElectionsState, STALE } from './elections.ts';

export interface ElectionView {
  readonly scope: string | null;
  readonly term: number | null;
  readonly leader: ClusterNodeView;
  readonly startedAt: Micros;
  readonly endedAt: Micros | null;
  readonly endReason: string | null;
  readonly how: string | null;
  readonly contested: boolean;
  readonly stale: boolean;
  /** Terms of claims to the same scope that were open at the same time, rising; its own when another node shared it. */
  readonly overlaps: readonly number[];
  readonly eventPosition: Position;
}

export interface ElectionsAsked {
  /** Left out: of all scopes. */
  readonly scope?: string | null | undefined;
  /** How many at most, the latest ones. */
  readonly last: number;
}

/** The last elections, the latest last. `view` is the cluster as of the same set of events. */
export function electionsOf(
  state: Readonly<ElectionsState>,
  view: ClusterView,
  { scope, last }: ElectionsAsked,
): readonly ElectionView[] {
  const { claims } = state;
  const shown: ElectionView[] = [];
  for (let claim = claims.scope.length - 1; claim >= 0 && shown.length < last; claim -= 1) {
    if (typeof scope === 'string' && claims.scope[claim] !== scope) continue;
    shown.push(drawElection(claims, claim, view));
  }
  return shown.reverse();
}

function drawElection(claims: Readonly<ClaimColumns>, claim: number, view: ClusterView): ElectionView {
  const leader = view.nodesById.get(claims.leaderId[claim] ?? '');
  const [startedAt, eventPosition] = [claims.startedAt[claim], claims.eventPosition[claim]];
  if (leader === undefined || startedAt === undefined || eventPosition === undefined) {
    throw new Error(`expected claim ${claim} of cluster ${JSON.stringify(view.id)} and its leader to be known`);
  }
  const flags = claims.flags[claim] ?? 0;
  return {
    scope: claims.scope[claim] || null,
    term: claims.term[claim] ?? null,
    leader,
    startedAt,
    endedAt: claims.endedAt[claim] ?? null,
    endReason: claims.endReason[claim] ?? null,
    how: claims.how[claim] ?? null,
    contested: (flags & CONTESTED) !== 0,
    stale: (flags & STALE) !== 0,
    overlaps: overlapsOf(claims, claim),
    eventPosition,
  };
}

function overlapsOf(claims: Readonly<ClaimColumns>, claim: number): number[] {
  const terms = new Set<number>();
  for (let other = 0; other < claims.scope.length; other += 1) {
    if (other === claim || claims.scope[other] !== claims.scope[claim]) continue;
    const term = claims.term[other];
    if (typeof term === 'number' && overlap(claims, claim, other)) terms.add(term);
  }
  return [...terms].sort((first, second) => first - second);
}

/** Whether both were open for some time together; one that began where the other ended does not count. */
function overlap(claims: Readonly<ClaimColumns>, first: number, second: number): boolean {
  const from = Math.max(claims.startedAt[first] ?? 0, claims.startedAt[second] ?? 0);
  const to = Math.min(claims.endedAt[first] ?? Infinity, claims.endedAt[second] ?? Infinity);
  return from < to;
}
