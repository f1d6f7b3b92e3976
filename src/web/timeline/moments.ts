/**
 * The cluster at the playhead. A stretch of history is brought here once and folded here; only where the playhead leaves
 * it, or where what was known then is asked for, the server is asked again. One question is on its way at a time, and
 * the newest moment is the one that is asked for next.
 */
import type { GapView } from '../../../projections/gaps/view.ts';
import { type GivenEvent, initialState, type Snapshot, stateOf } from '../fold/cluster.ts';
import { Folding, type Moment } from './folding.ts';
import { DAY, microsOf, type Span, textOf } from './instants.ts';
import type { Mode, Seen } from './seen.ts';
import { type Counted, stretchAround } from './stretch.ts';

/** A moment that is looked at. */
export interface Asked {
  readonly at: number;
  readonly mode: Mode;
  /** What is known: recordedAt of the newest event, as the server prints it. */
  readonly known: string;
  /** Around the moment, to be brought here; not looked at where what was known then is asked for. */
  readonly stretch: Span;
}

/** Live, the stretch is the present: all that is known, and nothing after it. Until the history is counted it is the moment alone. */
export function askedOf({ at, mode, live }: Seen, known: string, history: Counted | null): Asked {
  const newest = microsOf(known);
  if (live) return { at: Math.max(at, newest), mode, known, stretch: { from: newest, to: newest + 7 * DAY } };
  return { at, mode, known, stretch: history === null ? { from: at, to: at } : stretchAround(history, at) };
}

/** What was known at the playhead, for lanes: a time not after the newest event; empty where all that is known counts. */
export function knownAtOf({ at, mode }: Seen, known: string | null): string {
  if (mode === 'true') return '';
  return textOf(known === null ? at : Math.min(at, microsOf(known)));
}

export interface Source {
  /** State at `base` and gaps within the span, of what was known at `knownAt`. */
  begin(
    at: { readonly base: string; readonly knownAt: string; readonly span: Span },
    signal: AbortSignal,
  ): Promise<{ readonly snapshot: Snapshot | null; readonly gaps: readonly GapView[] }>;
  /** Tells the events after `from` up to `to`, in order; returns how to stop it. */
  follow(
    range: { readonly from: string; readonly to: string; readonly knownAt: string },
    told: { onEvent(event: GivenEvent): void; onComplete(): void; onFailure(error: unknown): void },
  ): () => void;
}

export interface MomentsOptions {
  readonly clusterId: string;
  readonly source: Source;
  onChange(): void;
  onFailure(error: unknown): void;
}

/** The server folds by another version of the projection than this page. */
class OutdatedError extends Error {
  constructor() {
    super('The server was updated: load this page anew.');
  }
}

export interface Current {
  readonly moment: Moment | null;
  /** When that was, µs. */
  readonly at: number | null;
  /** It is not the moment that was asked for, which is on its way. */
  readonly isPending: boolean;
}
export const NOTHING: Current = { moment: null, at: null, isPending: true };

interface Loaded {
  readonly key: string;
  readonly folding: Folding;
  readonly until: number;
  stop(): void;
}

export class Moments {
  readonly #options: MomentsOptions;
  #asked: Asked | null = null;
  #loaded: Loaded | null = null;
  #loading: { readonly key: string; readonly span: Span; readonly controller: AbortController } | null = null;

  constructor(options: MomentsOptions) {
    this.#options = options;
  }

  show(asked: Asked): void {
    this.#asked = asked;
    this.#askWhereMissing();
  }

  /** As `show`, but brings the stretch here though the moment is covered: what lies at its edge is needed. */
  reach(asked: Asked): void {
    this.#asked = asked;
    this.#loading?.controller.abort();
    void this.#load(asked, keyOf(asked));
  }

