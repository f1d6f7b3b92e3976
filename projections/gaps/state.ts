/** What is known of gaps: what was stated of them, and when each source was last heard. Plain JSON. */
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { instantOrNull } from '../time.ts';

export interface GapsState {
  /**
   * By source, in the order of their names, the effective time of its last event that is not about a gap. Sorted, and not
   * in the order in which they were first heard, so that an event which arrives late changes no more than its own entry.
   */
  readonly sources: [source: string, lastAt: Micros][];
  /** In fold order. */
  readonly statements: GapStatement[];
}

/** A `CollectorGapRecorded`. */
export interface GapStatement {
  readonly collector: string;
  /** Inclusive. Null: since before the collector's first event. */
  from: Micros | null;
  /** False: `from` is when the collector was last heard before this statement. */
  readonly fromStated: boolean;
  /** Exclusive. Null: open. */
  readonly to: Micros | null;
  readonly reason: string;
  /** Both null: all that the collector reports. */
  readonly clusterIds: readonly string[] | null;
  readonly componentIds: readonly string[] | null;
  readonly at: Micros;
  readonly eventPosition: Position;
}

export function initialGaps(): GapsState {
  return { sources: [], statements: [] };
}

export function statementOf(event: FoldEvent<'CollectorGapRecorded'>, lastHeardAt: Micros | null): GapStatement {
  const { from, to, reason, clusterIds, componentIds } = event.data;
  return {
    collector: event.subject,
    from: from === undefined ? lastHeardAt : instantOrNull(from),
    fromStated: from !== undefined,
    to: instantOrNull(to),
    reason,
    clusterIds: idsOrNull(clusterIds),
    componentIds: idsOrNull(componentIds),
    at: event.effectiveAt,
    eventPosition: event.position,
  };
}

/** Where an event stands in fold order, against a statement: negative when it comes before. */
export function placeAgainst(event: FoldEvent, statement: GapStatement): number {
  return event.effectiveAt - statement.at || event.position - statement.eventPosition;
}

/** An empty list names nothing, as an absent one does. */
function idsOrNull(ids: readonly string[] | undefined): readonly string[] | null {
  return ids === undefined || ids.length === 0 ? null : ids;
}

type Heard = [source: string, lastAt: Micros];

// Looking a source up must cost next to nothing, since every event of the ledger comes by here. The index is no part of
// the state: it is made again from it whenever a state comes back from storage.
const indexes = new WeakMap<GapsState, Map<string, Heard>>();

/** The entry of a source, to be changed in place; undefined when it was never heard. */
export function heard(state: GapsState, source: string): Heard | undefined {
  return indexOf(state).get(source);
}

/** Enters a source that was never heard before. */
export function addHeard(state: GapsState, source: string, at: Micros): void {
  const entry: Heard = [source, at];
  indexOf(state).set(source, entry);
  let low = 0;
  let high = state.sources.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((state.sources[middle] as Heard)[0] < source) low = middle + 1;
    else high = middle;
  }
  state.sources.splice(low, 0, entry);
}

function indexOf(state: GapsState): Map<string, Heard> {
  let index = indexes.get(state);
  if (!index) {
    index = new Map(state.sources.map((entry) => [entry[0], entry]));
    indexes.set(state, index);
  }
  return index;
}
