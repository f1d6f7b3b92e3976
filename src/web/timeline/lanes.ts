/** Lanes as the server tells them, tile by tile, made into lanes that run through. Pure. */
import { microsOf, type Span } from './instants.ts';

export type LaneKind = 'leader' | 'followers' | 'node' | 'job' | 'incident' | 'maintenance' | 'gap';

/** A lane of GraphQL's `Timeline`. */
export interface GivenLane {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly group: string | null;
  readonly starts: readonly string[];
  readonly ends: readonly (string | null)[];
  readonly values: readonly string[];
  readonly terms: readonly (number | null)[];
  readonly merged: readonly number[];
}

export interface Interval {
  readonly start: number;
  /** Infinity: it lasts still in what is known. */
  readonly end: number;
  readonly value: string;
  readonly term: number | null;
  /** Of how many it was joined; 0: one as it was. */
  readonly merged: number;
}

export interface Lane {
  readonly id: string;
  readonly kind: LaneKind;
  readonly name: string | null;
  readonly group: string | null;
  readonly intervals: readonly Interval[];
}

/** An answer of `timeline`. */
export interface GivenTile {
  readonly bucketMs: number;
  readonly counts: readonly number[];
  readonly followers: readonly (number | null)[];
  readonly lanesOmitted: number;
  readonly asOf: { readonly recordedAt: string } | null;
  readonly lanes: readonly GivenLane[];
}

export interface Tile {
  readonly from: number;
  readonly bucket: number;
  readonly counts: readonly number[];
  readonly lanesOmitted: number;
  readonly recordedAt: string | null;
  readonly lanes: readonly Lane[];
}

export function tileOf(from: number, given: GivenTile): Tile {
  const lanes = given.lanes.map(laneOf);
  const bucket = given.bucketMs * 1_000;
  const leaders = lanes.filter(({ kind }) => kind === 'leader').length;
  return {
    from,
    bucket,
    counts: given.counts,
    lanesOmitted: given.lanesOmitted,
    recordedAt: given.asOf?.recordedAt ?? null,
    lanes: lanes.toSpliced(leaders, 0, ...followersLane(given.followers, from, bucket)),
  };
}

/** Buckets with the same number are one interval. After the last number nothing has happened yet. */
function followersLane(followers: GivenTile['followers'], from: number, bucket: number): Lane[] {
  const intervals: Interval[] = [];
  for (const [index, count] of followers.entries()) {
    const start = from + index * bucket;
    const isLast = followers[index + 1] === null;
    const end = isLast ? Number.POSITIVE_INFINITY : start + bucket;
    const last = intervals.at(-1);
    if (count === null) continue;
    if (last?.value === String(count)) intervals[intervals.length - 1] = { ...last, end };
    else intervals.push({ start, end, value: String(count), term: null, merged: 0 });
  }
  return intervals.length === 0 ? [] : [{ id: 'Followers', kind: 'followers', name: null, group: null, intervals }];
}

/** Whether a lane is only there to say that nobody follows. */
export function isNobody({ kind, intervals }: Lane): boolean {
  return kind === 'followers' && intervals.every(({ value }) => value === '0');
}

/** What an interval says in words. */
export function wordsOf({ kind }: Pick<Lane, 'kind'>, { value }: Interval): string {
  return kind === 'followers' ? `fewest ${value}` : value;
}

function laneOf({ id, kind, name, group, starts, ends, values, terms, merged }: GivenLane): Lane {
  const intervals = starts.map((start, index): Interval => {
    const end = ends[index];
    return {
      start: microsOf(start),
      end: typeof end === 'string' ? microsOf(end) : Number.POSITIVE_INFINITY,
      value: shared(values[index] ?? ''),
      term: terms[index] ?? null,
      merged: merged[index] ?? 0,
    };
  });
  return { id, kind: kind as LaneKind, name, group, intervals };
}

export function intervalsIn({ lanes }: Tile): number {
  return lanes.reduce((sum, { intervals }) => sum + intervals.length, 0);
}

const SHARED = new Map<string, string>();
const SHARED_MAX = 10_000;

