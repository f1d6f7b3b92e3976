/** Erasing from the command line: what `import` erases under DATA, and what `verify` says of it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesWith } from '../support/bytes.ts';
import { runMusterbook } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { told } from '../support/told.ts';

const node = told({ type: 'NodeJoined', subject: 'web', id: '1', data: { nodeId: 'a', name: 'hunter2' } });
const erasing = { eventSource: '/told', eventId: '1', reason: 'a password\u001b[2J', erase: true };

test('an imported erasure leaves nothing in the ledger and its views, and verify lists it', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const run = (args: readonly string[], input = '') => runMusterbook([...args, '--data', data], { input });
  assert.equal((await run(['import', '-'], node)).exit, 0);
  // A command that reads brings the views up.
  assert.match((await run(['cluster', 'get', 'web', '-o', 'json'])).stdout, /hunter2/);
  assert.ok(existsSync(join(data, 'views.sqlite')));
  const retraction = told({ type: 'EventRetracted', subject: 'web', id: '2', data: erasing });
  assert.equal((await run(['import', '-'], retraction)).exit, 0);
  assert.deepEqual(filesWith(data, 'hunter2'), []);
  const { exit, stdout } = await run(['verify']);
  assert.equal(exit, 0);
  assert.match(
    stdout,
    /1 erased on purpose\.\n {2}position 1 of cluster-web, without a token at .*Z \(position 2\): a password\ufffd\[2J\n/,
  );
  const { erasures } = JSON.parse((await run(['verify', '-o', 'json'])).stdout) as { erasures: readonly object[] };
  const [{ at, ...erasure }] = erasures as [{ at: string }];
  assert.deepEqual(erasure, {
    ...{ position: 1, stream: 'cluster-web', retractedBy: 2, by: null, reason: erasing.reason },
  });
  assert.ok(Number.isFinite(Date.parse(at)));
});
