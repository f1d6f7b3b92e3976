/**
 * The live states of one projection: takes pages of the ledger in order of position, folds what stands in order at once
 * and gives late facts and retractions their true place.
 */
import type { Projection } from '../../projections/projection.ts';
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Position, StreamCategory } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { displacedIn, displacedInBoth, isPlain, lateAmong, patchDisplaced, sortOut } from './displaced.ts';
import { FoldFailure, foldAsOf, foldInOrder } from './fold.ts';
import { type History, historyOf } from './history.ts';
import { Keeper } from './keeper.ts';
import { type Live, liveOf, weigh } from './live.ts';
import { foldByPatching } from './patching.ts';
import { comparePlaces } from './place.ts';
import { RecentEventsPool, withRecent } from './recent-events.ts';
import {
  displacedOf,
  type Erased,
  type KeptCheckpoint,
  type KeptDisplaced,
  type StoreReader,
  type ViewRow,
} from './store.ts';

/** What states and their recent checkpoints may take between flushes. */
const LIVE_BYTES_MAX = 128 * 1024 * 1024;
/** What newest events of streams may take: of those in which facts come late. */
const RECENT_EVENTS_BYTES_MAX = 32 * 1024 * 1024;
const EVICT_EVERY = 32;

/** What a flush writes of one projection. */
export interface Flushed {
  readonly rows: readonly ViewRow[];
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly displaced: readonly KeptDisplaced[];
  readonly erased: readonly Erased[];
}

export class Folder<State = unknown> {
  readonly projection: Projection<State>;
  readonly slot: number;
  /** Every event at or below it is folded. */
  position: number;
  /** Why it stopped; null while it runs. */
  failure: string | null = null;
  readonly #reader: LedgerReader;
  readonly #store: StoreReader;
  readonly #isWhole: boolean;
  readonly #keeper: Keeper<State>;
  readonly #live = new Map<string, Live<State>>();
  #touched: Live<State>[] = [];
  #recentEvents = new RecentEventsPool(RECENT_EVENTS_BYTES_MAX);
  readonly #dirty = new Set<Live<State>>();
  #page = 0;
  #flushes = 0;

  constructor(options: {
    projection: Projection<State>;
    slot: number;
    position: number;
    reader: LedgerReader;
    store: StoreReader;
    checkpointEventsMin: number;
  }) {
    const { slot, store, checkpointEventsMin: eventsMin } = options;
    this.#keeper = new Keeper({ slot, store, eventsMin });
    this.projection = options.projection;
    this.slot = options.slot;
    this.position = options.position;
    this.#isWhole = options.projection.keyed === 'whole';
    this.#reader = options.reader;
    this.#store = options.store;
  }

  /** Whether events of this kind are this projection's. */
  reads(category: StreamCategory, type: EventName): boolean {
    if (!this.projection.categories.includes(category)) return false;
    return type === 'EventRetracted' || this.projection.types.includes(type);
  }

  /** Takes the events of a page that `reads` said are this projection's. */
  take(events: readonly FoldEvent[]): void {
    if (this.failure !== null) return;
    try {
      for (const event of events) this.#take(event);
    } catch (error) {
      this.#stop(error);
    }
  }

