/** Where reading stands in one partition, and which offsets are missing there. Pure. */

/** Offsets that no record has, though one was to be expected. */
export interface Hole {
  /** The first that is missing. */
  readonly from: number;
  /** The next that is there. Lower than `from` where the offsets begin anew: the topic was made again, or lost its end. */
  readonly to: number;
  /** Where many holes are told as one: how many offsets are missing between both. Absent: all. */
  readonly missing?: number;
}

/** A record of the log as it was fetched, those included that no consumer is shown (control records, aborted ones). */
interface Fetched {
  readonly offset: string;
}

export class Place {
  /** The offset that is read next; null: nothing is known, and any beginning is as good as another. */
  #next: number | null;
  #mark: string | null;
  /** Seen among records that are not shown; told with the next that are. */
  #pending: readonly Hole[] = [];

  constructor(next: number | null, mark: string | null) {
    this.#next = next;
    this.#mark = mark;
  }

  get next(): number | null {
    return this.#next;
  }

  /** What whoever takes the records wanted to know again of what is before `next`. */
  get mark(): string | null {
    return this.#mark;
  }

  /** The holes before and among these records. Control records and records of aborted transactions fill their offsets. */
  holesIn(fetched: readonly Fetched[]): readonly Hole[] {
    const holes = [...this.#pending];
    let next = this.#next;
    for (const { offset } of fetched) {
      const at = Number(offset);
      if (next !== null && at !== next) holes.push({ from: next, to: at });
      next = at + 1;
    }
    return holes;
  }

  /** Records of which none is shown: passed over, but for what is missing before them. */
  passOver(firstOffset: number, lastOffset: number): void {
    if (this.#next !== null && firstOffset !== this.#next) {
      this.#pending = [...this.#pending, { from: this.#next, to: firstOffset }];
    }
    this.#next = lastOffset + 1;
  }

  /** All up to this offset is taken and confirmed. */
  advance(next: number, mark: string | null): void {
    this.#next = next;
    this.#mark = mark;
    this.#pending = [];
  }
}
