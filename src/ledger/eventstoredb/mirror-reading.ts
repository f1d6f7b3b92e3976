/** All reading of the ledger, which the mirror does. */
import type { FoldEvent, RecordedEvent } from '../../../schemas/event.ts';
import type { Position, StreamName } from '../../../schemas/ids.ts';
import type { Mirror } from '../mirror.ts';
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

export class MirrorReading implements LedgerReader {
  protected readonly mirror: Mirror;

  constructor(mirror: Mirror) {
    this.mirror = mirror;
  }

  head(): Promise<Head> {
    return this.mirror.head();
  }
  readAll(query: ReadAll): Promise<readonly FoldEvent[]> {
    return this.mirror.readAll(query);
  }
  readStream(stream: StreamName, query: ReadStream): Promise<readonly FoldEvent[]> {
    return this.mirror.readStream(stream, query);
  }
  readAllRecorded(query: ReadAll): Promise<readonly RecordedEvent[]> {
    return this.mirror.readAllRecorded(query);
  }
  readStreamRecorded(stream: StreamName, query: ReadStream): Promise<readonly RecordedEvent[]> {
    return this.mirror.readStreamRecorded(stream, query);
  }
  readAllStored(query: ReadAll): Promise<readonly StoredEvent[]> {
    return this.mirror.readAllStored(query);
  }
  readPlaces(stream: StreamName, query: ReadStream): Promise<readonly Place[]> {
    return this.mirror.readPlaces(stream, query);
  }
  eventAt(position: Position): Promise<RecordedEvent | null> {
    return this.mirror.eventAt(position);
  }
  eventsAt(positions: readonly Position[]): Promise<readonly FoldEvent[]> {
    return this.mirror.eventsAt(positions);
  }
  eventByKey(key: EventKey, within?: StreamName): Promise<RecordedEvent | null> {
    return this.mirror.eventByKey(key, within);
  }
  streamHead(stream: StreamName): ReturnType<LedgerReader['streamHead']> {
    return this.mirror.streamHead(stream);
  }
  digestAt(query: DigestAt): Promise<string | null> {
    return this.mirror.digestAt(query);
  }
  retractedBy(position: Position): Promise<RecordedEvent | null> {
    return this.mirror.retractedBy(position);
  }
  retractedAmong(positions: readonly Position[], upTo?: Position): Promise<ReadonlyMap<Position, Position>> {
    return this.mirror.retractedAmong(positions, upTo);
  }
  readRetractions(query: Parameters<LedgerReader['readRetractions']>[0]): Promise<readonly Retraction[]> {
    return this.mirror.readRetractions(query);
  }
}
