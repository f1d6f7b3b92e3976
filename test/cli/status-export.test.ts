import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { elementsOf } from '../support/html.ts';
import { runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { told } from '../support/told.ts';

const ODD = 'Ünfall/№ 1 <b>';
const RECORD = [
  told({ type: 'ComponentRegistered', subject: 'api', id: '1', time: '2022-12-13T20:00:00Z', data: { name: 'API' } }),
  told({
    type: 'ComponentRegistered',
    subject: 'API',
    id: '2',
    time: '2022-12-13T20:00:00Z',
    data: { name: 'The other' },
  }),
  told({
    type: 'IncidentDeclared',
    subject: 'i1',
    id: '3',
    time: '2022-12-13T20:05:00Z',
    data: {
      title: 'Payments fail',
      status: 'investigating',
      origin: 'manual',
      components: [{ componentId: 'api', status: 'major_outage' }],
      message: 'All is lost.',
      updateId: 'u1',
    },
  }),
  told({
    type: 'IncidentDeclared',
    subject: ODD,
    id: '4',
    time: '2022-11-13T20:05:00Z',
    data: { title: 'An odd one', status: 'resolved', origin: 'manual' },
  }),
];
const PUT_RIGHT = [
  told({
    type: 'IncidentUpdateAmended',
    subject: 'i1',
    id: '7',
    time: '2022-12-13T20:15:00Z',
    data: { updateId: 'u1', message: 'Little is lost.', reason: 'We counted.' },
  }),
  told({
    type: 'PostmortemPublished',
    subject: 'i1',
    id: '8',
    time: '2022-12-13T22:15:00Z',
    data: {
      body: '# Why\n\n<script>alert(1)</script> ![x](/status/x.png) [y](javascript:alert(1)) [z](/status/style.css)',
    },
  }),
];

/** Every file of a folder, by its path in it. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

/** Every link of every page leads to a file of the folder. */
function assertLinksHold(folder: string): void {
  for (const file of filesIn(folder).filter((each) => each.endsWith('.html'))) {
    for (const { name, attributes } of elementsOf(readFileSync(join(folder, file), 'utf8'))) {
      const target = attributes['href'] ?? attributes['src'];
      assert.notEqual(name, 'form', `${file} asks a server`);
      if (target === undefined || target.startsWith('#')) continue;
      assert.doesNotMatch(target, /^\/|:|\?/, `${file}: ${target}`);
      assert.ok(existsSync(resolve(folder, dirname(file), decodeURI(target.replace(/#.*/, '')))), `${file}: ${target}`);
    }
  }
}

test('the whole page becomes files that link to each other, from the ledger or from a server', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startServer({ data: join(folder, 'data') });
  t.after(() => server.close());
  await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: [...RECORD, ...PUT_RIGHT].join('\n'),
  });
  const env = { MUSTERBOOK_DATA: join(folder, 'data') };
  const remote = await runMusterbook(['status', 'export', join(folder, 'remote'), '--url', server.url]);
  assert.equal(remote.exit, 0, remote.stderr);
  assert.match(remote.stdout, /^\d+ files written/);
  await server.close();
  const local = await runMusterbook(['status', 'export', join(folder, 'local')], { env });
  assert.equal(local.exit, 0, local.stderr);
  const files = filesIn(join(folder, 'local'));
  assert.deepEqual(filesIn(join(folder, 'remote')), files);
  for (const name of [
    'index.html',
    'history.html',
    'style.css',
    'badge.svg',
    'api/v2/summary.json',
    'history.atom',
    'history/2022-11.html',
    'incidents/i1.html',
    'components/api.html',
    'components/api/badge.svg',
    'components/api/history.rss',
  ])
    assert.ok(files.includes(name), name);
  assert.equal(new Set(files.map((file) => file.toLowerCase())).size, files.length, 'no two differ by case alone');
  assertLinksHold(join(folder, 'local'));
  assertLinksHold(join(folder, 'remote'));
  const incident = readFileSync(join(folder, 'local', 'incidents/i1.html'), 'utf8');
  const elements = elementsOf(incident);
  assert.ok(
    elements.some(({ name, text }) => name === 'details' && text.includes('All is lost.')),
    'as it read before',
  );
  assert.ok(
    elements.some(({ name, text }) => name === 'h3' && text === 'Why'),
    'the account, laid out',
  );
  assert.ok(elements.every(({ name }) => name !== 'script' && name !== 'img'));
  const summary = JSON.parse(readFileSync(join(folder, 'local', 'api/v2/summary.json'), 'utf8'));
  assert.equal(summary.incidents[0].shortlink, '../../incidents/i1.html');
  assert.match(
    readFileSync(join(folder, 'local', 'components/api/history.atom'), 'utf8'),
    /href="\.\.\/\.\.\/incidents\/i1\.html"/,
  );
});

test('with a base URL feeds and JSON have absolute links, and a past moment can be written out', async (t) => {
  const folder = temporaryFolder(t);
  const env = { MUSTERBOOK_DATA: join(folder, 'data') };
  const record = RECORD.map((line, index) =>
    JSON.stringify({ ...JSON.parse(line), recordedat: `2022-12-13T21:0${index}:00Z` }),
  );
  writeFileSync(join(folder, 'record.jsonl'), `${record.join('\n')}\n`);
  const restored = await runMusterbook(['import', '--restore', join(folder, 'record.jsonl')], { env });
  assert.equal(restored.exit, 0, restored.stderr);
  const args = [
    'status',
    'export',
    join(folder, 'then'),
    '--known-at',
    '2022-12-13T21:02:30Z',
    '--base-url',
    'https://example.org/status/',
  ];
  const { exit, stderr } = await runMusterbook(args, { env });
  assert.equal(exit, 0, stderr);
  const summary = JSON.parse(readFileSync(join(folder, 'then', 'api/v2/summary.json'), 'utf8'));
  assert.equal(summary.incidents[0].shortlink, 'https://example.org/status/incidents/i1.html');
  assert.ok(!existsSync(join(folder, 'then', 'history/2022-11.html')), 'what was not known then is not there');
  assert.match(
    readFileSync(join(folder, 'then', 'index.html'), 'utf8'),
    /This page as it stood at 13 Dec 2022, 21:02:30/,
  );
  assertLinksHold(join(folder, 'then'));
});

test('written again it is brought up to date; a folder of something else is left alone', async (t) => {
  const folder = temporaryFolder(t);
  const env = { MUSTERBOOK_DATA: join(folder, 'data') };
  const run = (...args: string[]) => runMusterbook(args, { env });
  writeFileSync(join(folder, 'first.jsonl'), `${RECORD.join('\n')}\n`);
  assert.equal((await run('import', join(folder, 'first.jsonl'))).exit, 0);
  mkdirSync(join(folder, 'out'));
  assert.equal((await run('status', 'export', join(folder, 'out'))).exit, 0);
  writeFileSync(join(folder, 'out', 'own.txt'), 'put beside by hand');
  const retraction = { eventSource: '/told', eventId: '4', reason: 'never was' };
  writeFileSync(
    join(folder, 'second.jsonl'),
    `${told({ type: 'EventRetracted', subject: ODD, id: '5', data: retraction })}\n${told({ type: 'ComponentRegistered', subject: 'web', id: '6', data: { name: 'Web' } })}\n`,
  );
  assert.equal((await run('import', join(folder, 'second.jsonl'))).exit, 0);
  const before = filesIn(join(folder, 'out'));
  const again = await run('status', 'export', join(folder, 'out'));
  assert.equal(again.exit, 0, again.stderr);
  assert.match(again.stdout, /, 2 removed/, 'the incident and its month');
  const after = filesIn(join(folder, 'out'));
  assert.ok(after.includes('components/web.html') && after.includes('own.txt'));
  assert.ok(before.includes('history/2022-11.html') && !after.includes('history/2022-11.html'));
  assert.deepEqual(
    readdirSync(join(folder, 'out')).filter((name) => name.startsWith('.new')),
    [],
  );
  assertLinksHold(join(folder, 'out'));

  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'thesis.txt'), 'all I have');
  const refused = await run('status', 'export', join(folder, 'mine'));
  assert.deepEqual([refused.exit, filesIn(join(folder, 'mine'))], [2, ['thesis.txt']]);
  assert.match(refused.stderr, /holds files that are no export/);
  for (const args of [
    ['--known-at', 'yesterday'],
    ['--known-at', '2199-01-01T00:00:00Z'],
    ['--base-url', 'ftp://x'],
  ]) {
    assert.equal((await run('status', 'export', join(folder, 'new'), ...args)).exit, 2, args.join(' '));
    assert.ok(!existsSync(join(folder, 'new')));
  }
});
