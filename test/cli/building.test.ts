import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve, unfinished } from '../serve/serving.ts';
import { runMusterbook } from '../support/server.ts';

test('what a server answers while its views are being built is said to lack what is recorded', async (t) => {
  const { ledger, views, tell } = await serve(t);
  await tell(['LeaderElected', 'web', { leaderId: 'n1', term: 1 }]);
  const built = unfinished(views);
  const { url } = await serve(t, { ledger, views: built.views });
  const run = (...args: string[]) => runMusterbook(args, { env: { MUSTERBOOK_URL: url } });
  const { stderr } = await run('cluster', 'get', 'web');
  assert.match(stderr, /still building its views \(250\/1000\): answers lack what is recorded/);
  built.finish();
  const finished = await run('cluster', 'get', 'web', '-o', 'name');
  assert.deepEqual([finished.exit, finished.stderr], [0, '']);
});
