/** One incident: what was said about it, by whom, about when. Read it through reading.ts, measures.ts and timeline.ts. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Projection } from '../projection.ts';
import { instantOrNull } from '../time.ts';
import { orderOf, tagsOf } from './listing.ts';
import { entryBase, type IncidentEntry, type IncidentState, type PostEntry, visibilityByOrigin } from './state.ts';

const TYPES = [
  'IncidentDeclared',
  'IncidentUpdated',
  'IncidentUpdateAmended',
  'IncidentReopened',
  'ResponderNotified',
  'ResponderAcknowledged',
  'EvidenceLinked',
  'ActionItemAdded',
  'ActionItemCompleted',
  'PostmortemPublished',
] as const satisfies readonly EventName[];

type Folded = FoldEvent<(typeof TYPES)[number]> & AnyFoldEvent;

export const incident: Projection<IncidentState> = {
  name: 'incident',
  version: 1,
  categories: ['incident'],
  types: TYPES,
  keyed: 'stream',
  keepsValidTime: true,
  initial: (id) => ({ id, entries: [] }),
  fold(state, event) {
    state.entries.push(entryOf(event as Folded));
    return state;
  },
  patch(state, event, change) {
    const { entries } = state;
    if (change === 'remove') {
      const index = entries.findIndex((entry) => entry.eventPosition === event.position);
      if (index < 0) return false;
      entries.splice(index, 1);
      return true;
    }
    const after = entries.findIndex(
      (entry) =>
        entry.at - event.effectiveAt > 0 || (entry.at === event.effectiveAt && entry.eventPosition > event.position),
    );
    entries.splice(after < 0 ? entries.length : after, 0, entryOf(event as Folded));
    return true;
  },
  tags: tagsOf,
  order: orderOf,
};

function entryOf(event: Folded): IncidentEntry {
  const base = entryBase(event);
  switch (event.type) {
    case 'IncidentDeclared':
      return declared(event);
    case 'IncidentUpdated':
      return updated(event);
    case 'IncidentReopened':
      return { ...post(event), kind: 'reopened', status: event.data.status ?? 'investigating' };
    case 'IncidentUpdateAmended': {
      const { updateId, message = null, correctedAt, reason } = event.data;
      return { ...base, kind: 'amended', updateId, message, correctedAt: instantOrNull(correctedAt), reason };
    }
    case 'ResponderNotified': {
      const { responder, channel, role = null } = event.data;
      return { ...base, kind: 'notified', responder, channel, role };
    }
    case 'ResponderAcknowledged':
      return { ...base, kind: 'acknowledged', responder: event.data.responder, channel: null, role: null };
    case 'EvidenceLinked': {
      const { clusterId, from, to, note = null } = event.data;
      return { ...base, kind: 'evidence', clusterId, from: instantOrNull(from), to: instantOrNull(to), note };
    }
    case 'ActionItemAdded': {
      const { itemId, title, kind: itemKind, owner = null, dueAt } = event.data;
      return { ...base, kind: 'item_added', itemId, title, itemKind, owner, dueAt: instantOrNull(dueAt) };
    }
    case 'ActionItemCompleted':
      return { ...base, kind: 'item_completed', itemId: event.data.itemId };
    case 'PostmortemPublished':
      return { ...base, kind: 'postmortem', body: event.data.body, visibility: event.data.visibility ?? null };
    default:
      return neverTaken(event);
  }
}

function declared(event: FoldEvent<'IncidentDeclared'>): PostEntry {
  const { data } = event;
  return {
    ...post(event),
    ...stated(data),
    kind: 'declared',
    title: data.title,
    status: data.status,
    visibility: data.visibility ?? visibilityByOrigin(data.origin),
    origin: data.origin,
    dedupKey: data.dedupKey ?? null,
  };
}

function updated(event: FoldEvent<'IncidentUpdated'>): PostEntry {
  const { data } = event;
  return {
    ...post(event),
    ...stated(data),
    kind: 'updated',
    title: data.title ?? null,
    status: data.status ?? null,
    visibility: data.visibility ?? null,
    impactEndedAt: data.impactEndedAt === null ? 'withdrawn' : instantOrNull(data.impactEndedAt),
    duplicateOfId: data.duplicateOf ?? null,
  };
}

/** What declarations and updates state alike. */
function stated(data: FoldEvent<'IncidentDeclared'>['data'] | FoldEvent<'IncidentUpdated'>['data']) {
  return {
    impact: data.impact ?? null,
    severity: data.severity ?? null,
    impactStartedAt: instantOrNull(data.impactStartedAt),
    components: (data.components ?? []).map(({ componentId, status = null }) => ({ componentId, status })),
    clusterIds: data.clusterIds ?? null,
  };
}

/** A post that states nothing but its message. */
function post(event: FoldEvent<'IncidentDeclared' | 'IncidentUpdated' | 'IncidentReopened'>): PostEntry {
  return {
    ...entryBase(event),
    kind: 'updated',
    updateId: event.data.updateId ?? event.id,
    message: event.data.message ?? null,
    title: null,
    status: null,
    impact: null,
    severity: null,
    visibility: null,
    impactStartedAt: null,
    impactEndedAt: null,
    components: [],
    clusterIds: null,
    duplicateOfId: null,
    origin: null,
    dedupKey: null,
  };
}

function neverTaken(event: never): never {
  throw new Error(`the incident projection takes no ${JSON.stringify(event)}`);
}
