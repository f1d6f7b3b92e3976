/** Folds a set of events the plain way: sort, skip, fold. What every cleverer way must equal, byte for byte. */
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';

/** The order of every fold: effective time, then position. */
export function inPlace(first: AnyFoldEvent, second: AnyFoldEvent): number {
  return first.effectiveAt - second.effectiveAt || first.position - second.position;
}

/** What a fold of this set takes: neither retractions nor what they name nor what is erased, in place. */
export function foldable(events: readonly AnyFoldEvent[]): AnyFoldEvent[] {
  const retracted = new Set<string>();
  for (const event of events) {
    if (event.type === 'EventRetracted') retracted.add(keyOf(event.data.eventSource, event.data.eventId));
  }
  return events
    .filter(
      (event) => event.type !== 'EventRetracted' && !event.erased && !retracted.has(keyOf(event.source, event.id)),
    )
    .sort(inPlace);
}

/** The state of one key over a set of events. `key` is the subject of a projection keyed by stream, else left out. */
export function foldSet<State>(projection: Projection<State>, events: readonly AnyFoldEvent[], key = ''): State {
  let state = projection.initial(key);
  for (const event of foldable(events)) {
    if (!projection.categories.includes(event.category) || !projection.types.includes(event.type)) continue;
    if (projection.keyed === 'stream' && event.subject !== key) continue;
    state = projection.fold(state, event);
  }
  return state;
}

function keyOf(source: string, id: string): string {
  return JSON.stringify([source, id]);
}
