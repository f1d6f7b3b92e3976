/** What reading commands print, in every format. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import type { Position } from '../../schemas/ids.ts';
import { type RunningServer, runMusterbook, startServer } from '../support/server.ts';
import { SMALL_CLUSTER, SMALL_INCIDENT } from '../support/told.ts';

let server: RunningServer;
before(async () => {
  server = await startServer();
  const body = `${[...SMALL_CLUSTER, ...SMALL_INCIDENT].join('\n')}\n`;
  await fetch(`${server.url}/v1/events`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body });
  assert.ok(await server.views.reached(7 as Position, 10_000));
});
after(() => server.close());

async function shown(...args: string[]): Promise<string> {
  const { exit, stdout, stderr } = await runMusterbook(args, { env: { MUSTERBOOK_URL: server.url } });
  assert.equal(exit, 0, stderr);
  return stdout;
}

const READING = [
  ['cluster', 'ls'],
  ['cluster', 'get', 'web'],
  ['incident', 'ls'],
  ['incident', 'get', 'outage'],
  ['events', 'ls'],
  ['status'],
];

describe('every reading command', () => {
  for (const command of READING) {
    test(`${command.join(' ')} prints the same in JSON, JSON lines and YAML`, async () => {
      const json: unknown = JSON.parse(await shown(...command, '-o', 'json'));
      const lines = (await shown(...command, '-o', 'jsonl'))
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
      assert.deepEqual(Array.isArray(json) ? lines : lines[0], json);
      assert.deepEqual(parseYaml(await shown(...command, '-o', 'yaml')), json);
    });

    test(`${command.join(' ')} prints the same beside the server as from it`, async () => {
      const local = await runMusterbook([...command, '-o', 'json'], { env: { MUSTERBOOK_DATA: server.data } });
      assert.equal(local.exit, 0, local.stderr);
      const clean = (text: string): unknown => JSON.parse(text, (key, value: unknown) => (key === 'lagMs' ? 0 : value));
      assert.deepEqual(clean(local.stdout), clean(await shown(...command, '-o', 'json')));
    });
  }
});

test('names are what other commands take', async () => {
  assert.equal(await shown('cluster', 'ls', '-o', 'name'), 'cluster/web\n');
  assert.equal(await shown('incident', 'ls', '-o', 'name'), 'incident/outage\n');
  assert.equal(await shown('events', 'ls', '--limit', '2', '-o', 'name'), 'event/6\nevent/7\n');
});

test('a cluster shows what does not run before who runs', async () => {
  const text = await shown('cluster', 'get', 'web');
  assert.match(text, /^Leader {3}a {2}term 3 {2}since 2022-12-13 20:00:02Z/m);
  assert.match(text, /^ {2}j1 +ORPHANED +c /m);
  assert.match(text, /^ {2}c +UNKNOWN +LOST/m);
  assert.match(text, /^ {2}b +FOLLOWER +ALIVE +a \(term 3\)/m);
  assert.match(text, /^ {2}outage +investigating +major +Web is slow/m);
  assert.ok(text.indexOf('NOT RUNNING (1)') < text.indexOf('NODES (3)'));
  const nodes = text.slice(text.indexOf('NODES (3)'));
  assert.ok(nodes.indexOf('\n  c ') < nodes.indexOf('\n  a '), 'lost nodes stand first');
});

test('wide adds columns', async () => {
  assert.doesNotMatch(await shown('events', 'ls'), /SOURCE/);
  assert.match(await shown('events', 'ls', '-o', 'wide'), /SOURCE[\s\S]*\/told/);
});

test('lists are filtered by what is asked for', async () => {
  const positions = async (...filter: string[]) =>
    (JSON.parse(await shown('events', 'ls', '-o', 'json', ...filter)) as { position: string }[]).map(
      ({ position }) => position,
    );
  assert.deepEqual(await positions('--node', 'c'), ['5', '6']);
  assert.deepEqual(await positions('--type', 'LeaderElected', 'FollowerAttached'), ['3', '4']);
  assert.deepEqual(await positions('--stream', 'incident-outage'), ['7']);
  assert.deepEqual(await positions('--after', '5'), ['6', '7']);
  assert.equal(await shown('incident', 'ls', '--status', 'resolved', '-o', 'json'), '[]\n');
});

test('a command that changes something shows what it made', async () => {
  const made = JSON.parse(
    await shown(
      'incident',
      'declare',
      'made',
      '--title',
      'Made',
      '--impact',
      'minor',
      '--component',
      'api=partial_outage',
      '--cluster',
      'web',
      '-o',
      'json',
    ),
  );
  assert.deepEqual(
    [made.id, made.title, made.impact, made.components[0].status, made.clusters],
    ['made', 'Made', 'minor', 'partial_outage', [{ id: 'web' }]],
  );
  const updated = JSON.parse(
    await shown(
      'incident',
      'update',
      'made',
      '-m',
      'Fixed',
      '--status',
      'monitoring',
      '--impact-ended-at',
      '2026-01-01T00:00:00Z',
      '-o',
      'json',
    ),
  );
  assert.deepEqual([updated.status, updated.impactEndedAt], ['monitoring', '2026-01-01T00:00:00.000Z']);
  const back = JSON.parse(
    await shown('incident', 'update', 'made', '-m', 'Not so', '--impact-ended-at', 'none', '-o', 'json'),
  );
  assert.equal(back.impactEndedAt, null);
  assert.match(await shown('incident', 'resolve', 'made', '-m', 'Over'), /Made {2}resolved/);
});

test('a token is printed once, with the line that makes it known', async () => {
  const { token, line } = JSON.parse(await shown('token', 'create', 'ci', '--role', 'read,ingest', '-o', 'json'));
  assert.match(token, /^mb_/);
  assert.match(line, /^[0-9a-f]{64} read,ingest ci$/);
});
