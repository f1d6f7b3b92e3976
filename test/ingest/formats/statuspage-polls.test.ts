/** Polls of a small page, written by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { componentViews } from '../../../projections/components/answers.ts';
import { components } from '../../../projections/components/components.ts';
import { gaps } from '../../../projections/gaps/gaps.ts';
import { gapsOf } from '../../../projections/gaps/view.ts';
import { incidentView } from '../../../projections/incident/answers.ts';
import { incident } from '../../../projections/incident/incident.ts';
import { maintenance, maintenanceView } from '../../../projections/maintenance/maintenance.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import { statuspagePolls } from '../../../src/ingest/formats/statuspage-polls.ts';
import { micros } from '../../support/events.ts';
import { foldSet } from '../../support/fold.ts';
import { filesIn, restored, textsOf } from '../../support/imported.ts';

type Json = Readonly<Record<string, unknown>>;
const at = (minute: number) =>
  `2024-05-01T${String(10 + Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00.000Z`;
const component = (id: string, status: string, updated: number, more: Json = {}): Json => ({
  id,
  name: id,
  status,
  updated_at: at(updated),
  description: null,
  group: false,
  group_id: null,
  ...more,
});
const update = (id: string, minute: number, status: string, more: Json = {}): Json => ({
  id,
  status,
  body: `words of ${id}`,
  created_at: at(minute),
  display_at: at(minute),
  updated_at: at(minute),
  ...more,
});
const entry = (id: string, updates: readonly Json[], more: Json = {}): Json => ({
  id,
  name: id,
  status: updates.at(-1)?.['status'] ?? 'investigating',
  impact: 'minor',
  components: [],
  created_at: updates[0]?.['created_at'],
  started_at: updates[0]?.['created_at'],
  updated_at: updates.at(-1)?.['updated_at'],
  incident_updates: [...updates].reverse(),
  ...more,
});
const poll = (minute: number, shown: { components?: Json[]; incidents?: Json[]; maintenances?: Json[] }): Json => ({
  observedAt: at(minute),
  body: {
    page: { url: 'https://status.example' },
    components: shown.components ?? [component('api', 'operational', 0)],
    incidents: shown.incidents ?? [],
    scheduled_maintenances: shown.maintenances ?? [],
  },
});
const unreadablePoll = (minute: number): Json => ({ observedAt: at(minute), raw: '' });

async function read(...polls: readonly Json[]): Promise<readonly AnyFoldEvent[]> {
  const text = polls.map((each) => JSON.stringify(each)).join('\n');
  return restored(await textsOf(statuspagePolls, ['polls'], filesIn({ polls: gzipSync(text) })));
}
const incidentAfter = (events: readonly AnyFoldEvent[], id = 'outage') =>
  incidentView(foldSet(incident, events, id)) ?? assert.fail(`no incident ${id}`);
const maintenanceAfter = (events: readonly AnyFoldEvent[], id = 'work') =>
  maintenanceView(foldSet(maintenance, events, id)) ?? assert.fail(`no maintenance ${id}`);
const statusesAfter = (events: readonly AnyFoldEvent[]) =>
  Object.fromEntries(componentViews(foldSet(components, events), []).map(({ id, status }) => [id, status]));

test('several updates at once, listed newest first, are posts at their own times; what else changed comes with the last', async () => {
  const first = update('u1', 5, 'investigating');
  const events = await read(
    poll(0, {}),
    poll(10, { incidents: [entry('outage', [first])] }),
    poll(30, {
      incidents: [
        entry('outage', [first, update('u2', 15, 'identified'), update('u3', 20, 'monitoring')], {
          name: 'Outage of all',
          impact: 'major',
        }),
      ],
    }),
  );
  const view = incidentAfter(events);
  assert.deepEqual(
    view.updates.map(({ id, status, at: time, message }) => [id, status, time, message]),
    [
      ['u1', 'investigating', micros(at(5)), 'words of u1'],
      ['u2', 'identified', micros(at(15)), 'words of u2'],
      ['u3', 'monitoring', micros(at(20)), 'words of u3'],
    ],
  );
  assert.deepEqual([view.title, view.impact, view.declaredAt], ['Outage of all', 'major', micros(at(5))]);
  assert.equal(events.find(({ id }) => id === 'u3')?.recordedAt, micros(at(30)));
});

test('an incident that vanishes was resolved between two polls; that it comes back reopens it', async () => {
  const outage = entry('outage', [update('u1', 5, 'investigating')]);
  const events = await read(poll(10, { incidents: [outage] }), poll(40, {}), poll(60, { incidents: [outage] }));
  const resolution = events.find((event) => event.type === 'IncidentUpdated');
  assert.deepEqual([resolution?.notBefore, resolution?.occurredAt], [micros(at(10)), micros(at(40))]);
  assert.equal(incidentAfter(events.filter(({ recordedAt }) => recordedAt <= micros(at(40)))).status, 'resolved');
  assert.equal(incidentAfter(events).status, 'investigating');
});

test('a rename without a new update is an entry without words, no later than the page says', async () => {
  const first = update('u1', 5, 'investigating');
  const events = await read(
    poll(10, { incidents: [entry('outage', [first])] }),
    poll(30, { incidents: [entry('outage', [first], { name: 'Renamed', updated_at: at(22) })] }),
  );
  const renamed = events.find((event) => event.type === 'IncidentUpdated');
  assert.deepEqual(
    [renamed?.notBefore, renamed?.occurredAt, renamed?.data],
    [micros(at(10)), micros(at(22)), { message: '', title: 'Renamed' }],
  );
});

test('words that the page changes amend the update; the first words stay', async () => {
  const events = await read(
    poll(10, { incidents: [entry('outage', [update('u1', 5, 'investigating')])] }),
    poll(30, {
      incidents: [entry('outage', [update('u1', 5, 'investigating', { body: 'better words', updated_at: at(25) })])],
    }),
  );
  const [post] = incidentAfter(events).updates;
  assert.equal(post?.message, 'better words');
  assert.equal(post?.amendments.length, 1);
  assert.equal(
    events.find(({ id }) => id === 'u1')?.data && incidentAfter(events.slice(0, 2)).updates[0]?.message,
    'words of u1',
  );
});

test('a maintenance is scheduled, extended, started and, once it vanishes, completed; its components follow the page', async () => {
  const plan = { scheduled_for: at(20), scheduled_until: at(60), impact: 'maintenance', components: [{ id: 'api' }] };
  const [u1, u2, u3] = [update('u1', 2, 'scheduled'), update('u2', 21, 'in_progress'), update('u3', 50, 'in_progress')];
  const working = component('api', 'under_maintenance', 21);
  const events = await read(
    poll(10, { maintenances: [entry('work', [u1], plan)] }),
    poll(30, { maintenances: [entry('work', [u1, u2], plan)], components: [working] }),
    poll(55, {
      maintenances: [entry('work', [u1, u2, u3], { ...plan, scheduled_until: at(90) })],
      components: [working],
    }),
    poll(80, { components: [component('api', 'operational', 70)] }),
  );
  const view = maintenanceAfter(events);
  assert.deepEqual(
    [view.state, view.startedAt, view.endedAt, view.endsAt],
    ['completed', micros(at(21)), micros(at(80)), micros(at(90))],
  );
  assert.deepEqual(
    view.updates.map(({ id }) => id),
    ['u1', 'u2', 'u3'],
  );
  assert.deepEqual(statusesAfter(events), { api: 'operational' });
  assert.equal(
    statusesAfter(events.filter(({ recordedAt }) => recordedAt <= micros(at(55))))['api'],
    'under_maintenance',
  );
});

test('where a page leaves components alone during a maintenance the register is put right', async () => {
  const plan = { scheduled_for: at(20), scheduled_until: at(60), components: [{ id: 'api' }] };
  const updates = [update('u1', 2, 'scheduled'), update('u2', 21, 'in_progress')];
  const events = await read(poll(10, {}), poll(30, { maintenances: [entry('work', updates, plan)] }));
  assert.deepEqual(statusesAfter(events), { api: 'operational' });
});

test('a plan that vanishes before the page showed it start counts as cancelled', async () => {
  const plan = { scheduled_for: at(120), scheduled_until: at(180) };
  const events = await read(
    poll(10, { maintenances: [entry('work', [update('u1', 2, 'scheduled')], plan)] }),
    poll(30, {}),
  );
  assert.equal(maintenanceAfter(events).state, 'cancelled');
});

test('components: headings are groups, a rename is registered again, one that vanishes is retired', async () => {
  const heading = component('head', 'operational', 0, { group: true, name: 'Core' });
  const inside = { group_id: 'head' };
  const events = await read(
    poll(10, {
      components: [heading, component('api', 'partial_outage', 0, inside), component('web', 'operational', 0)],
    }),
    poll(30, { components: [heading, component('api', 'partial_outage', 25, { ...inside, name: 'API' })] }),
  );
  const [api, ...others] = componentViews(foldSet(components, events), []);
  assert.deepEqual([api?.id, api?.name, api?.group, api?.status], ['api', 'API', 'Core', 'partial_outage']);
  assert.deepEqual(others, []);
});

test('a change that the page dates before the poll that still showed the old status is dated by the polls', async () => {
  const events = await read(poll(10, {}), poll(30, { components: [component('api', 'major_outage', 7)] }));
  const change = events.find((event) => event.type === 'ComponentStatusChanged');
  assert.deepEqual([change?.notBefore, change?.occurredAt], [micros(at(10)), micros(at(30))]);
});

test('unreadable answers are a gap, open until the next readable one, also before the first', async () => {
  const events = await read(unreadablePoll(0), poll(10, {}), unreadablePoll(20), unreadablePoll(30), poll(40, {}));
  const known = (minute: number) =>
    gapsOf(
      foldSet(
        gaps,
        events.filter(({ recordedAt }) => recordedAt <= micros(at(minute))),
      ),
    );
  assert.deepEqual(
    known(30).map(({ from, to }) => [from, to]),
    [
      [micros(at(0)), micros(at(10))],
      [micros(at(10)), null],
    ],
  );
  assert.deepEqual(
    known(40).map(({ from, to }) => [from, to]),
    [
      [micros(at(0)), micros(at(10))],
      [micros(at(10)), micros(at(40))],
    ],
  );
});

test('a poll given twice changes nothing; one from the past, no JSON, or no answer at all is refused', async () => {
  assert.deepEqual(await read(poll(10, {}), poll(10, {})), await read(poll(10, {})));
  for (const text of [
    `${JSON.stringify(poll(10, {}))}\n${JSON.stringify(poll(5, {}))}`,
    'no json',
    '{"observedAt":"yesterday"}',
    JSON.stringify(unreadablePoll(0)),
  ]) {
    await assert.rejects(textsOf(statuspagePolls, ['polls'], filesIn({ polls: text })), { code: 'IMPORT_UNREADABLE' });
  }
});
