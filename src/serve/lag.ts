/** How far a projection is behind, in events: positions of a record that lies elsewhere have gaps. */
import type { Position } from '../../schemas/ids.ts';
import type { Head, LedgerReader } from '../ledger/port.ts';

/** So many are counted; beyond it they are reckoned from how densely the record is filled. */
const COUNTED_MAX = 1_000;

/** Events above `position`, exact where positions are dense or no more than 1,000 are left. */
export async function eventsBehind(
  ledger: Pick<LedgerReader, 'readAll'>,
  head: Pick<Head, 'position' | 'events'>,
  position: Position,
): Promise<number> {
  const positions = Math.max(0, head.position - position);
  if (positions === 0 || head.events === head.position) return positions;
  const { length } = await ledger.readAll({ after: position, upTo: head.position, limit: COUNTED_MAX });
  if (length < COUNTED_MAX) return length;
  return Math.max(length, Math.round((head.events * positions) / head.position));
}
