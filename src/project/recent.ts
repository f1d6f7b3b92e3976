/**
 * The latest checkpoints of one key, in memory: dense near the head, where late facts land, ever sparser before it.
 */
import type { Checkpoint } from './fold.ts';
import { comparePlaces, type FoldPlace } from './place.ts';

/** More cost memory and save little: each older one is kept at about twice the age of the one after it. */
const KEPT_MAX = 8;

export interface RecentCheckpoints {
  /** Takes the present state. */
  add(checkpoint: Checkpoint, bytes: number): void;
  all(): readonly Checkpoint[];
  /** Takes out those at or after a place, the earliest first: something is to be put in before them. */
  overtaken(place: FoldPlace): readonly Checkpoint[];
  /** Puts one of these back in its old place, with its state as it is now. False where it was none of these. */
  again(overtaken: Checkpoint, now: Checkpoint, bytes: number): boolean;
  /** Those at or above a position hold an event that was erased. */
  dropFrom(position: number): void;
  bytes(): number;
}

interface Entry {
  readonly checkpoint: Checkpoint;
  readonly bytes: number;
  readonly step: number;
}

export function recentCheckpoints(): RecentCheckpoints {
  // The latest place first; `step` counts what was added.
  let kept: Entry[] = [];
  const takenAt = new WeakMap<Checkpoint, number>();
  let step = 0;
  return {
    add(checkpoint, bytes) {
      step += 1;
      const others = kept.filter((entry) => isBefore(entry.checkpoint, checkpoint));
      kept = thinned([{ checkpoint, bytes, step }, ...others], step);
    },
    overtaken(place) {
      const taken = kept.filter(({ checkpoint }) => comparePlaces(checkpoint.frontier, place) >= 0);
      for (const entry of taken) takenAt.set(entry.checkpoint, entry.step);
      kept = kept.filter(({ checkpoint }) => comparePlaces(checkpoint.frontier, place) < 0);
      return taken.map(({ checkpoint }) => checkpoint).reverse();
    },
    again(overtaken, now, bytes) {
      const itsStep = takenAt.get(overtaken);
      if (itsStep === undefined) return false;
      kept = [{ checkpoint: now, bytes, step: itsStep }, ...kept];
      return true;
    },
    dropFrom(position) {
      kept = kept.filter((entry) => entry.checkpoint.position < position);
    },
    all: () => kept.map(({ checkpoint }) => checkpoint),
    bytes: () => kept.reduce((sum, entry) => sum + entry.bytes, 0),
  };
}

function isBefore(checkpoint: Checkpoint, other: Checkpoint): boolean {
  return checkpoint.position < other.position || comparePlaces(checkpoint.frontier, other.frontier) < 0;
}

/** Leaves out an entry whose neighbours lie closer together than half the age of the older one. */
function thinned(entries: readonly Entry[], now: number): Entry[] {
  const left: Entry[] = [];
  for (const [index, entry] of entries.entries()) {
    const newer = left.at(-1);
    const older = entries[index + 1];
    if (newer && older && newer.step - older.step <= (now - older.step) / 2) continue;
    left.push(entry);
  }
  return left.slice(0, KEPT_MAX);
}

/** Two lists of checkpoints as one, the latest place first; `kept` stands in that order already. */
export function* latestFirst(recent: readonly Checkpoint[], kept: Iterable<Checkpoint>): Iterable<Checkpoint> {
  const sorted = recent.toSorted((a, b) => comparePlaces(b.frontier, a.frontier) || b.position - a.position);
  let index = 0;
  for (const older of kept) {
    for (let next = sorted[index]; next !== undefined; next = sorted[index]) {
      if (comparePlaces(next.frontier, older.frontier) < 0) break;
      yield next;
      index += 1;
    }
    yield older;
  }
  yield* sorted.slice(index);
}
