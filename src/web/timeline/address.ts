/** What is seen, as the query of the address and back. Absolute, so that a copied link shows the same to everyone. Pure. */
import { clamp, HOUR, microsOf, SECOND, type Span, textOf } from './instants.ts';
import { centred } from './scale.ts';
import { type Seen, SPEEDS } from './seen.ts';

const SPEED_DEFAULT = 10;
const LIVE_SPAN = HOUR;
const LIVE_SPAN_MIN = 2 * 60 * SECOND;
/** A cluster that was heard of within that time is shown live. */
const RECENT = 10 * 60 * SECOND;

export type Query = Readonly<Record<string, string | null>>;

/** Values that are as they are by themselves are left out. */
export function queryOf(seen: Seen): Query {
  const span = seen.to - seen.from;
  const isFixed = !seen.live;
  return {
    live: isFixed ? null : String(Math.round(span / SECOND)),
    from: isFixed ? textOf(seen.from) : null,
    to: isFixed ? textOf(seen.to) : null,
    at: isFixed ? textOf(seen.at) : null,
    mode: seen.mode === 'known' ? 'known' : null,
    m1: seen.marks[0] === null ? null : textOf(seen.marks[0]),
    m2: seen.marks[1] === null ? null : textOf(seen.marks[1]),
    filter: seen.filter === '' ? null : seen.filter,
    tables: seen.tables ? '1' : null,
    speed: seen.speed === SPEED_DEFAULT ? null : String(seen.speed),
    skip: seen.skips ? '1' : null,
  };
}

/** Of the cluster's history: when it began and when it last changed. */
export interface Told extends Span {
  readonly now: number;
}

/** Null: the address does not say which stretch, and `told` is needed to choose one. */
export function seenOf(search: string, told: Told | null, now: number): Seen | null {
  const query = new URLSearchParams(search);
  const time = (name: string): number | null => {
    const micros = microsOf(query.get(name) ?? '');
    return Number.isFinite(micros) ? micros : null;
  };
  const rest = {
    mode: query.get('mode') === 'known' ? ('known' as const) : ('true' as const),
    marks: [time('m1'), time('m2')] as const,
    filter: query.get('filter') ?? '',
    tables: query.get('tables') === '1',
    speed: SPEEDS.find((speed) => String(speed) === query.get('speed')) ?? SPEED_DEFAULT,
    skips: query.get('skip') === '1',
  };
  const liveSpan = Number(query.get('live') ?? Number.NaN) * SECOND;
  if (liveSpan > 0) return { ...liveAt(now, liveSpan), ...rest, mode: 'true', live: true };
  const [from, to, at] = [time('from'), time('to'), time('at')];
  if (from !== null && to !== null && from < to) {
    return { from, to, at: at ?? Math.round((from + to) / 2), ...rest, live: false };
  }
  if (at !== null) return { ...centred({ from: 0, to: LIVE_SPAN }, at), at, ...rest, live: false };
  if (told === null) return null;
  if (told.now - told.to < RECENT) {
    // Of a young cluster all there is, with some room before.
    const span = clamp((told.now - told.from) * 1.25, LIVE_SPAN_MIN, LIVE_SPAN);
    return { ...liveAt(told.now, Math.ceil(span / SECOND) * SECOND), ...rest, mode: 'true', live: true };
  }
  return { ...ending(told), ...rest, live: false };
}

function liveAt(now: number, span: number): Span & { readonly at: number } {
  return { ...centred({ from: 0, to: span }, now, 0.92), at: now };
}

/** The last stretch of a history that is over: all of it where it is short. */
function ending({ from, to }: Span): Span & { readonly at: number } {
  const length = Math.max(SECOND, Math.min(to - from, 3 * HOUR));
  const room = Math.round(length * 0.04);
  return { from: to - length - room, to: to + room, at: to };
}
