/** What is on the screen of a cluster: the one place where the address, the server, the clock and the reader's wishes meet. */
import { batch, effect, type Signal, signal } from '@preact/signals';
import type { Failure } from '../api/ask.ts';
import { connection } from '../api/connection.ts';
import { place, setQuery } from '../router.ts';
import { changedQuery } from '../routes.ts';
import { queryOf, seenOf } from '../timeline/address.ts';
import { MS, microsOf } from '../timeline/instants.ts';
import type { Wish } from '../timeline/keys.ts';
import { joined, type Piece, type Tile } from '../timeline/lanes.ts';
import { type Layout, layoutOf } from '../timeline/layout.ts';
import { askedOf, type Current, knownAtOf, Moments, NOTHING } from '../timeline/moments.ts';
import { type Action, act, carried, type Seen } from '../timeline/seen.ts';
import { type TileCache, tilesFor } from '../timeline/tiles.ts';
import { Player } from './player.ts';
import type { Change } from './query.ts';
import { failureOf, type History, loadCounts, loadRoster, type Roster, sourceOf, tilesOf } from './source.ts';
import { Timers } from './timers.ts';

/** How soon after the last change of what is seen the address says so. */
const ADDRESS_MS = 350;
const KNOWN_TILES_MS = 250;
/** Live: no more than one round of questions in that time. */
const REFRESH_MS = 1_000;
const COUNTS_MS = 15_000;

export class Screen {
  readonly id: string;
  readonly seen: Signal<Seen | null> = signal(null);
  readonly layout: Signal<Layout> = signal(layoutOf({ lanes: [], roster: [], filter: '' }));
  readonly pieces: Signal<readonly Piece[]> = signal([]);
  readonly isDrawn = signal(false);
  readonly isSettled = signal(false);
  readonly moment: Signal<Current> = signal(NOTHING);
  readonly history: Signal<History | null> = signal(null);
  readonly roster: Signal<Roster | null> = signal(null);
  readonly isUnknown = signal(false);
  readonly failure: Signal<Failure | null> = signal(null);
  readonly isHelpShown = signal(false);
  /** recordedAt of the newest event that was told of. */
  readonly known: Signal<string | null> = signal(null);

  readonly player: Player;
  readonly #tiles: TileCache<Tile>;
  readonly #moments: Moments;
  readonly #ends: (() => void)[] = [];
  readonly #timers = new Timers();
  #step: 'previous' | 'next' | null = null;
  #tilesKnownAt = '';
  #wantedKey = '';
  #newest: string | null = null;
  #isClosed = false;

