/** Maintenances between polls: scheduled, updated, extended, started, gone. */

import type { EventData } from '../../../../schemas/catalogue.ts';
import { formatTime } from '../../../../schemas/time.ts';
import type { AnyMadeEvent } from '../format.ts';
import type { PolledMaintenance, PolledUpdate } from './poll.ts';
import { betweenPolls, idOf, rememberGone, type Sight, touchedBetweenPolls } from './sight.ts';

export interface MaintenanceReader {
  read(maintenances: readonly PolledMaintenance[], sight: Sight): AnyMadeEvent[];
}

interface Known {
  shown: PolledMaintenance;
  phase: 'scheduled' | 'started' | 'ended';
}

export function createMaintenanceReader(): MaintenanceReader {
  const known = new Map<string, Known>();
  const gone = new Map<string, Known>();

  function seen(maintenance: PolledMaintenance, sight: Sight): AnyMadeEvent[] {
    const before = known.get(maintenance.id) ?? gone.get(maintenance.id);
    if (before === undefined) {
      const fresh: Known = { shown: maintenance, phase: 'scheduled' };
      known.set(maintenance.id, fresh);
      return scheduled(fresh, sight);
    }
    gone.delete(maintenance.id);
    known.set(maintenance.id, before);
    return changed(before, maintenance, sight);
  }

  return {
    read(maintenances, sight) {
      const events = maintenances.flatMap((maintenance) => seen(maintenance, sight));
      const present = new Set(maintenances.map(({ id }) => id));
      for (const [id, each] of known) {
        if (present.has(id)) continue;
        known.delete(id);
        rememberGone(gone, id, each);
        events.push(...ended(each, sight));
      }
      return events;
    },
  };
}

type Planned = Omit<EventData['MaintenanceUpdated'], 'message' | 'updateId'>;

function scheduled(known: Known, sight: Sight): AnyMadeEvent[] {
  const { shown } = known;
  const [first, ...later] = shown.updates;
  const scheduling: AnyMadeEvent = {
    ...originOf(shown, sight),
    type: 'MaintenanceScheduled',
    id: first?.id ?? `${shown.id}/scheduled`,
    time: first?.at ?? shown.createdAt,
    notBefore: null,
    data: {
      title: shown.name,
      startsAt: formatTime(shown.startsAt),
      endsAt: formatTime(shown.endsAt),
      ...(shown.componentIds.length === 0 ? {} : componentsOf(shown)),
      ...(first === undefined ? {} : { message: first.body }),
    },
  };
  // Where the page shows but one update, and that is already of the work itself, the work has begun by then.
  const begun =
    first !== undefined && isBegun(first.status) ? begin(known, { time: first.at, notBefore: null }, sight) : [];
  return [scheduling, ...begun, ...posted(known, later, {}, sight)];
}

function changed(known: Known, maintenance: PolledMaintenance, sight: Sight): AnyMadeEvent[] {
  const { shown: before } = known;
  known.shown = maintenance;
  const knownUpdates = new Map(before.updates.map((update) => [update.id, update]));
  const fresh = maintenance.updates.filter(({ id }) => !knownUpdates.has(id));
  const planned: Planned = {
    ...(before.startsAt === maintenance.startsAt ? {} : { startsAt: formatTime(maintenance.startsAt) }),
    ...(before.endsAt === maintenance.endsAt ? {} : { endsAt: formatTime(maintenance.endsAt) }),
    ...(before.componentIds.join() === maintenance.componentIds.join() ? {} : componentsOf(maintenance)),
  };
  const reworded = maintenance.updates
    .filter((update) => (knownUpdates.get(update.id)?.body ?? update.body) !== update.body)
    .map((update) => rewordedEvent(maintenance, update, sight));
  return [...reworded, ...posted(known, fresh, planned, sight)];
}

/** The updates in order. A new plan comes with the last one, if that can carry it, else as an entry of its own, without words. */
function posted(known: Known, updates: readonly PolledUpdate[], planned: Planned, sight: Sight): AnyMadeEvent[] {
  const { shown } = known;
  const events = updates.map((update): AnyMadeEvent => {
    const origin = { ...originOf(shown, sight), id: update.id, time: update.at, notBefore: null };
    if (known.phase === 'scheduled' && isBegun(update.status)) {
      known.phase = 'started';
      return { ...origin, type: 'MaintenanceStarted', data: { message: update.body } };
    }
    if (known.phase !== 'ended' && update.status === 'completed') {
      known.phase = 'ended';
      return { ...origin, type: 'MaintenanceCompleted', data: { message: update.body } };
    }
    return { ...origin, type: 'MaintenanceUpdated', data: { message: update.body } };
  });
  if (Object.keys(planned).length > 0) {
    const last = events.at(-1);
    const carrier = last?.type === 'MaintenanceUpdated' ? last : replanned(shown, sight);
    if (carrier === last) events.pop();
    events.push({ ...carrier, data: { ...carrier.data, ...planned } });
  }
  if (known.phase === 'scheduled' && isBegun(shown.status)) events.push(...begin(known, betweenPolls(sight), sight));
  return events;
}

function begin(known: Known, bounds: Pick<AnyMadeEvent, 'time' | 'notBefore'>, sight: Sight): AnyMadeEvent[] {
  known.phase = 'started';
  const { shown } = known;
  return [
    {
      ...originOf(shown, sight),
      ...bounds,
      type: 'MaintenanceStarted',
      id: idOf(shown.id, 'started', sight),
      data: {},
    },
  ];
}

function replanned(shown: PolledMaintenance, sight: Sight) {
  return {
    ...originOf(shown, sight),
    ...touchedBetweenPolls(sight, shown.updatedAt),
    type: 'MaintenanceUpdated' as const,
    id: idOf(shown.id, 'changed', sight),
    data: { message: '' },
  };
}

function rewordedEvent(shown: PolledMaintenance, update: PolledUpdate, sight: Sight): AnyMadeEvent {
  return {
    ...originOf(shown, sight),
    ...touchedBetweenPolls(sight, update.updatedAt),
    type: 'MaintenanceUpdated',
    id: idOf(update.id, 'amended', sight),
    data: { message: update.body },
  };
}

/**
 * A summary lists what is planned or under way. What it no longer lists was completed in between if its start was seen;
 * else the page never showed the work, and it counts as cancelled.
 */
function ended(known: Known, sight: Sight): AnyMadeEvent[] {
  const { phase, shown } = known;
  known.phase = 'ended';
  if (phase === 'ended') return [];
  const type = phase === 'started' ? 'MaintenanceCompleted' : 'MaintenanceCancelled';
  return [{ ...originOf(shown, sight), ...betweenPolls(sight), type, id: idOf(shown.id, 'ended', sight), data: {} }];
}

function isBegun(status: string): boolean {
  return status === 'in_progress' || status === 'verifying';
}

function componentsOf({ componentIds }: PolledMaintenance) {
  return { components: componentIds.map((componentId) => ({ componentId })) };
}

function originOf({ id }: PolledMaintenance, { source, at }: Sight) {
  return { subject: id, source, recordedAt: at };
}
