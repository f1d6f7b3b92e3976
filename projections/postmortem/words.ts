/** How a postmortem writes times and lengths of time. */
import type { Micros } from '../../schemas/time.ts';

const MICROS_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 86_400_000;
/** Up to here lengths are whole minutes, which people compare more easily than hours with minutes. */
const MINUTES_MAX = 180;

/** `2022-12-13 20:14:00`, with as many decimals as it has; always UTC, which headings say. */
export function utc(at: Micros): string {
  const text = new Date(Math.floor(at / MICROS_PER_MS)).toISOString();
  const micros = String(at % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${text.slice(0, 10)} ${text.slice(11, 19)}${micros === '' ? '' : `.${micros}`}`;
}

/** A length in ms: `14 min`, `47 s`, `26 h 55 min`; a minus sign where it is negative. */
export function length(ms: number): string {
  if (ms < 0) return `−${length(-ms)}`;
  if (ms > 0 && ms < MS_PER_SECOND) return `${ms} ms`;
  const seconds = Math.round(ms / MS_PER_SECOND);
  if (seconds < 60) return `${seconds} s`;
  const rounded = seconds * MS_PER_SECOND;
  if (rounded < MINUTES_MAX * MS_PER_MINUTE) return parts(rounded, [MS_PER_MINUTE, 'min'], [MS_PER_SECOND, 's']);
  if (rounded < 3 * MS_PER_DAY) return parts(rounded, [MS_PER_HOUR, 'h'], [MS_PER_MINUTE, 'min']);
  return parts(rounded, [MS_PER_DAY, 'd'], [MS_PER_HOUR, 'h']);
}

function parts(ms: number, [large, largeUnit]: [number, string], [small, smallUnit]: [number, string]): string {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms % large) / small);
  return rest === 0 ? `${whole} ${largeUnit}` : `${whole} ${largeUnit} ${rest} ${smallUnit}`;
}

/** A length between two, in ms. */
export function lengthBetween(ms: number, msMax: number): string {
  return ms === msMax ? length(ms) : `between ${length(ms)} and ${length(msMax)}`;
}

/** From the first to the second, µs in, ms out. */
export function millisecondsBetween(from: Micros, to: Micros): number {
  return Math.round((to - from) / MICROS_PER_MS);
}
