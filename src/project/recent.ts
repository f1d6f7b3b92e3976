/**
 * The latest checkpoints of one key, in memory: dense near the head, where late facts land, ever sparser before it.
 */
import type { Checkpoint } from './fold.ts';

/** More cost memory and save little: each older one is kept at about twice the age of the one after it. */
const KEPT_MAX = 8;

export interface RecentCheckpoints {
  add(checkpoint: Checkpoint, bytes: number): void;
  newestFirst(): Iterable<Checkpoint>;
  /** Those at or above a position hold an event that was erased. */
  dropFrom(position: number): void;
  bytes(): number;
}

export function recentCheckpoints(): RecentCheckpoints {
  // Newest first; `step` counts what was added.
  let kept: { readonly checkpoint: Checkpoint; readonly bytes: number; readonly step: number }[] = [];
  let step = 0;
  return {
    add(checkpoint, bytes) {
      step += 1;
      kept = thinned(
        [{ checkpoint, bytes, step }, ...kept.filter((entry) => entry.checkpoint.position < checkpoint.position)],
        step,
      );
    },
    dropFrom(position) {
      kept = kept.filter((entry) => entry.checkpoint.position < position);
    },
    newestFirst: () => kept.map(({ checkpoint }) => checkpoint),
    bytes: () => kept.reduce((sum, entry) => sum + entry.bytes, 0),
  };
}

/** Leaves out an entry whose neighbours lie closer together than half the age of the older one. */
function thinned<Entry extends { readonly step: number }>(entries: readonly Entry[], now: number): Entry[] {
  const left: Entry[] = [];
  for (const [index, entry] of entries.entries()) {
    const newer = left.at(-1);
    const older = entries[index + 1];
    if (newer && older && newer.step - older.step <= (now - older.step) / 2) continue;
    left.push(entry);
  }
  return left.slice(0, KEPT_MAX);
}

/** Two lists of checkpoints, each newest first, as one. */
export function* newestFirst(recent: readonly Checkpoint[], kept: Iterable<Checkpoint>): Iterable<Checkpoint> {
  let index = 0;
  for (const older of kept) {
    for (let next = recent[index]; next !== undefined && next.position >= older.position; next = recent[index]) {
      yield next;
      index += 1;
    }
    yield older;
  }
  yield* recent.slice(index);
}
