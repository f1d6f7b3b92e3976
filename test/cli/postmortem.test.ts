/** `musterbook postmortem`: what it prints, where, and how it ends. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type RunningServer, runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

const ID = 'spreedly-2022-12-13';
const SCENARIO = new URL(`../../scenarios/${ID}.jsonl`, import.meta.url).pathname;

describe('a restored folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  before(async () => {
    const { exit, stderr } = await runMusterbook(['import', '--restore', '--data', folder, SCENARIO]);
    assert.equal(exit, 0, stderr);
  });
  const run = (...args: string[]) => runMusterbook(['postmortem', ...args, '--data', folder]);
  const shown = async (...args: string[]): Promise<string> => {
    const { exit, stdout, stderr } = await run(...args);
    assert.equal(exit, 0, stderr);
    return stdout;
  };

  test('Markdown is what it prints, without the published body', async () => {
    const text = await shown(ID);
    assert.match(text, /^# Postmortem: Errors on the Core Transactional API\n/);
    assert.match(text, /\| \*\*resolve\*\* \| 104 min \|/);
    assert.match(text, /20:45:00, 31 min later/);
    assert.ok(!text.includes('elects by itself'));
    assert.equal(await shown(ID, '-o', 'md'), text);
  });

  test('HTML is one whole file, JSON the record', async () => {
    assert.match(await shown(ID, '-o', 'html'), /^<!DOCTYPE html>\n[\s\S]*<\/html>\n$/);
    const record = JSON.parse(await shown(ID, '-o', 'json'));
    assert.equal(record.incident.id, ID);
    assert.deepEqual(
      record.measures.map(({ name, ms }: { name: string; ms: number }) => [name, ms / 60_000]),
      [
        ['inform', 13],
        ['mitigate', 14],
        ['settle', 90],
        ['resolve', 104],
      ],
    );
    assert.ok(record.timeline.every(({ events }: { events: { hash: string }[] }) => events[0]?.hash.length === 64));
  });

  test('--published prints the published body alone', async () => {
    assert.match(await shown(ID, '--published'), /^# Errors on the Core Transactional API, 13 December 2022\n/);
  });

  test('--known-at and --at ask about a past moment', async () => {
    assert.match(await shown(ID, '--known-at', '2022-12-13T20:30:00Z'), /\*\*Status:\*\* investigating/);
    assert.match(await shown(ID, '--at', '2022-12-13T20:50:00Z'), /\*\*Status:\*\* monitoring/);
    const neither = await run(ID, '--at', '2022-12-13T20:15:00Z', '--known-at', '2022-12-13T20:15:00Z');
    assert.equal(neither.exit, 3);
  });

  test('--to writes a file, and never over one that is there', async (t) => {
    const file = join(temporaryFolder(t), 'postmortem.md');
    const { exit, stdout, stderr } = await run(ID, '--to', file);
    assert.deepEqual([exit, stdout], [0, '']);
    assert.match(stderr, /written to/);
    assert.equal(readFileSync(file, 'utf8'), await shown(ID));
    const again = await run(ID, '--to', file);
    assert.equal(again.exit, 2);
    assert.match(again.stderr, /EEXIST/);
  });

  test('an unknown incident is not found; what cannot be asked is a usage error', async () => {
    const unknown = await run('nobody');
    assert.deepEqual([unknown.exit, unknown.stdout], [3, '']);
    assert.match(unknown.stderr, /NOT_FOUND: there is no incident nobody/);
    for (const args of [[ID, '-o', 'pdf'], [ID, '--at', 'yesterday'], [ID, '--published', '-o', 'html'], []]) {
      assert.equal((await run(...args)).exit, 2, args.join(' '));
    }
  });
});

describe('a server', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer();
    const told = { specversion: '1.0', id: 'd', source: '/told', type: 'IncidentDeclared', subject: 'quiet' };
    const data = { title: 'Quiet', status: 'investigating', origin: 'manual', visibility: 'private' };
    const response = await fetch(`${server.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ ...told, data }),
    });
    assert.equal(response.status, 200);
    assert.ok(await server.views.reached(1 as never, 10_000));
  });
  after(() => server.close());

  test('it is asked the same way, and prints the same as beside it', async () => {
    const remote = await runMusterbook(['postmortem', 'quiet'], { env: { MUSTERBOOK_URL: server.url } });
    const beside = await runMusterbook(['postmortem', 'quiet'], { env: { MUSTERBOOK_DATA: server.data } });
    assert.deepEqual([remote.exit, remote.stdout], [0, beside.stdout]);
    assert.match(remote.stdout, /\*\*Visibility:\*\* private/);
    const published = await runMusterbook(['postmortem', 'quiet', '--published'], {
      env: { MUSTERBOOK_URL: server.url },
    });
    assert.equal(published.exit, 3);
  });
});
