/** Every component: how it is registered, and its status in the register of all statements and in that of the public ones. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Projection } from '../projection.ts';
import { entryOf, setEntry } from '../record.ts';
import { act, actBase } from './acts.ts';
import { incidentSpoke } from './incidents.ts';
import { maintenanceSpoke } from './maintenances.ts';
import { emptyRegister } from './register.ts';
import type { ComponentsState } from './state.ts';

const TYPES = [
  'ComponentRegistered',
  'ComponentStatusChanged',
  'ComponentRetired',
  'IncidentDeclared',
  'IncidentUpdated',
  'IncidentReopened',
  'MaintenanceScheduled',
  'MaintenanceUpdated',
  'MaintenanceStarted',
  'MaintenanceCompleted',
  'MaintenanceCancelled',
] as const satisfies readonly EventName[];

type Folded = FoldEvent<(typeof TYPES)[number]> & AnyFoldEvent;

export const components: Projection<ComponentsState> = {
  name: 'components',
  version: 2,
  categories: ['incident', 'component', 'maintenance'],
  types: TYPES,
  keyed: 'whole',
  initial: () => ({
    registrations: {},
    registers: { all: emptyRegister(), page: emptyRegister() },
    incidents: {},
    maintenances: {},
    waiting: null,
    latestEffectiveAt: null,
  }),
  fold(state, event) {
    state.latestEffectiveAt = event.effectiveAt;
    take(state, event as Folded);
    return state;
  },
};

function take(state: ComponentsState, event: Folded): void {
  switch (event.type) {
    case 'ComponentRegistered':
      registered(state, event);
      break;
    case 'ComponentRetired': {
      const registration = entryOf(state.registrations, event.subject);
      if (registration) registration.retired = true;
      break;
    }
    case 'ComponentStatusChanged':
      act(state, { ...actBase(event), by: 'component', componentId: event.subject, status: event.data.status });
      break;
    case 'IncidentDeclared':
    case 'IncidentUpdated':
    case 'IncidentReopened':
      incidentSpoke(state, event);
      break;
    case 'MaintenanceScheduled':
    case 'MaintenanceUpdated':
    case 'MaintenanceStarted':
    case 'MaintenanceCompleted':
    case 'MaintenanceCancelled':
      maintenanceSpoke(state, event);
      break;
    default:
      neverTaken(event);
  }
}

/** Said again, it replaces all that was registered, and a retired component is back. It keeps its place in lists. */
function registered(state: ComponentsState, event: FoldEvent<'ComponentRegistered'>): void {
  const { name, group = null, description = null, clusterId = null, jobIds = [] } = event.data;
  const restatedAt = event.effectiveAt;
  const registeredAt = entryOf(state.registrations, event.subject)?.registeredAt ?? restatedAt;
  const attributes = { name, group, description, clusterId, jobIds };
  const registration = { ...attributes, source: event.source, registeredAt, restatedAt, retired: false };
  setEntry(state.registrations, event.subject, registration);
}

function neverTaken(event: never): never {
  throw new Error(`the components projection takes no ${JSON.stringify(event)}`);
}
