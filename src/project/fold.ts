/**
 * The engine: the state of one key as of a set of events, folded on from the newest checkpoint that the set allows.
 *
 * A checkpoint is an immutable fact: "the fold of all events of this key that were recorded at or below position Q and
 * stand at or before place F". It may be used for another set exactly if that set holds the same events up to F: if F had
 * happened by the moment asked for, Q is not beyond its position, and nothing recorded between Q and that position takes
 * its place at or before F, where a retraction counts at the place of the event it names. What does so is known by name:
 * it is displaced. So nothing is ever invalidated: a late fact only costs a fold from another checkpoint.
 */
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { History } from './history.ts';
import { BEFORE_ALL, comparePlaces, type FoldPlace } from './place.ts';

/** A set of events: those recorded at or below a position, where a time is given only those that had happened by then. */
export interface EventSet {
  readonly position: Position;
  /** Effective time, inclusive, in µs; null: no bound. */
  readonly happenedAt: Micros | null;
}

/** Where in the log a fold stands. */
export interface LogPlace {
  /** Q. */
  readonly position: number;
  /**
   * From where to read on: the revision (of a stream) or the position (of many) of an event after which, in order of
   * position, everything that is not displaced stands after the state's frontier.
   */
  readonly resume: number;
}

/** `resume` where nothing was read of the log. */
export const NOTHING_READ = -1;

/** What a later fold may start from. */
export interface Checkpoint extends LogPlace {
  /** F. */
  readonly frontier: FoldPlace;
  /** The state's bytes; read only when the checkpoint is used. */
  text(): string;
}

/** A folded state and what makes it a checkpoint. */
export interface Folded<State> {
  state: State;
  /** Of the last event of the key (retractions included) that took part. */
  position: number;
  resume: number;
  frontier: FoldPlace;
}

/**
 * What was recorded at `position`, but takes its place before something recorded earlier: a late fact (`place` is its
 * own), or a retraction (`place` is that of the event it names).
 */
export interface Displaced {
  readonly position: number;
  readonly place: FoldPlace;
}

/** What is displaced of one key. */
export interface DisplacedOfKey {
  /** Whether something recorded after one position, up to another, takes its place at or before `place`. */
  reaches(place: FoldPlace, after: number, upTo: number): boolean;
  /** In order of place: after one place, up to an effective time, recorded at or below a position. */
  between(after: FoldPlace, set: EventSet): readonly Displaced[];
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
  readonly set: EventSet;
  /** Checkpoints of this key, the latest place first; read only as far as needed. */
  readonly checkpoints: Iterable<Checkpoint>;
  readonly displaced: DisplacedOfKey;
  /** Checkpoints at whose places the state is wanted on the way, the earliest place first. */
  readonly stops?: readonly Checkpoint[];
  /** Told at each stop of the state of all events of the set at or before it. */
  readonly onStop?: (stop: Checkpoint, folded: Readonly<Folded<State>>) => void;
}

/** The state of one key as of a set of events; null where no event of the set concerns the key. Throws `FoldFailure`. */
export async function foldAsOf<State>(request: FoldRequest<State>): Promise<Folded<State> | null> {
  const { projection, key, history, set, displaced } = request;
  const start = usable(request);
  const folded: Folded<State> = {
    state: start === null ? projection.initial(key) : (JSON.parse(start.text()) as State),
    position: start?.position ?? 0,
    resume: start?.resume ?? NOTHING_READ,
    frontier: start?.frontier ?? BEFORE_ALL,
  };
  let touched = start !== null;
  const stops = (request.stops ?? []).filter((stop) => comparePlaces(stop.frontier, folded.frontier) > 0);
  for await (const page of factsOfSet({ history, displaced, set, after: folded.frontier, start })) {
    let rest = page.facts;
    for (let stop = stops[0]; stop !== undefined; stop = stops[0]) {
      const { frontier } = stop;
      const cut = rest.findIndex((fact) => comparePlaces(fact, frontier) > 0);
      if (cut < 0) break;
      foldOnto(folded, projection, rest.slice(0, cut));
      rest = rest.slice(cut);
      stops.shift();
      request.onStop?.(stop, folded);
    }
    foldOnto(folded, projection, rest);
    folded.position = Math.max(folded.position, page.touched);
    folded.resume = Math.max(folded.resume, page.resume);
    touched ||= page.touched > 0;
  }
  return touched ? folded : null;
}

