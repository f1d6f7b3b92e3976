/** Whether there is nothing to answer from yet, though something is recorded: that must not look like nothing ever having happened. */
import { START } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import type { Building, Views } from '../project/views.ts';

interface Sources {
  readonly views: Pick<Views, 'position' | 'building'>;
  readonly ledger: Pick<LedgerReader, 'head'>;
}

/** How far the views are; null where they answer. A projection that stopped does not hold up the others. */
export async function buildingOf({ views, ledger }: Sources): Promise<Building | null> {
  if (views.position() > START) return null;
  const { position: head } = await ledger.head();
  return head === START ? null : (views.building() ?? { position: START, of: head });
}
