/**
 * What the rest of the house sees of running projections: live views, the state of any key as of an earlier position,
 * word of every change, and what they say of each subject. The only file of src/project that others import.
 */

import type { GapsState } from '../../projections/gaps/state.ts';
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position, StreamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { FoldPlace } from './place.ts';

// What the views say, as whoever serves them reads it.
export {
  anomaliesOf,
  deploymentsOf,
  electingOf,
  jobsOf,
  leaderOf,
  leaderSinceOf,
  nodeOf,
  termOf,
} from '../../projections/cluster/answers.ts';
export { cluster } from '../../projections/cluster/cluster.ts';
export type { AnomalyView, ClusterView, JobStateName, JobView } from '../../projections/cluster/view.ts';
export {
  componentView,
  componentViews,
  namedComponentView,
  namedPageComponentView,
} from '../../projections/components/answers.ts';
export type { KnownStretch } from '../../projections/components/course.ts';
export type { ComponentDay, ComponentHistory, DayKind } from '../../projections/components/days.ts';
export type { StatusPageView } from '../../projections/components/status-page.ts';
export type { ComponentView } from '../../projections/components/view.ts';
export { elections } from '../../projections/elections/elections.ts';
export { electionsOf } from '../../projections/elections/view.ts';
export { completenessOf } from '../../projections/gaps/view.ts';
export { measures } from '../../projections/incident/measures.ts';
export type { EvidenceView, IncidentView, MeasureView } from '../../projections/incident/view.ts';
export type { MaintenanceStateName, MaintenanceView } from '../../projections/maintenance/view.ts';
export { postmortemHtml, postmortemMarkdown } from '../../projections/postmortem/print.ts';
export { citedPositions, type PostmortemRecord } from '../../projections/postmortem/record.ts';
export type { Citation, Cite } from '../../projections/postmortem/tables.ts';
export { emptyTimeline } from '../../projections/timeline/timeline.ts';
export type { TimelineView } from '../../projections/timeline/view.ts';
export {
  clusterAt,
  clusterOrEmptyAt,
  clustersAt,
  componentsAt,
  gapsStateAt,
  incidentAt,
  isOnPage,
  type Listed,
  listClusters,
  listIncidents,
  listMaintenances,
  listPublicIncidents,
  maintenanceAt,
  originOf,
  publicIncidentAt,
  statusPageAt,
} from './answers.ts';
export { type ComponentHistories, componentHistories } from './component-history.ts';
export { type ComparedSide, type TopologyDifference, topologyDifference } from './difference.ts';
export type { EventSet } from './fold.ts';
export { anomaliesInEvidence, gapsOfIncident } from './incident-scope.ts';
export { lastPositionAt, positionKnownAt } from './known-at.ts';
export { listedAhead } from './listed-ahead.ts';
export type { FoldPlace } from './place.ts';
export { postmortemAt } from './postmortem/gather.ts';
export { allOf, andThen, type MaybePromise, presentReader } from './reader.ts';
export { replaySteps } from './replay.ts';
export { timelineAt } from './timeline.ts';

/** One key's state. Readonly: it is shared; whoever folds on takes a copy. */
export interface View<State> {
  readonly key: string;
  readonly state: Readonly<State>;
  /** Position of the last event (retractions included) that took part in this state. */
  readonly position: Position;
}

export interface ListQuery {
  /** Views that carry at least one of these tags; absent: all. */
  readonly anyTag?: readonly string[];
  /** Views that carry all of these tags. */
  readonly allTags?: readonly string[];
  /** Opaque cursor of an entry before which (in list order) nothing is given. */
  readonly after?: string;
  readonly limit: number;
  readonly descending?: boolean;
}
export interface ListEntry<State> extends View<State> {
  readonly cursor: string;
}

/** Views as of one moment: every answer of one reader is the fold of the same set of events. */
export interface ViewReader {
  /** The set: every event at or below it… */
  readonly position: Position;
  /** …whose effective time is at or below this, in µs; null: whenever it happened. */
  readonly happenedAt: Micros | null;
  get<State>(projection: Projection<State>, key: string): View<State> | null | Promise<View<State> | null>;
  list<State>(
    projection: Projection<State>,
    query: ListQuery,
  ): readonly ListEntry<State>[] | Promise<readonly ListEntry<State>[]>;
  /** What the set states of gaps, where the live view of gaps is of a later set; else null. */
  statedGaps?(): Promise<GapsState> | null;
}

