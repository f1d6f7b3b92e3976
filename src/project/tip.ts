/** By what a store's views are known to be of this ledger: the event at the highest position that they hold. */
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import type { Store } from './store.ts';

/** Whether the views were folded from this ledger: a ledger that was exchanged or cut back must not meet old views. */
export async function isOfThisLedger({
  reader,
  store,
}: {
  readonly reader: LedgerReader;
  readonly store: Store;
}): Promise<boolean> {
  const tip = store.tip();
  if (tip === null) return store.reader.slots().every(({ position }) => position === 0);
  const known = await reader.eventAt(JSON.parse(tip)[0] as Position);
  return known !== null && tipText(known as AnyFoldEvent) === tip;
}

/** Tells an event apart from another ledger's at its position. */
export function tipText({ position, stream, source, id }: FoldEvent): string {
  return JSON.stringify([position, stream, source, id]);
}
