/**
 * A stretch of history folded in the browser: a state to begin with and the events after it, in order. Any moment within
 * is folded from the checkpoint before it; going on is folding on. What comes out is what the server says of that moment
 * (test/web/folding.test.ts).
 */
import type { ClusterState } from '../../../projections/cluster/state.ts';
import { type ClusterView, clusterView } from '../../../projections/cluster/view.ts';
import { type GapView, inForceAt } from '../../../projections/gaps/view.ts';
import type { Micros } from '../../../schemas/time.ts';
import { foldOn, type GivenEvent } from '../fold/cluster.ts';
import { microsOf } from './instants.ts';

export interface Beginning {
  /** Of everything up to and with `base`. Taken over. */
  readonly state: ClusterState;
  /** µs. */
  readonly base: number;
  /** Every gap that may be in force within the stretch. */
  readonly gaps: readonly GapView[];
}

/** What is drawn of a moment; the same object as long as nothing changes. It holds until another moment is asked for: the state behind it is folded on in place. */
export interface Moment {
  readonly view: ClusterView;
  /** The last event up to that moment; null: none of the stretch. */
  readonly event: GivenEvent | null;
}

const CHECKPOINT_EVERY = 200;

export class Folding {
  readonly base: number;
  readonly #gaps: readonly GapView[];
  readonly #events: GivenEvent[] = [];
  /** Effective times, rising. */
  readonly #times: number[] = [];
  /** By how many events are folded in them: 0, 200, 400 … */
  readonly #checkpoints: ClusterState[] = [];
  #state: ClusterState;
  #folded = 0;
  #moment: (Moment & { readonly folded: number; readonly gaps: readonly GapView[] }) | null = null;
  #until: number;

  constructor({ state, base, gaps }: Beginning) {
    this.base = base;
    this.#gaps = gaps;
    this.#state = state;
    this.#until = base;
    this.#checkpoints.push(structuredClone(state));
  }

  /** The next event in order. */
  add(event: GivenEvent): void {
    const time = Math.min(microsOf(event.occurredAt), microsOf(event.recordedAt));
    this.#events.push(event);
    this.#times.push(time);
    // Another of the same instant may follow.
    this.#until = Math.max(this.#until, time - 1);
  }

  /** All events up to `until` have been added. */
  complete(until: number): void {
    this.#until = Math.max(this.#until, until);
  }

  /** Whether everything up to that moment is here. */
  covers(at: number): boolean {
    return at >= this.base && at <= this.#until;
  }

  /** What the cluster was at a moment that is covered. */
  at(at: number): Moment {
    const count = this.#countUpTo(at);
    const gaps = inForceAt(this.#gaps, at as Micros);
    const last = this.#moment;
    if (last !== null && last.folded === count && isSame(last.gaps, gaps)) return last;
    this.#foldTo(count);
    const view = clusterView(this.#state, gaps);
    this.#moment = { view, event: this.#events[count - 1] ?? null, folded: count, gaps };
    return this.#moment;
  }

  /** The time of the first event after a moment; null: none of the stretch. */
  next(at: number): number | null {
    return this.#times[this.#countUpTo(at)] ?? null;
  }

  /** The time of the last event before a moment. */
  previous(at: number): number | null {
    return this.#times[this.#countUpTo(at - 1) - 1] ?? null;
  }

  #foldTo(count: number): void {
    const checkpoint = Math.min(this.#checkpoints.length - 1, Math.floor(count / CHECKPOINT_EVERY));
    const isBehind = count < this.#folded || checkpoint * CHECKPOINT_EVERY > this.#folded;
    if (isBehind) {
      this.#state = structuredClone(this.#checkpoints[checkpoint] as ClusterState);
      this.#folded = checkpoint * CHECKPOINT_EVERY;
    }
    for (; this.#folded < count; ) {
      this.#state = foldOn(this.#state, this.#events[this.#folded] as GivenEvent);
      this.#folded += 1;
      const isDue = this.#folded % CHECKPOINT_EVERY === 0;
      if (isDue && this.#checkpoints.length === this.#folded / CHECKPOINT_EVERY) {
        this.#checkpoints.push(structuredClone(this.#state));
      }
    }
  }

  /** How many events are at or before a moment. */
  #countUpTo(at: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isSame(before: readonly GapView[], after: readonly GapView[]): boolean {
  return before.length === after.length && before.every((gap, index) => gap === after[index]);
}
