import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Page, pageOf, serveStatus } from './site.ts';

const DECLARED = { title: 'Payments fail', status: 'investigating', impact: 'major', origin: 'manual' };

test('the page shows components by group, what is open and what is planned', async (t) => {
  const site = await serveStatus(t, { title: 'Acme', text: 'How Acme is doing' });
  await site.tell(
    ['ComponentRegistered', 'api', { name: 'API', group: 'Core' }, 0],
    ['ComponentRegistered', 'web', { name: 'Website' }, 0],
    ['ComponentRegistered', 'db', { name: 'Database', group: 'Core' }, 0],
    [
      'IncidentDeclared',
      'i1',
      { ...DECLARED, message: 'We look into it.', components: [{ componentId: 'api', status: 'major_outage' }] },
      5,
    ],
    ['IncidentUpdated', 'i1', { message: 'It is the queue.', status: 'identified' }, 9],
    [
      'MaintenanceScheduled',
      'm1',
      { title: 'New disks', startsAt: '2022-12-20T01:00:00Z', endsAt: '2022-12-20T03:00:00Z' },
      6,
    ],
  );
  const page = await site.page('/status');
  assert.equal(page.status, 200);
  assert.deepEqual(page.all('h1'), ['Acme']);
  assert.deepEqual(page.all('.intro'), ['How Acme is doing']);
  assert.deepEqual(page.all('.now'), ['Major outage']);
  assert.deepEqual(page.all('h2'), ['Open incidents', 'Maintenance', 'Components Last 90 days', 'Recent incidents']);
  assert.deepEqual(page.all('.component'), ['APIMajor outage', 'DatabaseOperational', 'WebsiteOperational']);
  assert.ok(page.all('h3').includes('Core'));
  assert.deepEqual(page.all('.said'), ['It is the queue.', 'We look into it.'], 'the newest first');
  assert.deepEqual(
    page.elements.filter(({ name }) => name === 'script'),
    [],
  );
  assert.ok(page.elements.some(({ name, attributes }) => name === 'html' && attributes['lang'] === 'en'));
});

test('an incident and a maintenance have an address that holds for good, whatever their ids', async (t) => {
  const site = await serveStatus(t);
  const id = 'Ünfall/№ 1?#<b>';
  await site.tell(
    ['IncidentDeclared', id, { ...DECLARED, message: 'So it is.' }, 1],
    [
      'MaintenanceScheduled',
      id,
      { title: 'New disks', startsAt: '2022-12-20T01:00:00Z', endsAt: '2022-12-20T03:00:00Z' },
      2,
    ],
  );
  const links = (await site.page('/status')).elements.flatMap(({ attributes: { href = '' } }) =>
    /incidents\/|maintenances\//.test(href) ? [href] : [],
  );
  assert.equal(links.length, 2);
  const [incident, maintenance] = await Promise.all(links.map((link) => site.page(link)));
  assert.deepEqual(incident?.all('h1'), ['Payments fail']);
  assert.deepEqual(maintenance?.all('h1'), ['New disks']);
  for (const path of [
    '/status/incidents/nobody',
    '/status/incidents/%E0%A4%A',
    '/status/nowhere',
    '/status/history/2022-13',
  ]) {
    const missing = await site.page(path);
    assert.deepEqual([missing.status, missing.all('h1')], [404, ['There is no such page']], path);
  }
});

test('nothing private and no node is on any page, file or feed', async (t) => {
  const site = await serveStatus(t);
  await site.tell(
    ['NodeJoined', 'c', { nodeId: 'SECRET-node' }, 0],
    ['ComponentRegistered', 'api', { name: 'API', clusterId: 'SECRET-cluster', jobIds: ['SECRET-job'] }, 0],
    [
      'IncidentDeclared',
      'p',
      { ...DECLARED, title: 'SECRET one', origin: 'detector', clusterIds: ['SECRET-cluster'] },
      1,
    ],
    ['IncidentDeclared', 'i', { ...DECLARED, clusterIds: ['SECRET-cluster'], message: 'Said openly.' }, 2],
    [
      'IncidentUpdated',
      'i',
      {
        message: 'SECRET words',
        visibility: 'private',
        components: [{ componentId: 'api', status: 'partial_outage' }],
      },
      3,
    ],
    ['ResponderNotified', 'i', { responder: 'SECRET person', channel: 'pager' }, 3],
    ['ActionItemAdded', 'i', { itemId: 'a', title: 'SECRET task', kind: 'prevent' }, 3],
    ['PostmortemPublished', 'i', { body: 'SECRET account', visibility: 'private' }, 4],
  );
  const paths = [
    ...['/status', '/status/history', '/status/incidents/i', '/status/components/api', '/history.atom', '/history.rss'],
    ...['/status/components/api/history.atom', '/status/badge.svg', '/status/components/api/badge.svg'],
    ...['summary', 'components', 'incidents', 'incidents/unresolved'].map((name) => `/api/v2/${name}.json`),
  ];
  for (const path of paths) {
    const response = await site.get(path);
    assert.equal(response.status, 200, path);
    assert.doesNotMatch(await response.text(), /SECRET/, path);
  }
  assert.equal((await site.page('/status/incidents/p')).status, 404);
  assert.deepEqual(
    (await site.page('/status')).all('.component'),
    ['APIOperational'],
    'said privately, it is not on the page',
  );
});

