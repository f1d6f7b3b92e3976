/**
 * The ledger's port. Everything above it runs unchanged on every backend; `test/ledger/conformance.ts` is what a
 * backend must pass. Exact bytes that are hashed: docs/ledger-port.md.
 */
import type { EventName } from '../../schemas/catalogue.ts';
import type { FoldEvent, NewEvent, RecordedEvent } from '../../schemas/event.ts';
import type { Position, Revision, StreamCategory, StreamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';

/** Who appends: stamped on every event as `authtype` and `authid`. */
export interface Actor {
  /** CloudEvents auth context: `unauthenticated` without tokens, else `service_account` or `user`. */
  readonly authType: string;
  readonly authId: string | null;
}

/**
 * What the caller believes about a stream before its append: `any` nothing, `none` that it has no event, `exists` that
 * it has one, or the revision of its last event.
 */
export type ExpectedRevision = 'any' | 'none' | 'exists' | Revision;

/** Events for one stream that stand or fall together. */
export interface AppendRequest {
  readonly stream: StreamName;
  readonly expected: ExpectedRevision;
  /** At least one, no (source, id) twice, their subject the stream's. The caller has checked them against their schemas. */
  readonly events: readonly NewEvent[];
  readonly actor: Actor;
}

export type AppendOutcome =
  /** Durable. `positions` has one entry per event; where some of the request's events were known already, theirs. */
  | {
      readonly kind: 'appended';
      readonly positions: readonly Position[];
      readonly revision: Revision;
      readonly recordedAt: Micros;
    }
  /** Every event of the request is in the ledger already, with the same content; `positions` are theirs. */
  | { readonly kind: 'duplicate'; readonly positions: readonly Position[] }
  /** The event at `index` has the (source, id) of a recorded event with other content. Nothing of the request was appended. */
  | { readonly kind: 'id-reused'; readonly index: number; readonly existing: Position }
  /** The stream is not where the caller believed; `actual` is its last revision, null when it has no event. */
  | { readonly kind: 'wrong-revision'; readonly actual: Revision | null };

/** An event brought from another ledger (`import --restore`). */
export interface RestoreEvent {
  readonly event: NewEvent;
  readonly actor: Actor;
  readonly recordedAt: Micros;
  /** What the hash covers in place of recordedAt, no later than it; absent: recordedAt. */
  readonly chainedAt?: Micros | undefined;
  /** Hex, when the export had it; else a new one is drawn. */
  readonly salt: string | null;
  /** For an erased event: its data digest (hex). Then `event.data` is `{}` and is not stored. */
  readonly erasedDataHash: string | null;
  /** The stream it was in. Needed only for an `EventRetracted` whose named event this ledger does not hold. */
  readonly stream?: StreamName;
}

export interface Head {
  /** The highest position, 0 in an empty ledger. */
  readonly position: Position;
  /** recordedAt of that event, null in an empty ledger. */
  readonly recordedAt: Micros | null;
  readonly events: number;
  readonly streams: number;
  /** Position up to which events were restored with the recordedAt of elsewhere; null when none were. */
  readonly restoredUpTo: Position | null;
}

export interface ReadAll {
  /** Exclusive. */
  readonly after?: Position;
  /** Inclusive. */
  readonly upTo?: Position;
  /** Descending from `upTo` instead of ascending from `after`. */
  readonly backwards?: boolean;
  /** Events at most; a page may be shorter only at the end. */
  readonly limit: number;
  readonly categories?: readonly StreamCategory[];
  readonly types?: readonly EventName[];
}

export interface ReadStream {
  /** Inclusive; default 0. */
  readonly from?: Revision;
  /** Highest position to give, inclusive. */
  readonly upTo?: Position;
  /** Descending from the last revision at or below `upTo` and `to`. */
  readonly backwards?: boolean;
  /** Highest revision, inclusive. */
  readonly to?: Revision;
  readonly limit: number;
}

export interface DigestAt {
  /** Inclusive. */
  readonly upTo: Position;
  readonly streamsMax: number;
}

export interface EventKey {
  readonly source: string;
  readonly id: string;
}

/** Where an event takes its place in every fold, without its data: cheap to read in bulk. */
export interface Place {
  readonly position: Position;
  readonly revision: Revision;
  readonly effectiveAt: Micros;
  readonly type: EventName;
}

/** What a chain is proved with, as bytes: 16 of salt, 32 of each digest; null where the ledger keeps none. */
export interface Evidence {
  readonly salt: Uint8Array | null;
  /** Kept of erased events only: of others it follows from salt and data. */
  readonly dataHash: Uint8Array | null;
  readonly hash: Uint8Array;
}

/**
 * A recorded event with nothing of it parsed: for proof and export, which also read what is damaged. Its members may be
 * computed when they are asked for: read them by name.
 */
export interface StoredEvent extends Omit<RecordedEvent, 'data'> {
  /** Where the backend has bytes, so that proof need not turn them into hexadecimal digits and back. */
  readonly evidence?: Evidence;
}

/** A retraction that takes effect: the first that names its event. */
export interface Retraction {
  /** Position of the `EventRetracted`. */
  readonly position: Position;
  /** Position of the event that it names: where the retraction takes its place in folds. */
  readonly target: Position;
  /** The stream of both. */
  readonly stream: StreamName;
}

/** Reading. A reader sees only what is durable, in order, and never a position whose predecessors may still appear. */
export interface LedgerReader {
  head(): Promise<Head>;
  readAll(query: ReadAll): Promise<readonly FoldEvent[]>;
  readStream(stream: StreamName, query: ReadStream): Promise<readonly FoldEvent[]>;
  /** As readAll and readStream, with envelope, salt and hashes. */
  readAllRecorded(query: ReadAll): Promise<readonly RecordedEvent[]>;
  readStreamRecorded(stream: StreamName, query: ReadStream): Promise<readonly RecordedEvent[]>;
  /** As readAllRecorded, with nothing parsed. */
  readAllStored(query: ReadAll): Promise<readonly StoredEvent[]>;
  /** Places of one stream's events, as readStream orders them. */
  readPlaces(stream: StreamName, query: ReadStream): Promise<readonly Place[]>;
  eventAt(position: Position): Promise<RecordedEvent | null>;
  /** The events there are at these positions (in any order), in order of position. */
  eventsAt(positions: readonly Position[]): Promise<readonly FoldEvent[]>;
  /**
   * The event with this key; null where there is none. A store may promise identity for each stream only: then the first
   * by position, or the one in the stream `within`.
   */
  eventByKey(key: EventKey, within?: StreamName): Promise<RecordedEvent | null>;
  /** The last event of a stream: its revision and position; null when the stream has none. */
  streamHead(stream: StreamName): Promise<{ revision: Revision; position: Position } | null>;
  /** SHA-256 over the ends of all streams as of `upTo` (docs/ledger-port.md), hex; null when there are more than `streamsMax`. */
  digestAt(query: DigestAt): Promise<string | null>;
  /** The first `EventRetracted` that names the event at `position`; null when none does. A retraction is never retracted. */
  retractedBy(position: Position): Promise<RecordedEvent | null>;
  /**
   * Of these positions (in any order), those that a retraction at or below `upTo` (absent: any) names, each with the
   * position of its first retraction. Retractions that name a retraction, or an event that was unknown when they were
   * appended, have no effect and appear nowhere.
   */
  retractedAmong(positions: readonly Position[], upTo?: Position): Promise<ReadonlyMap<Position, Position>>;
  /** Effective retractions by their own position, ascending: `after` exclusive, `upTo` inclusive. */
  readRetractions(query: {
    readonly after?: Position;
    readonly upTo?: Position;
    readonly limit: number;
  }): Promise<readonly Retraction[]>;
}

/** A reader on a connection of its own, usable in any thread. Whoever opened it closes it. */
export interface OwnReader extends LedgerReader {
  close(): Promise<void>;
}

/** How far followers may go, and word of when that changes: the ledger's own head, or the views' position. */
export interface Gate {
  /** The highest position that may be given. Never falls. */
  limit(): Position;
  /** Calls back after `limit()` has risen; returns how to stop. */
  onRise(listener: () => void): () => void;
}

export interface FollowQuery<Event> {
  /** Exclusive: the first event given is the first one after it. */
  readonly after: Position;
  readonly categories?: readonly StreamCategory[];
  readonly types?: readonly EventName[];
  /** Ends the generator, without an error. */
  readonly signal?: AbortSignal;
  /** Absent: as far as the ledger goes. */
  readonly gate?: Gate;
  /** Which of the reader's pages to follow, such as `(page) => ledger.readAllRecorded(page)`; absent: `readAll`. */
  readonly read?: (page: ReadAll) => Promise<readonly Event[]>;
}

/** A record that was refused at a door, kept with its reason. */
export interface NewRejection {
  readonly at: Micros;
  /** Which door: `http`, `graphql`, `import`, `kafka`. */
  readonly door: string;
  readonly code: string;
  readonly message: string;
  /** JSON pointer into the record, null when none applies. */
  readonly path: string | null;
  /** The record as it came (text), cut at 64 KiB. */
  readonly record: string;
  readonly truncated: boolean;
}
export interface KeptRejection extends NewRejection {
  readonly seq: number;
}
export interface RejectionPage {
  /** Newest first. */
  readonly rejections: readonly KeptRejection[];
  /** How many the ledger has dropped because more than 100,000 were kept. */
  readonly dropped: number;
  readonly total: number;
}

export interface Ledger extends LedgerReader {
  /**
   * Appends durably: when the promise resolves, every `appended` outcome survives a kill and a power cut. One outcome
   * per request, in order; each request is atomic, the call as a whole is not, except that requests are applied in
   * order. Calls made while a commit is under way share the next one. recordedAt never falls with position.
   * An `EventRetracted` with `erase` that names an event before it in its stream, no retraction, blanks that event's data
   * and salt in the same commit, and what kept rejections hold of it. `scrub` is owed then.
   * Throws an operating error (`STORAGE_FULL`, `STORAGE_FAILED`, `LEDGER_CLOSED`): then nothing of this call is durable,
   * unless the error says that the outcome is unknown.
   */
  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]>;
  /** Fills an empty ledger (or goes on with a restore that this process began); throws `LEDGER_NOT_EMPTY` otherwise, `RECORDED_AT_FALLS` when recordedAt falls. Duplicates are skipped; id reuse is refused per event. */
  restore(events: readonly RestoreEvent[]): Promise<readonly AppendOutcome[]>;
  /** A record of an erased event is kept without its text. */
  keepRejections(rejections: readonly NewRejection[]): Promise<void>;
  /**
   * Resolves once no byte of what was erased is left in the files of this backend, free pages and logs included; at once
   * where nothing is owed. A debt outlives a kill and is paid at the next opening at the latest. Throws `ERASURE_INCOMPLETE`
   * where a reader stands in the way; it is then tried again without being asked.
   */
  scrub(): Promise<void>;
  /** Newest first; `before` is exclusive. */
  rejections(query: { readonly before?: number; readonly limit: number }): Promise<RejectionPage>;
  /**
   * Every event after `after` that matches, in order of position, each once, without end: first the past by pages, then
   * the present as it becomes durable. Holds a cursor and one page, never a queue. The caller owes `signal` or a call of
   * `return()`. What a read throws ends it.
   */
  follow<Event extends { readonly position: Position } = FoldEvent>(
    query: FollowQuery<Event>,
  ): AsyncGenerator<Event, void, undefined>;
  /** Calls back after events became durable and readable, with the new head; returns how to stop. Never throws into the ledger. */
  onAppend(listener: (head: Position) => void): () => void;
  close(): Promise<void>;
}
