/** The image: its Dockerfile's steps done as processes, what comes out held to the package, started, and asked how it is. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '../support/temporary.ts';
import { type BuiltStage, buildStages, isIgnored, stagesOf } from './dockerfile.ts';
import { deployText, ROOT } from './files.ts';

const STAGES = stagesOf(deployText('Dockerfile'));
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  readonly files: readonly string[];
  readonly engines: { readonly node: string };
};

/** The files of a stage's working folder, installed packages left out. */
function filesOf({ work }: BuiltStage): readonly string[] {
  return globSync('**', { cwd: work, exclude: ['node_modules'] })
    .filter((path) => statSync(join(work, path)).isFile())
    .sort();
}

/** A value in Docker's exec form. */
function words(text: string | undefined): readonly string[] {
  return JSON.parse(text ?? '[]') as readonly string[];
}

describe('the image', () => {
  test('stands on a Node that is pinned and new enough', () => {
    const needed = PACKAGE.engines.node.replace('>=', '').split('.').map(Number);
    for (const { image } of STAGES) {
      const version = /^node:(\d+)\.(\d+)\.(\d+)-\w+-slim$/.exec(image)?.slice(1).map(Number);
      assert.ok(version, `${image} is not pinned`);
      assert.equal(version[0], needed[0]);
      assert.ok((version[1] ?? 0) >= (needed[1] ?? 0), `${image} is older than ${PACKAGE.engines.node}`);
    }
  });

  test('sends no more into its build than it copies', () => {
    const ignore = readFileSync(join(ROOT, '.dockerignore'), 'utf8');
    const copied = STAGES.flatMap(({ steps }) => steps)
      .filter(({ instruction, rest }) => instruction === 'COPY' && !rest.startsWith('--from'))
      .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
    const kept = globSync('*', { cwd: ROOT }).filter((path) => !isIgnored(path, ignore));
    assert.deepEqual(kept.sort(), [...new Set(copied.map((path) => path.split('/')[0] ?? ''))].sort());
    for (const secret of ['data', '.git', 'deploy/secrets/tokens', '.env', 'node_modules']) {
      assert.ok(isIgnored(secret, ignore), secret);
    }
  });

  test('is built, holds what the package holds, starts without development packages and says that it is well', async (t) => {
    const image = buildStages(STAGES, temporaryFolder(t));
    for (const path of PACKAGE.files) assert.ok(existsSync(join(image.work, path)), `${path} is missing`);
    assert.deepEqual(filesOf(image), packed(image.work));
    assert.ok(!existsSync(join(image.work, 'node_modules', 'typescript')));
    assert.equal(image.says.get('USER'), '1000:1000');
    assert.equal(image.says.get('EXPOSE'), image.environment['MUSTERBOOK_PORT']);
    assert.equal(image.says.get('VOLUME'), image.environment['MUSTERBOOK_DATA']);
    assert.ok(existsSync(join(image.root, image.environment['MUSTERBOOK_DATA'] ?? '')));

    const [program, script = '', ...rest] = [...words(image.says.get('ENTRYPOINT')), ...words(image.says.get('CMD'))];
    assert.equal(program, 'node');
    const environment = {
      PATH: process.env['PATH'] ?? '',
      ...image.environment,
      // Of this machine's network, only loopback is for tests.
      MUSTERBOOK_HOST: '127.0.0.1',
      MUSTERBOOK_PORT: '0',
      MUSTERBOOK_DATA: join(image.root, image.environment['MUSTERBOOK_DATA'] ?? ''),
    };
    const server = spawn(process.execPath, [join(image.root, script), ...rest], {
      cwd: image.work,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(server, 'exit');
    try {
      const port = await new Promise<string>((resolve, reject) => {
        let said = '';
        server.stdout.on('data', (chunk: Buffer) => {
          said += chunk;
          const found = /\bat http:\/\/127\.0\.0\.1:(\d+)\n/.exec(said)?.[1];
          if (found) resolve(found);
        });
        void ended.then(([code]) => reject(new Error(`the server ended: ${code}`)));
      });
      assert.equal(await health(image, { MUSTERBOOK_HOST: '127.0.0.1', MUSTERBOOK_PORT: port }), 0);
      assert.equal(await health(image, { MUSTERBOOK_HOST: '0.0.0.0', MUSTERBOOK_PORT: port }), 0);
      server.kill('SIGTERM');
      await ended;
      assert.equal(await health(image, { MUSTERBOOK_HOST: '127.0.0.1', MUSTERBOOK_PORT: port }), 1);
    } finally {
      server.kill('SIGKILL');
    }
    assert.deepEqual(await ended, [0, null]);
  });
});

/** The exit code of the image's health check in this environment. */
async function health(image: BuiltStage, env: Readonly<Record<string, string>>): Promise<number | null> {
  const [program, ...rest] = words(image.says.get('HEALTHCHECK')?.replace(/^.*?\sCMD\s/, ''));
  assert.equal(program, 'node');
  const [code] = (await once(spawn(process.execPath, rest, { env, stdio: 'inherit' }), 'exit')) as [number | null];
  return code;
}

/** The files that `npm pack` would pack from a folder as it lies there. */
function packed(folder: string): readonly string[] {
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  const { stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    env: { ...process.env, PATH: path },
    encoding: 'utf8',
  });
  assert.notEqual(stdout, '', stderr);
  const said = JSON.parse(stdout) as
    | readonly { files: { path: string }[] }[]
    | Record<string, { files: { path: string }[] }>;
  const [only] = Object.values(said);
  return (only?.files ?? []).map(({ path: each }) => each).sort();
}
