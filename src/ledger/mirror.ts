/**
 * Part of the ledger's port: a local copy of a record that lies elsewhere. Positions, revisions and hashes are the
 * record's; whoever follows the record fills the mirror, all reading goes to it. It may be deleted: it is followed anew.
 */
import type { EventName } from '../../schemas/catalogue.ts';
import type { Position, Revision, StreamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { EventKey, KeptRejection, LedgerReader, RejectionPage } from './port.ts';

/** An event as the record holds it, nothing parsed that is not needed. */
export interface MirroredEvent {
  readonly position: Position;
  readonly stream: StreamName;
  readonly revision: Revision;
  readonly id: string;
  readonly source: string;
  readonly type: EventName;
  /** null where the source sent no time. */
  readonly time: Micros | null;
  readonly notBefore: Micros | null;
  readonly synthetic: boolean;
  /** `authid`. */
  readonly actor: string | null;
  /** The envelope's bytes, as hashed. */
  readonly envelope: string;
  /** The data's bytes, as hashed; null of an event that was erased before it came to the record. */
  readonly dataText: string | null;
  /** 16 bytes; null where `dataText` is. */
  readonly salt: Uint8Array | null;
  /** 32 bytes where `dataText` is null, else null. */
  readonly dataHash: Uint8Array | null;
  /** 32 bytes. */
  readonly hash: Uint8Array;
  /**
   * What the clock of the appending replica said: what the hash covers. Clocks of replicas differ, so it may fall with
   * position; readers are given its running maximum as `recordedAt`.
   */
  readonly chainedAt: Micros;
  /** Whether it came by `restore`. */
  readonly isRestored: boolean;
}

export interface MirrorBatch {
  /** Ascending by position. */
  readonly events: readonly MirroredEvent[];
  /** Ascending by `seq`. Those known already are passed over. */
  readonly rejections: readonly KeptRejection[];
  /** Where following goes on when everything of this batch is in the mirror; opaque to it. */
  readonly cursor: string;
}

/** The end of a stream, as the next append links to it. */
export interface StreamEnd {
  readonly revision: Revision;
  readonly position: Position;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** What identity is judged by, of an event that the mirror holds. */
export interface KnownEvent {
  readonly position: Position;
  readonly stream: StreamName;
  readonly type: EventName;
  readonly time: Micros | null;
  /** null where erased. */
  readonly dataText: string | null;
}

export interface Mirror extends LedgerReader {
  /** Which record it is a copy of; null while it is new. Set once by `adopt`. */
  readonly recordId: string | null;
  /** Names the record of a new mirror. Throws `LEDGER_FOREIGN` where it is a copy of another. */
  adopt(recordId: string): Promise<void>;
  /** The cursor of the last batch; null before the first. */
  readonly cursor: string | null;
  /**
   * Takes a batch, durably, in one transaction. What is at or below the head is passed over where it is the event that is
   * here (after a broken batch it comes again). Each event must be the next of its stream and its hash must follow from
   * the one before it; the first that does not fit ends it with `CHAIN_BROKEN` (facts: position, stream, revision, reason):
   * events before it are taken, nothing from it on, and the cursor stays. Erasures and retractions take effect as in every
   * backend.
   */
  take(batch: MirrorBatch): Promise<void>;
  /** Of each key its event: the one in `stream` where there is one, else the first anywhere, else null. */
  known(stream: StreamName, keys: readonly EventKey[]): Promise<readonly (KnownEvent | null)[]>;
  /** null while the stream has no event. */
  streamEnd(stream: StreamName): Promise<StreamEnd | null>;
  /** Newest first; `before` is exclusive. `dropped` follows from the lowest `seq` there is: the record counts from 0. */
  rejections(query: { readonly before?: number; readonly limit: number }): Promise<RejectionPage>;
  /** As `Ledger.scrub`, of the mirror's own file. */
  scrub(): Promise<void>;
  close(): Promise<void>;
}
