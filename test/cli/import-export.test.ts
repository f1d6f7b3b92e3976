import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CommandResult, runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SMALL_CLUSTER, SMALL_INCIDENT, told } from '../support/told.ts';

const LINES = `${[...SMALL_CLUSTER, ...SMALL_INCIDENT].join('\n')}\n`;

async function musterbook(folder: string, args: readonly string[], input = ''): Promise<CommandResult> {
  const result = await runMusterbook(args, { folder, input });
  assert.equal(result.exit, 0, result.stderr);
  return result;
}

test('an import again has no second effect', async (t) => {
  const folder = temporaryFolder(t);
  const first = JSON.parse((await musterbook(folder, ['import', '-', '-o', 'json'], LINES)).stdout);
  const second = JSON.parse((await musterbook(folder, ['import', '-', '-o', 'json'], LINES)).stdout);
  assert.deepEqual([first.appended, first.duplicates], [7, 0]);
  assert.deepEqual([second.appended, second.duplicates], [0, 7]);
});

test('an export restored elsewhere is the same ledger, byte for byte, and answers the same', async (t) => {
  const from = temporaryFolder(t);
  const to = temporaryFolder(t);
  await musterbook(from, ['import', '-'], LINES);
  await musterbook(from, ['incident', 'resolve', 'outage', '-m', 'over']);
  const exported = (await musterbook(from, ['export'])).stdout;
  await musterbook(to, ['import', '--restore', '-'], exported);
  assert.equal((await musterbook(to, ['export'])).stdout, exported);
  const digest = async (folder: string) =>
    JSON.parse((await musterbook(folder, ['checkpoint', '-o', 'json'])).stdout).ends as string;
  assert.equal(await digest(to), await digest(from));
  assert.equal(JSON.parse((await musterbook(to, ['status', '-o', 'json'])).stdout).ledger.restoredUpTo, '8');
  const shown = (folder: string) => musterbook(folder, ['cluster', 'get', 'web', '-o', 'json']);
  assert.equal((await shown(to)).stdout, (await shown(from)).stdout);
});

test('an export can be taken from a position, of one stream, into a file that is not overwritten', async (t) => {
  const folder = temporaryFolder(t);
  await musterbook(folder, ['import', '-'], LINES);
  const subjects = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).position as number);
  assert.deepEqual(subjects((await musterbook(folder, ['export', '--after', '5'])).stdout), [6, 7]);
  assert.deepEqual(subjects((await musterbook(folder, ['export', '--stream', 'incident-outage'])).stdout), [7]);
  const file = join(folder, 'out.jsonl');
  await musterbook(folder, ['export', '-f', file]);
  assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, 7);
  assert.equal((await runMusterbook(['export', '-f', file], { folder })).exit, 2);
});

test('files are restored merged by recordedat', async (t) => {
  const folder = temporaryFolder(t);
  const joined = (nodeId: string, recordedat: string) =>
    told({ type: 'NodeJoined', subject: 'web', id: nodeId, time: recordedat, recordedat, data: { nodeId } });
  writeFileSync(
    join(folder, 'odd'),
    `${joined('n1', '2022-01-01T00:00:01Z')}\n${joined('n3', '2022-01-01T00:00:03Z')}\n`,
  );
  writeFileSync(
    join(folder, 'even'),
    `${joined('n2', '2022-01-01T00:00:02Z')}\n${joined('n4', '2022-01-01T00:00:04Z')}\n`,
  );
  await musterbook(folder, ['import', '--restore', join(folder, 'odd'), join(folder, 'even')]);
  const rows = JSON.parse((await musterbook(folder, ['events', 'ls', '-o', 'json'])).stdout) as {
    id: string;
    recordedAt: string;
  }[];
  assert.deepEqual(
    rows.map(({ id }) => id),
    ['n1', 'n2', 'n3', 'n4'],
  );
  assert.equal(rows[3]?.recordedAt, '2022-01-01T00:00:04.000Z');
});

test('a ledger that holds something is not restored into', async (t) => {
  const folder = temporaryFolder(t);
  await musterbook(folder, ['import', '-'], LINES);
  const { exit, stderr } = await runMusterbook(['import', '--restore', '-'], {
    folder,
    input: LINES.replaceAll('"specversion"', '"recordedat":"2022-12-14T00:00:00Z","specversion"'),
  });
  assert.equal(exit, 5);
  assert.match(stderr, /LEDGER_NOT_EMPTY/);
});

test('a server is imported into and exported from by the same commands', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const env = { MUSTERBOOK_URL: server.url };
  const imported = await runMusterbook(['import', '-', '-o', 'json'], { env, input: LINES });
  assert.deepEqual([imported.exit, JSON.parse(imported.stdout).appended], [0, 7]);
  const exported = await runMusterbook(['export'], { env });
  const beside = await runMusterbook(['export'], { env: { MUSTERBOOK_DATA: server.data } });
  assert.equal(exported.stdout, beside.stdout);
});

test('more than one batch keeps its order and counts records over all of them', async (t) => {
  const folder = temporaryFolder(t);
  const lines = Array.from({ length: 2_500 }, (_, index) =>
    told({ type: 'NodeJoined', subject: 'web', id: `n${index}`, data: { nodeId: `n${index % 7}` } }),
  );
  lines[2_100] = '{"broken"';
  const { exit, stderr, stdout } = await runMusterbook(['import', '-', '-o', 'json'], {
    folder,
    input: lines.join('\n'),
  });
  assert.equal(exit, 1);
  assert.match(stderr, /record 2100: /);
  assert.equal(JSON.parse(stdout).appended, 2_499);
});
