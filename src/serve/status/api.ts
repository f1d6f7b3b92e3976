/** The status page for programs, in the shape of the Statuspage API v2: every key, type and word of it. */
import { createHash } from 'node:crypto';
import { EARLIEST, formatTime, type Micros } from '../../../schemas/time.ts';
import type { ComponentStatus } from '../../../schemas/words.ts';
import type { ComponentView, IncidentView, MaintenanceView } from '../../project/views.ts';
import type { StatusRecord } from './record.ts';
import { absoluteLink, incidentPath, maintenancePath, type Site } from './site.ts';

/** Entries of lists that hold what is over, too. */
const LISTED_MAX = 50;

type Answer = (site: Site) => object;

/** The files under `/api/v2/`, without their `.json`. */
export const API: Readonly<Record<string, Answer>> = {
  summary: (site) => ({
    page: pageOf(site),
    components: componentList(site),
    incidents: site.record.page.incidents.map((view) => incidentOf(site, view)),
    scheduled_maintenances: site.record.page.maintenances.map((view) => maintenanceOf(site, view)),
    status: statusOf(site),
  }),
  status: (site) => ({ page: pageOf(site), status: statusOf(site) }),
  components: (site) => ({ page: pageOf(site), components: componentList(site) }),
  incidents: (site) => ({
    page: pageOf(site),
    incidents: site.record.incidents.slice(0, LISTED_MAX).map((view) => incidentOf(site, view)),
  }),
  'incidents/unresolved': (site) => ({
    page: pageOf(site),
    incidents: site.record.page.incidents.map((view) => incidentOf(site, view)),
  }),
  'scheduled-maintenances': (site) => maintenances(site, site.record.maintenances.slice(0, LISTED_MAX)),
  'scheduled-maintenances/upcoming': (site) => maintenances(site, inState(site, 'scheduled')),
  'scheduled-maintenances/active': (site) => maintenances(site, inState(site, 'in_progress')),
};

function maintenances(site: Site, views: readonly MaintenanceView[]): object {
  return { page: pageOf(site), scheduled_maintenances: views.map((view) => maintenanceOf(site, view)) };
}

function inState({ record }: Site, state: MaintenanceView['state']): readonly MaintenanceView[] {
  return record.page.maintenances.filter((view) => view.state === state);
}

function pageOf(site: Site): object {
  const { record, settings } = site;
  return {
    id: pageId(site),
    name: settings.title,
    url: absoluteLink(site, '/status'),
    time_zone: 'Etc/UTC',
    updated_at: formatTime(record.recordedAt ?? EARLIEST),
  };
}

/** The same for one site, whatever is set. */
function pageId({ base }: Site): string {
  return idOf(new URL(base).host);
}

function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

/** The words of the Statuspage API, except where there is no data: that is not health. */
function statusOf({ record }: Site): object {
  const { indicator, components } = record.page;
  const unheard = components.filter(({ noData }) => noData).length;
  const description = words(indicator, components);
  const gap = `No Data for ${unheard} of ${components.length} Components`;
  if (unheard === 0) return { indicator, description };
  return { indicator, description: indicator === 'none' ? gap : `${description}; ${gap}` };
}

function words(indicator: string, components: readonly ComponentView[]): string {
  switch (indicator) {
    case 'critical':
      return 'Major Service Outage';
    case 'major':
      return 'Partial System Outage';
    case 'minor':
      return components.some(({ status }) => status === 'partial_outage')
        ? 'Minor Service Outage'
        : 'Partially Degraded Service';
    case 'maintenance':
      return 'Service Under Maintenance';
    default:
      return 'All Systems Operational';
  }
}

/** A component, or a group with its members: each has its place in the list, from 1. */
type Entry =
  | { readonly position: number; readonly component: ComponentView }
  | { readonly position: number; readonly group: string; readonly members: readonly ComponentView[] };

const placed = new WeakMap<StatusRecord, readonly Entry[]>();

/** Components in their order; each group before its first member, itself an entry. */
function entriesOf(record: StatusRecord): readonly Entry[] {
  const known = placed.get(record);
  if (known !== undefined) return known;
  const entries: Entry[] = [];
  for (const [group, members] of Map.groupBy(record.page.components, (component) => component.group)) {
    if (group !== null) entries.push({ position: entries.length + 1, group, members });
    for (const component of members) entries.push({ position: entries.length + 1, component });
  }
  placed.set(record, entries);
  return entries;
}

function componentList(site: Site): readonly object[] {
  return entriesOf(site.record).map((entry) =>
    'group' in entry ? groupOf(site, entry) : componentOf(site, entry.component),
  );
}

const GRAVITY: readonly ComponentStatus[] = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
];

function groupOf(site: Site, { group, members, position }: Extract<Entry, { group: string }>): object {
  const worst = Math.max(...members.map(({ status }) => GRAVITY.indexOf(status)));
  const [first] = members;
  return {
    ...(first && componentOf(site, first)),
    id: idOf(`group ${group}`),
    name: group,
    status: GRAVITY[worst],
    position,
    description: null,
    start_date: null,
    group_id: null,
    group: true,
    components: members.map(({ id }) => id),
  };
}

