/** Planned work. */
import Type from 'typebox';
import { defineEvent, id, ids, optional, text, time, words } from './define.ts';

const message = optional(text('What is said.'));
const components = optional(
  Type.Array(Type.Object({ componentId: id('A component of the status page.') }), {
    description: 'The components concerned.',
  }),
);

export const MaintenanceScheduled = defineEvent({
  name: 'MaintenanceScheduled',
  category: 'maintenance',
  opens: true,
  doc: 'Work is planned.',
  fields: {
    title: words('What it is called.'),
    startsAt: time('Planned start.'),
    endsAt: time('Planned end.'),
    components,
    clusterIds: optional(ids('The clusters concerned.')),
    message,
  },
});
export const MaintenanceUpdated = defineEvent({
  name: 'MaintenanceUpdated',
  category: 'maintenance',
  doc: 'Something new is said about planned work.',
  fields: {
    message: text('What is said.'),
    updateId: optional(id('The entry’s id. Absent: the event’s id.')),
    startsAt: optional(time('New planned start.')),
    endsAt: optional(time('New planned end.')),
    components,
  },
});
export const MaintenanceStarted = defineEvent({
  name: 'MaintenanceStarted',
  category: 'maintenance',
  doc: 'The work began: its components are under maintenance.',
  fields: { message },
});
export const MaintenanceCompleted = defineEvent({
  name: 'MaintenanceCompleted',
  category: 'maintenance',
  doc: 'The work is done.',
  fields: { message },
});
export const MaintenanceCancelled = defineEvent({
  name: 'MaintenanceCancelled',
  category: 'maintenance',
  doc: 'The work will not be done.',
  fields: { message },
});
