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
  const canonical = parseCanonical(text);
  if (canonical >= 0) return canonical as Micros;
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
  const days = Math.floor(at / MICROS_PER_DAY);
  // Events of one time come together: the date is mostly the one printed before.
  if (days !== lastDays) {
    lastDays = days;
    lastDate = new Date((days * MICROS_PER_DAY) / MICROS_PER_MS).toISOString().slice(0, 11);
  }
  const inDay = at - days * MICROS_PER_DAY;
  const seconds = Math.floor(inDay / MICROS_PER_SECOND);
  const minutes = Math.floor(seconds / 60);
  const fraction = inDay - seconds * MICROS_PER_SECOND;
  const ms = Math.floor(fraction / MICROS_PER_MS);
  const rest = fraction - ms * MICROS_PER_MS;
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}.${three(ms)}`;
  return rest === 0 ? `${lastDate}${time}Z` : `${lastDate}${time}${three(rest)}Z`;
}

/** Whether `formatTime(at)` stands in `text` from `from` on: where it ends there, else -1. Makes no text, for comparing millions. */
export function endOfTime(text: string, from: number, at: Micros): number {
  const days = Math.floor(at / MICROS_PER_DAY);
  if (days !== lastDays) formatTime(at);
  if (!text.startsWith(lastDate, from)) return -1;
  const clock = from + lastDate.length;
  if (text[clock + 2] !== ':' || text[clock + 5] !== ':' || text[clock + 8] !== '.') return -1;
  const minutes = decimal(text, clock, 2) * 60 + decimal(text, clock + 3, 2);
  const ms = (minutes * 60 + decimal(text, clock + 6, 2)) * 1_000 + decimal(text, clock + 9, 3);
  const rest = at - days * MICROS_PER_DAY - ms * MICROS_PER_MS;
  const end = clock + 12;
  if (rest === 0) return text[end] === 'Z' ? end + 1 : -1;
  return text[end + 3] === 'Z' && decimal(text, end, 3) === rest ? end + 4 : -1;
}

/** That many decimal digits as a number; NaN where others stand. */
function decimal(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND;
let lastDays = Number.NaN;
let lastDate = '';

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}
function three(number: number): string {
  return number < 10 ? `00${number}` : number < 100 ? `0${number}` : String(number);
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

/** Days before each month in a year that is no leap year; the thirteenth ends December. */
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] as const;
const ZERO = 0x30;

/**
 * The way of nearly all times, `2022-12-13T20:14:00.000Z` with zero to six decimals from 1970 to 2200: at a tenth of the
 * cost of a regular expression and a Date. Negative for every other text, which may still be a time.
 */
function parseCanonical(text: string): number {
  const end = text.length - 1;
  if (end < 19 || end > 26 || text[end] !== 'Z' || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return -1;
  if (text[13] !== ':' || text[16] !== ':' || (end > 19 && (text[19] !== '.' || end === 20))) return -1;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const decimals = end - 20;
  const fraction = decimals > 0 ? digits(text, 20, end) * 10 ** (6 - decimals) : 0;
  // A part that is not all digits is NaN, and every comparison with it false.
  if (!(year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && day >= 1)) return -1;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && fraction >= 0)) return -1;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const before = (DAYS_BEFORE[month - 1] ?? 0) + (isLeap && month > 2 ? 1 : 0);
  const after = (DAYS_BEFORE[month] ?? 0) + (isLeap && month > 1 ? 1 : 0);
  if (before + day > after) return -1;
  const past = year - 1;
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - LEAP_DAYS_BEFORE_1970;
  const days = (year - 1970) * 365 + leapDays + before + day - 1;
  return ((days * 24 + hour) * 60 + minute) * 60 * MICROS_PER_SECOND + second * MICROS_PER_SECOND + fraction;
}

/** Leap days from the year 1 to 1969. */
const LEAP_DAYS_BEFORE_1970 = 477;

/** The number that a part of a text writes in decimal digits; NaN where it holds anything else. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}
