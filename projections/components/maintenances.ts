/** What maintenances say about components: a start says `under_maintenance`. All of it is public. */
import type { FoldEvent } from '../../schemas/event.ts';
import { entryOf, setEntry } from '../record.ts';
import { act, actBase, learn } from './acts.ts';
import type { ComponentsState } from './state.ts';

type MaintenanceEvent =
  | FoldEvent<'MaintenanceScheduled'>
  | FoldEvent<'MaintenanceUpdated'>
  | FoldEvent<'MaintenanceStarted'>
  | FoldEvent<'MaintenanceCompleted'>
  | FoldEvent<'MaintenanceCancelled'>;

export function maintenanceSpoke(state: ComponentsState, event: MaintenanceEvent): void {
  const known = entryOf(state.maintenances, event.subject) ?? null;
  if (event.type === 'MaintenanceStarted') {
    act(state, { ...actBase(event), by: 'maintenance', step: 'starts', componentIds: known });
  } else if (event.type === 'MaintenanceCompleted' || event.type === 'MaintenanceCancelled') {
    // Which components it is about is of no matter to an end, unless a start still waits to learn it.
    act(state, { ...actBase(event), by: 'maintenance', step: 'ends', componentIds: known ?? [] });
  } else {
    planned(state, event, known);
  }
}

function planned(
  state: ComponentsState,
  event: FoldEvent<'MaintenanceScheduled'> | FoldEvent<'MaintenanceUpdated'>,
  known: readonly string[] | null,
): void {
  const stated = event.data.components?.map(({ componentId }) => componentId) ?? null;
  const ids = stated ?? known ?? (event.type === 'MaintenanceScheduled' ? [] : null);
  if (ids === null) return;
  setEntry(state.maintenances, event.subject, ids);
  if (known === null) learn(state, event.stream, ids);
}
