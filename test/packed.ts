/**
 * Packs the package, installs the tarball as a user would, without development dependencies, and runs it: events in,
 * `verify`, a server that answers. Run by CI with `node test/packed.ts`; it needs a package registry.
 */
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const folder = mkdtempSync(join(tmpdir(), 'musterbook-packed-'));
const env = {
  ...process.env,
  // The Node that runs this, not the system's, which may be too old for the package.
  PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
  MUSTERBOOK_DATA: join(folder, 'data'),
};

function run(command: string, args: readonly string[], input = ''): SpawnSyncReturns<string> {
  process.stdout.write(`$ ${command} ${args.join(' ')}\n`);
  const done = spawnSync(command, args, { cwd: folder, env, input, encoding: 'utf8' });
  process.stdout.write(done.stdout + done.stderr);
  return done;
}

function musterbook(args: readonly string[], input?: string): SpawnSyncReturns<string> {
  return run('npx', ['--no-install', 'musterbook', ...args], input);
}

try {
  const packed = spawnSync('npm', ['pack', '--pack-destination', folder], { cwd: root, env, encoding: 'utf8' });
  assert.equal(packed.status, 0, packed.stderr);
  const tarball = packed.stdout.trim().split('\n').at(-1) ?? '';
  writeFileSync(join(folder, 'package.json'), '{"name":"a-user","private":true}');
  assert.equal(
    run('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--prefer-offline', `./${tarball}`]).status,
    0,
  );

  const elected = {
    specversion: '1.0',
    id: '1',
    source: '/packed',
    type: 'LeaderElected',
    subject: 'web',
    data: { leaderId: 'a', term: 1 },
  };
  assert.equal(musterbook(['import', '-'], `${JSON.stringify(elected)}\n`).status, 0);
  const verified = musterbook(['verify', '-o', 'json']);
  assert.equal(verified.status, 0);
  assert.equal(JSON.parse(verified.stdout).events, 1);
  assert.match(musterbook(['cluster', 'get', 'web']).stdout, /Leader {3}a {2}term 1/);

  const entry = join(folder, 'node_modules', 'musterbook', 'bin', 'musterbook.js');
  const server = spawn(process.execPath, [entry, 'serve', '--port', '0'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      server.stdout.on('data', (chunk: Buffer) => {
        said += chunk;
        const found = /\bat (http:\/\/\S+)\n/.exec(said)?.[1];
        if (found) resolve(found);
      });
      server.on('exit', () => reject(new Error('the packed server ended')));
    });
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ cluster(id: "web") { leader { id } term } }' }),
    });
    assert.deepEqual(await answer.json(), { data: { cluster: { leader: { id: 'a' }, term: 1 } } });
    const page = await (await fetch(`${url}/clusters/web`, { headers: { accept: 'text/html' } })).text();
    const script = /<script type="module"[^>]* src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
    assert.ok(script !== undefined, `the explorer is in the package: ${page}`);
    assert.equal((await fetch(url + script)).status, 200);
    process.stdout.write('the packed package imports, verifies and serves\n');
  } finally {
    server.kill('SIGTERM');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
