/** Which stretch of history is brought into the browser to be folded there: so many events, whatever time they take. Pure. */
import { clamp, type Span } from './instants.ts';

/** A history, counted. */
export interface Counted extends Span {
  /** All of it; else its last part. */
  readonly isWhole: boolean;
  readonly bucket: number;
  readonly counts: readonly number[];
}

const BEFORE = 600;
const AFTER = 2_400;

/**
 * A stretch around an instant with some hundreds of events before it and more after it, in whole buckets. What lies
 * outside of what was counted is taken to be empty.
 */
export function stretchAround({ from, to, bucket, counts, isWhole }: Counted, at: number): Span {
  if (!isWhole && at < from) return uncounted({ from, to, bucket, counts, isWhole }, at);
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

/** Before what was counted it is taken to have gone on as on the average of it. */
function uncounted({ from, to, counts }: Counted, at: number): Span {
  const apart =
    (to - from) /
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
  return { from: Math.floor(at - BEFORE * apart), to: Math.ceil(Math.min(from, at + AFTER * apart)) };
}
