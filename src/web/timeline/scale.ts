/** Between time and pixels: zooming, panning, and where the axis has its marks. Pure. */
import { clamp, DAY, HOUR, MINUTE, MS, SECOND, type Span } from './instants.ts';

/** No closer than 5 ms, no farther than 40 years. */
export const SPAN_MIN = 5 * MS;
export const SPAN_MAX = 40 * 365 * DAY;

export function xOf(span: Span, width: number, at: number): number {
  return ((at - span.from) / (span.to - span.from)) * width;
}

/** Whole µs. */
export function timeAt(span: Span, width: number, x: number): number {
  return Math.round(span.from + (x / Math.max(1, width)) * (span.to - span.from));
}

/** Zoomed so that `around` stays where it is. `factor` below 1 comes closer. */
export function zoomed(span: Span, factor: number, around: number): Span {
  const length = span.to - span.from;
  const wanted = clamp(length * factor, SPAN_MIN, SPAN_MAX);
  const share = clamp((around - span.from) / length, 0, 1);
  const from = Math.round(around - share * wanted);
  return { from, to: from + Math.round(wanted) };
}

/** Moved by a share of its length; positive is later. */
export function panned(span: Span, share: number): Span {
  const by = Math.round((span.to - span.from) * share);
  return { from: span.from + by, to: span.to + by };
}

/** Of the same length, with `at` at a share of it. */
export function centred(span: Span, at: number, share = 0.5): Span {
  const length = span.to - span.from;
  const from = Math.round(at - share * length);
  return { from, to: from + length };
}

const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((ms) => ms * MS),
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14].map((days) => days * DAY),
];
const MONTH_STEPS = [1, 3, 6, 12, 24, 60, 120] as const;
/** A Monday: weeks begin there. */
const WEEK_ORIGIN = 4 * DAY;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Marks at round times, at most one in `apart` pixels. */
export function ticksOf(span: Span, width: number, apart = 92): readonly Tick[] {
  const least = ((span.to - span.from) / Math.max(1, width)) * apart;
  const step = STEPS.find((each) => each >= least);
  return step === undefined ? monthTicks(span, least) : evenTicks(span, step);
}

function evenTicks(span: Span, step: number): Tick[] {
  const origin = step >= 7 * DAY ? WEEK_ORIGIN : 0;
  const found: Tick[] = [];
  for (let at = Math.ceil((span.from - origin) / step) * step + origin; at < span.to; at += step) {
    found.push({ at, label: labelOf(at, step) });
  }
  return found;
}

function labelOf(at: number, step: number): string {
  const text = new Date(at / MS).toISOString();
  if (at % DAY === 0) return `${MONTHS[Number(text.slice(5, 7)) - 1]} ${Number(text.slice(8, 10))}`;
  if (step >= MINUTE) return text.slice(11, 16);
  return step >= SECOND ? text.slice(11, 19) : text.slice(14, 23);
}

function monthTicks(span: Span, least: number): Tick[] {
  const months = MONTH_STEPS.find((each) => each * 30 * DAY >= least) ?? 240;
  const first = new Date(span.from / MS);
  const found: Tick[] = [];
  const start = Math.floor((first.getUTCFullYear() * 12 + first.getUTCMonth()) / months) * months;
  for (let month = start; ; month += months) {
    const at = Date.UTC(Math.floor(month / 12), month % 12) * MS;
    if (at >= span.to) return found;
    const year = String(Math.floor(month / 12));
    if (at >= span.from) found.push({ at, label: month % 12 === 0 ? year : `${MONTHS[month % 12]} ${year}` });
  }
}
