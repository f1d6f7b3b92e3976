const AGAIN_MS_MIN = 500;
const AGAIN_MS_MAX = 5_000;

/** Ms to wait before trying again, after so many failures before this one. */
export function backOff(failures: number): number {
  return Math.min(AGAIN_MS_MIN * 2 ** Math.min(failures, 10), AGAIN_MS_MAX);
}