  /** What is there of the moment that was asked for; the last one that was, with `isPending`, while it is on its way. */
  current(): Current {
    const [asked, loaded] = [this.#asked, this.#loaded];
    if (asked === null || loaded === null) return NOTHING;
    const isThere = loaded.key === keyOf(asked) && loaded.folding.covers(asked.at);
    if (isThere) this.#shown = { moment: loaded.folding.at(asked.at), at: asked.at };
    return { ...this.#shown, isPending: !isThere };
  }
  #shown: Pick<Current, 'moment' | 'at'> = NOTHING;

  /** The next event's time; Infinity: the stretch has none; null: not known. Of what was known then each moment is by itself. */
  next(at: number): number | null {
    const folding = this.#folding(at);
    if (folding === null || this.#asked?.mode === 'known') return null;
    return folding.next(at) ?? (this.#isWhole ? Number.POSITIVE_INFINITY : null);
  }

  /** The time of the event before; -Infinity: the stretch has none; null: not known. */
  previous(at: number): number | null {
    const folding = this.#folding(at);
    return folding === null ? null : (folding.previous(at) ?? Number.NEGATIVE_INFINITY);
  }

  /** The end of what was brought here. */
  get until(): number | null {
    return this.#loaded?.until ?? null;
  }

  close(): void {
    this.#asked = null;
    this.#loading?.controller.abort();
    this.#loaded?.stop();
  }

  #folding(at: number): Folding | null {
    const [asked, loaded] = [this.#asked, this.#loaded];
    if (asked === null || loaded === null || loaded.key !== keyOf(asked) || !loaded.folding.covers(at)) return null;
    return loaded.folding;
  }

  get #isWhole(): boolean {
    return this.#loaded?.folding.covers(this.#loaded.until) ?? false;
  }

  #askWhereMissing(): void {
    const [asked, loaded, loading] = [this.#asked, this.#loaded, this.#loading];
    if (asked === null) return;
    const key = keyOf(asked);
    const isOnItsWay = (from: number, to: number): boolean => asked.at >= from && asked.at <= to;
    if (loaded !== null && loaded.key === key && isOnItsWay(loaded.folding.base, loaded.until)) return;
    if (loading !== null) {
      // The question on its way is let come: what it brings is shown while the next one is asked.
      if (asked.mode === 'true' && loading.key !== key) loading.controller.abort();
      else return;
    }
    void this.#load(asked, key);
  }

  async #load(asked: Asked, key: string): Promise<void> {
    const controller = new AbortController();
    const { span, base, knownAt } = planOf(asked);
    const loading = { key, span, controller };
    this.#loading = loading;
    let failed = false;
    try {
      const { snapshot, gaps } = await this.#options.source.begin(
        { base: textOf(base), knownAt, span },
        controller.signal,
      );
      const state = snapshot === null ? initialState(this.#options.clusterId) : stateOf(snapshot);
      if (state === null) throw new OutdatedError();
      this.#loaded?.stop();
      const folding = new Folding({ state, base: span.from, gaps });
      // Moments known then come one by one: each is shown, though the playhead has gone on.
      if (asked.mode === 'known') this.#shown = { moment: folding.at(span.from), at: span.from };
      this.#loaded = this.#filled({ key, until: span.to, knownAt, folding });
    } catch (error) {
      failed = true;
      if (!controller.signal.aborted) this.#options.onFailure(error);
    }
    if (this.#loading !== loading) return;
    this.#loading = null;
    this.#options.onChange();
    // Meanwhile the playhead may have gone on.
    if (!failed) this.#askWhereMissing();
  }

  #filled({ key, until, knownAt, folding }: Omit<Loaded, 'stop'> & { readonly knownAt: string }): Loaded {
    // Nothing was recorded later, and nothing takes effect later than it was recorded.
    const [base, last] = [folding.base, Math.min(until, microsOf(knownAt))];
    if (last <= base) {
      folding.complete(until);
      return { key, folding, until, stop: () => {} };
    }
    const stop = this.#options.source.follow(
      { from: textOf(base), to: textOf(last), knownAt },
      {
        onEvent: (event) => {
          const wasThere = this.#asked !== null && folding.covers(this.#asked.at);
          folding.add(event);
          if (!wasThere && this.#asked !== null && folding.covers(this.#asked.at)) this.#options.onChange();
        },
        onComplete: () => {
          folding.complete(until);
          this.#options.onChange();
        },
        onFailure: (error) => this.#options.onFailure(error),
      },
    );
    return { key, folding, until, stop };
  }
}

/** What is asked for: a stretch of one set, or, of what was known then, one moment. */
function planOf({ at, mode, known, stretch }: Asked): {
  readonly span: Span;
  readonly base: number;
  readonly knownAt: string;
} {
  const span = mode === 'known' ? { from: at, to: at } : stretch;
  // Nothing was recorded after that, so the answer is the same, and no clock of ours makes it a moment in the future.
  const base = Math.min(span.from, microsOf(known));
  return { span, base, knownAt: mode === 'known' ? textOf(base) : known };
}

function keyOf({ at, mode, known }: Asked): string {
  return mode === 'known' ? `known ${at} ${known}` : `true ${known}`;
}