  #take(event: FoldEvent): void {
    const key = this.#isWhole ? '' : event.subject;
    const live = this.#live.get(key) ?? this.#load(key);
    if (live.pending.length === 0) this.#touched.push(live);
    live.pending.push(event as AnyFoldEvent);
  }

  /** Folds what was taken. `upTo` is the last position of the page. A fold that fails stops this projection alone. */
  async settle(upTo: Position): Promise<void> {
    if (this.failure !== null) return;
    this.#page += 1;
    const touched = this.#touched;
    this.#touched = [];
    try {
      for (const live of touched) {
        const events = live.pending;
        live.pending = [];
        live.usedAt = this.#page;
        live.recentEvents?.push(events);
        if (isPlain(events, live.high)) this.#foldOn(live, events);
        else await this.#foldDisplaced(live, events);
        if (this.#keeper.isDue(live)) this.#keeper.keep(live, this.#text(live));
        this.#dirty.add(live);
      }
      this.#recentEvents.shrink();
      this.position = upTo;
    } catch (error) {
      this.#stop(error);
    }
  }

  /** The rows and checkpoints that changed since the last flush. */
  flush(): Flushed {
    const rows: ViewRow[] = [];
    const displaced: KeptDisplaced[] = [];
    const { checkpoints, erased } = this.#keeper.take();
    try {
      for (const live of this.#dirty) {
        if (live.position > 0) rows.push(this.#row(live));
        for (const moved of live.moved) displaced.push({ ...moved, slot: this.slot, key: live.key });
        live.moved = [];
      }
    } catch (error) {
      // Its state has no bytes, tags or order: as bad as an event that cannot be folded.
      this.#stop(new FoldFailure(this.projection.name, null, error));
      return { rows: [], checkpoints: [], displaced: [], erased: [] };
    }
    this.#dirty.clear();
    this.#flushes += 1;
    if (this.#flushes % EVICT_EVERY === 0) this.#evict();
    return { rows, checkpoints, displaced, erased };
  }

  /** Bytes that the next flush will write, as far as known: bounds how long a flush may wait. */
  dirtyBytes(): number {
    let bytes = 0;
    for (const live of this.#dirty) bytes += live.textBytes;
    return bytes;
  }

  #foldOn(live: Live<State>, events: readonly AnyFoldEvent[]): void {
    const last = events[events.length - 1];
    if (last === undefined) return;
    live.state = foldInOrder(this.projection, live.state, events);
    live.frontier = { effectiveAt: last.effectiveAt, position: last.position };
    if (comparePlaces(live.frontier, live.high) > 0) live.high = live.frontier;
    this.#advance(live, last, events.length);
  }

  /** Some of the events are late, out of order, retractions or erased. */
  async #foldDisplaced(live: Live<State>, events: readonly AnyFoldEvent[]): Promise<void> {
    const { facts, removed, touching, retractions, erasedFrom } = await sortOut(events, {
      reader: this.#reader,
      isFolded: (event) => this.reads(event.category, event.type),
    });
    const last = touching.at(-1);
    if (last === undefined) return;
    const raised = lateAmong(events, live.high);
    const moved = [...raised.late, ...retractions];
    live.high = raised.high;
    live.moved.push(...moved);
    const firstInOrder = facts.findIndex((fact) => comparePlaces(fact, live.frontier) > 0);
    const late = firstInOrder < 0 ? facts : facts.slice(0, firstInOrder);
    const next = firstInOrder < 0 ? [] : facts.slice(firstInOrder);
    const isInOrder = removed.length === 0 && late.length === 0;
    if (erasedFrom === null && (isInOrder || this.projection.patch !== undefined)) {
      // First what comes next: a shortcut takes out more easily what is not the last that was folded (gaps: last heard).
      this.#foldOn(live, next);
      if (isInOrder || patchDisplaced(this.projection, live.state, { removed, late })) {
        this.#advance(live, last, touching.length - next.length);
        return;
      }
    }
    if (erasedFrom !== null) this.#keeper.forget(live, erasedFrom);
    const history = this.#historyOf(live, events, erasedFrom !== null);
    // Not the page's end: what a rebuild holds back of this key was recorded before it, too.
    const set = { position: last.position, happenedAt: null };
    const displaced = displacedInBoth(displacedOf(this.#store, this.slot, live.key), displacedIn(live.moved));
    const request = { projection: this.projection, key: live.key, history, set, displaced };
    const checkpoints = () => this.#keeper.checkpoints(live, set);
    const folded =
      (await foldByPatching({ ...request, checkpoints: checkpoints(), before: beforeAll(removed, set.position) })) ??
      (await foldAsOf({
        ...request,
        checkpoints: checkpoints(),
        stops: this.#keeper.overtaken(live, set, moved),
        onStop: (stop, state) => this.#keeper.keepAgain(live, stop, { ...state, position: set.position }),
      }));
    if (folded === null) throw new Error(`${this.projection.name}: events of ${live.key} are gone from the ledger`);
    live.state = folded.state;
    live.frontier = folded.frontier;
    this.#advance(live, last, touching.length);
  }

  /** The key's events: of a stream the newest from memory, unless one of them was erased since. */
  #historyOf(live: Live<State>, events: readonly AnyFoldEvent[], hasErased: boolean): History {
    const history = historyOf(this.#reader, this.projection as Projection<unknown>, live.key);
    if (this.#isWhole) return history;
    if (live.recentEvents === null) {
      live.recentEvents = this.#recentEvents.open();
      live.recentEvents.push(events);
    }
    if (hasErased) live.recentEvents.clear();
    return withRecent(history, live.recentEvents);
  }

  #advance(live: Live<State>, last: AnyFoldEvent, events: number): void {
    live.position = Math.max(live.position, last.position);
    live.resume = Math.max(live.resume, this.#isWhole ? last.position : last.revision);
    live.eventsSinceKept += events;
    live.eventsSinceRecent += events;
  }

  #load(key: string): Live<State> {
    const row = this.#store.row(this.slot, key);
    const state = row === null ? this.#initial(key) : (JSON.parse(row.text) as State);
    const live = liveOf(key, state, row);
    this.#live.set(key, live);
    return live;
  }

  #initial(key: string): State {
    try {
      return this.projection.initial(key);
    } catch (error) {
      throw new FoldFailure(this.projection.name, null, error);
    }
  }

  #row(live: Live<State>): ViewRow {
    const { key, position, resume, frontier, high, state } = live;
    const text = this.#text(live);
    this.#keeper.remember(live, text);
    const tags = [...new Set(this.projection.tags?.(state) ?? [])];
    return {
      slot: this.slot,
      key,
      position,
      resume,
      frontier,
      high,
      sort: this.projection.order?.(state) ?? key,
      tags,
      text,
    };
  }

  #text(live: Live<State>): string {
    const text = JSON.stringify(live.state);
    live.textBytes = text.length;
    return text;
  }

  #evict(): void {
    let bytes = 0;
    for (const live of this.#live.values()) bytes += weigh(live);
    if (bytes <= LIVE_BYTES_MAX) return;
    const oldest = [...this.#live.values()]
      .filter((live) => !this.#dirty.has(live))
      .sort((a, b) => a.usedAt - b.usedAt);
    for (const live of oldest) {
      if (bytes <= LIVE_BYTES_MAX / 2) return;
      bytes -= weigh(live);
      if (live.recentEvents !== null) this.#recentEvents.close(live.recentEvents);
      this.#live.delete(live.key);
    }
  }

  #stop(error: unknown): void {
    if (!(error instanceof FoldFailure)) throw error;
    this.failure = error.message;
    this.#live.clear();
    this.#touched = [];
    this.#recentEvents = new RecentEventsPool(RECENT_EVENTS_BYTES_MAX);
    this.#dirty.clear();
    this.#keeper.take();
  }
}

/** A position before all of these events. */
function beforeAll(events: readonly AnyFoldEvent[], upTo: number): number {
  return events.reduce((before, { position }) => Math.min(before, position - 1), upTo);
}
