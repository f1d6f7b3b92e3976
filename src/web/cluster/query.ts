/** What the page of a cluster asks. */

import type { GapView } from '../../../projections/gaps/view.ts';
import type { Position } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { FOLD_FIELDS, type GivenEvent, type Snapshot } from '../fold/cluster.ts';
import type { GapRow } from '../ledger/query.ts';
import { microsOf } from '../timeline/instants.ts';
import type { GivenTile } from '../timeline/lanes.ts';

/** Who belongs to the cluster, and from when to when its history goes. */
export const ROSTER = `query Roster($id: ID!, $filter: EventFilter) {
  cluster(id: $id) { nodes { id name zone liveness } asOf { recordedAt occurredAt } }
  events(first: 1, filter: $filter) { nodes { occurredAt recordedAt } }
  last: events(last: 1, filter: $filter) { nodes { revision } }
}`;

export interface RosterAnswer {
  readonly cluster: {
    readonly nodes: readonly {
      readonly id: string;
      readonly name: string | null;
      readonly zone: string | null;
      readonly liveness: string;
    }[];
    readonly asOf: { readonly recordedAt: string; readonly occurredAt: string };
  } | null;
  readonly events: { readonly nodes: readonly { readonly occurredAt: string; readonly recordedAt: string }[] };
  readonly last: { readonly nodes: readonly { readonly revision: number }[] };
}

export const TILE = `query Tile($id: ID!, $from: DateTime!, $to: DateTime!, $buckets: Int!, $knownAt: DateTime) {
  timeline(clusterId: $id, from: $from, to: $to, buckets: $buckets, knownAt: $knownAt) {
    bucketMs counts followers lanesOmitted asOf { recordedAt }
    lanes { id kind name group starts ends values terms merged }
  }
}`;

export const COUNTS = `query Counts($id: ID!, $from: DateTime!, $to: DateTime!, $buckets: Int!) {
  timeline(clusterId: $id, from: $from, to: $to, buckets: $buckets) { bucketMs counts followers }
}`;

export interface CountsAnswer {
  readonly timeline: Pick<GivenTile, 'bucketMs' | 'counts' | 'followers'>;
}

/** The state to fold on from, of what was known at `$knownAt`, and the gaps from `$from` to `$to`. */
export const STRETCH = `query Stretch($id: ID!, $base: DateTime!, $knownAt: DateTime!, $from: DateTime!, $to: DateTime!) {
  clusterSnapshot(id: $id, moment: { bitemporal: { happenedAt: $base, knownAt: $knownAt } }) {
    projection version position state
  }
  timeline(clusterId: $id, from: $from, to: $to, buckets: 1, knownAt: $knownAt) {
    completeness { gaps { collector from to reason clusterIds componentIds event { position } } }
  }
}`;

export interface StretchAnswer {
  readonly clusterSnapshot: Snapshot | null;
  readonly timeline: { readonly completeness: { readonly gaps: readonly GapRow[] } };
}

export function gapOf({ from, to, event, ...rest }: GapRow): GapView {
  const time = (text: string | null): Micros | null => (text === null ? null : (microsOf(text) as Micros));
  return { ...rest, from: time(from), to: time(to), eventPosition: Number(event.position) as Position };
}

/** Events in order, to be folded here. */
export const FRAMES = `subscription Frames($id: ID!, $from: DateTime!, $to: DateTime!, $knownAt: DateTime!, $after: Position) {
  replay(clusterId: $id, from: $from, to: $to, speed: 0, knownAt: $knownAt, after: $after) { cursor event { ${FOLD_FIELDS} } }
}`;

export interface Frame {
  readonly cursor: string;
  readonly event: GivenEvent;
}

/** That something changed, and since when what was told no longer holds. */
export const CHANGES = `subscription Changes($id: ID!, $after: Position) {
  cluster(id: $id, after: $after) {
    cursor skipped event { type occurredAt recordedAt } cluster { asOf { recordedAt occurredAt } }
  }
}`;

export interface Change {
  readonly cursor: string;
  /** How many changes this one stands for besides its own. */
  readonly skipped: number;
  readonly event: { readonly type: string; readonly occurredAt: string; readonly recordedAt: string } | null;
  readonly cluster: { readonly asOf: { readonly recordedAt: string; readonly occurredAt: string } };
}
