/** Folds a history as its events arrive, one by one: what is in order is folded, what is not goes through `patch`. */
import assert from 'node:assert/strict';
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { foldable, foldSet, inPlace } from './fold.ts';

export interface Arrivals {
  /** How many events took the shortcut, and for how many it declined. */
  patched: number;
  declined: number;
}

/** Throws where, after any event, the state is not byte for byte the fold of the set so far. */
export function assertArrivalsEqualFold(
  projection: Projection<unknown>,
  events: readonly AnyFoldEvent[],
  key = '',
): Arrivals {
  const counts: Arrivals = { patched: 0, declined: 0 };
  let state = projection.initial(key);
  const folded: AnyFoldEvent[] = [];
  for (const [index, event] of events.entries()) {
    const set = events.slice(0, index + 1);
    const displaced = displacedBy(event, folded, projection);
    if (displaced === 'in order') {
      state = projection.fold(state, event);
      folded.push(event);
    } else if (displaced !== null) {
      const before = JSON.stringify(state);
      if (projection.patch?.(state, displaced.event, displaced.change)) {
        counts.patched += 1;
      } else {
        counts.declined += 1;
        assert.equal(JSON.stringify(state), before, 'a shortcut that declines changes nothing');
        state = foldSet(projection, set, key);
      }
      folded.splice(0, folded.length, ...foldable(set).filter(({ type }) => projection.types.includes(type)));
    }
    assert.equal(
      JSON.stringify(state),
      JSON.stringify(foldSet(projection, set, key)),
      `after position ${event.position}`,
    );
  }
  return counts;
}

type Displaced = { readonly event: AnyFoldEvent; readonly change: 'insert' | 'remove' };

function displacedBy(
  event: AnyFoldEvent,
  folded: readonly AnyFoldEvent[],
  projection: Projection<unknown>,
): Displaced | 'in order' | null {
  if (event.type === 'EventRetracted') {
    const named = folded.find(({ source, id }) => source === event.data.eventSource && id === event.data.eventId);
    return named ? { event: named, change: 'remove' } : null;
  }
  if (!projection.types.includes(event.type)) return null;
  const last = folded.at(-1);
  return last && inPlace(event, last) < 0 ? { event, change: 'insert' } : 'in order';
}
