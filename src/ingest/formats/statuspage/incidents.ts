/** Incidents between polls: declared, updated, renamed, amended, gone. */
import type { EventData } from '../../../../schemas/catalogue.ts';
import { formatTime } from '../../../../schemas/time.ts';
import { IMPACTS, INCIDENT_STATUSES, type IncidentStatus } from '../../../../schemas/words.ts';
import type { AnyMadeEvent } from '../format.ts';
import { type PolledIncident, type PolledUpdate, SAME_INSTANT_MICROS } from './poll.ts';
import { betweenPolls, idOf, rememberGone, type Sight, touchedBetweenPolls } from './sight.ts';

export interface IncidentReader {
  read(incidents: readonly PolledIncident[], sight: Sight): AnyMadeEvent[];
}

export function createIncidentReader(): IncidentReader {
  const known = new Map<string, PolledIncident>();
  const gone = new Map<string, PolledIncident>();

  function seen(incident: PolledIncident, sight: Sight): AnyMadeEvent[] {
    const before = known.get(incident.id);
    known.set(incident.id, incident);
    if (before !== undefined) return changed(before, incident, sight);
    const left = gone.get(incident.id);
    if (left === undefined) return declared(incident, sight);
    gone.delete(incident.id);
    return [...cameBack(left, incident, sight), ...changed({ ...left, status: incident.status }, incident, sight)];
  }

  return {
    read(incidents, sight) {
      const events = incidents.flatMap((incident) => seen(incident, sight));
      const present = new Set(incidents.map(({ id }) => id));
      for (const [id, incident] of known) {
        if (present.has(id)) continue;
        known.delete(id);
        rememberGone(gone, id, incident);
        events.push(...resolved(incident, sight));
      }
      return events;
    },
  };
}

type Stated = Omit<EventData['IncidentUpdated'], 'message' | 'updateId'>;

/** The oldest update that the page shows is the declaration; what is known of the incident is stated with it. */
function declared(incident: PolledIncident, sight: Sight): AnyMadeEvent[] {
  const [first, ...later] = incident.updates;
  const declaration: AnyMadeEvent = {
    ...originOf(incident, sight),
    type: 'IncidentDeclared',
    id: first?.id ?? `${incident.id}/declared`,
    time: first?.at ?? incident.createdAt,
    notBefore: null,
    data: {
      title: incident.name,
      status: statusOf(first?.status ?? incident.status) ?? 'investigating',
      ...(first === undefined ? {} : { message: first.body }),
      ...impactOf(incident),
      ...componentsOf(incident),
      // A start that differs from the entry's own creation is one that people stated.
      ...(Math.abs(incident.startedAt - incident.createdAt) < SAME_INSTANT_MICROS
        ? {}
        : { impactStartedAt: formatTime(incident.startedAt) }),
      origin: 'import',
    },
  };
  const shownStatus = (later.at(-1) ?? first)?.status;
  const unsaid = shownStatus === incident.status ? {} : statedStatus(incident.status);
  return [declaration, ...posted(incident, later, unsaid, sight)];
}

function changed(before: PolledIncident, incident: PolledIncident, sight: Sight): AnyMadeEvent[] {
  const knownUpdates = new Map(before.updates.map((update) => [update.id, update]));
  const fresh = incident.updates.filter(({ id }) => !knownUpdates.has(id));
  const lastStatus = fresh.at(-1)?.status ?? before.status;
  const startMoved = Math.abs(before.startedAt - incident.startedAt) >= SAME_INSTANT_MICROS;
  const stated: Stated = {
    ...(before.name === incident.name ? {} : { title: incident.name }),
    ...(before.impact === incident.impact ? {} : impactOf(incident)),
    ...(lastStatus === incident.status ? {} : statedStatus(incident.status)),
    ...(startMoved ? { impactStartedAt: formatTime(incident.startedAt) } : {}),
    ...(sameIds(before.componentIds, incident.componentIds) ? {} : componentsOf(incident)),
  };
  const amendments = incident.updates.flatMap((update) => {
    const earlier = knownUpdates.get(update.id);
    return earlier === undefined ? [] : amended(incident, earlier, update, sight);
  });
  return [...amendments, ...posted(incident, fresh, stated, sight)];
}

