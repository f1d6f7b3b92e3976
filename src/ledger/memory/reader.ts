/** Reading a ledger in memory. */
import { CATALOGUE } from '../../../schemas/catalogue.ts';
import type { FoldEvent, RecordedEvent } from '../../../schemas/event.ts';
import type { Position, Revision, StreamName } from '../../../schemas/ids.ts';
import { hasVersions, presentData } from '../../../schemas/upcast.ts';
import { digestEnds, toHex } from '../chain.ts';
import { sortedPositions } from '../judge.ts';
import type {
  DigestAt,
  EventKey,
  Head,
  LedgerReader,
  Place,
  ReadAll,
  ReadStream,
  Retraction,
  StoredEvent,
} from '../port.ts';
import { MemoryState } from './state.ts';

export class MemoryReader implements LedgerReader {
  protected readonly state = new MemoryState();

  async head(): Promise<Head> {
    const { position, recordedAt, events, streams, restoredUpTo } = this.state;
    return { position, recordedAt, events: events.length, streams, restoredUpTo };
  }

  async readAll(query: ReadAll): Promise<readonly FoldEvent[]> {
    return this.#all(query).map(toFold);
  }

  async readAllRecorded(query: ReadAll): Promise<readonly RecordedEvent[]> {
    return this.#all(query).map(toRecorded);
  }

  async readAllStored(query: ReadAll): Promise<readonly StoredEvent[]> {
    return this.#all(query);
  }

  async readStream(stream: StreamName, query: ReadStream): Promise<readonly FoldEvent[]> {
    return this.#inStream(stream, query).map(toFold);
  }

  async readStreamRecorded(stream: StreamName, query: ReadStream): Promise<readonly RecordedEvent[]> {
    return this.#inStream(stream, query).map(toRecorded);
  }

  async readPlaces(stream: StreamName, query: ReadStream): Promise<readonly Place[]> {
    return this.#inStream(stream, query).map(({ position, revision, effectiveAt, type }) => ({
      position,
      revision,
      effectiveAt,
      type,
    }));
  }

  async eventsAt(positions: readonly Position[]): Promise<readonly FoldEvent[]> {
    const found = await Promise.all(sortedPositions(positions).map((position) => this.eventAt(position)));
    return found.filter((event) => event !== null);
  }

  async eventAt(position: Position): Promise<RecordedEvent | null> {
    const event = this.state.at(position);
    return event && toRecorded(event);
  }

  async eventByKey(key: EventKey, within?: StreamName): Promise<RecordedEvent | null> {
    const event = this.state.byKey(key);
    return event && (within ?? event.stream) === event.stream ? toRecorded(event) : null;
  }

  async streamHead(stream: StreamName): Promise<{ revision: Revision; position: Position } | null> {
    const last = this.state.lastOf(stream);
    return last && { revision: last.revision, position: last.position };
  }

  async digestAt({ upTo, streamsMax }: DigestAt): Promise<string | null> {
    if (this.state.streams > streamsMax) return null;
    const ends = this.state
      .lastOfEach(upTo)
      .map(({ stream, revision, hash }) => ({ stream, revision, hash: Buffer.from(hash, 'hex') }));
    return toHex(digestEnds(ends));
  }

  async retractedBy(position: Position): Promise<RecordedEvent | null> {
    const retraction = this.state.retractedBy(position);
    return retraction === null ? null : this.eventAt(retraction);
  }

  async retractedAmong(positions: readonly Position[], upTo?: Position): Promise<ReadonlyMap<Position, Position>> {
    const found = new Map<Position, Position>();
    for (const position of sortedPositions(positions)) {
      const retraction = this.state.retractedBy(position);
      if (retraction !== null && retraction <= (upTo ?? Number.MAX_SAFE_INTEGER)) found.set(position, retraction);
    }
    return found;
  }

  async readRetractions(query: {
    readonly after?: Position;
    readonly upTo?: Position;
    readonly limit: number;
  }): Promise<readonly Retraction[]> {
    const { after = 0, upTo = Number.MAX_SAFE_INTEGER, limit } = query;
    return this.state.retractions.filter(({ position }) => position > after && position <= upTo).slice(0, limit);
  }

  #all({ after = 0 as Position, upTo, backwards = false, limit, categories, types }: ReadAll): readonly StoredEvent[] {
    const range = {
      first: after,
      end: Math.min(upTo ?? Number.MAX_SAFE_INTEGER, this.state.events.length),
      backwards,
      limit,
    };
    const [inCategories, ofTypes] = [categories && new Set(categories), types && new Set(types)];
    return page(this.state.events, range, (event) => {
      return (!inCategories || inCategories.has(event.category)) && (!ofTypes || ofTypes.has(event.type));
    });
  }

  #inStream(stream: StreamName, { from = 0 as Revision, to, upTo, backwards = false, limit }: ReadStream) {
    const events = this.state.inStream(stream);
    const end = Math.min((to ?? events.length - 1) + 1, events.length);
    const known = upTo ?? Number.MAX_SAFE_INTEGER;
    return page(events, { first: from, end, backwards, limit }, (event) => event.position <= known);
  }
}

interface Range {
  /** Index of the first event that may be given. */
  readonly first: number;
  /** Index after the last one. */
  readonly end: number;
  readonly backwards: boolean;
  readonly limit: number;
}

function page(
  events: readonly StoredEvent[],
  { first, end, backwards, limit }: Range,
  isWanted: (event: StoredEvent) => boolean,
): readonly StoredEvent[] {
  const found: StoredEvent[] = [];
  const step = backwards ? -1 : 1;
  for (let at = backwards ? end - 1 : first; at >= first && at < end && found.length < limit; at += step) {
    const event = events[at] as StoredEvent;
    if (isWanted(event)) found.push(event);
  }
  return found;
}

/** Parsed anew for every reader: what one does with its event must not reach another. */
function parsed(event: StoredEvent): FoldEvent['data'] {
  if (event.dataText === null) return {} as FoldEvent['data'];
  const data = JSON.parse(event.dataText) as Record<string, unknown>;
  if (!hasVersions(event.type)) return data as FoldEvent['data'];
  return presentData(CATALOGUE[event.type], data, event.envelope) as FoldEvent['data'];
}

function toRecorded(event: StoredEvent): RecordedEvent {
  return { ...event, data: parsed(event) };
}

function toFold(event: StoredEvent): FoldEvent {
  const { envelope: _envelope, dataText: _dataText, salt: _salt, dataHash: _dataHash, hash: _hash, ...rest } = event;
  const { chainedAt: _chainedAt, ...fold } = rest;
  return { ...fold, data: parsed(event) };
}
