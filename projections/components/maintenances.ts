/** What maintenances say about components: a start says `under_maintenance`. All of it is public. */
import type { FoldEvent } from '../../schemas/event.ts';
import { entryOf, setEntry } from '../record.ts';
import { end, open, say } from './register.ts';
import type { ComponentsState, MaintenanceStanding, WaitingStep } from './state.ts';

type MaintenanceEvent =
  | FoldEvent<'MaintenanceScheduled'>
  | FoldEvent<'MaintenanceUpdated'>
  | FoldEvent<'MaintenanceStarted'>
  | FoldEvent<'MaintenanceCompleted'>
  | FoldEvent<'MaintenanceCancelled'>;

export function maintenanceSpoke(state: ComponentsState, event: MaintenanceEvent): void {
  const standing = standingOf(state, event.subject);
  if (event.type === 'MaintenanceScheduled' || event.type === 'MaintenanceUpdated') {
    const { components } = event.data;
    if (components) standing.componentIds = components.map(({ componentId }) => componentId);
    else if (event.type === 'MaintenanceScheduled') standing.componentIds ??= [];
    if (standing.componentIds === null) return;
    for (const step of standing.waiting) take(state, event.stream, { componentIds: standing.componentIds, step });
    standing.waiting = [];
    return;
  }
  const place = { at: event.effectiveAt, position: event.position };
  const step: WaitingStep = {
    step: event.type === 'MaintenanceStarted' ? 'starts' : 'ends',
    source: event.source,
    place,
  };
  if (standing.componentIds === null) standing.waiting.push(step);
  else take(state, event.stream, { componentIds: standing.componentIds, step });
}

function take(
  state: ComponentsState,
  subject: string,
  { componentIds, step }: { componentIds: readonly string[]; step: WaitingStep },
): void {
  const { source, place } = step;
  for (const register of [state.all, state.page]) {
    if (step.step === 'ends') {
      end(register, subject, { place, source });
      continue;
    }
    open(register, subject);
    for (const componentId of componentIds) {
      say(register, { componentId, status: 'under_maintenance', source, place, subject });
    }
  }
}

function standingOf(state: ComponentsState, maintenanceId: string): MaintenanceStanding {
  const known = entryOf(state.maintenances, maintenanceId);
  if (known) return known;
  const standing: MaintenanceStanding = { componentIds: null, waiting: [] };
  setEntry(state.maintenances, maintenanceId, standing);
  return standing;
}
