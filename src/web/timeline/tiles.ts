/**
 * A timeline is asked for in tiles of round lengths at round places, so that panning and coming back ask nothing twice.
 * At most `atOnce` questions are on their way; one that nobody looks at any more is called off. Nothing here knows the
 * browser or the server.
 */
import { MS, type Span } from './instants.ts';

export const TILE_BUCKETS = 512;

export interface TilePlace extends Span {
  /** One of two sets of events: `''` is all that is known; else what was known at that time. */
  readonly knownAt: string;
}

/** Tiles that cover a span: of the smallest length, a power of two of ms, of which two to three do. */
export function tilesFor(span: Span, knownAt = ''): readonly TilePlace[] {
  const wantedMs = Math.max(TILE_BUCKETS, (span.to - span.from) / MS / 2);
  const length = 2 ** Math.ceil(Math.log2(wantedMs)) * MS;
  const places: TilePlace[] = [];
  for (let from = Math.floor(span.from / length) * length; from < span.to; from += length) {
    places.push({ from, to: from + length, knownAt });
  }
  return places;
}

export function keyOf({ from, to, knownAt }: TilePlace): string {
  return `${from} ${to} ${knownAt}`;
}

interface Question {
  readonly controller: AbortController;
  /** Something changed while it is on its way. */
  isOutdated: boolean;
}

interface Kept<Tile> {
  readonly place: TilePlace;
  readonly tile: Tile;
  isStale: boolean;
}

export interface TileCacheOptions<Tile> {
  load(place: TilePlace, signal: AbortSignal): Promise<Tile>;
  onChange(): void;
  onFailure(error: unknown): void;
  readonly atOnce: number;
  /** How many are kept, and how much of `weightOf`; those used longest ago go first. What is looked at stays, whatever it weighs. */
  readonly kept: number;
  readonly weightMax: number;
  weightOf(tile: Tile): number;
}

export class TileCache<Tile> {
  readonly #options: TileCacheOptions<Tile>;
  /** In the order of use, the latest last. */
  readonly #kept = new Map<string, Kept<Tile>>();
  readonly #asked = new Map<string, Question>();
  readonly #failed = new Set<string>();
  #wanted: readonly TilePlace[] = [];

  constructor(options: TileCacheOptions<Tile>) {
    this.#options = options;
  }

  /** What is looked at now, the most urgent first. Calls off what is not among it. */
  want(places: readonly TilePlace[]): void {
    this.#wanted = places;
    const keys = new Set(places.map(keyOf));
    for (const [key, question] of this.#asked) {
      if (keys.has(key)) continue;
      this.#asked.delete(key);
      question.controller.abort();
    }
    // What failed is not asked for again as long as it is looked at.
    for (const key of this.#failed) if (!keys.has(key)) this.#failed.delete(key);
    for (const place of places) this.#touch(keyOf(place));
    this.#askNext();
  }

  /** Whether everything wanted is there and fresh. */
  get isSettled(): boolean {
    return this.#wanted.every((place) => this.#kept.get(keyOf(place))?.isStale === false);
  }

  /** For each wanted place its tile; where it is missing, what others say of that stretch, the closest in length first. */
  drawn(): readonly { readonly within: Span; readonly tile: Tile }[] {
    return this.#wanted.flatMap((place) => {
      const own = this.#kept.get(keyOf(place));
      if (own !== undefined) return [{ within: place, tile: own.tile }];
      return this.#instead(place);
    });
  }

  /** Something changed, maybe long ago: what is there is shown until it has been asked for again. */
  expire(): void {
    for (const kept of this.#kept.values()) kept.isStale = true;
    for (const question of this.#asked.values()) question.isOutdated = true;
    this.#askNext();
  }

  /** Asks again for what failed. */
  retry(): void {
    this.#failed.clear();
    this.#askNext();
  }

  close(): void {
    this.want([]);
    this.#kept.clear();
  }

  #instead(place: TilePlace): { within: Span; tile: Tile }[] {
    const length = place.to - place.from;
    const others = [...this.#kept.values()]
      .filter((each) => each.place.from < place.to && each.place.to > place.from)
      .sort((one, other) => distance(one.place, place) - distance(other.place, place));
    const [best] = others;
    if (best === undefined) return [];
    const bestLength = best.place.to - best.place.from;
    // One that is longer covers it all; of shorter ones all of that length are needed.
    const chosen = bestLength >= length ? [best] : others.filter((each) => distance(each.place, best.place) === 0);
    return chosen.map((each) => ({
      within: { from: Math.max(place.from, each.place.from), to: Math.min(place.to, each.place.to) },
      tile: each.tile,
    }));
  }

  #touch(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
  }

  #askNext(): void {
    for (const place of this.#wanted) {
      if (this.#asked.size >= this.#options.atOnce) return;
      const key = keyOf(place);
      if (this.#asked.has(key) || this.#failed.has(key) || this.#kept.get(key)?.isStale === false) continue;
      void this.#ask(key, place);
    }
  }

  async #ask(key: string, place: TilePlace): Promise<void> {
    const question: Question = { controller: new AbortController(), isOutdated: false };
    const { signal } = question.controller;
    this.#asked.set(key, question);
    try {
      const tile = await this.#options.load(place, signal);
      if (signal.aborted) return;
      this.#kept.delete(key);
      this.#kept.set(key, { place, tile, isStale: question.isOutdated });
      this.#forgetOldest();
    } catch (error) {
      if (signal.aborted) return;
      this.#failed.add(key);
      this.#options.onFailure(error);
    } finally {
      if (this.#asked.get(key) === question) this.#asked.delete(key);
    }
    this.#options.onChange();
    this.#askNext();
  }

  #forgetOldest(): void {
    const { kept, weightMax, weightOf } = this.#options;
    const wanted = new Set(this.#wanted.map(keyOf));
    let weight = 0;
    for (const { tile } of this.#kept.values()) weight += weightOf(tile);
    for (const [key, { tile }] of this.#kept) {
      if (this.#kept.size <= kept && weight <= weightMax) return;
      if (wanted.has(key)) continue;
      this.#kept.delete(key);
      weight -= weightOf(tile);
    }
  }
}

/** How different two lengths are, in doublings, and whether of the same set. */
function distance(one: TilePlace, other: TilePlace): number {
  const doublings = Math.abs(Math.log2((one.to - one.from) / (other.to - other.from)));
  return doublings + (one.knownAt === other.knownAt ? 0 : 0.5);
}
