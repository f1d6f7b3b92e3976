/** The server as the timeline's parts see it. */
import { ask, type Failure, failureIn } from '../api/ask.ts';
import { follow } from '../api/live.ts';
import { MS, microsOf, SECOND, type Span, textOf } from '../timeline/instants.ts';
import { type GivenTile, intervalsIn, type Tile, tileOf } from '../timeline/lanes.ts';
import type { Source } from '../timeline/moments.ts';
import type { Counted } from '../timeline/stretch.ts';
import { TILE_BUCKETS, TileCache, type TileCacheOptions, type TilePlace } from '../timeline/tiles.ts';
import {
  COUNTS,
  type CountsAnswer,
  FRAMES,
  type Frame,
  gapOf,
  ROSTER,
  type RosterAnswer,
  STRETCH,
  type StretchAnswer,
  TILE,
} from './query.ts';

const COUNT_BUCKETS = 1_200;

const TILES_KEPT = 16;
/** Intervals in all of them, some 60 bytes each: a busy tile has tens of thousands. */
const INTERVALS_KEPT = 150_000;

export function tilesOf(id: string, told: Pick<TileCacheOptions<Tile>, 'onChange' | 'onFailure'>): TileCache<Tile> {
  return new TileCache<Tile>({
    ...told,
    load: (place, signal) => loadTile(id, place, signal),
    atOnce: 2,
    kept: TILES_KEPT,
    weightMax: INTERVALS_KEPT,
    weightOf: intervalsIn,
  });
}

async function loadTile(id: string, { from, to, knownAt }: TilePlace, signal: AbortSignal): Promise<Tile> {
  const variables = { id, from: textOf(from), to: textOf(to), buckets: TILE_BUCKETS, knownAt: knownAt || null };
  const { timeline } = await ask<{ readonly timeline: GivenTile }>(TILE, variables, signal);
  return tileOf(from, timeline);
}

/** Counting reads what is counted: of a longer history the last part. */
const COUNTED_MAX = 250_000;

export interface History extends Counted {
  /** Whether anyone ever followed a leader. */
  readonly hasFollowers: boolean;
}

/** Events of a whole history by time, `to` being its end. */
export async function loadCounts(id: string, { from: begins, to: ends, events }: Roster): Promise<History> {
  const share = Math.min(1, COUNTED_MAX / Math.max(1, events));
  const room = share < 1 ? 0 : Math.max(SECOND, (ends - begins) * 0.01);
  const [from, to] = [Math.floor(ends - (ends - begins) * share - room), Math.ceil(ends + MS + room)];
  const variables = { id, from: textOf(from), to: textOf(to), buckets: COUNT_BUCKETS };
  const { timeline } = await ask<CountsAnswer>(COUNTS, variables);
  const { bucketMs, counts, followers } = timeline;
  return { from, to, bucket: bucketMs * MS, counts, isWhole: share === 1, hasFollowers: followers.some(Boolean) };
}

export interface Roster extends Span {
  readonly nodes: NonNullable<RosterAnswer['cluster']>['nodes'];
  /** recordedAt of the newest event. */
  readonly known: string;
  /** How many events the cluster has. */
  readonly events: number;
}

/** Null: no event names the cluster. */
export async function loadRoster(id: string): Promise<Roster | null> {
  const {
    cluster,
    events,
    last: newest,
  } = await ask<RosterAnswer>(ROSTER, { id, filter: { stream: `cluster-${id}` } });
  if (cluster === null) return null;
  const { occurredAt, recordedAt } = cluster.asOf;
  const last = microsOf(occurredAt);
  const first = events.nodes.map((event) => Math.min(microsOf(event.occurredAt), microsOf(event.recordedAt)));
  const count = (newest.nodes[0]?.revision ?? 0) + 1;
  return { nodes: cluster.nodes, known: recordedAt, from: Math.min(last, ...first), to: last, events: count };
}

export function sourceOf(id: string): Source {
  return {
    async begin({ base, knownAt, span }, signal) {
      const to = Math.max(span.to, span.from + MS);
      const variables = { id, base, knownAt, from: textOf(span.from), to: textOf(to) };
      const { clusterSnapshot, timeline } = await ask<StretchAnswer>(STRETCH, variables, signal);
      return { snapshot: clusterSnapshot, gaps: timeline.completeness.gaps.map(gapOf) };
    },
    follow: (range, { onEvent, onComplete, onFailure }) =>
      follow<Frame>({
        query: FRAMES,
        field: 'replay',
        variables: { id, ...range },
        isHistory: true,
        onChange: ({ event }) => onEvent(event),
        onComplete,
        onFailure,
      }),
  };
}

/** Why something could not be had: as a question's rejection or a subscription's refusal says it. */
export function failureOf(error: unknown): Failure {
  const isFailure = typeof error === 'object' && error !== null && 'kind' in error && 'code' in error;
  return isFailure ? (error as Failure) : failureIn(error);
}
