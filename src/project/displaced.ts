/** Events of a page that do not simply come next: late facts, retractions, erased events. */
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { type Displaced, type DisplacedOfKey, FoldFailure } from './fold.ts';
import { type History, retractedEvent } from './history.ts';
import { BEFORE_ALL, comparePlaces, type FoldPlace } from './place.ts';
import { isBetween } from './store.ts';

/** Whether these can be folded as they come: facts, each standing after the one before. */
export function isPlain(events: readonly AnyFoldEvent[], after: FoldPlace): boolean {
  let at = after.effectiveAt;
  let position = after.position;
  for (const event of events) {
    if (event.effectiveAt < at || (event.effectiveAt === at && event.position <= position)) return false;
    if (event.erased || event.type === 'EventRetracted') return false;
    at = event.effectiveAt;
    position = event.position;
  }
  return true;
}

/** What a page brings to one state. */
export interface Brought {
  /** To be folded, in order. */
  readonly facts: readonly AnyFoldEvent[];
  /** Facts of earlier pages that retractions take out. */
  readonly removed: readonly AnyFoldEvent[];
  /** All that touch the state, in order of position. */
  readonly touching: readonly AnyFoldEvent[];
  /** Retractions of facts that the state folds, each at the place of its fact. */
  readonly retractions: readonly Displaced[];
  /**
   * The earliest event of an earlier page that was erased: states at or above it may hold it, and it has no data left by
   * which a shortcut could take it out again. Null where none was.
   */
  readonly erasedFrom: Position | null;
}

export async function sortOut(
  events: readonly AnyFoldEvent[],
  { reader, isFolded }: { readonly reader: LedgerReader; readonly isFolded: (event: AnyFoldEvent) => boolean },
): Promise<Brought> {
  const retracted = new Set<number>();
  const removed: AnyFoldEvent[] = [];
  const idle = new Set<number>();
  const retractions: Displaced[] = [];
  const oldest = events[0]?.position ?? 0;
  let erasedFrom: Position | null = null;
  for (const event of events) {
    if (event.type !== 'EventRetracted') continue;
    const named = await retractedEvent(reader, event);
    if (named === null || !isFolded(named)) {
      idle.add(event.position);
      continue;
    }
    retractions.push({ position: event.position, place: placeOf(named) });
    if (named.position >= oldest) retracted.add(named.position);
    else if (named.erased) erasedFrom = Math.min(named.position, erasedFrom ?? named.position) as Position;
    // Only the first retraction of an event takes it out.
    else if ((await reader.retractedBy(named.position))?.position === event.position) removed.push(named);
  }
  const facts = events.filter(
    ({ type, erased, position }) => type !== 'EventRetracted' && !erased && !retracted.has(position),
  );
  const touching = events.filter(({ position }) => !idle.has(position));
  return { facts: facts.sort(comparePlaces), removed, touching, retractions, erasedFrom };
}

/** Whether the projection's own shortcut took every displaced event. After false the state is spoilt. Throws `FoldFailure`. */
export function patchDisplaced<State>(
  projection: Projection<State>,
  state: State,
  { removed, late }: { readonly removed: readonly AnyFoldEvent[]; readonly late: readonly AnyFoldEvent[] },
): boolean {
  if (removed.length === 0 && late.length === 0) return true;
  if (projection.patch === undefined) return false;
  let current: AnyFoldEvent | undefined;
  try {
    for (current of removed) if (!projection.patch(state, current, 'remove')) return false;
    for (current of late) if (!projection.patch(state, current, 'insert')) return false;
    return true;
  } catch (cause) {
    throw current === undefined ? cause : new FoldFailure(projection.name, current, cause);
  }
}

function placeOf({ effectiveAt, position }: FoldPlace): FoldPlace {
  return { effectiveAt, position };
}

/** Facts that stand before one that was recorded earlier, and the latest place after them. `events` in order of position, from `high` on. */
export function lateAmong(
  events: readonly AnyFoldEvent[],
  high: FoldPlace,
): { readonly late: readonly Displaced[]; readonly high: FoldPlace } {
  const late: Displaced[] = [];
  let latest = high;
  for (const event of events) {
    if (event.type === 'EventRetracted') continue;
    if (comparePlaces(event, latest) < 0) late.push({ position: event.position, place: placeOf(event) });
    else latest = event;
  }
  return { late, high: placeOf(latest) };
}

/** As `DisplacedOfKey`, of a few that are held in memory, in any order. */
export function displacedIn(moved: readonly Displaced[]): DisplacedOfKey {
  return {
    reaches: (place, after, upTo) =>
      moved.some((each) => each.position > after && each.position <= upTo && comparePlaces(each.place, place) <= 0),
    between: (after, set) => inPlace(moved.filter((each) => isBetween(each, { after, set }))),
  };
}

/** Two parts of what is displaced of one key. */
export function displacedInBoth(first: DisplacedOfKey, second: DisplacedOfKey): DisplacedOfKey {
  return {
    reaches: (place, after, upTo) => first.reaches(place, after, upTo) || second.reaches(place, after, upTo),
    between: (after, set) => inPlace([...first.between(after, set), ...second.between(after, set)]),
  };
}

function inPlace(moved: readonly Displaced[]): readonly Displaced[] {
  return moved.toSorted((a, b) => comparePlaces(a.place, b.place) || a.position - b.position);
}

/** What is displaced of a key of which no one keeps it: found by reading the key's events. */
export async function displacedByReading(
  history: History,
  reader: Pick<LedgerReader, 'retractedAmong'>,
  upTo: Position,
): Promise<DisplacedOfKey> {
  const moved: Displaced[] = [];
  let high = BEFORE_ALL;
  for await (const page of history.eventsAfter(null, upTo)) {
    const facts = page.filter((event) => history.folds(event.type));
    const found = lateAmong(facts, high);
    high = found.high;
    moved.push(...found.late);
    const retracted = await reader.retractedAmong(
      facts.map(({ position }) => position),
      upTo,
    );
    for (const fact of facts) {
      const position = retracted.get(fact.position);
      if (position !== undefined) moved.push({ position, place: placeOf(fact) });
    }
  }
  return displacedIn(moved);
}
