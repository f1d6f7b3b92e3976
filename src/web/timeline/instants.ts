/** Instants of the timeline: µs since 1970, UTC, as plain numbers, so that scales reckon with them. Pure. */

export const MS = 1_000;
export const SECOND = 1_000 * MS;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** [from, to), µs. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** µs of an RFC 3339 text in UTC with up to six decimals, as the server prints it; NaN for anything else. */
export function microsOf(text: string): number {
  const ms = Date.parse(text);
  const dot = text.indexOf('.');
  if (dot < 0 || text.length - dot <= 5) return ms * MS;
  // Date.parse keeps three decimals; the rest is added here.
  const rest = text
    .slice(dot + 4, -1)
    .padEnd(3, '0')
    .slice(0, 3);
  return ms * MS + Number(rest);
}

/** RFC 3339, UTC, with as many decimals as it takes. */
export function textOf(micros: number): string {
  const whole = Math.floor(micros / SECOND) * SECOND;
  const rest = Math.round(micros - whole);
  const text = new Date(whole / MS).toISOString().slice(0, 19);
  return rest === 0 ? `${text}Z` : `${text}.${String(rest).padStart(6, '0').replace(/0+$/, '')}Z`;
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), Math.max(low, high));
}
