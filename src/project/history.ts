/** What a fold reads of one key: its events from the ledger, backwards as marks and forwards with their data. */
import type { Projection } from '../../projections/projection.ts';
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamName, streamName } from '../../schemas/ids.ts';
import type { LedgerReader, Place } from '../ledger/port.ts';
import type { FoldPlace } from './place.ts';

/** An event that concerns a key, without its data. */
export interface Mark extends FoldPlace {
  /** Counts within the stream; 0 where the key is folded over many streams. */
  readonly revision: number;
  /** The event that this one retracts; null for any other event. */
  readonly retracts: FoldPlace | null;
}

/** The events of one key, those its projection does not fold left out. */
export interface History {
  /** Marks of the events at or below `upTo`, newest first, in pages. */
  marksBackwards(upTo: Position): AsyncIterable<readonly Mark[]>;
  /** Facts (no retractions, none erased) after the place of a checkpoint, in order of position, in pages. */
  factsAfter(
    start: { position: number; revision: number } | null,
    upTo: Position,
  ): AsyncIterable<readonly AnyFoldEvent[]>;
}

/** Events read at once. */
const PAGE = 1_000;
/** Walking back begins with few events, as a checkpoint is mostly near, and doubles its stride up to a page. */
const STRIDE_MIN = 32;

export function historyOf(reader: LedgerReader, projection: Projection<unknown>, key: string): History {
  return projection.keyed === 'whole' ? wholeHistory(reader, projection) : streamHistory(reader, projection, key);
}

/** The event that a retraction names; null where none was recorded before it, or that is a retraction itself. */
export async function retractedEvent(reader: LedgerReader, retraction: FoldEvent): Promise<AnyFoldEvent | null> {
  const { eventSource, eventId } = (retraction as FoldEvent<'EventRetracted'>).data;
  // A retraction whose data was erased names nothing any more.
  if (eventSource === undefined || eventId === undefined) return null;
  const named = await reader.eventByKey({ source: eventSource, id: eventId });
  if (named === null || named.type === 'EventRetracted' || named.position > retraction.position) return null;
  return named as AnyFoldEvent;
}

function streamHistory(reader: LedgerReader, projection: Projection<unknown>, key: string): History {
  const category = projection.categories[0];
  if (category === undefined) throw new Error(`projection ${projection.name} reads no streams`);
  const stream = streamName(category, key);
  const types = new Set<EventName>(projection.types);
  return {
    async *marksBackwards(upTo) {
      let to: Revision | null = null;
      for (let limit = STRIDE_MIN; ; limit = Math.min(PAGE, limit * 2)) {
        const asked = { upTo, backwards: true, limit, ...(to === null ? {} : { to }) };
        const places: readonly Place[] = await reader.readPlaces(stream, asked);
        const marks: Mark[] = [];
        for (const place of places) {
          if (place.type === 'EventRetracted') marks.push(...(await retractionMark(reader, stream, place, types)));
          else if (types.has(place.type)) marks.push({ ...place, retracts: null });
        }
        yield marks;
        const last = places.at(-1);
        if (places.length < limit || last === undefined || last.revision === 0) return;
        to = (last.revision - 1) as Revision;
      }
    },
    async *factsAfter(start, upTo) {
      let from = (start === null ? 0 : start.revision + 1) as Revision;
      for (;;) {
        const events = await reader.readStream(stream, { from, upTo, limit: PAGE });
        yield events.filter((event) => types.has(event.type) && !event.erased) as AnyFoldEvent[];
        const last = events.at(-1);
        if (events.length < PAGE || last === undefined) return;
        from = (last.revision + 1) as Revision;
      }
    },
  };
}

async function retractionMark(
  reader: LedgerReader,
  stream: StreamName,
  place: Place,
  types: ReadonlySet<EventName>,
): Promise<readonly Mark[]> {
  const [retraction] = await reader.readStream(stream, { from: place.revision, to: place.revision, limit: 1 });
  const named = retraction === undefined ? null : await retractedEvent(reader, retraction);
  return named === null || !types.has(named.type) ? [] : [{ ...place, retracts: named }];
}

function wholeHistory(reader: LedgerReader, projection: Projection<unknown>): History {
  const types = new Set<EventName>(projection.types);
  const asked = { categories: projection.categories, types: [...types, 'EventRetracted' as const] };
  return {
    async *marksBackwards(upTo) {
      let last = upTo;
      for (let limit = STRIDE_MIN; ; limit = Math.min(PAGE, limit * 2)) {
        const events = await reader.readAll({ ...asked, upTo: last, backwards: true, limit });
        const marks: Mark[] = [];
        for (const { position, effectiveAt, ...event } of events) {
          if (event.type !== 'EventRetracted') marks.push({ position, effectiveAt, revision: 0, retracts: null });
          else {
            const named = await retractedEvent(reader, { position, effectiveAt, ...event });
            if (named && types.has(named.type)) marks.push({ position, effectiveAt, revision: 0, retracts: named });
          }
        }
        yield marks;
        const oldest = events.at(-1);
        if (events.length < limit || oldest === undefined || oldest.position <= 1) return;
        last = (oldest.position - 1) as Position;
      }
    },
    async *factsAfter(start, upTo) {
      let after = (start === null ? 0 : start.position) as Position;
      for (;;) {
        const events = await reader.readAll({ ...asked, after, upTo, limit: PAGE });
        yield events.filter((event) => event.type !== 'EventRetracted' && !event.erased) as AnyFoldEvent[];
        const last = events.at(-1);
        if (events.length < PAGE || last === undefined) return;
        after = last.position;
      }
    },
  };
}