test('whatever a text says, it stays a text, in pages, feeds and badges', async (t) => {
  const nasty = '</title><script>alert(1)</script>"\'&]]><img src=x onerror=alert(1)>\u202e\u0007\ud800';
  const clean = nasty.replace('\ud800', '?').replace('\u0007', '');
  const site = await serveStatus(t, { title: clean, text: clean });
  await site.tell(
    ['ComponentRegistered', 'api', { name: clean, group: clean, description: clean }, 0],
    [
      'IncidentDeclared',
      'i',
      {
        ...DECLARED,
        title: clean,
        message: `${clean}\u0000\u000b\ufffe`,
        components: [{ componentId: 'api', status: 'partial_outage' }],
      },
      1,
    ],
    ['PostmortemPublished', 'i', { body: `# ${clean}\n[x](javascript:alert(1))` }, 2],
    [
      'MaintenanceScheduled',
      'm',
      { title: clean, message: clean, startsAt: '2022-12-20T01:00:00Z', endsAt: '2022-12-20T03:00:00Z' },
      2,
    ],
  );
  for (const path of [
    '/status',
    '/status/history',
    '/status/incidents/i',
    '/status/maintenances/m',
    '/status/components/api',
  ]) {
    const { elements } = await site.page(path);
    assert.deepEqual(
      elements.filter(({ name, attributes }) => /^(script|img)$/.test(name) || 'onerror' in attributes),
      [],
      path,
    );
    assert.ok(
      elements.every(({ attributes: { href = '' } }) => /^(\/|#|$)/.test(href)),
      'every link stays here',
    );
  }
  for (const path of [
    '/history.atom',
    '/history.rss',
    '/status/components/api/history.atom',
    '/status/badge.svg',
    '/status/components/api/badge.svg',
  ]) {
    const text = await (await site.get(path)).text();
    const { elements } = pageOf(200, text.replace(/^<\?xml[^>]*\?>\n/, ''));
    assert.deepEqual(
      elements.filter(({ name }) => /^(script|img)$/.test(name)),
      [],
      path,
    );
    assert.doesNotMatch(text, /\u202e/);
    // What a feed quotes is HTML: it must be whole, too.
    for (const { text: inner } of elements.filter(({ attributes }) => attributes['type'] === 'html')) {
      assert.deepEqual(
        pageOf(200, inner).elements.filter(({ name }) => /^(script|img)$/.test(name)),
        [],
      );
    }
  }
});

test('history is told by month, and what is amended is marked in it', async (t) => {
  const site = await serveStatus(t);
  await site.tell(
    ['IncidentDeclared', 'a', { ...DECLARED, title: 'In December', status: 'resolved', message: 'Over.' }, 1],
    ['IncidentDeclared', 'b', { ...DECLARED, title: 'In November', status: 'resolved' }, -60 * 24 * 20],
    [
      'MaintenanceScheduled',
      'm',
      { title: 'In January', startsAt: '2023-01-02T01:00:00Z', endsAt: '2023-01-02T03:00:00Z' },
      2,
    ],
  );
  const titles = async (path: string) => (await site.page(path)).all('h2').filter((title) => title !== 'Months');
  assert.deepEqual(await titles('/status/history/2022-11'), ['In November']);
  assert.deepEqual(await titles('/status/history/2022-12'), ['In December']);
  assert.deepEqual(await titles('/status/history'), ['In January']);
  assert.deepEqual(await titles('/status/history/2021-01'), []);
  const turns = (page: Page) =>
    page.elements.flatMap(({ attributes: { rel = '', href } }) => (/^(prev|next)$/.test(rel) ? [[rel, href]] : []));
  assert.deepEqual(turns(await site.page('/status/history/2022-12')), [
    ['prev', '/status/history/2022-11'],
    ['next', '/status/history/2023-01'],
  ]);
  assert.deepEqual(turns(await site.page('/status/history')), [['prev', '/status/history/2022-12']]);
});

test('each day to tell of is reached without a pointer, and leads to its times', async (t) => {
  const site = await serveStatus(t);
  await site.tell(
    ['ComponentRegistered', 'api', { name: 'API' }, 0],
    ['ComponentStatusChanged', 'api', { status: 'partial_outage' }, 5],
    ['ComponentStatusChanged', 'api', { status: 'operational' }, 65],
    ['IncidentDeclared', 'i', { ...DECLARED, components: [{ componentId: 'api', status: 'partial_outage' }] }, 5],
    ['IncidentDeclared', 'j', { ...DECLARED, title: 'Another' }, 6],
  );
  const page = await site.page('/status/components/api');
  assert.deepEqual(page.all('h3'), ['Payments fail'], 'its own incidents');
  const front = await site.page('/status');
  const targets = front.elements.flatMap(({ attributes: { href = '' } }) => (href.includes('#2') ? [href] : []));
  assert.deepEqual(targets, ['/status/components/api#2022-12-13']);
  for (const target of targets) {
    const [path = '', id] = target.split('#');
    assert.ok(
      (await site.page(path)).elements.some(({ attributes }) => attributes['id'] === id),
      target,
    );
  }
});

test('the page speaks German where it is set to', async (t) => {
  const site = await serveStatus(t, { language: 'de', title: 'Lage' });
  await site.tell(
    ['ComponentRegistered', 'api', { name: 'API' }, 0],
    ['IncidentDeclared', 'i', { ...DECLARED, status: 'resolved' }, 1],
  );
  const page = await site.page('/status');
  assert.ok(page.elements.some(({ name, attributes }) => name === 'html' && attributes['lang'] === 'de'));
  assert.deepEqual(page.all('.now'), ['Alle Systeme in Betrieb']);
  const english = /\b(Overview|History|Operational|Components|incidents|Last|days|since|Show|Recent)\b/;
  assert.doesNotMatch(page.elements.find(({ name }) => name === 'body')?.text ?? '', english);
  const { status } = await site.json('/api/v2/status.json');
  assert.deepEqual(
    status,
    { indicator: 'none', description: 'All Systems Operational' },
    'programs are told in their own words',
  );
});
