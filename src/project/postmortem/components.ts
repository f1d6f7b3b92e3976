/** What an incident's components and their maintenances, and those of its clusters, told. */
import type { IncidentView } from '../../../projections/incident/view.ts';
import type { TellingRow } from '../../../projections/postmortem/rows.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import { streamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { listMaintenances } from '../answers.ts';
import { placeBefore } from '../incident-scope.ts';
import { BEFORE_ALL } from '../place.ts';
import type { PostmortemSources } from './gather.ts';
import { leadUpOf } from './stretches.ts';

/** The newest ones looked at, and of these those told of. */
const LISTED = 100;
const TOLD = 10;

/** Of those that were under way between an hour before the impact and the end of the incident. */
export async function maintenanceRows(
  { views, reader }: PostmortemSources,
  view: IncidentView,
  clusterIds: readonly string[],
): Promise<readonly TellingRow[]> {
  const anyTag = [
    ...clusterIds.map((id) => `cluster:${id}`),
    ...view.components.map(({ componentId }) => `component:${componentId}`),
  ];
  if (anyTag.length === 0) return [];
  const since = leadUpOf(view).from;
  const until = view.span.to ?? Number.POSITIVE_INFINITY;
  const listed = await listMaintenances(reader, { anyTag, limit: LISTED, descending: true });
  const underWay = listed
    .map((entry) => entry.view)
    .filter(({ startedAt, endedAt }) => startedAt !== null && startedAt <= until && (endedAt ?? until) >= since);
  const rows: TellingRow[] = [];
  for (const { id, title, clusterIds: of } of underWay.slice(0, TOLD)) {
    const pages = views.facts({
      stream: streamName('maintenance', id),
      upTo: reader.position,
      after: BEFORE_ALL,
      until: reader.happenedAt,
    });
    for await (const page of pages) rows.push(...page.flatMap((event) => rowOf(event, title, of[0] ?? id)));
  }
  return rows;
}

function rowOf(event: AnyFoldEvent, title: string, clusterId: string): readonly TellingRow[] {
  const isStart = event.type === 'MaintenanceStarted';
  if (!isStart && event.type !== 'MaintenanceCompleted' && event.type !== 'MaintenanceCancelled') return [];
  const step = isStart ? 'started' : event.type === 'MaintenanceCompleted' ? 'completed' : 'cancelled';
  const kind = isStart ? 'maintenance_started' : 'maintenance_ended';
  return [rowFrom(event, { kind, summary: `Maintenance ${step}: ${title}`, what: title, clusterId })];
}

function rowFrom(event: AnyFoldEvent, said: Pick<TellingRow, 'kind' | 'summary' | 'what' | 'clusterId'>): TellingRow {
  const { effectiveAt: at, notBefore, recordedAt, position: eventPosition } = event;
  return { at, notBefore, recordedAt, ...said, eventPosition, eventPositions: [eventPosition], count: 1, until: null };
}

/** Components read at most. */
const COMPONENTS_MAX = 20;

/** What was said of the incident's components in its time by whoever speaks for them alone. */
export async function componentRows(
  { views, reader }: PostmortemSources,
  view: IncidentView,
): Promise<readonly TellingRow[]> {
  const rows: TellingRow[] = [];
  const until = Math.min(view.span.to ?? Number.POSITIVE_INFINITY, reader.happenedAt ?? Number.POSITIVE_INFINITY);
  for (const { componentId } of view.components.slice(0, COMPONENTS_MAX)) {
    const pages = views.facts({
      stream: streamName('component', componentId),
      upTo: reader.position,
      after: placeBefore(view.span.from),
      until: until === Number.POSITIVE_INFINITY ? null : (until as Micros),
    });
    for await (const page of pages) {
      for (const event of page) {
        if (event.type !== 'ComponentStatusChanged') continue;
        const { status, reason } = event.data;
        const summary = `Component ${componentId}: ${status.replaceAll('_', ' ')}${reason ? ` (${reason})` : ''}`;
        rows.push(rowFrom(event, { kind: 'component_status', summary, what: componentId, clusterId: null }));
        if (rows.length === COMPONENT_ROWS_MAX) return rows;
      }
    }
  }
  return rows;
}

const COMPONENT_ROWS_MAX = 5_000;
