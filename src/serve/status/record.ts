/** All that the status page shows, of one set of events: from it every page, file and feed is made without asking anything more. */
import type { Position } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import type { Ledger } from '../../ledger/port.ts';
import {
  type ComponentHistories,
  type ComponentHistory,
  type ComponentView,
  componentsAt,
  type IncidentView,
  listMaintenances,
  listPublicIncidents,
  type MaintenanceView,
  type MaybePromise,
  maintenanceAt,
  namedPageComponentView,
  presentReader,
  publicIncidentAt,
  type StatusPageView,
  statusPageAt,
  type Views,
} from '../../project/views.ts';

export interface StatusRecord {
  /** For validators: what is shown is of the events at or below it. */
  readonly position: Position;
  /** The moment asked about; null: the present. */
  readonly asOf: Micros | null;
  /** Up to when it tells, exclusive. */
  readonly until: Micros;
  /** Of the event at `position`; null: there is none. */
  readonly recordedAt: Micros | null;
  readonly page: StatusPageView;
  /** By component. */
  readonly histories: ReadonlyMap<string, ComponentHistory>;
  /** Public ones, the newest first; `ENTRIES_MAX` at most. */
  readonly incidents: readonly IncidentView[];
  /** By planned start, the latest first; `ENTRIES_MAX` at most. */
  readonly maintenances: readonly MaintenanceView[];
  /** Any incident of which something public was said, and any maintenance: their pages hold for good. */
  incident(id: string): MaybePromise<IncidentView | null>;
  maintenance(id: string): MaybePromise<MaintenanceView | null>;
  /** Any component that is named, registered or not. */
  component(id: string): ComponentView;
}

/** Incidents, and maintenances, that are shown at most. */
export const ENTRIES_MAX = 2_000;
/** Days of history that are shown. */
export const DAYS = 90;

export interface RecordSources {
  readonly views: Views;
  readonly ledger: Pick<Ledger, 'readAll'>;
  readonly histories: ComponentHistories;
}

export interface RecordQuery {
  /** What the record says it is of: nothing that it shows changed between this and `readAt`. */
  readonly position: Position;
  readonly readAt: Position;
  readonly asOf: Micros | null;
  readonly until: Micros;
}

export async function gatherRecord(
  { views, ledger, histories }: RecordSources,
  { position, readAt, asOf, until: asked }: RecordQuery,
): Promise<StatusRecord> {
  const reader = asOf === null && readAt === views.position() ? presentReader(views) : views.at(readAt);
  const page = await statusPageAt(reader);
  const incidents = await listPublicIncidents(reader, ENTRIES_MAX);
  const listed = await listMaintenances(reader, { allTags: ['exists'], limit: ENTRIES_MAX, descending: true });
  const { state } = await componentsAt(reader);
  // A clock that was put back does not hide what was recorded before.
  const until = Math.max(asked, (page.latestEffectiveAt ?? 0) + 1) as Micros;
  const days = await histories.at({ position: readAt, days: DAYS, until });
  const [last] = await ledger.readAll({ upTo: position, backwards: true, limit: 1 });
  const onPage = new Map(page.components.map((component) => [component.id, component]));
  return {
    position,
    asOf,
    until,
    recordedAt: last?.recordedAt ?? null,
    page,
    histories: days,
    incidents,
    maintenances: listed.map(({ view }) => view),
    incident: (id) => publicIncidentAt(reader, id),
    maintenance: (id) => maintenanceAt(reader, id),
    component: (id) => onPage.get(id) ?? namedPageComponentView(state, id, []),
  };
}
