/** Text for a terminal: colours where they are wanted, nothing that could steer the terminal, times and ages. */
import { stripVTControlCharacters, styleText } from 'node:util';

export type Paint = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** Paints a text, or leaves it as it is where colours are off. */
export type Painter = (text: string, ...paints: readonly Paint[]) => string;

export function painter(color: boolean): Painter {
  if (!color) return (text) => text;
  return (text, ...paints) => (text === '' ? text : styleText([...paints], text, { validateStream: false }));
}

// Control characters (C0, DEL, C1) and the marks that turn the direction of writing: what an event says must not move the cursor.
const STEERING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from outside, on one line and harmless. */
export function plain(text: string | number | null | undefined): string {
  if (text === null || text === undefined) return '';
  return String(text)
    .replace(/\s*\n\s*/g, ' ')
    .replace(STEERING, '\ufffd');
}

export function visibleWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** A GraphQL DateTime as people read it, in UTC, to the second: `2022-12-13 20:14:05Z`. */
export function moment(at: string | null | undefined): string {
  return at ? `${at.slice(0, 10)} ${at.slice(11, 19)}Z` : '';
}

const UNITS = [
  ['y', 31_536_000],
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** How long ago, in its two largest units: `3m12s`. */
export function age(at: string | null | undefined, nowMs: number): string {
  if (!at) return '';
  return duration((nowMs - Date.parse(at)) / 1000);
}

/** Seconds in their two largest units. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([, size]) => whole >= size);
  const unit = UNITS[first];
  if (!unit) return '0s';
  const next = UNITS[first + 1];
  const rest = next ? Math.floor((whole % unit[1]) / next[1]) : 0;
  return `${Math.floor(whole / unit[1])}${unit[0]}${next && rest > 0 ? `${rest}${next[0]}` : ''}`;
}
