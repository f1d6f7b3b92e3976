/** How long to wait before trying again. */

const FIRST_MS = 500;
const LAST_MS = 15_000;

/**
 * Milliseconds before attempt `attempt` (0 is the first repetition): doubled each time up to 15 s, the upper half of it
 * by chance, so that many readers of one server do not all come back at once. `chance`: in [0, 1).
 */
export function delayBefore(attempt: number, chance: number): number {
  const whole = Math.min(LAST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(whole / 2 + (whole / 2) * chance);
}
