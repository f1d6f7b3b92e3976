import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertShape, COMPONENT, INCIDENT, MAINTENANCE, PAGE, type Shape, STATUS_OF_PAGE, SUMMARY } from './shape.ts';
import { type StatusServing, serveStatus } from './site.ts';

const DECLARED = { title: 'Payments fail', status: 'investigating', impact: 'major', origin: 'manual' };
const list = (of: Shape): Shape => ({ kind: 'list', of });
const withPage = (key: string, shape: Shape): Shape => ({ kind: 'object', keys: { page: PAGE, [key]: shape } });

async function story(site: StatusServing): Promise<void> {
  await site.tell(
    ['ComponentRegistered', 'api', { name: 'API', group: 'Core', description: 'What others build on' }, 0],
    ['ComponentRegistered', 'web', { name: 'Website' }, 0],
    [
      'IncidentDeclared',
      'i1',
      {
        ...DECLARED,
        message: 'We look into it.',
        components: [{ componentId: 'api', status: 'major_outage' }, { componentId: 'unregistered' }],
      },
      5,
    ],
    [
      'IncidentUpdated',
      'i1',
      {
        message: 'Better.',
        status: 'monitoring',
        components: [{ componentId: 'api', status: 'degraded_performance' }],
      },
      8,
    ],
    ['IncidentDeclared', 'i0', { title: 'An old one', status: 'investigating', origin: 'manual' }, 1],
    ['IncidentUpdated', 'i0', { message: 'Over.', status: 'resolved' }, 2],
    ['IncidentUpdated', 'i0', { message: 'A word after.' }, 3],
    [
      'MaintenanceScheduled',
      'm1',
      {
        title: 'Later',
        message: 'Soon.',
        startsAt: '2022-12-20T01:00:00Z',
        endsAt: '2022-12-20T03:00:00Z',
        components: [{ componentId: 'web' }],
      },
      6,
    ],
    [
      'MaintenanceScheduled',
      'm2',
      {
        title: 'Now',
        startsAt: '2022-12-13T20:05:00Z',
        endsAt: '2022-12-13T21:00:00Z',
        components: [{ componentId: 'web' }],
      },
      3,
    ],
    ['MaintenanceStarted', 'm2', { message: 'We begin.' }, 6],
    [
      'MaintenanceScheduled',
      'm3',
      { title: 'Called off', startsAt: '2022-12-14T20:05:00Z', endsAt: '2022-12-14T21:00:00Z' },
      3,
    ],
    ['MaintenanceCancelled', 'm3', {}, 4],
  );
}

test('every file has the shape of the Statuspage API, keys, types and words', async (t) => {
  const site = await serveStatus(t, { title: 'Acme' });
  const files: Readonly<Record<string, Shape>> = {
    summary: SUMMARY,
    status: withPage('status', STATUS_OF_PAGE),
    components: withPage('components', list(COMPONENT)),
    incidents: withPage('incidents', list(INCIDENT)),
    'incidents/unresolved': withPage('incidents', list(INCIDENT)),
    'scheduled-maintenances': withPage('scheduled_maintenances', list(MAINTENANCE)),
    'scheduled-maintenances/upcoming': withPage('scheduled_maintenances', list(MAINTENANCE)),
    'scheduled-maintenances/active': withPage('scheduled_maintenances', list(MAINTENANCE)),
  };
  for (const [name, shape] of Object.entries(files)) assertShape(await site.json(`/api/v2/${name}.json`), shape, name);
  await story(site);
  for (const [name, shape] of Object.entries(files)) assertShape(await site.json(`/api/v2/${name}.json`), shape, name);
});

