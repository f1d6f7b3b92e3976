/**
 * The shape of a Statuspage v2 summary as 3,373 polls of a live page had it (Statuspage API; the polls are those of
 * `statuspage-github-2020-2023`): every key, the types of each, and the words of those that are words. No text of theirs is here.
 */
import assert from 'node:assert/strict';

export type Shape =
  | { readonly kind: 'object'; readonly keys: Readonly<Record<string, Shape>>; readonly optional?: readonly string[] }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'values'; readonly types: readonly string[]; readonly words?: readonly string[] };

const values = (...types: readonly string[]): Shape => ({ kind: 'values', types });
const words = (...all: readonly string[]): Shape => ({ kind: 'values', types: ['string'], words: all });
const list = (of: Shape): Shape => ({ kind: 'list', of });
const object = (keys: Readonly<Record<string, Shape>>, ...optional: readonly string[]): Shape => ({
  kind: 'object',
  keys,
  optional,
});

const STATUS = words('operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance');

export const PAGE = object({
  id: values('string'),
  name: values('string'),
  url: values('string'),
  time_zone: words('Etc/UTC'),
  updated_at: values('time'),
});

/** `components`: of groups only, which the polled page had none of. */
export const COMPONENT = object(
  {
    id: values('string'),
    name: values('string'),
    status: STATUS,
    created_at: values('time'),
    updated_at: values('time'),
    position: values('number'),
    description: values('string', 'null'),
    showcase: values('boolean'),
    start_date: values('date', 'null'),
    group_id: values('string', 'null'),
    page_id: values('string'),
    group: values('boolean'),
    only_show_if_degraded: values('boolean'),
    components: list(values('string')),
  },
  'components',
);

const AFFECTED = object({ code: values('string'), name: values('string'), old_status: STATUS, new_status: STATUS });

function updates(...statuses: readonly string[]): Shape {
  return list(
    object({
      id: values('string'),
      status: words(...statuses),
      body: values('string'),
      incident_id: values('string'),
      created_at: values('time'),
      updated_at: values('time'),
      display_at: values('time'),
      affected_components: { kind: 'values', types: ['null', 'list'] },
      deliver_notifications: values('boolean'),
      custom_tweet: values('null'),
      tweet_id: values('number', 'null'),
    }),
  );
}

function subject(statuses: readonly string[], impacts: readonly string[]): Readonly<Record<string, Shape>> {
  return {
    id: values('string'),
    name: values('string'),
    status: words(...statuses),
    created_at: values('time'),
    updated_at: values('time'),
    monitoring_at: values('time', 'null'),
    resolved_at: values('time', 'null'),
    impact: words(...impacts),
    shortlink: values('string'),
    started_at: values('time'),
    page_id: values('string'),
    incident_updates: updates(...statuses),
    components: list(COMPONENT),
  };
}

export const INCIDENT = object(
  {
    ...subject(['investigating', 'identified', 'monitoring', 'resolved'], ['none', 'minor', 'major', 'critical']),
    reminder_intervals: values('null'),
  },
  'reminder_intervals',
);

export const MAINTENANCE = object({
  ...subject(['scheduled', 'in_progress', 'completed'], ['maintenance']),
  scheduled_for: values('time'),
  scheduled_until: values('time'),
});

export const STATUS_OF_PAGE = object({
  indicator: words('none', 'minor', 'major', 'critical', 'maintenance'),
  description: values('string'),
});

export const SUMMARY = object({
  page: PAGE,
  components: list(COMPONENT),
  incidents: list(INCIDENT),
  scheduled_maintenances: list(MAINTENANCE),
  status: STATUS_OF_PAGE,
});

/** Throws where a value has another key, type or word, and where a key is missing. */
export function assertShape(value: unknown, shape: Shape, place = ''): void {
  switch (shape.kind) {
    case 'object': {
      assert.equal(typeOf(value), 'object', place);
      const found = Object.entries(value as object);
      const keys = Object.keys(shape.keys).filter(
        (key) => Object.hasOwn(value as object, key) || !shape.optional?.includes(key),
      );
      assert.deepEqual(found.map(([key]) => key).sort(), keys.sort(), place);
      for (const [key, each] of found) assertShape(each, shape.keys[key] as Shape, `${place}.${key}`);
      return;
    }
    case 'list':
      assert.ok(Array.isArray(value), place);
      for (const [index, each] of value.entries()) assertShape(each, shape.of, `${place}[${index}]`);
      return;
    case 'values': {
      const type = typeOf(value);
      const fits =
        shape.types.includes(type) || (type !== 'list' && typeof value === 'string' && shape.types.includes('string'));
      assert.ok(fits, `${place} is ${JSON.stringify(value)}, ${type}: expected ${shape.types.join(' or ')}`);
      if (shape.words !== undefined)
        assert.ok(shape.words.includes(value as string), `${place} is ${JSON.stringify(value)}`);
      if (Array.isArray(value)) for (const each of value) assertShape(each, AFFECTED, `${place}[]`);
    }
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'string') return typeof value;
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return 'date';
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/.test(value) ? 'time' : 'string';
}
