/** The demo as a command, from its first line to its last. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const BIN = join(import.meta.dirname, '..', '..', '..', 'bin', 'musterbook.js');
const run = promisify(execFile);
const environment = { ...process.env, MUSTERBOOK_STORE: 'memory', MUSTERBOOK_PORT: '0' };

test('told to a pipe it is lines without colours: every event, the turns of the story, and questions to try', async () => {
  const { stdout, stderr } = await run(process.execPath, [BIN, 'demo', '--exit', '--speed', '200'], {
    env: environment,
  });
  assert.equal(stderr, '');
  assert.ok(!stdout.includes('\u001b'));
  const lines = stdout.split('\n');
  const scenes = lines.filter((line) => /^\d\d:\d\d:\d\d {2}[A-Z]/.test(line));
  assert.equal(scenes.length, 88);
  assert.ok(
    lines.some((line) => line.includes('5 of 5 follow | 8 of 8 jobs run | API operational | incident resolved')),
  );
  assert.match(stdout, /curl -s http:\/\/127\.0\.0\.1:\d+\/graphql .*cluster\(id: \\"demo\\"\)/);
});

test('a speed that is none is a usage error', async () => {
  await assert.rejects(run(process.execPath, [BIN, 'demo', '--speed', '0'], { env: environment }), { code: 2 });
});
