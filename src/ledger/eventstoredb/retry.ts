/** How long to wait before the next try. */

const DELAY_MS_MIN = 50;
const DELAY_MS_MAX = 5_000;

/** Doubles with each attempt, from 50 ms to 5 s; `random` takes up to half of it away, so that replicas do not come together. */
export function retryDelayMs(attempt: number, random: () => number): number {
  const whole = Math.min(DELAY_MS_MIN * 2 ** Math.min(attempt, 20), DELAY_MS_MAX);
  return Math.round(whole * (1 - random() / 2));
}
