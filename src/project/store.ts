/**
 * Where views are kept. A slot is one projection at one version, being built or answering; its rows, tags and
 * checkpoints are its own. Everything here can be rebuilt from the ledger.
 */
import type { Checkpoint, Displaced, DisplacedOfKey, EventSet } from './fold.ts';
import { comparePlaces, type FoldPlace } from './place.ts';

export interface Slot {
  readonly slot: number;
  readonly name: string;
  readonly version: number;
  /** Every event at or below it is folded into the slot's rows. */
  readonly position: number;
  /** Whether this slot answers for its projection; at most one of a name does. */
  readonly answering: boolean;
}

/** A view as kept: the state's bytes, what lists it, and what makes it a checkpoint. */
export interface ViewRow {
  readonly slot: number;
  readonly key: string;
  /** Of the last event (retractions included) that took part. */
  readonly position: number;
  readonly resume: number;
  readonly frontier: FoldPlace;
  /** The latest place among all events taken so far, also those retracted since: what stands before it is displaced. */
  readonly high: FoldPlace;
  /** What lists are ordered by, before the key. */
  readonly sort: string;
  readonly tags: readonly string[];
  readonly text: string;
}

export interface KeptCheckpoint extends Omit<Checkpoint, 'text'> {
  readonly slot: number;
  readonly key: string;
  readonly text: string;
}

export interface KeptDisplaced extends Displaced {
  readonly slot: number;
  readonly key: string;
}

export interface RowQuery {
  readonly anyTag?: readonly string[];
  readonly allTags?: readonly string[];
  /** Where the list goes on, exclusive. */
  readonly after?: { readonly sort: string; readonly key: string };
  readonly limit: number;
  readonly descending?: boolean;
}

export interface ReachesQuery {
  readonly place: FoldPlace;
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly upTo: number;
}

export interface BetweenQuery {
  /** Exclusive. */
  readonly after: FoldPlace;
  readonly set: EventSet;
}

/** One consistent picture of the store; on SQLite it stands still until `renew`. */
export interface StoreReader {
  slots(): readonly Slot[];
  row(slot: number, key: string): ViewRow | null;
  rows(slot: number, query: RowQuery): readonly ViewRow[];
  /** Of all views of a slot: 64 hexadecimal digits (digest.ts). Hashes what was written since digests were settled. */
  digest(slot: number): string;
  keys(slot: number): Iterable<string>;
  /** Keys of rows whose last event lies after `position`. */
  changedAfter(slot: number, position: number): readonly string[];
  /** The latest place first, at or before an effective time (null: all), made at or below a position. */
  checkpoints(slot: number, key: string, set: EventSet): Iterable<Checkpoint>;
  /** See `DisplacedOfKey`. */
  displacedReaches(slot: number, key: string, within: ReachesQuery): boolean;
  displacedBetween(slot: number, key: string, within: BetweenQuery): readonly Displaced[];
  /** Moves on to what is committed now. */
  renew(): void;
  close(): void;
}

export interface Commit {
  readonly rows: readonly ViewRow[];
  readonly checkpoints: readonly KeptCheckpoint[];
  readonly displaced: readonly KeptDisplaced[];
  /** Deleted before the others are written; null where nothing was erased. Else `scrub` is owed from then on. */
  readonly erased: readonly Erased[] | null;
  /** Slots that moved, with their new positions. */
  readonly positions: ReadonlyMap<number, number>;
  /** Tells the ledger's event at the highest position apart from another ledger's (its source and id). */
  readonly tip: string | null;
}

/** Checkpoints of a key that may hold an erased event: those at or above its position. */
export interface Erased {
  readonly slot: number;
  readonly key: string;
  readonly from: number;
}

/** Writing: one owner. Every call is one transaction. */
export interface Store {
  readonly reader: StoreReader;
  tip(): string | null;
  createSlot(name: string, version: number, answering: boolean): Slot;
  commit(commit: Commit): void;
  /** Hashes the views written since it was last called, so that reading a digest need not. */
  settleDigests(): void;
  /** `slot` answers from now on; other slots of its name are deleted. */
  swap(slot: number): void;
  deleteSlot(slot: number): void;
  /** Whether bytes of erased events may be left in what is kept. A debt outlives a kill. */
  owesScrub(): boolean;
  /**
   * Pays that debt: everything is written anew without freed room, then the log is emptied. False while a reader stands in
   * the log: it has to renew, and this be called again.
   */
  scrub(): boolean;
  /** Bytes written since the log was last folded back into the file; 0 where there is no such log. */
  logBytes(): number;
  /** Folds the log back into the file, as far as readers allow. */
  foldLog(): void;
  close(): void;
}

/** The events that persisted checkpoints may weigh against: their bytes stay at or below this share of the log. */
export const CHECKPOINT_SHARE = 0.15;

export function isBetween({ place, position }: Displaced, { after, set }: BetweenQuery): boolean {
  if (position > set.position || comparePlaces(place, after) <= 0) return false;
  return set.happenedAt === null || place.effectiveAt <= set.happenedAt;
}

/** What a store keeps as displaced of one key. */
export function displacedOf(store: StoreReader, slot: number, key: string): DisplacedOfKey {
  return {
    reaches: (place, after, upTo) => store.displacedReaches(slot, key, { place, after, upTo }),
    between: (after, set) => store.displacedBetween(slot, key, { after, set }),
  };
}
