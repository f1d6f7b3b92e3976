/** Events of a page that do not simply come next: late facts, retractions, erased events. */
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { FoldFailure } from './fold.ts';
import { retractedEvent } from './history.ts';
import { comparePlaces, type FoldPlace } from './place.ts';

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
  const oldest = events[0]?.position ?? 0;
  let erasedFrom: Position | null = null;
  for (const event of events) {
    if (event.type !== 'EventRetracted') continue;
    const named = await retractedEvent(reader, event);
    if (named === null || !isFolded(named)) idle.add(event.position);
    else if (named.position >= oldest) retracted.add(named.position);
    else if (named.erased) erasedFrom = Math.min(named.position, erasedFrom ?? named.position) as Position;
    // Only the first retraction of an event takes it out.
    else if ((await reader.retractedBy(named.position))?.position === event.position) removed.push(named);
  }
  const facts = events.filter(
    ({ type, erased, position }) => type !== 'EventRetracted' && !erased && !retracted.has(position),
  );
  const touching = events.filter(({ position }) => !idle.has(position));
  return { facts: facts.sort(comparePlaces), removed, touching, erasedFrom };
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
