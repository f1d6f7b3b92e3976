/** States of keys as of earlier positions, folded from checkpoints; the latest folds are kept to be folded on from. */
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { type Checkpoint, foldAsOf, foldInOrder } from './fold.ts';
import { historyOf } from './history.ts';
import type { EventSet } from './live-views.ts';
import { comparePlaces } from './place.ts';
import { newestFirst } from './recent.ts';
import type { Slot, StoreReader } from './store.ts';
import type { View } from './views.ts';

/** Keys of which recent folds are kept, and how many of each: one reader walks on from its own. */
const KEYS_MAX = 128;
const FOLDS_MAX = 4;
const ANSWERS_MAX = 64;

export class PastViews {
  readonly #reader: LedgerReader;
  readonly #store: StoreReader;
  /** The latest answers, oldest first, those under way included: many readers ask for the same position. */
  readonly #answers = new Map<string, Promise<View<unknown> | null>>();
  /** Newest first. */
  readonly #folds = new Map<string, Checkpoint[]>();

  constructor(reader: LedgerReader, store: StoreReader) {
    this.#reader = reader;
    this.#store = store;
  }

  /** The state of a key as of a set that is not its live view's. Readers that ask the same share one fold. */
  get<State>(
    projection: Projection<State>,
    slot: Slot | null,
    key: string,
    set: EventSet,
  ): Promise<View<State> | null> {
    const name = JSON.stringify([projection.name, projection.version, set.position, set.happenedAt, key]);
    const known = this.#answers.get(name);
    if (known !== undefined) return known as Promise<View<State> | null>;
    const found = this.#fold(projection as Projection<unknown>, slot, key, set);
    this.#answers.set(name, found);
    found.catch(() => this.#answers.delete(name));
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > ANSWERS_MAX && !oldest.done) this.#answers.delete(oldest.value);
    return found as Promise<View<State> | null>;
  }

  async #fold(
    projection: Projection<unknown>,
    slot: Slot | null,
    key: string,
    { position: upTo, happenedAt }: EventSet,
  ): Promise<View<unknown> | null> {
    if (happenedAt !== null) return this.#foldHappened(projection, key, { position: upTo, happenedAt });
    const name = JSON.stringify([projection.name, projection.version, key]);
    const history = historyOf(this.#reader, projection, key);
    const folded = await foldAsOf({
      projection,
      key,
      history,
      upTo,
      checkpoints: this.#checkpoints(projection, slot, name, key, upTo),
    });
    if (folded === null) return null;
    const { position, revision, frontier, state } = folded;
    const text = JSON.stringify(state);
    this.#keep(name, { position, revision, frontier, text: () => text });
    return { key, state: state as Readonly<unknown>, position: position as Position, frontier };
  }

  async #foldHappened(projection: Projection<unknown>, key: string, set: EventSet): Promise<View<unknown> | null> {
    const { position: upTo, happenedAt } = set;
    const facts = [];
    for await (const page of historyOf(this.#reader, projection, key).factsAfter(null, upTo)) {
      const retracted = await this.#reader.retractedAmong(
        page.map(({ position }) => position),
        upTo,
      );
      for (const fact of page) {
        if (!retracted.has(fact.position) && (happenedAt === null || fact.effectiveAt <= happenedAt)) facts.push(fact);
      }
    }
    facts.sort(comparePlaces);
    const last = facts.at(-1);
    if (last === undefined) return null;
    const state = foldInOrder(projection, projection.initial(key), facts);
    return { key, state: state as Readonly<unknown>, position: last.position, frontier: last };
  }

  *#checkpoints(
    projection: Projection<unknown>,
    slot: Slot | null,
    name: string,
    key: string,
    upTo: Position,
  ): Iterable<Checkpoint> {
    const recent = (this.#folds.get(name) ?? []).filter(({ position }) => position <= upTo);
    // Checkpoints of another version hold states of another shape.
    const kept = slot?.version === projection.version ? this.#store.checkpoints(slot.slot, key, upTo) : [];
    yield* newestFirst(recent, kept);
  }

  #keep(name: string, checkpoint: Checkpoint): void {
    const others = (this.#folds.get(name) ?? []).filter(({ position }) => position !== checkpoint.position);
    this.#folds.delete(name);
    this.#folds.set(
      name,
      [checkpoint, ...others.slice(0, FOLDS_MAX - 1)].sort((a, b) => b.position - a.position),
    );
    const oldest = this.#folds.keys().next();
    if (this.#folds.size > KEYS_MAX && !oldest.done) this.#folds.delete(oldest.value);
  }
}
