/** Which states of a projection are kept as checkpoints for ever, and from which of them a late fact may start. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Checkpoint, Displaced, EventSet, Folded } from './fold.ts';
import { comparePlaces, earlier, type FoldPlace } from './place.ts';
import { latestFirst, type RecentCheckpoints } from './recent.ts';
import { CHECKPOINT_SHARE, type Erased, type KeptCheckpoint, type StoreReader } from './store.ts';

/** What an event weighs in the ledger file, envelope and indexes included: measured by `bench/project.ts`, in bytes. */
const EVENT_BYTES = 400;
/** An event is folded by about this many projections, which share what checkpoints may weigh. */
const FOLDED_BY = 3;
/** A state is kept for ever after so many events at the least. */
export const CHECKPOINT_EVENTS_MIN = 64;

/** The live state of one key. */
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
}

export class Keeper<State> {
  readonly #slot: number;
  readonly #store: StoreReader;
  readonly #eventsMin: number;
  #kept: KeptCheckpoint[] = [];
  #erased: Erased[] = [];

  constructor({ slot, store, eventsMin }: { slot: number; store: StoreReader; eventsMin: number }) {
    this.#slot = slot;
    this.#store = store;
    this.#eventsMin = eventsMin;
  }

  /** What was kept since this was asked last, and what is to go before it, to be written. */
  take(): { readonly checkpoints: readonly KeptCheckpoint[]; readonly erased: readonly Erased[] } {
    const taken = { checkpoints: this.#kept, erased: this.#erased };
    [this.#kept, this.#erased] = [[], []];
    return taken;
  }

  /** Drops the states of a key that may hold an erased event: those at or above its position. */
  forget(live: Live<State>, from: number): void {
    live.recent.dropFrom(from);
    this.#kept = this.#kept.filter(({ key, position }) => key !== live.key || position < from);
    this.#erased.push({ slot: this.#slot, key: live.key, from });
  }

  /** Whether the state may be kept now; the bytes of its text are those last known. */
  isDue(live: Live<State>): boolean {
    return live.eventsSinceKept >= this.#keepAfter(live.textBytes);
  }

  /** Keeps the present state for ever, if it is due at that size. Its place in the log is exact: a page has just been folded. */
  keep(live: Live<State>, text: string): void {
    const { key, position, resume, frontier } = live;
    if (live.eventsSinceKept < this.#keepAfter(text.length)) return;
    this.#kept.push({ slot: this.#slot, key, position, resume, frontier, text });
    live.recent.add({ position, resume, frontier, text: () => text }, text.length);
    live.eventsSinceKept = 0;
  }

  /** Checkpoints that a late fact may start from, the latest place first. */
  *checkpoints(live: Live<State>, set: EventSet): Iterable<Checkpoint> {
    const row = this.#store.row(this.#slot, live.key);
    const written = row === null ? [] : [{ ...row, text: () => row.text }];
    yield* latestFirst([...live.recent.all(), ...written], this.#store.checkpoints(this.#slot, live.key, set));
  }

  /**
   * The earliest kept checkpoint that what was displaced just now took its place before: no later set can use it any more,
   * so its state is kept again as the set has it now. One of them, as far as checkpoints may weigh; the earliest will last
   * longest.
   */
  overtaken(live: Live<State>, set: EventSet, moved: readonly Displaced[]): readonly Checkpoint[] {
    if (live.eventsSinceKept < 0) return [];
    const earliest = moved.reduce<FoldPlace | null>(
      (first, { place }) => (first ? earlier(first, place) : place),
      null,
    );
    let overtaken: Checkpoint | null = null;
    for (const checkpoint of this.#store.checkpoints(this.#slot, live.key, set)) {
      if (earliest === null || comparePlaces(checkpoint.frontier, earliest) < 0) break;
      overtaken = checkpoint;
    }
    return overtaken === null ? [] : [overtaken];
  }

  /** Keeps a state on the way of a fold, in place of the checkpoint that was overtaken. */
  keepAgain(live: Live<State>, { resume }: Checkpoint, { state, position, frontier }: Readonly<Folded<State>>): void {
    const text = JSON.stringify(state);
    this.#kept.push({ slot: this.#slot, key: live.key, position, resume, frontier, text });
    live.eventsSinceKept -= this.#keepAfter(text.length);
  }

  /** After how many events a state of that size may be kept again. */
  #keepAfter(textBytes: number): number {
    return Math.max(this.#eventsMin, (textBytes * FOLDED_BY) / (EVENT_BYTES * CHECKPOINT_SHARE));
  }
}
