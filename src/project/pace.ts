/** When to write: the more a write costs, the more is folded between two of them. Times in milliseconds. */

/** Folding takes at least this many times as long as writing, while behind. */
const FOLDING_PER_WRITING = 20;
const WAIT_MIN_MS = 20;
const WAIT_MAX_MS = 2_500;
/** A write is due at once when this much would be written: bounds memory. */
const DIRTY_BYTES_MAX = 64 * 1024 * 1024;

export class Pace {
  readonly #stopwatch: () => number;
  #flushedAt: number;
  #waitMs = WAIT_MIN_MS;

  constructor(stopwatch: () => number) {
    this.#stopwatch = stopwatch;
    this.#flushedAt = stopwatch();
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
