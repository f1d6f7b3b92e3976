/**
 * Times as the ledger keeps them: whole microseconds since 1970-01-01T00:00:00Z, in UTC. The years 1970 to 2200 fit
 * a JavaScript integer (7.3e15 < 2^53), so no big integers are needed.
 */

declare const micros: unique symbol;

/** Microseconds since the Unix epoch, UTC; a whole number. */
export type Micros = number & { readonly [micros]: true };

export const MICROS_PER_MS = 1_000;
export const MICROS_PER_SECOND = 1_000_000;

/** The first and last instants the ledger takes: 1970-01-01T00:00:00Z and 2200-12-31T23:59:59.999999Z. */
export const EARLIEST = 0 as Micros;
export const LATEST = (Date.UTC(2201, 0, 1) * MICROS_PER_MS - 1) as Micros;

export type TimeFault = 'TIME_WITHOUT_ZONE' | 'TIME_UNREADABLE' | 'TIME_OUT_OF_RANGE';

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?$/;

/**
 * Reads an RFC 3339 timestamp. Digits beyond the microsecond are cut, a leap second `:60` becomes `:59.999999`, a
 * zone is required. Returns the instant, or the name of what is wrong with the text.
 */
export function parseTime(text: string): Micros | TimeFault {
  const match = RFC3339.exec(text);
  if (!match) return 'TIME_UNREADABLE';
  const zone = match[8];
  if (zone === undefined) return 'TIME_WITHOUT_ZONE';
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 'TIME_UNREADABLE';
  if (hour > 23 || minute > 59 || second > 60) return 'TIME_UNREADABLE';
  const offset = offsetMinutes(zone);
  if (offset === null) return 'TIME_UNREADABLE';
  const isLeap = second === 60;
  const fraction = isLeap ? 999_999 : Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  const ms = Date.UTC(year < 100 ? 2000 : year, month - 1, day, hour, minute, isLeap ? 59 : second) - offset * 60_000;
  const at = ms * MICROS_PER_MS + fraction;
  if (year < 100 || at < EARLIEST || at > LATEST) return 'TIME_OUT_OF_RANGE';
  return at as Micros;
}

/** An instant as RFC 3339 in UTC with three decimals, or six where microseconds are not zero. */
export function formatTime(at: Micros): string {
  const rest = at % MICROS_PER_MS;
  const text = new Date((at - rest) / MICROS_PER_MS).toISOString();
  return rest === 0 ? text : `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** Milliseconds since the epoch, as `Date.now()` gives them, as microseconds. */
export function microsFromMs(ms: number): Micros {
  return Math.round(ms * MICROS_PER_MS) as Micros;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function offsetMinutes(zone: string): number | null {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return null;
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes);
}
