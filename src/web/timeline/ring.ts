/** Where nodes are drawn: each has a place of its own for good; whoever leads is drawn in the middle. Pure. */
import type { ClusterNodeView, ClusterView } from '../../../projections/cluster/view.ts';
import { byPlace, type Member } from './layout.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Inside a square of 200 × 200 around 0, 0. */
export interface Place extends Point {
  readonly id: string;
  /** Direction outwards, in radians. */
  readonly angle: number;
}

const OUTER = 76;
const INNER = 46;
/** More than that stand on several rings. */
const PER_RING = 72;

/** By zone and id, from the top, clockwise: the same members always give the same places. */
export function placesOf(members: readonly Member[]): ReadonlyMap<string, Place> {
  const sorted = [...members].sort(byPlace);
  const rings = Math.ceil(sorted.length / PER_RING);
  const places = new Map<string, Place>();
  for (const [index, { id }] of sorted.entries()) {
    const angle = -Math.PI / 2 + (index / Math.max(1, sorted.length)) * 2 * Math.PI;
    // Neighbours on rings of their own, so that zones stay together.
    const radius = rings <= 1 ? OUTER : OUTER - ((index % rings) / (rings - 1)) * (OUTER - INNER);
    places.set(id, { id, angle, x: Math.cos(angle) * radius, y: Math.sin(angle) * radius });
  }
  return places;
}

export interface Centre extends Point {
  readonly node: ClusterNodeView;
  readonly term: number | null;
  readonly isContested: boolean;
  readonly isStale: boolean;
}

const CENTRES_MAX = 3;

/** Who is drawn in the middle: the leader, or all that claim to be. Where many scopes are led there is no middle. */
export function centresOf(view: ClusterView): readonly Centre[] {
  const claims = new Map<string, (typeof view.leaders)[number]>();
  for (const claim of view.leaders) {
    const known = claims.get(claim.node.id);
    if (known === undefined || known.stale) claims.set(claim.node.id, claim);
  }
  if (claims.size > CENTRES_MAX) return [];
  const radius = claims.size > 1 ? 17 : 0;
  return [...claims.values()].map(({ node, term, contested, stale }, index) => {
    const angle = Math.PI + (index / claims.size) * 2 * Math.PI;
    const [x, y] = [Math.cos(angle) * radius, Math.sin(angle) * radius];
    return { node, term, isContested: contested && claims.size > 1, isStale: stale, x, y };
  });
}

export interface Edge {
  readonly from: Point;
  readonly to: Point;
  readonly followerId: string;
  readonly leaderId: string;
  /** It follows in another term than the leader leads. */
  readonly isOutdated: boolean;
}

/** Who follows whom. */
export function edgesOf(
  view: ClusterView,
  places: ReadonlyMap<string, Point>,
  centres: readonly Centre[],
): readonly Edge[] {
  const middle = new Map(centres.map((centre) => [centre.node.id, centre]));
  const edges: Edge[] = [];
  for (const node of view.nodes) {
    if (node.following === null || node.liveness === 'LEFT') continue;
    const from = middle.get(node.id) ?? places.get(node.id);
    const leader = middle.get(node.following.id);
    const to = leader ?? places.get(node.following.id);
    if (from === undefined || to === undefined) continue;
    const isOutdated =
      leader === undefined ||
      (node.followingTerm !== null && leader.term !== null && node.followingTerm !== leader.term);
    edges.push({ from, to, followerId: node.id, leaderId: node.following.id, isOutdated });
  }
  return edges;
}