/** The present: synchronous answers, straight from the live views. */
export interface PresentReader extends ViewReader {
  get<State>(projection: Projection<State>, key: string): View<State> | null;
  list<State>(projection: Projection<State>, query: ListQuery): readonly ListEntry<State>[];
}

export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  readonly position: Position;
  readonly state: 'CATCHING_UP' | 'LIVE' | 'REBUILDING' | 'STOPPED';
  readonly error: string | null;
}

/** How far a first fold of the whole ledger has come. */
export interface Building {
  readonly position: Position;
  readonly of: Position;
}

/** A stretch of one stream's facts in the order of every fold, as a set of events has them. */
export interface FactsQuery {
  readonly stream: StreamName;
  /** The set: what was recorded at or below it, without what was retracted at or below it. */
  readonly upTo: Position;
  /** Exclusive; `BEFORE_ALL` for the beginning. A time alone is `{ effectiveAt, position: Infinity }`. */
  readonly after: FoldPlace;
  /** The latest effective time, inclusive, in µs; null: no bound. */
  readonly until: Micros | null;
}

/** What became visible with one publication; `all` after a rebuild or when too many keys changed to name. */
export interface Publication {
  readonly position: Position;
  readonly keys: 'all' | ReadonlyMap<string, ReadonlySet<string>>;
  /** An event was erased since the last one: whatever was made of events before and is kept has to be forgotten. */
  readonly erased: boolean;
}

/** What a subscription is about. */
export type ChangeSubject =
  | { readonly kind: 'cluster'; readonly id: string }
  | { readonly kind: 'incident'; readonly id: string }
  | { readonly kind: 'clusters' }
  | { readonly kind: 'statusPage' };

/** An event that may change a subject's answer. */
export interface Change {
  /** Of the event; the answer to show is that at this position. */
  readonly position: Position;
  /** The event itself; equal to `position`. */
  readonly eventPosition: Position;
  /** How many changes of the subject before this one are left out because the reader was too far behind; else 0. */
  readonly skipped: number;
  /** Ids of the subjects concerned: several clusters may be named by one event, or stand for what was skipped. */
  readonly keys: readonly string[];
}

export interface Views {
  /** The position up to which every projection that runs has folded and published. */
  position(): Position;
  /** The present. For use within one turn of the event loop: a publication moves it on. */
  now(): PresentReader;
  /** The set of events at or below `position` (which must not exceed `position()`), of these those that had happened by `happenedAt`. */
  at(position: Position, happenedAt?: Micros | null): ViewReader;
  /** Facts in fold order, by pages; retracted and erased ones left out. Holds a page, and what of it is displaced. */
  facts(query: FactsQuery): AsyncGenerator<readonly AnyFoldEvent[], void, undefined>;
  statuses(): readonly ProjectionStatus[];
  /** While threads fold a long ledger from its beginning and there is nothing to answer from yet; else null. */
  building(): Building | null;
  /** Digest of all views of a projection at its status's position (64 hexadecimal digits); null where it has none there. */
  digest(projection: string): string | null;
  /** Resolves true once `position()` has reached it, false when `timeoutMs` ran out first. */
  reached(position: Position, timeoutMs: number): Promise<boolean>;
  /** As `reached`; true once, besides, no byte of what was erased at or below it is left in what the views keep. */
  scrubbed(position: Position, timeoutMs: number): Promise<boolean>;
  /** Calls back after each publication, in order; returns how to stop. */
  onPublish(listener: (publication: Publication) => void): () => void;
  /**
   * Changes of a subject after a position, in order, first from the past and then as they are published, until aborted:
   * events of the subject's own stream, and incident, maintenance, component and gap events that name it or whose subject
   * does; of the status page those that state something publicly. A reader more than 1,000 changes behind gets the
   * newest only. Cursor reads: nothing is queued for a reader.
   */
  changes(subject: ChangeSubject, after: Position, signal: AbortSignal): AsyncGenerator<Change, void, undefined>;
  close(): Promise<void>;
}
