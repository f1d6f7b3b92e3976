/** Which collectors are inside a gap that concerns a cluster, as time goes on. */
import type { GapView } from '../gaps/view.ts';

interface Bound {
  readonly at: number;
  readonly collector: string;
  readonly opens: boolean;
}

export class Silence {
  readonly #bounds: readonly Bound[];
  #next = 0;
  /** By collector, how many gaps it is inside; those that are inside none are not there. */
  readonly #inside = new Map<string, number>();

  /** `gaps`: those that concern the cluster. */
  constructor(gaps: readonly GapView[]) {
    const bounds: Bound[] = [];
    for (const { collector, from, to } of gaps) {
      if (from !== null && to !== null && to <= from) continue;
      bounds.push({ at: from ?? Number.NEGATIVE_INFINITY, collector, opens: true });
      if (to !== null) bounds.push({ at: to, collector, opens: false });
    }
    this.#bounds = bounds.sort((first, second) => first.at - second.at);
  }

  /** Collectors inside a gap at the instant reached. */
  get collectors(): Pick<ReadonlyMap<string, unknown>, 'has'> {
    return this.#inside;
  }

  /** When a gap begins or ends next; infinite when none does. */
  get nextAt(): number {
    return this.#bounds[this.#next]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Goes on to an instant, and past all that begins or ends at it. */
  goTo(at: number): void {
    for (let bound = this.#bounds[this.#next]; bound !== undefined && bound.at <= at; ) {
      const count = (this.#inside.get(bound.collector) ?? 0) + (bound.opens ? 1 : -1);
      if (count === 0) this.#inside.delete(bound.collector);
      else this.#inside.set(bound.collector, count);
      this.#next += 1;
      bound = this.#bounds[this.#next];
    }
  }

  /** Whether a gap of one of these begins or ends after the instant reached. */
  changesLaterFor(collectors: readonly string[]): boolean {
    for (let index = this.#next; index < this.#bounds.length; index += 1) {
      if (collectors.includes((this.#bounds[index] as Bound).collector)) return true;
    }
    return false;
  }
}
