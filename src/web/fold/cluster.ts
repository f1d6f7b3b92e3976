/**
 * The cluster's topology folded in the browser, by the projection that the server folds with: from `clusterSnapshot` at
 * one moment, event by event, to a later one. A replay asked without `cluster` gives the events in order; what comes
 * out is byte for byte what the server would say (test/web/fold.test.ts).
 */
import { cluster } from '../../../projections/cluster/cluster.ts';
import type { ClusterState } from '../../../projections/cluster/state.ts';
import { instant, instantOrNull } from '../../../projections/time.ts';
import type { EventName } from '../../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../../schemas/event.ts';
import type { Position, Revision, StreamCategory, StreamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';

/** The fields of an event that folding needs, for a selection. */
export const FOLD_FIELDS =
  'id source type subject stream revision position occurredAt occurredAtKnown notBefore recordedAt synthetic actor erased data';

/** An event as GraphQL gives it with FOLD_FIELDS. */
export interface GivenEvent {
  readonly id: string;
  readonly source: string;
  /** With its prefix, `io.musterbook.`. */
  readonly type: string;
  readonly subject: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly occurredAt: string;
  readonly occurredAtKnown: boolean;
  readonly notBefore: string | null;
  readonly recordedAt: string;
  readonly synthetic: boolean;
  readonly actor: string | null;
  readonly erased: boolean;
  readonly data: unknown;
}

/** `clusterSnapshot`: `{ projection version position state }`. */
export interface Snapshot {
  readonly projection: string;
  readonly version: number;
  readonly position: string;
  readonly state: unknown;
}

/** A state to fold on from, the reader's own. Null where the server folds by another version: then the page is older than the server and must be loaded anew. */
export function stateOf({ projection, version, state }: Snapshot): ClusterState | null {
  if (projection !== cluster.name || version !== cluster.version) return null;
  return structuredClone(state) as ClusterState;
}

/** The state before anything was said, for a moment before the first event. */
export function initialState(clusterId: string): ClusterState {
  return cluster.initial(clusterId);
}

/** Takes the next event, in place; returns the state. Events of incidents, components and the like, which a replay tells too, change nothing. */
export function foldOn(state: ClusterState, given: GivenEvent): ClusterState {
  const event = foldEventOf(given);
  return isFolded(event) ? cluster.fold(state, event as AnyFoldEvent) : state;
}

function isFolded({ category, type, erased }: FoldEvent): boolean {
  return !erased && cluster.categories.includes(category) && cluster.types.includes(type);
}

function foldEventOf(given: GivenEvent): FoldEvent {
  const occurredAt = instant(given.occurredAt);
  const recordedAt = instant(given.recordedAt);
  return {
    position: Number(given.position) as Position,
    stream: given.stream as StreamName,
    category: given.stream.slice(0, given.stream.indexOf('-')) as StreamCategory,
    subject: given.subject,
    revision: given.revision as Revision,
    type: given.type.slice(given.type.lastIndexOf('.') + 1) as EventName,
    source: given.source,
    id: given.id,
    occurredAt,
    occurredAtKnown: given.occurredAtKnown,
    recordedAt,
    effectiveAt: Math.min(occurredAt, recordedAt) as Micros,
    notBefore: instantOrNull(given.notBefore),
    synthetic: given.synthetic,
    actor: given.actor,
    erased: given.erased,
    data: given.data as FoldEvent['data'],
  };
}
