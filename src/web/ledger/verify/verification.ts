/** What a verification is held against, and what comes of it. */

/** What the server says of the ledger, at the head that it had when the proof began. */
export interface Stated {
  readonly position: number;
  readonly events: number;
  readonly streams: number;
  /** Null: of so many streams it states none. */
  readonly ends: string | null;
  readonly restoredUpTo: number;
}

/** As in `musterbook verify`; `digest`: the export is not what the server states the digest of. */
export type FindingKind =
  | 'hash'
  | 'envelope'
  | 'revision'
  | 'order'
  | 'unreadable'
  | 'retraction'
  | 'count'
  | 'digest'
  | 'checkpoint';

/** Null where the finding is not about one place. */
export interface Place {
  readonly stream: string | null;
  readonly revision: number | null;
  readonly position: number | null;
}
export interface Finding extends Place {
  readonly kind: FindingKind;
  readonly message: string;
}

export interface Erasure {
  readonly position: number;
  readonly stream: string;
  /** Position of the retraction that erased it. */
  readonly retractedBy: number;
  /** Who appended that; null without a token. */
  readonly by: string | null;
  readonly reason: string;
}

export interface Verification {
  /** Of the last event. */
  readonly position: number;
  readonly events: number;
  readonly streams: number;
  readonly erased: number;
  /** The first 100, by position. */
  readonly erasures: readonly Erasure[];
  /** Digest of the ends where the server stated one. */
  readonly ends: string;
  readonly endProved: boolean;
  /** The first 100. */
  readonly findings: readonly Finding[];
  readonly findingsOmitted: number;
}