/**
 * The updates in order. What else changed meanwhile came with the last of them as far as the page shows; where there is
 * none it is an entry of its own, without words, since the page gave none.
 */
function posted(
  incident: PolledIncident,
  updates: readonly PolledUpdate[],
  stated: Stated,
  sight: Sight,
): AnyMadeEvent[] {
  if (updates.length === 0) {
    if (Object.keys(stated).length === 0) return [];
    return [
      {
        ...originOf(incident, sight),
        ...touchedBetweenPolls(sight, incident.updatedAt),
        type: 'IncidentUpdated',
        id: idOf(incident.id, 'changed', sight),
        data: { message: '', ...stated },
      },
    ];
  }
  return updates.map((update, index) => ({
    ...originOf(incident, sight),
    type: 'IncidentUpdated',
    id: update.id,
    time: update.at,
    notBefore: null,
    data: {
      message: update.body,
      ...statedStatus(update.status),
      ...(index === updates.length - 1 ? stated : {}),
    },
  }));
}

/** An edit of the words, or of the time under which the page shows them. */
function amended(incident: PolledIncident, before: PolledUpdate, update: PolledUpdate, sight: Sight): AnyMadeEvent[] {
  const isReworded = before.body !== update.body;
  const isRedated = Math.abs(before.at - update.at) >= SAME_INSTANT_MICROS;
  if (!isReworded && !isRedated) return [];
  return [
    {
      ...originOf(incident, sight),
      ...touchedBetweenPolls(sight, update.updatedAt),
      type: 'IncidentUpdateAmended',
      id: idOf(update.id, 'amended', sight),
      data: {
        updateId: update.id,
        ...(isReworded ? { message: update.body } : {}),
        ...(isRedated ? { correctedAt: formatTime(update.at) } : {}),
        reason: 'The page shows it otherwise than before.',
      },
    },
  ];
}

/** A summary lists what is open: what it no longer lists was resolved in between. No word of it is known. */
function resolved(incident: PolledIncident, sight: Sight): AnyMadeEvent[] {
  if (incident.status === 'resolved') return [];
  return [
    {
      ...originOf(incident, sight),
      ...betweenPolls(sight),
      type: 'IncidentUpdated',
      id: idOf(incident.id, 'resolved', sight),
      data: { message: '', status: 'resolved' },
    },
  ];
}

function cameBack(before: PolledIncident, incident: PolledIncident, sight: Sight): AnyMadeEvent[] {
  if (before.status === 'resolved' && incident.status === 'resolved') return [];
  return [
    {
      ...originOf(incident, sight),
      ...betweenPolls(sight),
      type: 'IncidentReopened',
      id: idOf(incident.id, 'reopened', sight),
      data: { message: '', ...statedStatus(incident.status) },
    },
  ];
}

function statedStatus(word: string): { readonly status?: IncidentStatus } {
  const status = statusOf(word);
  return status === null ? {} : { status };
}

function statusOf(word: string): IncidentStatus | null {
  return INCIDENT_STATUSES.find((status) => status === word) ?? null;
}

function impactOf({ impact }: PolledIncident): Pick<Stated, 'impact'> {
  const word = IMPACTS.find((each) => each === impact);
  return word === undefined ? {} : { impact: word };
}

/** Names the components and no status: the polls show each component's own, and that is what is recorded of it. */
function componentsOf({ componentIds }: PolledIncident): Pick<Stated, 'components'> {
  return componentIds.length === 0 ? {} : { components: componentIds.map((componentId) => ({ componentId })) };
}

function sameIds(first: readonly string[], second: readonly string[]): boolean {
  return first.length === second.length && first.every((id) => second.includes(id));
}

function originOf({ id }: PolledIncident, { source, at }: Sight) {
  return { subject: id, source, recordedAt: at };
}
