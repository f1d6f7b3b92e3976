import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { PROJECTIONS } from '../../projections/list.ts';
import type { RebuildFinding, RebuiltViews } from '../../src/cli/runtime.ts';
import { runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SMALL_CLUSTER, SMALL_INCIDENT } from '../support/told.ts';

const EVENTS = [...SMALL_CLUSTER, ...SMALL_INCIDENT];

async function filled(folder: string): Promise<string> {
  const data = join(folder, 'data');
  const { exit } = await runMusterbook(['import', '-', '--data', data], { input: EVENTS.join('\n') });
  assert.equal(exit, 0);
  return data;
}

async function rebuild(data: string, ...args: string[]): Promise<RebuiltViews[]> {
  const { exit, stdout, stderr } = await runMusterbook(['rebuild', ...args, '-o', 'json', '--data', data]);
  assert.equal(exit, 0, stderr);
  return JSON.parse(stdout) as RebuiltViews[];
}

test('a rebuild names the digests before and after, at the ledger’s head', async (t) => {
  const data = await filled(temporaryFolder(t));
  rmSync(join(data, 'views.sqlite'), { force: true });
  const first = await rebuild(data);
  assert.deepEqual(
    first.map(({ projection, before, position }) => [projection, before, position]),
    PROJECTIONS.map(({ name }) => [name, null, EVENTS.length]),
  );
  const again = await rebuild(data);
  for (const [index, { before, after, error }] of again.entries()) {
    assert.match(after ?? '', /^[0-9a-f]{64}$/);
    assert.deepEqual([before, after, error], [after, first[index]?.after, null]);
  }
  assert.deepEqual(
    await rebuild(data, 'incident'),
    again.filter(({ projection }) => projection === 'incident'),
  );
});

test('--verify beside a server names the digests that the server answers, and changes nothing', async (t) => {
  const data = await filled(temporaryFolder(t));
  const server = await startServer({ data });
  t.after(() => server.close());
  assert.ok(await server.views.reached(EVENTS.length as never, 10_000));
  const { exit, stdout } = await runMusterbook(['rebuild', '--verify', '-o', 'json', '--data', data]);
  assert.equal(exit, 0);
  for (const { projection, before, after, position } of JSON.parse(stdout) as RebuildFinding[]) {
    assert.deepEqual([before, after], Array(2).fill(server.views.digest(projection)), projection);
    assert.equal(position, EVENTS.length);
  }
});

test('views that somebody changed have another digest than after the rebuild', async (t) => {
  const data = await filled(temporaryFolder(t));
  await rebuild(data);
  const database = new DatabaseSync(join(data, 'views.sqlite'));
  database.exec(`UPDATE views SET state = replace(state, '"a"', '"z"') WHERE key = 'web'`);
  database.close();
  const { exit, stdout } = await runMusterbook(['rebuild', '--verify', 'cluster', '-o', 'json', '--data', data]);
  assert.equal(exit, 7);
  const [found] = JSON.parse(stdout) as RebuildFinding[];
  assert.notEqual(found?.before, found?.after);
  const [mended] = await rebuild(data, 'cluster');
  assert.deepEqual([mended?.before, mended?.after], [found?.before, found?.after]);
});
