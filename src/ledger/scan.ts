/** Part of the ledger's port: reading all of it once, for several threads beside one another. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position, StreamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';

/** Of all streams, those whose number n has `from` <= n mod `of` < `to`. A ledger numbers its streams for good. */
export interface Share {
  readonly of: number;
  readonly from: number;
  readonly to: number;
}

export interface ScanPage {
  /** Events in order of position. Those beside the share come without data and id, but of the types that were named. */
  readonly all: readonly FoldEvent[];
  /** Those of `all` in the share. */
  readonly shared: readonly FoldEvent[];
}

/** An event whose place lies well before that of events recorded before it. */
export interface LateEvent {
  readonly position: Position;
  readonly stream: StreamName;
  readonly effectiveAt: Micros;
}

/** Reading the whole ledger once, as several threads do that each take a share of the streams. */
export interface LedgerScan {
  /** `beside`: the types whose data is needed of other streams too; null: nothing of other streams is read. */
  page(query: {
    readonly after: Position;
    readonly upTo: Position;
    readonly limit: number;
    readonly share: Share;
    readonly beside: readonly EventName[] | null;
  }): ScanPage;
  /** Events of the share recorded more than `moreThan` µs after they happened, in order of position. */
  late(query: {
    readonly after: Position;
    readonly upTo: Position;
    readonly share: Share;
    readonly moreThan: number;
    readonly limit: number;
  }): readonly LateEvent[];
  close(): void;
}
