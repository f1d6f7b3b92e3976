/**
 * Why facets differ between two sets of events. Both sets are folded side by side, in the one order, from the last place up to which
 * they are the same. While a facet reads the same on both sides nothing is to be explained; where it comes apart its
 * causes begin to be noted, and where it reads the same again they are forgotten. So the causes of a facet are the events of one set
 * alone after which it really changed there, since the sets last agreed about it.
 *
 * It may also come apart at an event of both sets, because of what one set alone had said before without showing (such as a second
 * observer's word): then those words are its causes.
 */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ClusterState } from '../cluster/state.ts';
import { TopologyFolding } from './folding.ts';
import { type FacetKey, facetName, type Silent } from './reading.ts';

/** The newest causes that are kept of each. */
export const CAUSES_MAX = 20;

/** The two sets that are compared. */
export interface Both<Value> {
  readonly from: Value;
  readonly to: Value;
}
/** Which of the sets holds an event. */
export type Holder = 'from' | 'to' | 'both';

export interface Cause {
  readonly effectiveAt: Micros;
  readonly position: Position;
  readonly holder: Holder;
}

interface Watched {
  readonly facet: FacetKey;
  from: string;
  to: string;
  causes: Cause[];
  /** The newest events of one set alone that had to do with the facet, whether or not it changed. */
  readonly touching: Cause[];
}

export class CauseWalk {
  readonly #sides: Both<TopologyFolding>;
  readonly #silents: readonly Silent[];
  readonly #watched = new Map<string, Watched>();
  /** The newest events of one set alone. */
  readonly #differing: Cause[] = [];

  /**
   * `base`: the state where both sets are the same, once for each, to be folded on in place. `silents`: under each of these
   * the facets are looked at, so that what a gap hides at one of the moments is followed nevertheless.
   */
  constructor(base: Both<ClusterState>, facets: readonly FacetKey[], silents: readonly Silent[]) {
    this.#sides = { from: new TopologyFolding(base.from), to: new TopologyFolding(base.to) };
    this.#silents = silents;
    for (const facet of facets) {
      const watched = { facet, from: this.#read('from', facet), to: this.#read('to', facet), causes: [], touching: [] };
      this.#watched.set(facetName(facet), watched);
    }
  }

  /** Takes the next event of either set, in the order of every fold. */
  take(event: AnyFoldEvent, holder: Holder): void {
    const touched = new Set<Watched>();
    for (const side of ['from', 'to'] as const) {
      if (holder !== 'both' && holder !== side) continue;
      for (const facet of this.#sides[side].fold(event)) {
        const watched = this.#watched.get(facetName(facet));
        if (watched !== undefined) touched.add(watched);
      }
    }
    const cause = holder === 'both' ? null : { effectiveAt: event.effectiveAt, position: event.position, holder };
    for (const watched of touched) this.#look(watched, cause);
    if (cause !== null) keepNewest(this.#differing, cause);
  }

  /** In fold order, the newest `CAUSES_MAX`; asked for once all events were taken. */
  causesOf(facet: FacetKey): readonly Cause[] {
    const watched = this.#watched.get(facetName(facet));
    return watched === undefined ? [] : watched.causes;
  }

  #look(watched: Watched, cause: Cause | null): void {
    const { facet, from: fromBefore, to: toBefore } = watched;
    watched.from = this.#read('from', facet);
    watched.to = this.#read('to', facet);
    const hasChanged = watched.from !== fromBefore || watched.to !== toBefore;
    if (watched.from === watched.to) watched.causes = [];
    else if (cause !== null && hasChanged) keepNewest(watched.causes, cause);
    else if (cause === null && fromBefore === toBefore) {
      watched.causes = [...(watched.touching.length > 0 ? watched.touching : this.#differing)];
    }
    if (cause !== null) keepNewest(watched.touching, cause);
  }

  #read(side: keyof Both<unknown>, facet: FacetKey): string {
    return this.#silents.map((silent) => this.#sides[side].value(facet, silent)).join('\n');
  }
}

function keepNewest(causes: Cause[], cause: Cause): void {
  if (causes.length === CAUSES_MAX) causes.shift();
  causes.push(cause);
}
