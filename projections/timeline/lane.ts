/**
 * Draws one lane: values come in the order of time, what stays the same is one interval, and intervals shorter than a
 * bucket are joined while they come, so that a lane holds a few items for each bucket whatever it was told.
 */
import type { Micros } from '../../schemas/time.ts';
import { bucketMicros, type Window } from './window.ts';

/** An interval that is over. Times in µs. Changed in place: a lane has one for all that it is told. */
interface Run {
  start: number;
  end: number;
  value: string;
  term: number | null;
}

export interface LaneColumns {
  readonly starts: readonly Micros[];
  readonly ends: readonly (Micros | null)[];
  readonly values: readonly string[];
  readonly terms: readonly (number | null)[];
  readonly merged: readonly number[];
}

export class Lane {
  readonly #window: Window;
  readonly #items: Items;
  /** The value that holds now and since when; null: none does. */
  #since: number;
  #value: string | null = null;
  #term: number | null = null;
  /** The interval before, held back: what follows may take no time and give way to the same value again. */
  readonly #before: Run = { start: 0, end: 0, value: '', term: null };
  #isHeld = false;

  constructor(window: Window) {
    this.#window = window;
    this.#items = new Items(bucketMicros(window));
    this.#since = window.from;
  }

  /** From `at` on (before the window's end, never before an earlier call's) the lane has this value; null: none. */
  turn(at: number, value: string | null, term: number | null): void {
    const time = Math.max(at, this.#window.from);
    if (value === this.#value && term === this.#term) return;
    if (time === this.#since) this.#replace(value, term);
    else {
      this.#closeAt(time);
      this.#since = time;
      this.#value = value;
      this.#term = term;
    }
  }

  /** An interval as it was stated, after those stated before; cut to the window. Null: without that end. */
  state(start: number | null, end: number | null, value: string): void {
    const { from, to } = this.#window;
    const [begins, ends] = [Math.max(start ?? from, from), Math.min(end ?? to, to)];
    if (begins >= ends) return;
    this.turn(begins, value, null);
    if (ends < to) this.turn(ends, null, null);
  }

  /** The lane as it is drawn, which is then over. `lasts`: what holds at the window's end does so still. */
  finish(lasts: boolean): LaneColumns {
    const { to, buckets } = this.#window;
    const isOpen = this.#value !== null;
    this.#closeAt(to);
    if (this.#isHeld) this.#items.add(this.#before);
    if (this.#items.starts.length > buckets) this.#items.compact();
    const { starts, ends, values, terms, counts } = this.#items;
    const drawnEnds = ends as (Micros | null)[];
    if (isOpen && lasts && drawnEnds.length > 0) drawnEnds[drawnEnds.length - 1] = null;
    const merged = counts.map((count) => (count === 1 ? 0 : count));
    return { starts: starts as Micros[], ends: drawnEnds, values, terms, merged };
  }

  /** What began at this very instant gives way: no instant shows it. */
  #replace(value: string | null, term: number | null): void {
    const before = this.#before;
    if (this.#isHeld && before.end === this.#since && before.value === value && before.term === term) {
      this.#since = before.start;
      this.#isHeld = false;
    }
    this.#value = value;
    this.#term = term;
  }

  #closeAt(end: number): void {
    if (this.#isHeld) this.#items.add(this.#before);
    this.#isHeld = this.#value !== null;
    if (this.#value === null) return;
    this.#before.start = this.#since;
    this.#before.end = end;
    this.#before.value = this.#value;
    this.#before.term = this.#term;
  }
}

/**
 * What is drawn, as parallel lists. An item shorter than a bucket is made of short intervals alone and takes in those
 * that follow until it is as long as a bucket. So there are at most as many short items as long ones and pauses, plus one.
 */
class Items {
  readonly #shortBelow: number;
  starts: number[] = [];
  ends: number[] = [];
  values: string[] = [];
  terms: (number | null)[] = [];
  /** Of how many intervals. */
  counts: number[] = [];
  /** How long the longest of them was: its value is shown. */
  #longest: number[] = [];

  constructor(shortBelow: number) {
    this.#shortBelow = shortBelow;
  }

  add(run: Readonly<Run>): void {
    const last = this.starts.length - 1;
    const length = run.end - run.start;
    if (length < this.#shortBelow && this.#takesIn(last, run.start))
      this.#join(last, run, { count: 1, longest: length });
    else this.#push(run, 1, length);
  }

  /** Once more, so that every item is as long as a bucket, or the pause after it is: then no more than the buckets remain. */
  compact(): void {
    const { starts, ends, values, terms, counts } = this;
    const longest = this.#longest;
    this.starts = [];
    this.ends = [];
    this.values = [];
    this.terms = [];
    this.counts = [];
    this.#longest = [];
    for (let index = 0; index < starts.length; index += 1) {
      const item: Run = {
        start: starts[index] as number,
        end: ends[index] as number,
        value: values[index] as string,
        term: terms[index] as number | null,
      };
      const of = { count: counts[index] as number, longest: longest[index] as number };
      const last = this.starts.length - 1;
      if (this.#takesIn(last, item.start)) this.#join(last, item, of);
      else this.#push(item, of.count, of.longest);
    }
  }

  /** Whether the last item with the pause after it is shorter than a bucket. */
  #takesIn(last: number, start: number): boolean {
    return last >= 0 && start - (this.starts[last] as number) < this.#shortBelow;
  }

  #push(item: Readonly<Run>, count: number, longest: number): void {
    this.starts.push(item.start);
    this.ends.push(item.end);
    this.values.push(item.value);
    this.terms.push(item.term);
    this.counts.push(count);
    this.#longest.push(longest);
  }

  #join(last: number, item: Readonly<Run>, of: { readonly count: number; readonly longest: number }): void {
    this.ends[last] = item.end;
    this.counts[last] = (this.counts[last] as number) + of.count;
    if (of.longest <= (this.#longest[last] as number)) return;
    this.#longest[last] = of.longest;
    this.values[last] = item.value;
    this.terms[last] = item.term;
  }
}
