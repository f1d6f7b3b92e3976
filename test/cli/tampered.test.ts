/** Files that somebody changed: what `verify` and `rebuild --verify` say of them. */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runMusterbook } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SMALL_CLUSTER, SMALL_INCIDENT, told } from '../support/told.ts';

async function filled(folder: string): Promise<string> {
  const data = join(folder, 'data');
  const { exit } = await runMusterbook(['import', '-', '--data', data], {
    input: [...SMALL_CLUSTER, ...SMALL_INCIDENT].join('\n'),
  });
  assert.equal(exit, 0);
  return data;
}

function change(path: string, statement: string): void {
  const database = new DatabaseSync(path);
  assert.ok(Number(database.prepare(statement).run().changes) > 0);
  database.close();
}

test('verify exits 7 when an event was changed, and names it', async (t) => {
  const data = await filled(temporaryFolder(t));
  change(join(data, 'ledger.sqlite'), `UPDATE event SET data = replace(data, '"a"', '"z"') WHERE position = 3`);
  const { exit, stdout, stderr } = await runMusterbook(['verify', '--data', data]);
  assert.equal(exit, 7);
  assert.match(stdout, /The ledger does not verify[\s\S]*position 3/);
  assert.match(stderr, /NOT_VERIFIED/);
});

test('verify with a checkpoint exits 7 when the tail was cut off; without one it says that the end is unproved', async (t) => {
  const data = await filled(temporaryFolder(t));
  const shorter = join(temporaryFolder(t), 'data');
  cpSync(data, shorter, { recursive: true });
  const one = told({ type: 'HeartbeatLost', subject: 'web', id: '8', data: { nodeId: 'a' } });
  assert.equal((await runMusterbook(['import', '-', '--data', data], { input: one })).exit, 0);
  const kept = join(data, 'checkpoint.json');
  writeFileSync(kept, (await runMusterbook(['checkpoint', '--data', data])).stdout);
  assert.equal((await runMusterbook(['verify', '--data', data, '--checkpoint', kept])).exit, 0);
  assert.match((await runMusterbook(['verify', '--data', shorter])).stdout, /Its end is unproved/);
  assert.equal((await runMusterbook(['verify', '--data', shorter, '--checkpoint', kept])).exit, 7);
});

test('verify exits 7 for a file that is no ledger any more', async (t) => {
  const data = await filled(temporaryFolder(t));
  writeFileSync(
    join(data, 'ledger.sqlite'),
    'not a database, and longer than the header of one would be, so that it is read as one'.repeat(9),
  );
  assert.equal((await runMusterbook(['verify', '--data', data])).exit, 7);
});

test('rebuild --verify exits 7 when a view is not what its events fold to, and a rebuild mends it', async (t) => {
  const data = await filled(temporaryFolder(t));
  assert.equal((await runMusterbook(['cluster', 'ls', '--data', data])).exit, 0);
  change(join(data, 'views.sqlite'), `UPDATE views SET state = replace(state, '"a"', '"z"') WHERE key = 'web'`);
  const { exit, stdout, stderr } = await runMusterbook(['rebuild', '--verify', '-o', 'json', '--data', data]);
  assert.equal(exit, 7, stderr);
  const compared = JSON.parse(stdout) as { projection: string; different: string[] }[];
  assert.deepEqual(compared.find(({ projection }) => projection === 'cluster')?.different, ['web']);
  assert.equal((await runMusterbook(['rebuild', '--data', data])).exit, 0);
  assert.equal((await runMusterbook(['rebuild', '--verify', '--data', data])).exit, 0);
});
