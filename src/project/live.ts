/** The live state of one key, and what is at hand to fold it anew from. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type Displaced, type Folded, NOTHING_READ } from './fold.ts';
import { BEFORE_ALL, type FoldPlace } from './place.ts';
import { type RecentCheckpoints, recentCheckpoints } from './recent.ts';
import type { RecentEvents } from './recent-events.ts';
import type { ViewRow } from './store.ts';

/** What a parsed state takes, as a multiple of its text. */
const PARSED_PER_TEXT = 4;
/** Guessed for a state that was never written. */
const NEW_TEXT_BYTES = 1_024;

export interface Live<State> extends Folded<State> {
  readonly key: string;
  /** Events of the page under way, in order of position. */
  pending: AnyFoldEvent[];
  /** See `ViewRow.high`. */
  high: FoldPlace;
  /** What was displaced since the last flush. */
  moved: Displaced[];
  /** Bytes of the state's text when last written. */
  textBytes: number;
  eventsSinceKept: number;
  usedAt: number;
  readonly recent: RecentCheckpoints;
  eventsSinceRecent: number;
  /** From the first late fact of a stream on, as more may come; else null. */
  recentEvents: RecentEvents | null;
}

/** As it was written; `row` null: never. */
export function liveOf<State>(key: string, state: State, row: ViewRow | null): Live<State> {
  return {
    ...{ key, state },
    position: row?.position ?? 0,
    resume: row?.resume ?? NOTHING_READ,
    frontier: row?.frontier ?? BEFORE_ALL,
    high: row?.high ?? BEFORE_ALL,
    moved: [],
    pending: [],
    textBytes: row?.text.length ?? NEW_TEXT_BYTES,
    eventsSinceKept: 0,
    usedAt: 0,
    recent: recentCheckpoints(),
    eventsSinceRecent: 0,
    recentEvents: null,
  };
}

/** What it takes in memory without its newest events, in bytes, about. */
export function weigh(live: Live<unknown>): number {
  return live.textBytes * PARSED_PER_TEXT + live.recent.bytes();
}