test('the lists hold what their names say', async (t) => {
  const site = await serveStatus(t);
  await story(site);
  const ids = async (name: string, key: string) =>
    (await site.json(`/api/v2/${name}.json`))[key].map(({ id }: { readonly id: string }) => id);
  assert.deepEqual(await ids('incidents', 'incidents'), ['i1', 'i0']);
  assert.deepEqual(await ids('incidents/unresolved', 'incidents'), ['i1']);
  assert.deepEqual(await ids('scheduled-maintenances', 'scheduled_maintenances'), ['m1', 'm3', 'm2']);
  assert.deepEqual(await ids('scheduled-maintenances/upcoming', 'scheduled_maintenances'), ['m1']);
  assert.deepEqual(await ids('scheduled-maintenances/active', 'scheduled_maintenances'), ['m2']);
  const { components } = await site.json('/api/v2/components.json');
  const [group, api, web] = components;
  assert.deepEqual(
    [group.name, group.group, group.components, group.status],
    ['Core', true, ['api'], 'degraded_performance'],
  );
  assert.deepEqual([api.id, api.group_id, api.position, api.start_date], ['api', group.id, 2, '2022-12-13']);
  assert.deepEqual([web.group_id, web.status, web.position], [null, 'under_maintenance', 3]);
});

test('an incident tells its course, the newest update first, with what each said of components', async (t) => {
  const site = await serveStatus(t);
  await story(site);
  const { incidents } = await site.json('/api/v2/incidents.json');
  const [open, old] = incidents;
  assert.deepEqual(
    [open.status, open.impact, open.created_at, open.monitoring_at, open.resolved_at],
    [...['monitoring', 'major', '2022-12-13T20:05:00.000Z', '2022-12-13T20:08:00.000Z', null]],
  );
  const affected = open.incident_updates.map(
    (update: { readonly affected_components: unknown }) => update.affected_components,
  );
  assert.deepEqual(affected, [
    [{ code: 'api', name: 'API', old_status: 'major_outage', new_status: 'degraded_performance' }],
    [
      { code: 'api', name: 'API', old_status: 'operational', new_status: 'major_outage' },
      { code: 'unregistered', name: 'unregistered', old_status: 'operational', new_status: 'operational' },
    ],
  ]);
  assert.deepEqual([old.status, old.impact, old.resolved_at], ['resolved', 'none', '2022-12-13T20:02:00.000Z']);
  assert.deepEqual(
    old.incident_updates.map(({ status, body }: { readonly status: string; readonly body: string }) => [status, body]),
    [
      ['resolved', 'A word after.'],
      ['resolved', 'Over.'],
      ['investigating', ''],
    ],
  );
});

test('a feed has the newest first, each under an id that holds wherever it is read', async (t) => {
  const site = await serveStatus(t, { title: 'Acme' });
  await story(site);
  const atom = await (await site.get('/history.atom')).text();
  assert.deepEqual(
    [...atom.matchAll(/<id>(.*)<\/id>/g)].map(([, id]) => id),
    [
      'urn:musterbook:history',
      ...['incident:i1', 'maintenance:m1', 'maintenance:m2', 'maintenance:m3', 'incident:i0'].map(
        (id) => `urn:musterbook:${id}`,
      ),
    ],
  );
  assert.match(atom, new RegExp(`href="${site.url}/status/incidents/i1"`));
  const ofComponent = await (await site.get('/status/components/api/history.rss')).text();
  assert.deepEqual(
    [...ofComponent.matchAll(/<guid[^>]*>(.*)<\/guid>/g)].map(([, id]) => id),
    ['urn:musterbook:incident:i1'],
  );
  assert.match(ofComponent, /<title>API · Acme<\/title>/);
  assert.equal((await site.get('/status/components/unregistered/history.rss')).status, 404);
});

test('a badge says in words how a component is', async (t) => {
  const site = await serveStatus(t, { title: 'Acme' });
  await story(site);
  const response = await site.get('/status/components/api/badge.svg');
  assert.equal(response.headers.get('content-type'), 'image/svg+xml');
  assert.match(await response.text(), /<title>API: Degraded performance<\/title>/);
  assert.match(await (await site.get('/status/badge.svg')).text(), /<title>Acme: Some systems are disturbed<\/title>/);
});
