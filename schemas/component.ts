/** What the status page lists. */
import { defineEvent, id, ids, oneOf, optional, text, words } from './define.ts';
import { COMPONENT_STATUSES } from './words.ts';

export const ComponentRegistered = defineEvent({
  name: 'ComponentRegistered',
  category: 'component',
  opens: true,
  doc: 'A component exists. Said again, it replaces what was said of name, group, description, cluster and jobs.',
  fields: {
    name: words('Its name.'),
    group: optional(text('Under which heading it is shown.')),
    description: optional(text('What it is.')),
    clusterId: optional(id('The cluster that runs it.')),
    jobIds: optional(ids('The jobs or job groups that make it up.')),
  },
});
export const ComponentStatusChanged = defineEvent({
  name: 'ComponentStatusChanged',
  category: 'component',
  doc: 'A component’s status, stated directly.',
  fields: { status: oneOf(COMPONENT_STATUSES, 'Its status from now on.'), reason: optional(text('Why.')) },
});
export const ComponentRetired = defineEvent({
  name: 'ComponentRetired',
  category: 'component',
  doc: 'A component is no longer shown.',
  fields: { reason: optional(text('Why.')) },
});
