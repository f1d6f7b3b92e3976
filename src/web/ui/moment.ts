/** Times in words. Pure. Times come as RFC 3339 text, UTC, up to six decimals. */

/** `2022-12-13 20:10:03Z`, with as many decimals as the text has. UTC: two people who look at one link see one time. */
export function absolute(time: string): string {
  return time.replace('T', ' ').replace(/\.0+Z$/, 'Z');
}

/** Like `absolute`, but the time of day alone. */
export function timeOfDay(time: string): string {
  return time.slice(11);
}

const UNITS: readonly (readonly [ms: number, name: string])[] = [
  [31_536_000_000, 'y'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** The two largest units of a length of time: `3 d 4 h`, `12 min 5 s`, `0 s`. Never negative: clocks differ. */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000)) * 1_000;
  const first = UNITS.findIndex(([unit]) => whole >= unit);
  if (first < 0) return '0 s';
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, name] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

/** `3 d 4 h ago`, `in 5 s`. */
export function relative(time: string, nowMs: number): string {
  const ms = nowMs - Date.parse(time);
  return ms >= 0 ? `${duration(ms)} ago` : `in ${duration(-ms)}`;
}
