/** Views in memory: for the memory ledger, for tests and for rebuilding beside. */
import { digestOfView, digestText, NO_VIEWS, replaceInDigest } from '../digest.ts';
import type { Checkpoint } from '../fold.ts';
import { comparePlaces } from '../place.ts';
import {
  type Commit,
  isBetween,
  type KeptCheckpoint,
  type KeptDisplaced,
  type RowQuery,
  type Slot,
  type Store,
  type StoreReader,
  type ViewRow,
} from '../store.ts';

interface Kept {
  slot: Slot;
  readonly rows: Map<string, ViewRow>;
  readonly checkpoints: Map<string, KeptCheckpoint[]>;
  readonly displaced: Map<string, KeptDisplaced[]>;
}

export function memoryStore(): Store {
  const kept = new Map<number, Kept>();
  let next = 1;
  let tip: string | null = null;
  const slotOf = (slot: number): Kept => {
    const found = kept.get(slot);
    if (!found) throw new Error(`no slot ${slot}`);
    return found;
  };
  return {
    reader: memoryReader(kept),
    tip: () => tip,
    createSlot(name, version, answering) {
      const slot = { slot: next++, name, version, position: 0, answering };
      kept.set(slot.slot, { slot, rows: new Map(), checkpoints: new Map(), displaced: new Map() });
      return slot;
    },
    commit(commit: Commit) {
      for (const { slot, key, from } of commit.erased ?? []) {
        const list = slotOf(slot).checkpoints.get(key) ?? [];
        slotOf(slot).checkpoints.set(
          key,
          list.filter(({ position }) => position < from),
        );
      }
      for (const row of commit.rows) slotOf(row.slot).rows.set(row.key, row);
      for (const checkpoint of commit.checkpoints) {
        const { checkpoints } = slotOf(checkpoint.slot);
        checkpoints.set(checkpoint.key, [...(checkpoints.get(checkpoint.key) ?? []), checkpoint]);
      }
      for (const moved of commit.displaced) {
        const { displaced } = slotOf(moved.slot);
        displaced.set(moved.key, [...(displaced.get(moved.key) ?? []), moved]);
      }
      for (const [slot, position] of commit.positions) {
        const found = slotOf(slot);
        found.slot = { ...found.slot, position };
      }
      tip = commit.tip ?? tip;
    },
    swap(slot) {
      const found = slotOf(slot);
      for (const [other, { slot: row }] of kept) if (row.name === found.slot.name && other !== slot) kept.delete(other);
      found.slot = { ...found.slot, answering: true };
    },
    deleteSlot: (slot) => void kept.delete(slot),
    owesScrub: () => false,
    scrub: () => true,
    settleDigests() {},
    logBytes: () => 0,
    foldLog() {},
    close() {},
  };
}

/** Rows are replaced, never changed. */
const digests = new WeakMap<ViewRow, bigint>();

function digestOfRow(row: ViewRow): bigint {
  const digest = digests.get(row) ?? digestOfView(row.key, row.text);
  digests.set(row, digest);
  return digest;
}

function memoryReader(kept: ReadonlyMap<number, Kept>): StoreReader {
  return {
    slots: () => [...kept.values()].map(({ slot }) => slot),
    row: (slot, key) => kept.get(slot)?.rows.get(key) ?? null,
    rows(slot, query) {
      const rows = [...(kept.get(slot)?.rows.values() ?? [])].filter((row) => isListed(row, query));
      rows.sort(query.descending ? (a, b) => compareRows(b, a) : compareRows);
      return rows.slice(0, query.limit);
    },
    digest(slot) {
      let sum = NO_VIEWS;
      for (const row of kept.get(slot)?.rows.values() ?? [])
        sum = replaceInDigest(sum, { before: NO_VIEWS, now: digestOfRow(row) });
      return digestText(sum);
    },
    keys: (slot) => kept.get(slot)?.rows.keys() ?? [],
    changedAfter: (slot, position) =>
      [...(kept.get(slot)?.rows.values() ?? [])].filter((row) => row.position > position).map(({ key }) => key),
    *checkpoints(slot, key, { position, happenedAt }) {
      const until = happenedAt ?? Number.POSITIVE_INFINITY;
      const those = (kept.get(slot)?.checkpoints.get(key) ?? []).filter(
        (each) => each.position <= position && each.frontier.effectiveAt <= until,
      );
      those.sort((a, b) => comparePlaces(b.frontier, a.frontier) || b.position - a.position);
      for (const checkpoint of those) yield lazily(checkpoint);
    },
    displacedReaches: (slot, key, { place, after, upTo }) =>
      (kept.get(slot)?.displaced.get(key) ?? []).some(
        (moved) => moved.position > after && moved.position <= upTo && comparePlaces(moved.place, place) <= 0,
      ),
    displacedBetween: (slot, key, { after, set }) =>
      (kept.get(slot)?.displaced.get(key) ?? [])
        .filter((moved) => isBetween(moved, { after, set }))
        .sort((a, b) => comparePlaces(a.place, b.place)),
    renew() {},
    close() {},
  };
}

function lazily(checkpoint: KeptCheckpoint): Checkpoint {
  const { position, resume, frontier, text } = checkpoint;
  return { position, resume, frontier, text: () => text };
}

/** Whether a row belongs to a list that is asked for: its tags, and its side of the cursor. */
export function isListed(row: Pick<ViewRow, 'sort' | 'key' | 'tags'>, query: RowQuery): boolean {
  if (query.anyTag && !query.anyTag.some((tag) => row.tags.includes(tag))) return false;
  if (query.allTags && !query.allTags.every((tag) => row.tags.includes(tag))) return false;
  if (query.after === undefined) return true;
  const side = compareRows(row, query.after);
  return query.descending ? side < 0 : side > 0;
}

/** The order of lists: by what the projection says, then by key, both by their UTF-8 bytes as SQLite compares them. */
export function compareRows(a: { sort: string; key: string }, b: { sort: string; key: string }): number {
  return compareTexts(a.sort, b.sort) || compareTexts(a.key, b.key);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