function componentOf(site: Site, component: ComponentView): object {
  const { id, name, status, description, group, registeredAt, restatedAt, statusSince } = component;
  const createdAt = registeredAt ?? statusSince ?? EARLIEST;
  const place = entriesOf(site.record).find((entry) => 'component' in entry && entry.component.id === id);
  return {
    id,
    name,
    status,
    created_at: formatTime(createdAt),
    updated_at: formatTime(Math.max(createdAt, restatedAt ?? 0, statusSince ?? 0) as Micros),
    position: place?.position ?? 0,
    description,
    showcase: false,
    start_date: registeredAt === null ? null : formatTime(registeredAt).slice(0, 10),
    group_id: group === null ? null : idOf(`group ${group}`),
    page_id: pageId(site),
    group: false,
    only_show_if_degraded: false,
  };
}

function incidentOf(site: Site, view: IncidentView): object {
  const { id, declaredAt, resolvedAt, impactStartedAt, components } = view;
  const monitoring = view.updates.findLast(({ status }) => status === 'monitoring');
  return {
    id,
    name: view.title,
    status: view.status ?? 'investigating',
    created_at: formatTime(declaredAt),
    updated_at: formatTime(Math.max(declaredAt, ...view.updates.map(({ at }) => at)) as Micros),
    monitoring_at: timeOrNull(view.status === 'monitoring' ? (monitoring?.at ?? null) : null),
    resolved_at: timeOrNull(resolvedAt),
    impact: view.impact ?? 'none',
    shortlink: absoluteLink(site, incidentPath(id)),
    started_at: formatTime(impactStartedAt ?? declaredAt),
    page_id: pageId(site),
    incident_updates: updatesOf(site, view),
    components: components.map(({ componentId }) => componentOf(site, site.record.component(componentId))),
  };
}

/** The newest first. */
function updatesOf(site: Site, view: IncidentView): readonly object[] {
  const before = new Map<string, string>();
  let status: string = 'investigating';
  const made = view.updates.map((update) => {
    status = update.status ?? status;
    const affected = update.components.map(({ componentId, status: stated }) => {
      const old = before.get(componentId) ?? 'operational';
      const now = stated ?? old;
      before.set(componentId, now);
      return { code: componentId, name: site.record.component(componentId).name, old_status: old, new_status: now };
    });
    const { id, at, message, amendments } = update;
    const editedAt = amendments.at(-1)?.recordedAt ?? at;
    return updateOf({ id, subject: view.id, status, body: message ?? '', at, editedAt, affected });
  });
  return made.reverse();
}

interface Update {
  readonly id: string;
  readonly subject: string;
  readonly status: string;
  readonly body: string;
  readonly at: Micros;
  /** When its words or its time were last put right. */
  readonly editedAt: Micros;
  readonly affected: readonly object[];
}

function updateOf({ id, subject, status, body, at, editedAt, affected }: Update): object {
  const time = formatTime(at);
  return {
    id,
    status,
    body,
    incident_id: subject,
    created_at: time,
    updated_at: formatTime(Math.max(at, editedAt) as Micros),
    display_at: time,
    affected_components: affected.length === 0 ? null : affected,
    deliver_notifications: false,
    custom_tweet: null,
    tweet_id: null,
  };
}

function maintenanceOf(site: Site, view: MaintenanceView): object {
  const { id, scheduledAt, startsAt, endsAt, startedAt, endedAt, componentIds } = view;
  const statusAt = (at: Micros): string => {
    if (endedAt !== null && at >= endedAt) return 'completed';
    return startedAt !== null && at >= startedAt ? 'in_progress' : 'scheduled';
  };
  const updates = view.updates.map((update) => {
    const status = statusAt(update.at);
    const affected = componentIds.map((code) => ({
      code,
      name: site.record.component(code).name,
      old_status: 'operational',
      new_status: status === 'in_progress' ? 'under_maintenance' : 'operational',
    }));
    const { at, message: body } = update;
    return updateOf({ id: update.id, subject: id, status, body, at, editedAt: at, affected });
  });
  return {
    id,
    name: view.title,
    // The API has no word for what was called off: it is over.
    status: view.state === 'cancelled' ? 'completed' : view.state,
    created_at: formatTime(scheduledAt),
    updated_at: formatTime(view.latestEffectiveAt),
    monitoring_at: null,
    resolved_at: timeOrNull(endedAt),
    impact: 'maintenance',
    shortlink: absoluteLink(site, maintenancePath(id)),
    started_at: formatTime(startedAt ?? startsAt),
    page_id: pageId(site),
    incident_updates: updates.reverse(),
    components: componentIds.map((componentId) => componentOf(site, site.record.component(componentId))),
    scheduled_for: formatTime(startsAt),
    scheduled_until: formatTime(endsAt),
  };
}

function timeOrNull(at: Micros | null): string | null {
  return at === null ? null : formatTime(at);
}
