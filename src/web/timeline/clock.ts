/** The clock of playing: how far the playhead goes in one frame. Pure. */
import { SECOND } from './instants.ts';

export interface Tempo {
  /** 1: as it happened. */
  readonly speed: number;
  /** Goes to the next event where nothing happens for more than a second of watching. */
  readonly skips: boolean;
  /** The next event after the playhead, µs; null while it is not known; Infinity: there is none. */
  readonly next: number | null;
  /** Where playing ends. */
  readonly end: number;
}

/** A frame that took longer, as when the tab was away, counts as this long. */
const FRAME_MS_MAX = 1_000;
/** Before an event that is skipped to there is this much of watching, so that it is seen to come. */
const APPROACH_MS = 300;
const IDLE_MS = 1_000;

/** `passedMs`: of watching, since the last frame. */
export function advanced(at: number, passedMs: number, { speed, skips, next, end }: Tempo): number {
  const usual = at + Math.min(passedMs, FRAME_MS_MAX) * 1_000 * speed;
  if (skips && next !== null && next - at > (IDLE_MS / 1_000) * SECOND * speed) {
    const approach = next === Number.POSITIVE_INFINITY ? end : next - APPROACH_MS * 1_000 * speed;
    return Math.round(Math.min(Math.max(usual, approach), end));
  }
  return Math.round(Math.min(usual, end));
}
