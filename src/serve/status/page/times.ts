/** Times and lengths of time, as a page writes them: UTC throughout, the exact instant for programs. */
import { formatTime, MICROS_PER_MS, type Micros } from '../../../../schemas/time.ts';
import { html, type Markup } from '../markup.ts';
import type { Words } from '../words/words.ts';

const MICROS_PER_MINUTE = 60_000_000;

/** `6 Sep 2022, 23:25`. */
export function moment(at: Micros, words: Words): Markup {
  return html`<time datetime="${formatTime(at)}">${momentText(at, words)}</time>`;
}

export function momentText(at: Micros, words: Words, withSeconds = false): string {
  const clock = formatTime(at).slice(11, withSeconds ? 19 : 16);
  return `${dayText(at, words)}, ${clock}${withSeconds ? ' UTC' : ''}`;
}

export function day(at: Micros, words: Words): Markup {
  return html`<time datetime="${isoDay(at)}">${dayText(at, words)}</time>`;
}

export function dayText(at: Micros, words: Words): string {
  const date = new Date(at / MICROS_PER_MS);
  return words.day(date.getUTCDate(), words.monthsShort[date.getUTCMonth()] ?? '', date.getUTCFullYear());
}

/** `23:25`. */
export function clock(at: Micros): Markup {
  return html`<time datetime="${formatTime(at)}">${formatTime(at).slice(11, 16)}</time>`;
}

/** `2022-09-06`. */
export function isoDay(at: Micros): string {
  return formatTime(at).slice(0, 10);
}

/** `2022-09`. */
export function isoMonth(at: Micros): string {
  return formatTime(at).slice(0, 7);
}

/** `September 2022`, of `2022-09`. */
export function monthText(month: string, words: Words): string {
  const [year, number] = month.split('-').map(Number);
  return words.month(words.months[(number ?? 1) - 1] ?? '', year ?? 0);
}

export function length(from: Micros, to: Micros, words: Words): string {
  const minutes = Math.round((to - from) / MICROS_PER_MINUTE);
  if (minutes < 1) return words.lessThanAMinute;
  const days = Math.floor(minutes / 1_440);
  const hours = Math.floor((minutes % 1_440) / 60);
  // Beyond a day minutes say nothing any more.
  return words.length(days, hours, days > 0 && hours > 0 ? 0 : minutes % 60);
}
