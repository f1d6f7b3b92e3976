// Holds V3 of docs/invariants.md.
/** Checkpoints, keys and bundles from the command line. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type CommandResult, runMusterbook } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SMALL_CLUSTER, SMALL_INCIDENT, told } from '../support/told.ts';

const RESOLVED = told({
  ...{ type: 'IncidentUpdated', subject: 'outage', id: '8', time: '2022-12-13T20:10:00Z' },
  data: { message: 'Over', status: 'resolved' },
});
const ELSEWHERE = told({
  type: 'NodeJoined',
  subject: 'db',
  id: '9',
  time: '2022-12-13T20:00:00Z',
  data: { nodeId: 'x' },
});
const LINES = `${[...SMALL_CLUSTER, ...SMALL_INCIDENT, RESOLVED, ELSEWHERE].join('\n')}\n`;

interface Place {
  readonly folder: string;
  readonly run: (...args: readonly string[]) => Promise<CommandResult>;
  readonly path: (name: string) => string;
}

async function filled(t: TestContext): Promise<Place> {
  const folder = temporaryFolder(t);
  const run = (...args: readonly string[]) => runMusterbook(args, { folder });
  const { exit } = await runMusterbook(['import', '-'], { folder, input: LINES });
  assert.equal(exit, 0);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('key.pub'), (await run('checkpoint', '--new-key', path('key.pem'))).stdout);
  writeFileSync(path('other.pub'), (await run('checkpoint', '--new-key', path('other.pem'))).stdout);
  return { folder, run, path };
}

async function exported(t: TestContext): Promise<Place & { readonly bundle: string }> {
  const place = await filled(t);
  const bundle = place.path('outage.jsonl');
  const { exit, stderr } = await place.run(
    'export',
    '--incident',
    'outage',
    '--sign',
    place.path('key.pem'),
    '-f',
    bundle,
  );
  assert.equal(exit, 0, stderr);
  return { ...place, bundle };
}

test('a key is made for its owner alone, and never over another', async (t) => {
  const { run, path } = await filled(t);
  assert.equal(statSync(path('key.pem')).mode & 0o777, 0o600);
  assert.match(readFileSync(path('key.pub'), 'utf8'), /^-----BEGIN PUBLIC KEY-----\n/);
  const before = readFileSync(path('key.pem'), 'utf8');
  const { exit, stdout } = await run('checkpoint', '--new-key', path('key.pem'));
  assert.deepEqual([exit, stdout, readFileSync(path('key.pem'), 'utf8')], [2, '', before]);
});

test('verify says whose the checkpoint is, and exits 7 when it is not who was expected', async (t) => {
  const { run, path } = await filled(t);
  writeFileSync(path('signed.json'), (await run('checkpoint', '--sign', path('key.pem'))).stdout);
  writeFileSync(path('unsigned.json'), (await run('checkpoint')).stdout);
  const verify = (file: string, ...rest: string[]) => run('verify', '--checkpoint', path(file), ...rest);
  const expected = await verify('signed.json', '--public-key', path('key.pub'));
  assert.equal(expected.exit, 0, expected.stderr);
  assert.match(expected.stdout, /signed by the key [0-9a-f]{16}, as expected/);
  assert.match((await verify('signed.json')).stdout, /whose that is was not asked/);
  const unsigned = await verify('unsigned.json');
  assert.deepEqual([unsigned.exit, /is not signed/.test(unsigned.stdout)], [0, true]);
  const other = await verify('signed.json', '--public-key', path('other.pub'));
  assert.deepEqual([other.exit, /signature: .*but the key/.test(other.stdout)], [7, true]);
  assert.equal((await verify('unsigned.json', '--public-key', path('key.pub'))).exit, 7);
  writeFileSync(path('cut.json'), readFileSync(path('signed.json'), 'utf8').slice(0, 100));
  const cut = await verify('cut.json');
  assert.deepEqual([cut.exit, /CHECKPOINT_UNREADABLE/.test(cut.stderr)], [2, true]);
  writeFileSync(path('changed.json'), readFileSync(path('signed.json'), 'utf8').replace('"streams":3', '"streams":4'));
  assert.equal((await verify('changed.json')).exit, 7);
});

test('what cannot be meant is a usage error that says what to do', async (t) => {
  const { run, path } = await filled(t);
  const wrong: readonly (readonly [says: RegExp, ...args: string[]])[] = [
    [/also give the signed --checkpoint/, 'verify', '--public-key', path('key.pub')],
    [/KEY_UNREADABLE/, 'checkpoint', '--sign', path('key.pub')],
    [/--sign .*no-such/, 'checkpoint', '--sign', path('no-such')],
    [/one after the other/, 'checkpoint', '--sign', path('key.pem'), '--new-key', path('new.pem')],
    [/no such file/, 'verify', '--bundle', path('no-such')],
    [/leave --after and --stream out/, 'export', '--incident', 'outage', '--after', '3'],
    [/--public goes with --incident/, 'export', '--public'],
    [
      /a bundle holds one/,
      'export',
      '--incident',
      'outage',
      '--sign',
      path('key.pem'),
      '--checkpoint',
      path('key.pub'),
    ],
    [/--margin x: expected minutes/, 'export', '--incident', 'outage', '--margin', 'x'],
    [/goes with --from bundle/, 'import', '--public-key', path('key.pub'), '-'],
    [/not a server's word/, 'export', '--incident', 'outage', '--url', 'http://127.0.0.1:1'],
  ];
  for (const [says, ...args] of wrong) {
    const { exit, stderr } = await run(...args);
    assert.deepEqual([exit, says.test(stderr)], [2, true], `${args.join(' ')}: ${stderr}`);
  }
  const none = await run('export', '--incident', 'no-such', '-f', path('none.jsonl'));
  assert.deepEqual([none.exit, existsSync(path('none.jsonl'))], [3, false]);
});

test('a bundle is verified offline, and its changed line named', async (t) => {
  const { run, path, bundle } = await exported(t);
  // A folder that does not exist: no ledger is asked.
  const offline = (...args: string[]) => run('verify', '--data', path('nowhere'), '--bundle', ...args);
  const good = await offline(bundle, '--public-key', path('key.pub'));
  assert.equal(good.exit, 0, good.stderr);
  assert.match(good.stdout, /The bundle verifies[\s\S]*all of it is of one ledger[\s\S]*as expected/);
  assert.equal((await offline(bundle, '--public-key', path('other.pub'))).exit, 7);
  writeFileSync(
    path('changed.jsonl'),
    readFileSync(bundle, 'utf8').replace('"title":"Web is slow"', '"title":"Web is slot"'),
  );
  const changed = await offline(path('changed.jsonl'));
  assert.equal(changed.exit, 7);
  assert.match(changed.stdout, /hash at line 8, incident-outage, revision 0: /);
  assert.ok(!existsSync(path('nowhere')));
});

test('a bundle is taken into another ledger, once, and shows the same incident there', async (t) => {
  const { run, bundle, path } = await exported(t);
  const into = (data: string, ...args: string[]) => run(...args, '--data', path(data));
  const first = JSON.parse((await into('other', 'import', '--from', 'bundle', bundle, '-o', 'json')).stdout);
  assert.deepEqual([first.appended, first.duplicates, first.rejectedCount], [8, 0, 0]);
  const again = JSON.parse((await into('other', 'import', '--from', 'bundle', bundle, '-o', 'json')).stdout);
  assert.deepEqual([again.appended, again.duplicates], [0, 8]);
  const here = JSON.parse((await run('import', '--from', 'bundle', bundle, '-o', 'json')).stdout);
  assert.deepEqual([here.appended, here.duplicates], [0, 8]);
  const shown = async (data: string) => {
    const { title, status, impactOpen } = JSON.parse(
      (await into(data, 'incident', 'get', 'outage', '-o', 'json')).stdout,
    );
    return { title, status, impactOpen };
  };
  assert.deepEqual(await shown('other'), await shown('data'));
});

test('restored into an empty ledger it keeps recordedAt, and streams that are whole keep their chain', async (t) => {
  const { run, bundle, path } = await exported(t);
  writeFileSync(path('outage.gz'), gzipSync(readFileSync(bundle)));
  const restored = await run(
    'import',
    '--restore',
    '--from',
    'bundle',
    path('outage.gz'),
    '--public-key',
    path('key.pub'),
    '--data',
    path('other'),
  );
  assert.equal(restored.exit, 0, restored.stderr);
  const stream = async (data: string) =>
    (await run('export', '--stream', 'incident-outage', '--data', path(data))).stdout;
  assert.equal(await stream('other'), await stream('data'));
  assert.equal((await run('verify', '--data', path('other'))).exit, 0);
});

test('of a bundle that does not verify nothing is taken, and the place is named', async (t) => {
  const { folder, run, bundle, path } = await exported(t);
  const text = readFileSync(bundle, 'utf8');
  const lines = text.split('\n');
  const broken: readonly (readonly [says: RegExp, text: string])[] = [
    [/line 8, incident-outage, revision 0/, text.replace('"title":"Web is slow"', '"title":"Web is slot"')],
    [/line 9: the file ends without its last line/, lines.slice(0, 9).join('\n')],
    [
      /line 3/,
      lines
        .with(2, lines[3] ?? '')
        .with(3, lines[2] ?? '')
        .join('\n'),
    ],
    [/goes on after its last line/, text + text],
    [/this is no bundle/, LINES],
  ];
  for (const [says, changed] of broken) {
    writeFileSync(path('broken.jsonl'), changed);
    const { exit, stderr } = await run(
      'import',
      '--from',
      'bundle',
      path('broken.jsonl'),
      bundle,
      '--data',
      path('empty'),
    );
    assert.deepEqual([exit, says.test(stderr), /BUNDLE_NOT_VERIFIED/.test(stderr)], [1, true, true], stderr);
  }
  const foreign = await run(
    'import',
    '--from',
    'bundle',
    '--public-key',
    path('other.pub'),
    bundle,
    '--data',
    path('empty'),
  );
  assert.deepEqual([foreign.exit, /BUNDLE_NOT_VERIFIED.*but the key/.test(foreign.stderr)], [1, true]);
  const fromStdin = await runMusterbook(['import', '--from', 'bundle', '-', '--data', path('empty')], {
    folder,
    input: text.slice(0, -9),
  });
  assert.equal(fromStdin.exit, 1);
  const status = JSON.parse((await run('checkpoint', '--data', path('empty'))).stdout);
  assert.equal(status.events, 0);
});

test('a kept checkpoint goes into a bundle, one of another ledger does not', async (t) => {
  const { run, path } = await filled(t);
  const mine = await run('checkpoint', '--sign', path('key.pem'));
  writeFileSync(path('kept.json'), mine.stdout);
  const { exit, stdout } = await run('export', '--incident', 'outage', '--checkpoint', path('kept.json'));
  writeFileSync(path('bundle.jsonl'), stdout);
  assert.equal(exit, 0);
  const held = await run(
    'verify',
    '--bundle',
    path('bundle.jsonl'),
    '--checkpoint',
    path('kept.json'),
    '--public-key',
    path('key.pub'),
  );
  assert.equal(held.exit, 0, held.stdout);
  const kept = JSON.parse(mine.stdout) as { ends: string };
  writeFileSync(path('foreign.json'), JSON.stringify({ ...kept, ends: kept.ends.replace(/./g, '0') }));
  const foreign = await run('export', '--incident', 'outage', '--checkpoint', path('foreign.json'));
  assert.deepEqual([foreign.exit, /CHECKPOINT_FOREIGN/.test(foreign.stderr)], [5, true]);
});
