/** Which states of a projection are kept as checkpoints for ever, and from which of them a late fact may start. */
import type { Checkpoint, Displaced, EventSet, Folded } from './fold.ts';
import type { Live } from './live.ts';
import { comparePlaces, earlier, type FoldPlace } from './place.ts';
import { latestFirst } from './recent.ts';
import { CHECKPOINT_SHARE, type Erased, type KeptCheckpoint, type StoreReader } from './store.ts';

/** What an event weighs in the ledger file, envelope and indexes included: measured by `bench/project.ts`, in bytes. */
const EVENT_BYTES = 400;
/** An event is folded by about this many projections, which share what checkpoints may weigh. */
const FOLDED_BY = 3;
/** A state is kept for ever after so many events at the least. */
export const CHECKPOINT_EVENTS_MIN = 64;
/** Where facts come late, writing a state to fold on from may cost about as much as folding so many events a byte. */
const RECENT_EVENTS_PER_BYTE = 1 / 64;

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
    if (live.eventsSinceKept >= this.#keepAfter(live.textBytes)) return true;
    if (live.recentEvents === null) return false;
    return live.eventsSinceRecent >= Math.max(this.#eventsMin, live.textBytes * RECENT_EVENTS_PER_BYTE);
  }

  /** Keeps the present state, for ever if that is due at its size. Its place in the log is exact: a page has just been folded. */
  keep(live: Live<State>, text: string): void {
    const { key, position, resume, frontier } = live;
    this.remember(live, text);
    if (live.eventsSinceKept < this.#keepAfter(text.length)) return;
    this.#kept.push({ slot: this.#slot, key, position, resume, frontier, text });
    live.eventsSinceKept = 0;
  }

  /** Keeps the present state in memory. */
  remember(live: Live<State>, text: string): void {
    const { position, resume, frontier } = live;
    live.recent.add({ position, resume, frontier, text: () => text }, text.length);
    live.eventsSinceRecent = 0;
  }

  /** Checkpoints that a late fact may start from, the latest place first. */
  *checkpoints(live: Live<State>, set: EventSet): Iterable<Checkpoint> {
    const row = this.#store.row(this.#slot, live.key);
    const written = row === null ? [] : [{ ...row, text: () => row.text }];
    yield* latestFirst([...live.recent.all(), ...written], this.#store.checkpoints(this.#slot, live.key, set));
  }

  /**
   * Checkpoints that what was displaced just now took its place before, the earliest first: no later set can use them any
   * more, so that their states are kept again as the set has them now.
   */
  overtaken(live: Live<State>, set: EventSet, moved: readonly Displaced[]): readonly Checkpoint[] {
    const places = moved.map(({ place }) => place);
    if (places.length === 0) return [];
    const earliest = places.reduce(earlier);
    // None of a state over all streams: a shortcut (patching.ts) starts from those, too.
    const recent = live.recentEvents === null ? [] : live.recent.overtaken(earliest);
    return [...this.#overtakenForEver(live, set, earliest), ...recent].sort((a, b) =>
      comparePlaces(a.frontier, b.frontier),
    );
  }

  /** Of those kept for ever one, as far as they may weigh; the earliest will last longest. */
  #overtakenForEver(live: Live<State>, set: EventSet, place: FoldPlace): readonly Checkpoint[] {
    if (live.eventsSinceKept < 0) return [];
    let overtaken: Checkpoint | null = null;
    for (const checkpoint of this.#store.checkpoints(this.#slot, live.key, set)) {
      if (comparePlaces(checkpoint.frontier, place) < 0) break;
      overtaken = checkpoint;
    }
    return overtaken === null ? [] : [overtaken];
  }

  /** Keeps a state on the way of a fold, in place of the checkpoint that was overtaken. */
  keepAgain(live: Live<State>, overtaken: Checkpoint, { state, position, frontier }: Readonly<Folded<State>>): void {
    const text = JSON.stringify(state);
    const again = { position, resume: overtaken.resume, frontier };
    if (live.recent.again(overtaken, { ...again, text: () => text }, text.length)) return;
    this.#kept.push({ ...again, slot: this.#slot, key: live.key, text });
    live.eventsSinceKept -= this.#keepAfter(text.length);
  }

  /** After how many events a state of that size may be kept again. */
  #keepAfter(textBytes: number): number {
    return Math.max(this.#eventsMin, (textBytes * FOLDED_BY) / (EVENT_BYTES * CHECKPOINT_SHARE));
  }
}
