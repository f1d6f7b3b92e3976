/** A timeline as GraphQL shows it. Property names are the fields' names; times are µs. */
import type { Micros } from '../../schemas/time.ts';
import type { CompletenessView } from '../gaps/view.ts';

export type LaneKind = 'leader' | 'node' | 'job' | 'incident' | 'maintenance' | 'gap';

/** Parallel lists, one entry an interval, by time; the intervals of a lane never overlap. */
export interface LaneView {
  /** Unique among the lanes of its kind. */
  readonly id: string;
  readonly kind: LaneKind;
  /** Of the node or job, the title of the incident or maintenance. */
  readonly name: string | null;
  /** The scope, the node's zone, the job's group; null for other kinds. */
  readonly group: string | null;
  /** Never before the window's beginning. */
  readonly starts: readonly Micros[];
  /** Never after the window's end; null: it lasts still. */
  readonly ends: readonly (Micros | null)[];
  readonly values: readonly string[];
  readonly terms: readonly (number | null)[];
  /** 0: one interval as it was. Else of how many it was joined. */
  readonly merged: readonly number[];
}

export interface TimelineView {
  readonly from: Micros;
  readonly to: Micros;
  readonly bucketMs: number;
  readonly counts: readonly number[];
  /** The fewest nodes that followed a leader at any instant of each bucket; null where that is not known. */
  readonly followers: readonly (number | null)[];
  readonly lanes: readonly LaneView[];
  /** Lanes that there would be besides. */
  readonly lanesOmitted: number;
  /** The latest effective time of the cluster's events before the window's end; null: there is none. */
  readonly latestEffectiveAt: Micros | null;
  readonly completeness: CompletenessView;
}
