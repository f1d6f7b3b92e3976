/** What is seen of a cluster, and how actions change it. It is all in the address (address.ts). Pure. */
import { clamp, type Span } from './instants.ts';
import { centred, panned, zoomed } from './scale.ts';

/** `true`: what is known today of that time. `known`: what was known at that time. */
export type Mode = 'true' | 'known';

export interface Seen extends Span {
  /** The playhead, µs. */
  readonly at: number;
  readonly mode: Mode;
  readonly marks: readonly [number | null, number | null];
  readonly filter: string;
  /** The end follows the present, and the playhead with it. */
  readonly live: boolean;
  /** Everything drawn, as tables. */
  readonly tables: boolean;
  readonly speed: number;
  /** Plays on to the next event where nothing happens. */
  readonly skips: boolean;
}

export const SPEEDS: readonly number[] = [0.5, 1, 5, 10, 30, 60, 300, 600];

export type Action =
  | { readonly do: 'zoom'; readonly factor: number; readonly around?: number }
  | { readonly do: 'pan'; readonly share: number }
  | { readonly do: 'show'; readonly span: Span }
  | { readonly do: 'goto'; readonly at: number }
  | { readonly do: 'mark'; readonly which: 0 | 1 }
  | { readonly do: 'unmark' }
  | { readonly do: 'focus' }
  | { readonly do: 'live'; readonly now: number }
  | { readonly do: 'mode'; readonly mode: Mode }
  | { readonly do: 'filter'; readonly text: string }
  | { readonly do: 'tables' }
  | { readonly do: 'speed'; readonly speed: number }
  | { readonly do: 'skips' };

/** Live shows a little of what is ahead, so that the present is not the edge. */
const LIVE_SHARE = 0.92;

export function act(seen: Seen, action: Action): Seen {
  switch (action.do) {
    case 'zoom':
      return { ...seen, ...zoomed(seen, action.factor, action.around ?? zoomCentre(seen)), live: false };
    case 'pan':
      return { ...seen, ...panned(seen, action.share), live: false };
    case 'show':
      return { ...seen, ...action.span, live: false };
    case 'goto':
      return { ...seen, ...followed(seen, action.at), at: Math.round(action.at), live: false };
    case 'mark':
      return { ...seen, marks: withMark(seen, action.which) };
    case 'unmark':
      return { ...seen, marks: [null, null] };
    case 'focus':
      return { ...seen, ...focused(seen), live: false };
    case 'live':
      return { ...seen, ...centred(seen, action.now, LIVE_SHARE), at: action.now, live: true, mode: 'true' };
    case 'mode':
      return { ...seen, mode: action.mode, live: false };
    case 'filter':
      return { ...seen, filter: action.text };
    case 'tables':
      return { ...seen, tables: !seen.tables };
    case 'speed':
      return { ...seen, speed: action.speed };
    case 'skips':
      return { ...seen, skips: !seen.skips };
  }
}

/** Live goes on: the same view, at a later present. */
export function carried(seen: Seen, now: number): Seen {
  return { ...seen, ...centred(seen, now, LIVE_SHARE), at: now };
}

function zoomCentre({ from, to, at }: Seen): number {
  return at >= from && at <= to ? at : (from + to) / 2;
}

/** The range that has the playhead inside: the same, or moved until it does. */
function followed(seen: Seen, at: number): Span {
  const { from, to } = seen;
  if (at >= from && at <= to) return { from, to };
  return at > to ? centred(seen, at, 0.1) : centred(seen, at, 0.9);
}

function withMark({ marks, at }: Seen, which: 0 | 1): Seen['marks'] {
  const mark = marks[which] === at ? null : at;
  return which === 0 ? [mark, marks[1]] : [marks[0], mark];
}

/** Between the two marks, with some room; else around the playhead, closer. */
function focused(seen: Seen): Span {
  const [one, other] = seen.marks;
  if (one !== null && other !== null && one !== other) {
    const room = Math.abs(other - one) * 0.08;
    return { from: Math.round(Math.min(one, other) - room), to: Math.round(Math.max(one, other) + room) };
  }
  return zoomed(centred(seen, seen.at), 0.5, seen.at);
}

/** How far the playhead moves at a press of an arrow: one pixel's worth or so, whole ms. */
function stepOf({ from, to }: Span): number {
  return Math.max(1_000, Math.round((to - from) / 200 / 1_000) * 1_000);
}

/** The playhead after a key of a slider; null for a key that is none of its. */
export function slid(seen: Seen, key: string): number | null {
  const step = stepOf(seen);
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -step,
    ArrowDown: -step,
    ArrowRight: step,
    ArrowUp: step,
    PageDown: -20 * step,
    PageUp: 20 * step,
  };
  if (key === 'Home') return seen.from;
  if (key === 'End') return seen.to;
  const by = steps[key];
  return by === undefined ? null : clamp(seen.at + by, seen.from, seen.to);
}