  constructor(id: string) {
    this.id = id;
    const onFailure = (error: unknown): void => this.#fail(error);
    this.#tiles = tilesOf(id, { onChange: () => this.#drawTiles(), onFailure });
    this.#moments = new Moments({ clusterId: id, source: sourceOf(id), onChange: () => this.#showMoment(), onFailure });
    this.player = new Player({
      screen: this,
      moments: this.#moments,
      onPause: () => this.#timers.set('address', ADDRESS_MS, () => this.#write(false)),
    });
    const path = place.peek().path;
    this.#ends.push(
      effect(() => {
        const { path: now, search } = place.value;
        if (now === path) this.#read(search);
      }),
      effect(() => this.#follow(this.seen.value)),
      effect(() => this.#loadMoment(this.seen.value, this.known.value, this.history.value)),
      // Whoever comes back asks for what failed.
      effect(() => {
        if (connection.value === 'live' && this.failure.peek()?.kind === 'unreachable') this.again();
      }),
    );
    void this.#loadRoster();
  }

  close(): void {
    this.#isClosed = true;
    for (const end of this.#ends) end();
    this.player.pause();
    this.#timers.close();
    this.#tiles.close();
    this.#moments.close();
  }

  /** Changes what is seen; the address follows once it stays. */
  act(action: Action): void {
    const seen = this.seen.peek();
    if (action.do === 'goto') this.#step = null;
    if (seen !== null) this.#see(act(seen, action));
  }

  wish(wish: Wish): void {
    switch (wish.do) {
      case 'previous':
      case 'next':
        this.#beginStep(wish.do);
        break;
      case 'play':
        this.player.toggle();
        break;
      case 'go-live':
        this.player.pause();
        this.act({ do: 'live', now: this.now() });
        break;
      case 'filter-field':
        document.getElementById('timeline-filter')?.focus();
        break;
      case 'help':
        this.isHelpShown.value = !this.isHelpShown.peek();
        break;
      default:
        this.act(wish);
    }
  }

  /** Live: the present moved on. */
  tick(): void {
    const seen = this.seen.peek();
    if (seen?.live) this.seen.value = carried(seen, this.now());
  }

  /** Live: something changed. Asks again, at most so often. */
  changed({ cluster }: Change): void {
    this.#newest = cluster.asOf.recordedAt;
    if (!this.#timers.has('refresh')) this.#timers.set('refresh', REFRESH_MS, () => this.#refresh());
    if (!this.#timers.has('counts')) this.#timers.set('counts', COUNTS_MS, () => this.#loadCounts());
  }

  again(): void {
    this.failure.value = null;
    if (this.roster.peek() === null) void this.#loadRoster();
    else this.#loadCounts();
    this.#tiles.retry();
    this.#loadMoment(this.seen.peek(), this.known.peek(), this.history.peek());
  }

  #refresh(): void {
    batch(() => {
      this.known.value = this.#newest;
      this.tick();
    });
    this.#tiles.expire();
  }

  /** What was known at the playhead is asked for moment by moment; a history is here. */
  isShown(): boolean {
    return this.seen.peek()?.mode !== 'known' || (!this.moment.peek().isPending && this.isSettled.peek());
  }

  /** µs; never before what is known, whatever our clock says. */
  now(): number {
    return Math.max(Date.now() * MS, microsOf(this.known.peek() ?? '') || 0);
  }

  #see(seen: Seen): void {
    this.seen.value = seen;
    if (this.player.isPlaying.peek()) {
      if (!this.#timers.has('address')) this.#timers.set('address', REFRESH_MS, () => this.#write(true));
    } else this.#timers.set('address', ADDRESS_MS, () => this.#write(false));
  }

  #write(replace: boolean): void {
    const seen = this.seen.peek();
    if (seen !== null && !this.#isClosed) setQuery(queryOf(seen), { replace });
  }

  #read(search: string): void {
    const seen = this.seen.peek();
    // Our own words come back.
    if (seen !== null && changedQuery(search, queryOf(seen)) === changedQuery(search, {})) return;
    const roster = this.roster.peek();
    const read = seenOf(search, roster && { ...roster, now: this.now() }, this.now());
    if (read === null) return;
    this.player.pause();
    this.seen.value = read;
    if (changedQuery(search, queryOf(read)) !== changedQuery(search, {})) this.#write(true);
  }

  #follow(seen: Seen | null): void {
    if (seen === null) return;
    const knownAt = knownAtOf(seen, this.known.peek());
    // Scrubbed through they are asked for once one stays; played each is waited for.
    const isPassing = knownAt !== '' && this.#tilesKnownAt !== '' && !this.player.isPlaying.peek();
    if (isPassing && knownAt !== this.#tilesKnownAt) {
      this.#timers.set('tiles', KNOWN_TILES_MS, () => {
        this.#tilesKnownAt = knownAt;
        this.#wantTiles();
      });
    } else {
      this.#timers.clear('tiles');
      this.#tilesKnownAt = knownAt;
    }
    this.#wantTiles();
  }

  #wantTiles(): void {
    const seen = this.seen.peek();
    if (seen === null) return;
    const places = tilesFor(seen, this.#tilesKnownAt);
    const key = JSON.stringify([places, seen.filter]);
    if (key === this.#wantedKey) return;
    this.#wantedKey = key;
    this.#tiles.want(places);
    this.#drawTiles();
  }

  #drawTiles(): void {
    const seen = this.seen.peek();
    if (this.#isClosed || seen === null) return;
    const pieces = this.#tiles.drawn();
    const roster = (this.roster.peek()?.nodes ?? []).filter(({ liveness }) => liveness !== 'LEFT');
    batch(() => {
      this.pieces.value = pieces;
      this.isSettled.value = this.#tiles.isSettled;
      if (pieces.length > 0) this.isDrawn.value = true;
      // Counting all may take long: what is looked at goes first.
      const history = this.history.peek();
      if (this.isSettled.peek() && history === null) this.#timers.set('counts', 0, () => this.#loadCounts());
      const hasOmissions = pieces.some(({ tile }) => tile.lanesOmitted > 0);
      this.layout.value = layoutOf({ lanes: joined(pieces), roster, filter: seen.filter, hasOmissions, history });
    });
  }

  #loadMoment(seen: Seen | null, known: string | null, history: History | null): void {
    if (seen === null || known === null) return;
    this.#moments.show(askedOf(seen, known, history));
    this.#showMoment();
  }

  #showMoment(): void {
    if (this.#isClosed) return;
    const now = this.#moments.current();
    const { moment, at, isPending } = this.moment.peek();
    if (moment !== now.moment || at !== now.at || isPending !== now.isPending) this.moment.value = now;
    if (this.#step !== null && !now.isPending) this.#takeStep(false);
  }

  /** From where the playhead is, which stays there: the present does not go on under it. */
  #beginStep(step: 'previous' | 'next'): void {
    this.player.pause();
    const seen = this.seen.peek();
    if (seen?.live) this.act({ do: 'goto', at: seen.at });
    this.#step = step;
    this.#takeStep(true);
  }

  /** To the event before or after. `mayReach`: its neighbours may have to be asked for. */
  #takeStep(mayReach: boolean): void {
    const [seen, known, history] = [this.seen.peek(), this.known.peek(), this.history.peek()];
    if (seen === null || known === null || this.#step === null) return;
    const at = this.#step === 'next' ? this.#moments.next(seen.at) : this.#moments.previous(seen.at);
    if (at !== null && Number.isFinite(at)) this.act({ do: 'goto', at });
    else if (!mayReach) this.#step = null;
    else if (history !== null) this.#moments.reach(askedOf({ ...seen, live: false, mode: 'true' }, known, history));
  }

  async #loadRoster(): Promise<void> {
    try {
      const roster = await loadRoster(this.id);
      if (this.#isClosed) return;
      if (roster === null) {
        this.isUnknown.value = true;
        return;
      }
      batch(() => {
        this.roster.value = roster;
        this.known.value = roster.known;
        if (this.seen.peek() === null) this.#read(place.peek().search);
      });
      this.#drawTiles();
    } catch (error) {
      this.#fail(error);
    }
  }

  #loadCounts(): void {
    const roster = this.roster.peek();
    if (roster === null) return;
    const to = Math.max(roster.to, this.seen.peek()?.live ? this.now() : 0);
    loadCounts(this.id, { ...roster, to }).then(
      (history) => {
        if (this.#isClosed) return;
        this.history.value = history;
        this.#drawTiles();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return;
    // It would wait for what does not come; a history that is here is played on.
    if (this.seen.peek()?.mode === 'known') this.player.pause();
    this.failure.value = failureOf(error);
  }
}
