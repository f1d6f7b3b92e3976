/** When to write: the more a write costs, the more is folded between two of them. Times in milliseconds. */

/** Folding takes at least this many times as long as writing, while behind. */
const FOLDING_PER_WRITING = 20;
const WAIT_MIN_MS = 20;
const WAIT_MAX_MS = 2_500;
/** Digests of what was written are settled at most so often, and waited with so many times as long as it took. */
const SETTLE_WAIT_MIN_MS = 2_000;
const WAITING_PER_SETTLING = 50;
/** A write is due at once when this much would be written: bounds memory. */
const DIRTY_BYTES_MAX = 64 * 1024 * 1024;

export class Pace {
  readonly #stopwatch: () => number;
  #flushedAt: number;
  #waitMs = WAIT_MIN_MS;
  #settleAt: number;

  constructor(stopwatch: () => number) {
    this.#stopwatch = stopwatch;
    this.#flushedAt = stopwatch();
    this.#settleAt = this.#flushedAt;
  }

  /** Settles digests when that is due. */
  settle(work: () => void): void {
    const started = this.#stopwatch();
    if (started < this.#settleAt) return;
    work();
    const ended = this.#stopwatch();
    this.#settleAt = ended + Math.max(SETTLE_WAIT_MIN_MS, (ended - started) * WAITING_PER_SETTLING);
  }

  isDue(dirtyBytes: number): boolean {
    return dirtyBytes > DIRTY_BYTES_MAX || this.#stopwatch() - this.#flushedAt >= this.#waitMs;
  }

  startFlush(): number {
    return this.#stopwatch();
  }

  endFlush(startedAt: number): void {
    this.#flushedAt = this.#stopwatch();
    this.#waitMs = Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, (this.#flushedAt - startedAt) * FOLDING_PER_WRITING));
  }
}
