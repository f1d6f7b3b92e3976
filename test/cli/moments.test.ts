/** `--at` and `--known-at`, as a responder and a reviewer ask: on a restored incident, without a server. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runMusterbook } from '../support/server.ts';

const SCENARIO = new URL('../../scenarios/spreedly-2022-12-13.jsonl', import.meta.url).pathname;
const ID = 'spreedly-2022-12-13';
const CLUSTER = 'spreedly-orchestration';
const at = (time: string) => `2022-12-13T${time}:00Z`;

describe('on the restored scenario', () => {
  let folder = '';
  const run = (...args: readonly string[]) => runMusterbook(args, { folder });
  const json = async (...args: readonly string[]) => {
    const { exit, stdout, stderr } = await run(...args, '-o', 'json');
    assert.equal(exit, 0, stderr);
    return JSON.parse(stdout);
  };
  after(() => rmSync(folder, { recursive: true, force: true }));
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'musterbook-'));
    const { exit, stderr } = await run('import', '--restore', SCENARIO);
    assert.equal(exit, 0, stderr);
  });

  test('what was really true at 20:15, and what the page said at 20:30', async () => {
    assert.equal((await json('incident', 'get', ID, '--at', at('20:15'))).impactOpen, true);
    assert.equal((await json('incident', 'get', ID, '--at', at('20:29'))).impactOpen, false);
    const known = await json('incident', 'get', ID, '--known-at', at('20:30'));
    assert.deepEqual([known.impactOpen, known.impactEndedAt, known.resolvedAt], [true, null, null]);
    const page = await json('status', '--known-at', at('20:30'));
    assert.deepEqual(
      page.statusPage.incidents.map(({ id }: { id: string }) => id),
      [ID],
    );
    assert.deepEqual((await json('status')).statusPage.incidents, []);
  });

  test('nobody knew of the incident at 20:15', async () => {
    const { exit, stderr } = await run('incident', 'get', ID, '--at', at('20:15'), '--known-at', at('20:15'));
    assert.equal(exit, 3, stderr);
    assert.deepEqual(await json('incident', 'ls', '--known-at', at('20:15')), []);
    assert.equal((await json('incident', 'ls', '--at', at('20:15'))).length, 1);
  });

  test('the cluster as it was, in tables whose ages count to that moment', async () => {
    const { exit, stdout, stderr } = await run('cluster', 'get', CLUSTER, '--at', at('19:40'));
    assert.equal(exit, 0, stderr);
    assert.match(stdout, /9m|10m/);
    const [row] = await json('cluster', 'ls', '--at', at('20:14'));
    assert.equal(row.id, CLUSTER);
    assert.deepEqual(await json('cluster', 'ls', '--at', '2022-12-01T00:00:00Z'), []);
  });

  test('the record as it was known, and as it had happened', async () => {
    const known = await json('events', 'ls', '--known-at', at('20:26'), '--limit', '500');
    assert.ok(known.length > 0 && known.every(({ recordedAt }: { recordedAt: string }) => recordedAt <= at('20:26')));
    const happened = await json('events', 'ls', '--at', at('20:26'), '--limit', '500');
    assert.ok(happened.every(({ occurredAt }: { occurredAt: string }) => occurredAt <= at('20:26')));
    assert.ok((await json('events', 'ls', '--limit', '500')).length > happened.length);
  });

  test('a moment in the future is refused', async () => {
    const { exit, stderr } = await run('cluster', 'ls', '--at', '2199-01-01T00:00:00Z');
    assert.equal(exit, 2);
    assert.match(stderr, /MOMENT_IN_FUTURE: happenedAt 2199.* lies in the future/);
  });
});
