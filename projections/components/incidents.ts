/** What incidents say about components. */
import type { FoldEvent } from '../../schemas/event.ts';
import { visibilityByOrigin } from '../incident/state.ts';
import { entryOf, setEntry } from '../record.ts';
import { act, actBase, type IncidentAct, learn } from './acts.ts';
import type { ComponentsState } from './state.ts';

type IncidentEvent = FoldEvent<'IncidentDeclared'> | FoldEvent<'IncidentUpdated'> | FoldEvent<'IncidentReopened'>;

export function incidentSpoke(state: ComponentsState, event: IncidentEvent): void {
  const known = entryOf(state.incidents, event.subject) ?? null;
  if (event.type === 'IncidentDeclared') {
    const visibility = event.data.visibility ?? visibilityByOrigin(event.data.origin);
    if (known === null) {
      setEntry(state.incidents, event.subject, visibility);
      learn(state, event.stream, visibility);
    }
    act(state, { ...speechOf(event), visibility });
  } else {
    const own = event.type === 'IncidentUpdated' ? event.data.visibility : undefined;
    act(state, { ...speechOf(event), visibility: own ?? known });
  }
}

function speechOf(event: IncidentEvent): Omit<IncidentAct, 'visibility'> {
  const base = { ...actBase(event), by: 'incident' as const };
  if (event.type === 'IncidentReopened') {
    return { ...base, statements: [], incident: event.data.status === 'resolved' ? 'ends' : 'goes_on' };
  }
  const { status, components = [] } = event.data;
  if (status === 'resolved') return { ...base, statements: [], incident: 'ends' };
  // A component named without a status is one about which nothing was stated, or nothing new.
  const statements = components.flatMap((component) =>
    component.status === undefined ? [] : [{ componentId: component.componentId, status: component.status }],
  );
  return { ...base, statements, incident: status === undefined ? 'unchanged' : 'goes_on' };
}
