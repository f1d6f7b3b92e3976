/** Which stretch of history is brought into the browser to be folded there: so many events, whatever time they take. Pure. */
import { clamp, type Span } from './instants.ts';

/** The whole history, counted. */
export interface Counted extends Span {
  readonly bucket: number;
  readonly counts: readonly number[];
}

const BEFORE = 600;
const AFTER = 2_400;

/**
 * A stretch around an instant with some hundreds of events before it and more after it, in whole buckets. What lies
 * outside of what was counted is taken to be empty.
 */
export function stretchAround({ from, to, bucket, counts }: Counted, at: number): Span {
  const middle = clamp(Math.floor((at - from) / bucket), 0, Math.max(0, counts.length - 1));
  let first = middle;
  for (let found = 0; first > 0 && found < BEFORE; first -= 1) found += counts[first - 1] ?? 0;
  let last = middle;
  for (let found = counts[middle] ?? 0; last < counts.length - 1 && found < AFTER; last += 1)
    found += counts[last + 1] ?? 0;
  const begins = first === 0 ? Math.min(from, at) - 1 : from + first * bucket;
  const ends = last >= counts.length - 1 ? Math.max(to, at) : from + (last + 1) * bucket;
  return { from: Math.min(begins, at), to: Math.max(ends, at) };
}
