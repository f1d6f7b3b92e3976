/** What people (and detectors) say about an incident. */
import Type from 'typebox';
import { defineEvent, id, ids, oneOf, optional, text, time, timeOrNull, words } from './define.ts';
import {
  ACTION_ITEM_KINDS,
  COMPONENT_STATUSES,
  IMPACTS,
  INCIDENT_ORIGINS,
  INCIDENT_STATUSES,
  VISIBILITIES,
} from './words.ts';

const updateId = optional(id('The entry’s id. Absent: the event’s id.'));
const impact = optional(oneOf(IMPACTS, 'How bad it is for users.'));
const severity = optional(text('The organisation’s own scale, such as SEV2.'));
const visibility = optional(oneOf(VISIBILITIES, 'Whether the status page shows it.'));
const impactStartedAt = optional(time('When users began to be affected.'));
const clusterIds = optional(ids('The clusters concerned; replaces the list.'));
const components = optional(
  Type.Array(
    Type.Object({
      componentId: id('A component of the status page.'),
      status: optional(oneOf(COMPONENT_STATUSES, 'Its status while the incident lasts.')),
    }),
    { description: 'The components concerned.' },
  ),
);

export const IncidentDeclared = defineEvent({
  name: 'IncidentDeclared',
  category: 'incident',
  opens: true,
  doc: 'An incident exists. The declaration is the first entry of its updates.',
  fields: {
    title: words('What it is called.'),
    status: oneOf(INCIDENT_STATUSES, 'Where it stands.'),
    message: optional(text('What is said about it.')),
    updateId,
    impact,
    severity,
    visibility,
    impactStartedAt,
    components,
    clusterIds,
    origin: oneOf(
      INCIDENT_ORIGINS,
      'Where it comes from. Absent visibility is public for `manual` and `import`, else private.',
    ),
    dedupKey: optional(text('By which an alerting source recognises it.')),
  },
});

export const IncidentUpdated = defineEvent({
  name: 'IncidentUpdated',
  category: 'incident',
  doc: 'Something new is said about an incident. Fields left out stay as they were.',
  fields: {
    updateId,
    message: text('What is said.'),
    status: optional(oneOf(INCIDENT_STATUSES, 'Where it stands now.')),
    title: optional(words('A new title.')),
    impact,
    severity,
    visibility,
    components,
    clusterIds,
    impactStartedAt,
    impactEndedAt: optional(timeOrNull('When users were no longer affected; null takes an earlier statement back.')),
    duplicateOf: optional(id('The incident that this one repeats.')),
  },
});

export const IncidentUpdateAmended = defineEvent({
  name: 'IncidentUpdateAmended',
  category: 'incident',
  doc: 'An earlier entry is put right: its words, its time, or both. The first wording stays on record.',
  fields: {
    updateId: id('The entry that is put right.'),
    message: optional(text('What it should have said.')),
    correctedAt: optional(time('When it should have been dated.')),
    reason: text('Why it is put right.'),
  },
});

export const IncidentReopened = defineEvent({
  name: 'IncidentReopened',
  category: 'incident',
  doc: 'A resolved incident goes on.',
  fields: {
    message: text('What is said.'),
    updateId,
    status: optional(oneOf(INCIDENT_STATUSES, 'Absent: investigating.')),
  },
});

const responder = id('Who: a person, a team, a rota.');

export const ResponderNotified = defineEvent({
  name: 'ResponderNotified',
  category: 'incident',
  doc: 'Someone was told.',
  fields: {
    responder,
    channel: words('How: pager, phone, chat.'),
    role: optional(text('As what, for example incident commander.')),
  },
});
export const ResponderAcknowledged = defineEvent({
  name: 'ResponderAcknowledged',
  category: 'incident',
  doc: 'Someone answered the call.',
  fields: { responder },
});

export const EvidenceLinked = defineEvent({
  name: 'EvidenceLinked',
  category: 'incident',
  doc: 'A stretch of a cluster’s history belongs to this incident.',
  fields: {
    clusterId: id('The cluster.'),
    from: optional(time('Start of the stretch, inclusive.')),
    to: optional(time('End of the stretch, exclusive.')),
    note: optional(text('What to see there.')),
  },
});

const itemId = id('The action item.');

export const ActionItemAdded = defineEvent({
  name: 'ActionItemAdded',
  category: 'incident',
  doc: 'Something is to be done because of the incident.',
  fields: {
    itemId,
    title: words('What is to be done.'),
    kind: oneOf(ACTION_ITEM_KINDS, 'To what end.'),
    owner: optional(text('Who does it.')),
    dueAt: optional(time('Until when.')),
  },
});
export const ActionItemCompleted = defineEvent({
  name: 'ActionItemCompleted',
  category: 'incident',
  doc: 'It was done.',
  fields: { itemId },
});

export const PostmortemPublished = defineEvent({
  name: 'PostmortemPublished',
  category: 'incident',
  doc: 'The organisation published its account.',
  fields: { body: words('The account, Markdown.'), visibility },
});