/** One text for all that are equal: an answer brings each of its few thousand values anew for every interval. */
function shared(text: string): string {
  const known = SHARED.get(text);
  if (known !== undefined) return known;
  if (SHARED.size >= SHARED_MAX) SHARED.clear();
  SHARED.set(text, text);
  return text;
}

export interface Piece {
  readonly within: Span;
  readonly tile: Tile;
}

/** The lanes of pieces that follow each other in time. What one piece cut and the next goes on with is one interval again. */
export function joined(pieces: readonly Piece[]): readonly Lane[] {
  const lanes = new Map<string, { lane: Lane; intervals: Interval[] }>();
  for (const { within, tile } of pieces) {
    for (const lane of tile.lanes) {
      const key = `${lane.kind} ${lane.id}`;
      let known = lanes.get(key);
      if (known === undefined) {
        known = { lane, intervals: [] };
        lanes.set(key, known);
      }
      append(known.intervals, lane.intervals, within);
    }
  }
  return [...lanes.values()].map(({ lane, intervals }) => ({ ...lane, intervals }));
}

function append(intervals: Interval[], more: readonly Interval[], { from, to }: Span): void {
  for (const interval of more) {
    if (interval.end <= from || interval.start >= to) continue;
    const start = Math.max(interval.start, from);
    const end = interval.end === Number.POSITIVE_INFINITY ? interval.end : Math.min(interval.end, to);
    const last = intervals.at(-1);
    if (last !== undefined && last.value === interval.value && last.term === interval.term && last.end >= start) {
      // Counted once where both pieces show it.
      intervals[intervals.length - 1] = { ...last, end, merged: Math.max(last.merged, interval.merged) };
      continue;
    }
    // A lasting one of an earlier piece: a later piece knows better.
    if (last !== undefined && last.end > start) intervals[intervals.length - 1] = { ...last, end: start };
    intervals.push(start === interval.start && end === interval.end ? interval : { ...interval, start, end });
  }
}

/** From where to where pieces tell. An interval that begins or ends there is cut off there: it may have begun before, and may go on. */
export function toldIn(pieces: readonly Piece[]): Span {
  return { from: pieces[0]?.within.from ?? 0, to: pieces.at(-1)?.within.to ?? 0 };
}

/** When an interval began and ended as far as it is told: null: before or after that; Infinity: it lasts still. */
export function boundsIn(
  { start, end }: Interval,
  told: Span,
): { readonly begins: number | null; readonly ends: number | null } {
  const isCut = end >= told.to && end !== Number.POSITIVE_INFINITY;
  return { begins: start <= told.from ? null : start, ends: isCut ? null : end };
}

/** What of a span no piece tells of. */
export function missingIn(pieces: readonly Piece[], span: Span): readonly Span[] {
  const missing: Span[] = [];
  let { from } = span;
  for (const { within } of pieces.toSorted((one, other) => one.within.from - other.within.from)) {
    if (within.from > from) missing.push({ from, to: Math.min(within.from, span.to) });
    from = Math.max(from, within.to);
    if (from >= span.to) return missing;
  }
  missing.push({ from, to: span.to });
  return missing;
}

/** The events of a span by what buckets say; those of a bucket are taken to be spread evenly. */
export function countsIn(pieces: readonly Piece[], bins: number, span: Span): readonly number[] {
  const found = new Array<number>(bins).fill(0);
  const length = (span.to - span.from) / bins;
  for (const { within, tile } of pieces) {
    for (const [index, count] of tile.counts.entries()) {
      if (count === 0) continue;
      const middle = tile.from + (index + 0.5) * tile.bucket;
      const bin = Math.floor((middle - span.from) / length);
      if (middle >= within.from && middle < within.to && bin >= 0 && bin < bins) found[bin] = (found[bin] ?? 0) + count;
    }
  }
  return found;
}

/** The first interval that ends after an instant: by halves, since intervals of a lane are in order. */
export function firstEndingAfter(intervals: readonly { readonly end: number }[], at: number): number {
  let low = 0;
  let high = intervals.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((intervals[middle]?.end ?? 0) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What a lane says at an instant. */
export function intervalAt(intervals: readonly Interval[], at: number): Interval | null {
  const found = intervals[firstEndingAfter(intervals, at)];
  return found !== undefined && found.start <= at ? found : null;
}
