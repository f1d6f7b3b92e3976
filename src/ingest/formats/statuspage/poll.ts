/** One poll of a Statuspage `/api/v2/summary.json`, as a line says it. */
import type { Micros } from '../../../../schemas/time.ts';
import { timeIn, unreadable } from '../format.ts';

export interface Poll {
  readonly observedAt: Micros;
  /** Null where the page gave no readable answer. */
  readonly summary: Summary | null;
}

export interface Summary {
  readonly pageUrl: string;
  readonly components: readonly PolledComponent[];
  readonly incidents: readonly PolledIncident[];
  readonly maintenances: readonly PolledMaintenance[];
}

export interface PolledComponent {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  /** The name of the heading it stands under. */
  readonly group: string | null;
  readonly status: string;
  readonly updatedAt: Micros;
}

export interface PolledUpdate {
  readonly id: string;
  readonly status: string;
  readonly body: string;
  /** The time under which the page shows it. */
  readonly at: Micros;
  readonly updatedAt: Micros;
}

/** What incidents and maintenances have alike. */
interface PolledSubject {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly componentIds: readonly string[];
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  /** Oldest first. */
  readonly updates: readonly PolledUpdate[];
}

export interface PolledIncident extends PolledSubject {
  readonly impact: string;
  readonly startedAt: Micros;
}

export interface PolledMaintenance extends PolledSubject {
  readonly startsAt: Micros;
  readonly endsAt: Micros;
}

type Json = Readonly<Record<string, unknown>>;

/** The page rounds a time to whole seconds when someone edits the entry: two times nearer than this are one. */
export const SAME_INSTANT_MICROS = 1_000_000;

/** Reads a line `{observedAt, body}`. A body that is missing, or no summary, is a poll without an answer. */
export function readPoll(line: string, place: string): Poll {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw unreadable(place, 'it is not JSON');
  }
  if (!isObject(value)) throw unreadable(place, 'it is not an object');
  const observedAt = timeIn(value['observedAt'], `${place}, observedAt`);
  const { body } = value;
  return { observedAt, summary: isObject(body) && Array.isArray(body['components']) ? summaryOf(body, place) : null };
}

function summaryOf(body: Json, place: string): Summary {
  const components = objectsIn(body['components']);
  const groups = new Map(
    components.filter(({ group }) => group === true).map((each) => [each['id'], textIn(each['name'])]),
  );
  return {
    pageUrl: textIn(isObject(body['page']) ? body['page']['url'] : undefined),
    components: components
      .filter(({ group }) => group !== true)
      .map((each) => ({
        id: textIn(each['id']),
        name: textIn(each['name']),
        description: textOrNull(each['description']),
        group: groups.get(each['group_id']) ?? null,
        status: textIn(each['status']),
        updatedAt: timeIn(each['updated_at'], `${place}, components`),
      })),
    incidents: objectsIn(body['incidents']).map((each) => ({
      ...subjectOf(each, `${place}, incident ${textIn(each['id'])}`),
      impact: textIn(each['impact']),
      startedAt: timeIn(each['started_at'] ?? each['created_at'], `${place}, started_at`),
    })),
    maintenances: objectsIn(body['scheduled_maintenances']).map((each) => ({
      ...subjectOf(each, `${place}, maintenance ${textIn(each['id'])}`),
      startsAt: timeIn(each['scheduled_for'], `${place}, scheduled_for`),
      endsAt: timeIn(each['scheduled_until'], `${place}, scheduled_until`),
    })),
  };
}

function subjectOf(value: Json, place: string): PolledSubject {
  // The page lists updates newest first; turned round, the sort keeps the page's order where times are equal.
  const updates = objectsIn(value['incident_updates'])
    .map((each) => updateOf(each, place))
    .reverse()
    .sort((first, second) => first.at - second.at);
  return {
    id: textIn(value['id']),
    name: textIn(value['name']),
    status: textIn(value['status']),
    componentIds: objectsIn(value['components']).map(({ id }) => textIn(id)),
    createdAt: timeIn(value['created_at'], `${place}, created_at`),
    updatedAt: timeIn(value['updated_at'], `${place}, updated_at`),
    updates,
  };
}

function updateOf(value: Json, place: string): PolledUpdate {
  const createdAt = timeIn(value['created_at'], `${place}, created_at`);
  const displayAt = timeIn(value['display_at'] ?? value['created_at'], `${place}, display_at`);
  return {
    id: textIn(value['id']),
    status: textIn(value['status']),
    body: textIn(value['body']),
    at: Math.abs(displayAt - createdAt) < SAME_INSTANT_MICROS ? createdAt : displayAt,
    updatedAt: timeIn(value['updated_at'] ?? value['created_at'], `${place}, updated_at`),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectsIn(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
