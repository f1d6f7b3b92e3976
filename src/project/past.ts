/** States of keys as of earlier positions, folded from checkpoints; the latest folds are kept to be folded on from. */
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { displacedByReading } from './displaced.ts';
import { type Checkpoint, type EventSet, foldAsOf } from './fold.ts';
import { historyOf } from './history.ts';
import { latestFirst } from './recent.ts';
import { displacedOf, type Slot, type StoreReader } from './store.ts';
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
  /** The latest one first. */
  readonly #folds = new Map<string, Checkpoint[]>();
  /** Rises whenever all is forgotten. */
  #era = 0;

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

  /** Drops all that is kept: it may hold an event that was erased. What is folded just now is not kept either. */
  forget(): void {
    this.#answers.clear();
    this.#folds.clear();
    this.#era += 1;
  }

  async #fold(
    projection: Projection<unknown>,
    slot: Slot | null,
    key: string,
    set: EventSet,
  ): Promise<View<unknown> | null> {
    const name = JSON.stringify([projection.name, projection.version, key]);
    const era = this.#era;
    const history = historyOf(this.#reader, projection, key);
    // What is kept at another version is of other states, and of other events.
    const kept = slot?.version === projection.version ? slot.slot : null;
    const folded = await foldAsOf({
      projection,
      key,
      history,
      set,
      checkpoints: latestFirst(
        this.#folds.get(name) ?? [],
        kept === null ? [] : this.#store.checkpoints(kept, key, set),
      ),
      displaced:
        kept === null
          ? await displacedByReading(history, this.#reader, set.position)
          : displacedOf(this.#store, kept, key),
    });
    if (folded === null) return null;
    const { position, resume, frontier, state } = folded;
    const text = JSON.stringify(state);
    if (era === this.#era) this.#keep(name, { position: set.position, resume, frontier, text: () => text });
    return { key, state: state as Readonly<unknown>, position: position as Position };
  }

  #keep(name: string, checkpoint: Checkpoint): void {
    const others = (this.#folds.get(name) ?? []).filter(({ position }) => position !== checkpoint.position);
    this.#folds.delete(name);
    this.#folds.set(name, [checkpoint, ...others.slice(0, FOLDS_MAX - 1)]);
    const oldest = this.#folds.keys().next();
    if (this.#folds.size > KEYS_MAX && !oldest.done) this.#folds.delete(oldest.value);
  }
}
