/**
 * Whose turn it is to write, among servers that cannot see each other: whoever writes moves the place; where there is
 * something to write and the place stands still, another takes over. That never doubles anything, since Kafka lets only the
 * newest writer through; patience only keeps two from taking the turn from each other all the time. Pure.
 */
import type { OutState } from '../kafka/producer.ts';

/** Times in ms. */
export interface TurnPace {
  /** How long the place must stand still before the first turn of a process. */
  readonly firstMs: number;
  /** The same later on; after each turn that was taken away twice as long, up to `patienceMaxMs`. */
  readonly patienceMs: number;
  readonly patienceMaxMs: number;
  /** So often the place is committed again while nothing happens, so that Kafka does not forget it. */
  readonly refreshMs: number;
}

export class Turn {
  readonly #pace: TurnPace;
  #patienceMs: number;
  #seen: string | null = null;
  #stillSinceMs = 0;

  constructor(pace: TurnPace) {
    this.#pace = pace;
    this.#patienceMs = pace.firstMs;
  }

  /** How long the place has stood still, as far as was seen. */
  stillMs({ place }: OutState, nowMs: number): number {
    const seen = JSON.stringify(place);
    if (seen !== this.#seen) [this.#seen, this.#stillSinceMs] = [seen, nowMs];
    return nowMs - this.#stillSinceMs;
  }

  /** Whether to take over, at this look at the topic. `head` is the ledger's last position. */
  isOurs(state: OutState, head: number, nowMs: number): boolean {
    const stillMs = this.stillMs(state, nowMs);
    const at = state.place?.at ?? 0;
    // Behind another's copy of the ledger: what it wrote is not here yet.
    if (at > head) return false;
    if (at < head) return stillMs >= this.#patienceMs;
    return head > 0 && stillMs >= 2 * this.#pace.refreshMs;
  }

  /** A newer writer has taken over. */
  taken(): void {
    const { patienceMs, patienceMaxMs } = this.#pace;
    this.#patienceMs = Math.min(patienceMaxMs, Math.max(patienceMs, this.#patienceMs * 2));
    this.#seen = null;
  }

  wrote(): void {
    this.#patienceMs = this.#pace.patienceMs;
  }
}
