/** Runs the tests: `npm test` all of them, `npm test -- PATH…` the files or folders named. */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const named = process.argv.slice(2);
const roots = named.length > 0 ? named : ['test'];
const files = roots
  .flatMap((root) => (statSync(root).isDirectory() ? globSync(`${root}/**/*.test.ts`) : [root]))
  .sort();
const concurrency = process.env['MUSTERBOOK_TEST_CONCURRENCY'] ?? '2';
const run = spawnSync(
  process.execPath,
  ['--test', `--test-concurrency=${concurrency}`, '--test-reporter=spec', ...files],
  { stdio: 'inherit' },
);
process.exitCode = run.status ?? 1;