/** The latest checkpoint whose events are the set's. */
function usable<State>({ checkpoints, set, displaced }: FoldRequest<State>): Checkpoint | null {
  const until = set.happenedAt ?? Number.POSITIVE_INFINITY;
  for (const checkpoint of checkpoints) {
    const { position, frontier } = checkpoint;
    // One of which everything was taken back does not tell whether anything had happened by an earlier moment.
    if (frontier.position === 0 || frontier.effectiveAt > until || position > set.position) continue;
    if (!displaced.reaches(frontier, position, set.position)) return checkpoint;
  }
  return null;
}

function foldOnto<State>(folded: Folded<State>, projection: Projection<State>, events: readonly AnyFoldEvent[]): void {
  const last = events.at(-1);
  if (last === undefined) return;
  folded.state = foldInOrder(projection, folded.state, events);
  folded.frontier = { effectiveAt: last.effectiveAt, position: last.position };
}

export interface FactsRequest {
  readonly history: History;
  readonly displaced: DisplacedOfKey;
  readonly set: EventSet;
  /** Exclusive. */
  readonly after: FoldPlace;
  /** What is not displaced and comes before this in the log stands at or before `after`; null: the log's beginning. */
  readonly start: LogPlace | null;
}

/** Facts of a set, in fold order. */
interface FactsPage {
  readonly facts: readonly AnyFoldEvent[];
  /** The highest position of an event of the key that was met, also of a retraction or of what is retracted; 0: none. */
  readonly touched: number;
  /** See `LogPlace.resume`; `NOTHING_READ` where the page read nothing of the log. */
  readonly resume: number;
}

/**
 * The facts of one key as a set has them, in fold order, without those that it knows to be retracted. What is not displaced
 * comes in this order from the log; what is, is put between. Memory: a page, and what is displaced of the stretch.
 */
export async function* factsOfSet(request: FactsRequest): AsyncGenerator<FactsPage, void, undefined> {
  const { history, displaced, set, after, start } = request;
  const until = set.happenedAt ?? Number.POSITIVE_INFINITY;
  const moved = displaced.between(after, set);
  const retracted = new Set(moved.filter(isRetraction).map(({ place }) => place.position));
  const latePositions = moved.filter((each) => !isRetraction(each)).map(({ position }) => position);
  const late = (await history.factsAt(latePositions)).toSorted(comparePlaces);
  const isLate = new Set(latePositions);
  let next = 0;
  const lateBefore = (place: FoldPlace | null): AnyFoldEvent[] => {
    const facts: AnyFoldEvent[] = [];
    for (let fact = late[next]; fact !== undefined; fact = late[next]) {
      if (place !== null && comparePlaces(fact, place) > 0) break;
      if (!retracted.has(fact.position)) facts.push(fact);
      next += 1;
    }
    return facts;
  };
  for await (const page of history.eventsAfter(start, set.position)) {
    const facts: AnyFoldEvent[] = [];
    let [touched, resume] = [0, NOTHING_READ];
    let isOver = false;
    for (const event of page) {
      const isFolded = history.folds(event.type);
      if (isFolded && event.effectiveAt > until) {
        // What comes later in the log and is not displaced happened later still.
        isOver = true;
        break;
      }
      resume = history.resumeAfter(event);
      if (!isFolded) continue;
      touched = event.position;
      if (isLate.has(event.position) || event.erased || retracted.has(event.position)) continue;
      if (comparePlaces(event, after) <= 0) continue;
      if (next < late.length) facts.push(...lateBefore(event));
      facts.push(event);
    }
    yield { facts, touched, resume };
    if (isOver) break;
  }
  yield {
    facts: lateBefore(null),
    touched: moved.reduce((newest, { position }) => Math.max(newest, position), 0),
    resume: NOTHING_READ,
  };
}

/** Else it is a late fact. */
export function isRetraction({ position, place }: Displaced): boolean {
  return position !== place.position;
}
