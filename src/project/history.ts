/** What a fold reads of one key: its events from the ledger, in order of position, and displaced ones by position. */
import type { Projection } from '../../projections/projection.ts';
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamName, streamName } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { type LogPlace, NOTHING_READ } from './fold.ts';

/** The events of one key. */
export interface History {
  /** Events after a place in the log, up to a position, in order of position, in pages; among them some that the projection does not fold. */
  eventsAfter(start: LogPlace | null, upTo: Position): AsyncIterable<readonly AnyFoldEvent[]>;
  /** Facts (no retractions, none erased) of the projection at these positions. */
  factsAt(positions: readonly number[]): Promise<readonly AnyFoldEvent[]>;
  /** Whether the projection folds events of this type. */
  folds(type: EventName): boolean;
  /** What `LogPlace.resume` is after this event. */
  resumeAfter(event: AnyFoldEvent): number;
}

/** Events read at once, and at first: a checkpoint is mostly near. */
const PAGE = 1_000;
const FIRST_PAGE = 250;

export function historyOf(reader: LedgerReader, projection: Projection<unknown>, key: string): History {
  const { keyed, categories, types } = projection;
  if (keyed === 'whole') return wholeHistory(reader, projection);
  const [category] = categories;
  if (category === undefined) throw new Error(`projection ${projection.name} reads no streams`);
  return streamHistory(reader, streamName(category, key), types);
}

/** `types` null: every type of event is folded. */
export function streamHistory(reader: LedgerReader, stream: StreamName, types: readonly EventName[] | null): History {
  return {
    eventsAfter: (start, upTo) =>
      paged(start?.resume ?? NOTHING_READ, {
        read: (after, limit) => reader.readStream(stream, { from: (after + 1) as Revision, upTo, limit }),
        next: (event) => event.revision,
      }),
    resumeAfter: (event) => event.revision,
    ...picking(reader, types),
  };
}

function wholeHistory(reader: LedgerReader, { categories, types }: Projection<unknown>): History {
  return {
    eventsAfter: (start, upTo) =>
      paged(Math.max(0, start?.resume ?? 0), {
        read: (after, limit) => reader.readAll({ categories, types, after: after as Position, upTo, limit }),
        next: (event) => event.position,
      }),
    resumeAfter: (event) => event.position,
    ...picking(reader, types),
  };
}

function picking(reader: LedgerReader, types: readonly EventName[] | null): Pick<History, 'folds' | 'factsAt'> {
  const folded = types === null ? null : new Set(types);
  const folds = (type: EventName): boolean => type !== 'EventRetracted' && (folded?.has(type) ?? true);
  return {
    folds,
    async factsAt(positions) {
      if (positions.length === 0) return [];
      const events = await reader.eventsAt(positions as readonly Position[]);
      return events.filter((event) => folds(event.type) && !event.erased) as AnyFoldEvent[];
    },
  };
}

interface Paging {
  readonly read: (after: number, limit: number) => Promise<readonly FoldEvent[]>;
  /** What the page after the one that ends with this event begins after. */
  readonly next: (last: FoldEvent) => number;
}

async function* paged(from: number, { read, next }: Paging): AsyncGenerator<readonly AnyFoldEvent[]> {
  let after = from;
  for (let limit = FIRST_PAGE; ; limit = PAGE) {
    const events = await read(after, limit);
    const last = events.at(-1);
    if (last === undefined) return;
    yield events as readonly AnyFoldEvent[];
    if (events.length < limit) return;
    after = next(last);
  }
}

/** The event that a retraction names in its stream; null where none was recorded before it, or that is a retraction itself. */
export async function retractedEvent(reader: LedgerReader, retraction: FoldEvent): Promise<AnyFoldEvent | null> {
  const { eventSource, eventId } = (retraction as FoldEvent<'EventRetracted'>).data;
  // A retraction whose data was erased names nothing any more.
  if (eventSource === undefined || eventId === undefined) return null;
  const named = await reader.eventByKey({ source: eventSource, id: eventId }, retraction.stream);
  if (named === null || named.type === 'EventRetracted' || named.position > retraction.position) return null;
  return named as AnyFoldEvent;
}
