/**
 * The engine: the state of one key as of a set of positions, folded on from the newest checkpoint that the set allows.
 *
 * A checkpoint is an immutable fact: "the fold of all events of this key at or below position Q, of which the last in
 * fold order stood at F". It may be used for a later set exactly if no event of the key recorded after Q and within the
 * set takes its place at or before F, where a retraction counts at the place of the event it names. So nothing is ever
 * invalidated: a late fact only costs a fold from an older checkpoint.
 */
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { History, Mark } from './history.ts';
import { AFTER_ALL, BEFORE_ALL, comparePlaces, earlier, type FoldPlace } from './place.ts';

/** What a later fold may start from. */
export interface Checkpoint {
  /** Q: of the last event of the key (retractions included) that took part. */
  readonly position: number;
  /** Its revision, where the key is one stream; else 0. */
  readonly revision: number;
  /** F. */
  readonly frontier: FoldPlace;
  /** The state's bytes; read only when the checkpoint is used. */
  text(): string;
}

/** A folded state and what makes it a checkpoint. */
export interface Folded<State> {
  state: State;
  position: number;
  revision: number;
  frontier: FoldPlace;
}

/** A projection that cannot go on: names it and the event. */
export class FoldFailure extends Error {
  override readonly name = 'FoldFailure';

  /** `event` null: no single event is to blame, the state itself cannot be written. */
  constructor(projection: string, event: AnyFoldEvent | null, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = event === null ? 'write its state' : `fold event ${event.position} (${event.type} of ${event.stream})`;
    super(`projection ${projection} cannot ${what}: ${reason}`, { cause });
  }
}

/** Folds events that stand in order onto a state, in place. Throws `FoldFailure`. */
export function foldInOrder<State>(projection: Projection<State>, state: State, events: Iterable<AnyFoldEvent>): State {
  let current: AnyFoldEvent | null = null;
  let folded = state;
  try {
    for (const event of events) {
      current = event;
      folded = projection.fold(folded, event);
    }
  } catch (cause) {
    if (current === null) throw cause;
    throw new FoldFailure(projection.name, current, cause);
  }
  return folded;
}

export interface FoldRequest<State> {
  readonly projection: Projection<State>;
  readonly key: string;
  readonly history: History;
  /** The set: every event at or below it. */
  readonly upTo: Position;
  /** Checkpoints of this key at or below `upTo`, newest first; read only as far as needed. */
  readonly checkpoints: Iterable<Checkpoint>;
}

/** The state of one key as of a set of positions; null where no event of the set concerns the key. Throws `FoldFailure`. */
export async function foldAsOf<State>(request: FoldRequest<State>): Promise<Folded<State> | null> {
  const { projection, key, history, upTo } = request;
  const scan = await scanBackwards(history, upTo, request.checkpoints);
  const { start, newest } = scan;
  if (start === null && newest === null) return null;
  const folded: Folded<State> =
    start === null
      ? { state: projection.initial(key), position: 0, revision: 0, frontier: BEFORE_ALL }
      : {
          state: JSON.parse(start.text()) as State,
          position: start.position,
          revision: start.revision,
          frontier: start.frontier,
        };
  if (newest === null) return folded;
  let held: AnyFoldEvent[] = [];
  for await (const page of history.factsAfter(start, upTo)) {
    for (const event of page) if (!scan.retracted.has(event.position)) held.push(event);
    const last = page.at(-1);
    if (last === undefined) continue;
    held.sort(comparePlaces);
    // What stands before every event still to be read is safe to fold: only displaced events wait.
    const bound = scan.earliestAfter(last.position);
    const cut = held.findIndex((event) => comparePlaces(event, bound) > 0);
    foldOnto(folded, projection, cut < 0 ? held : held.slice(0, cut));
    held = cut < 0 ? [] : held.slice(cut);
  }
  foldOnto(folded, projection, held);
  folded.position = newest.position;
  folded.revision = newest.revision;
  return folded;
}

function foldOnto<State>(folded: Folded<State>, projection: Projection<State>, events: readonly AnyFoldEvent[]): void {
  const last = events.at(-1);
  if (last === undefined) return;
  folded.state = foldInOrder(projection, folded.state, events);
  folded.frontier = { effectiveAt: last.effectiveAt, position: last.position };
}

interface Scan {
  readonly start: Checkpoint | null;
  /** The newest event after `start`. */
  readonly newest: Mark | null;
  /** Positions of the events that retractions after `start` name. */
  readonly retracted: ReadonlySet<number>;
  /** The earliest place among facts after a position; asked with rising positions. */
  earliestAfter(position: number): FoldPlace;
}

/** Walks back over a key's events until the newest usable checkpoint, or to the stream's beginning. */
async function scanBackwards(history: History, upTo: Position, checkpoints: Iterable<Checkpoint>): Promise<Scan> {
  const iterator = checkpoints[Symbol.iterator]();
  let next = iterator.next();
  // Of all events seen so far, that is, of those after the point reached.
  let earliestMark = AFTER_ALL;
  let newest: Mark | null = null;
  const retracted = new Set<number>();
  const facts: Mark[] = [];
  const usableAt = (position: number): Checkpoint | null => {
    while (!next.done && next.value.position >= position) {
      if (comparePlaces(earliestMark, next.value.frontier) > 0) return next.value;
      next = iterator.next();
    }
    return null;
  };
  const scan = async (): Promise<Checkpoint | null> => {
    for await (const page of history.marksBackwards(upTo)) {
      for (const mark of page) {
        const found = usableAt(mark.position);
        if (found !== null) return found;
        newest ??= mark;
        earliestMark = earlier(earliestMark, mark.retracts ?? mark);
        if (mark.retracts === null) facts.push(mark);
        else retracted.add(mark.retracts.position);
      }
    }
    return usableAt(0);
  };
  const start = await scan();
  iterator.return?.();
  return { start, newest, retracted, earliestAfter: earliestBounds(facts, retracted) };
}

/** `facts` newest first. The answer looks at facts after the position that nothing retracts. */
function earliestBounds(facts: readonly Mark[], retracted: ReadonlySet<number>): (position: number) => FoldPlace {
  const standing = facts.filter((fact) => !retracted.has(fact.position));
  const bounds: FoldPlace[] = [];
  let bound = AFTER_ALL;
  for (const fact of standing) {
    bound = earlier(bound, fact);
    bounds.push(bound);
  }
  // From the oldest on: the fact at `index` is the next one not yet passed.
  let index = standing.length - 1;
  return (position) => {
    for (let fact = standing[index]; fact !== undefined && fact.position <= position; fact = standing[index])
      index -= 1;
    return bounds[index] ?? AFTER_ALL;
  };
}
