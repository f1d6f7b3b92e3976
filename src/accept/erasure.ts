/** What an acknowledged erasure means: no byte of the text is left. */
import type { NewEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Ledger } from '../ledger/port.ts';

export interface ErasureDoor {
  readonly ledger: Ledger;
  /**
   * Resolves once whoever keeps what was made of events is rid of those that were erased at or below a position; throws
   * `ERASURE_INCOMPLETE`. Absent: nobody keeps any such thing.
   */
  readonly forgotten?: (upTo: Position) => Promise<void>;
}

export function erases(event: NewEvent): boolean {
  return event.type === 'EventRetracted' && (event as NewEvent<'EventRetracted'>).data.erase === true;
}

/** To be awaited before an erasure is acknowledged, also where it was appended by an earlier call. Throws `ERASURE_INCOMPLETE`. */
export async function settleErasures({ ledger, forgotten }: ErasureDoor, upTo: Position): Promise<void> {
  await ledger.scrub();
  await forgotten?.(upTo);
}
