import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime } from '../../../schemas/time.ts';
import { serve, unfinished } from '../serving.ts';
import { type StatusServing, serveStatus } from './site.ts';

const DECLARED = { title: 'Payments fail', status: 'investigating', impact: 'major', origin: 'manual' };
const FILES = [
  ...['/status', '/status/history', '/history.atom', '/history.rss', '/status/badge.svg'],
  ...['summary', 'status', 'components', 'incidents', 'incidents/unresolved'].map((name) => `/api/v2/${name}.json`),
  ...['', '/upcoming', '/active'].map((name) => `/api/v2/scheduled-maintenances${name}.json`),
];

async function recordedAt(site: StatusServing, position: number): Promise<string> {
  const event = await site.ledger.eventAt(position as never);
  assert.ok(event);
  return formatTime(event.recordedAt);
}

test('as of a moment every file shows what was known then, and its links stay there', async (t) => {
  const site = await serveStatus(t);
  await site.tell(['ComponentRegistered', 'api', { name: 'API' }, 0]);
  const position = await site.tell([
    ...([
      'IncidentDeclared',
      'i',
      { ...DECLARED, message: 'So it began.', components: [{ componentId: 'api', status: 'major_outage' }] },
      1,
    ] as const),
  ]);
  const then = encodeURIComponent(await recordedAt(site, position));
  await site.tell(
    ['IncidentUpdated', 'i', { message: 'It is over.', status: 'resolved' }, 2],
    ['ComponentRegistered', 'api', { name: 'The API' }, 3],
    ['IncidentDeclared', 'later', { ...DECLARED, title: 'Another one' }, 4],
  );
  const page = await site.page(`/status?as_of=${then}`);
  assert.deepEqual(page.all('.now'), ['Critical outage of all systems']);
  assert.deepEqual(page.all('.component'), ['APIMajor outage']);
  assert.deepEqual(page.all('.said'), ['So it began.']);
  assert.match(page.all('.then')[0] ?? '', /^This page as it stood at 14 Dec 2022, .* UTC\./);
  const links = page.elements
    .map(({ attributes: { href = '' } }) => href)
    .filter((href) => /^\/(status|history|api)/.test(href));
  const stays = links.filter((href) => href.replace(/#.*/, '').endsWith(`?as_of=${then}`));
  assert.deepEqual(
    links.filter((href) => !stays.includes(href)),
    ['/status/style.css', '/status/icon.svg', '/status'],
  );
  const summary = await site.json(`/api/v2/summary.json?as_of=${then}`);
  assert.deepEqual([summary.components[0].name, summary.incidents.length], ['API', 1]);
  assert.match(await (await site.get(`/history.atom?as_of=${then}`)).text(), /So it began/);
  assert.doesNotMatch(await (await site.get(`/history.atom?as_of=${then}`)).text(), /It is over|Another one/);
  assert.equal((await site.get(`/status/incidents/later?as_of=${then}`)).status, 404);
  assert.deepEqual(
    (await site.page('/status')).all('.component'),
    ['The APIMajor outage'].map(() => 'The APIOperational'),
  );
});

test('before the first record everything is empty and nothing an error', async (t) => {
  const site = await serveStatus(t);
  await site.tell(['ComponentRegistered', 'api', { name: 'API' }, 0], ['IncidentDeclared', 'i', DECLARED, 1]);
  for (const path of FILES) assert.equal((await site.get(`${path}?as_of=1999-01-01T00:00:00Z`)).status, 200, path);
  const summary = await site.json('/api/v2/summary.json?as_of=1999-01-01T00:00:00Z');
  assert.deepEqual([summary.components, summary.incidents, summary.scheduled_maintenances], [[], [], []]);
  const page = await site.page('/status?as_of=1999-01-01T00:00:00Z');
  assert.deepEqual(page.all('.now'), ['No components are registered']);
  for (const { url } of await Promise.all(FILES.map((path) => site.get(path)))) assert.ok(url);
});

test('an empty ledger has a page, too', async (t) => {
  const site = await serveStatus(t);
  for (const path of FILES) assert.equal((await site.get(path)).status, 200, path);
  assert.deepEqual((await site.page('/status')).all('.now'), ['No components are registered']);
});

test('while the views are being built nothing looks as if nothing had ever happened', async (t) => {
  const { ledger, views, tell } = await serve(t);
  await tell(['ComponentRegistered', 'api', { name: 'API' }, 0]);
  const built = unfinished(views);
  const site = await serveStatus(t, {}, { ledger, views: built.views });
  for (const path of ['/status', '/status?as_of=2022-12-13T20:00:00Z']) {
    const page = await site.page(path);
    assert.deepEqual([page.status, page.all('h1')], [503, ['This page is being prepared']], path);
    assert.doesNotMatch(page.text, /Nothing is recorded/);
  }
  assert.equal((await site.get('/status/style.css')).status, 200, 'what it looks like does not wait');
  for (const path of ['/api/v2/summary.json', '/history.atom', '/status/badge.svg']) {
    const response = await site.get(path);
    assert.deepEqual([response.status, response.headers.has('retry-after')], [503, true], path);
    assert.match(await response.text(), /NOT_YET/);
  }
  const ready = await site.get('/readyz');
  assert.equal(ready.status, 503);
  assert.deepEqual(((await ready.json()) as { readonly building: object }).building, { position: 250, of: 1_000 });
  const { data } = await site.ask('{ ledger { head building { position of } } }');
  assert.deepEqual(data.ledger, { head: '1', building: { position: '250', of: '1000' } });
  built.finish();
  await tell(['ComponentRegistered', 'web', { name: 'Web' }, 1]);
  assert.equal((await site.page('/status')).all('.component').length, 2);
});

test('a moment that cannot be shown is refused: pages say so, programs get a problem', async (t) => {
  const site = await serveStatus(t);
  const cases = [
    ['yesterday', 'TIME_UNREADABLE'],
    ['', 'TIME_UNREADABLE'],
    ['2022-09-06T23:25:58', 'TIME_WITHOUT_ZONE'],
    ['1900-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
    ['2199-01-01T00:00:00Z', 'MOMENT_IN_FUTURE'],
  ] as const;
  for (const [asOf, code] of cases) {
    const page = await site.page(`/status?as_of=${encodeURIComponent(asOf)}`);
    assert.equal(page.status, 400);
    assert.deepEqual(page.all('h1'), ['This moment cannot be shown']);
    assert.match(page.text, new RegExp(code));
    const response = await site.get(`/api/v2/summary.json?as_of=${encodeURIComponent(asOf)}`);
    assert.equal(response.status, 400);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    const problem = (await response.json()) as { readonly code: string; readonly hint: string };
    assert.deepEqual([problem.code, problem.hint !== ''], [code, true]);
  }
});

test('a form of HTML asks for a time without a zone: UTC is meant', async (t) => {
  const site = await serveStatus(t);
  await site.tell(['ComponentRegistered', 'api', { name: 'API' }, 0]);
  for (const time of ['2022-12-13T10:00', '2022-12-13T10:00:00']) {
    const page = await site.page(`/status?as_of_utc=${encodeURIComponent(time)}`);
    assert.match(page.all('.then')[0] ?? '', /13 Dec 2022, 10:00:00 UTC/);
  }
  assert.equal(
    (await site.get('/status?as_of=2022-12-13T10:00:00+01:00')).status,
    200,
    'a plus sign that was not escaped',
  );
});
