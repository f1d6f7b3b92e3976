/** The stretch of time that a timeline draws, and the buckets that it falls into. */
import type { Micros } from '../../schemas/time.ts';

/** [from, to), in µs. */
export interface Window {
  readonly from: Micros;
  readonly to: Micros;
  readonly buckets: number;
  /** Whole milliseconds, at least one: bucket i covers [from + i × bucketMs, from + (i + 1) × bucketMs). */
  readonly bucketMs: number;
}

const MICROS_PER_MS = 1_000;

/** `from` before `to`, and at least one bucket: whoever asks has seen to that. */
export function windowOf(from: Micros, to: Micros, buckets: number): Window {
  const bucketMs = Math.max(1, Math.ceil((to - from) / (buckets * MICROS_PER_MS)));
  return { from, to, buckets, bucketMs };
}

export function bucketMicros({ bucketMs }: Window): number {
  return bucketMs * MICROS_PER_MS;
}

/** The bucket that an instant of the window falls into. */
export function bucketOf(window: Window, at: Micros): number {
  return Math.min(window.buckets - 1, Math.floor((at - window.from) / bucketMicros(window)));
}
