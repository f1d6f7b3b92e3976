/** Each exit code that scripts rely on, from the command line as a person types it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Position } from '../../schemas/ids.ts';
import { readTokens } from '../../src/serve/auth.ts';
import { type RunningServer, runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SMALL_CLUSTER, SMALL_INCIDENT, told } from '../support/told.ts';

const LINES = `${[...SMALL_CLUSTER, ...SMALL_INCIDENT].join('\n')}\n`;

describe('without a ledger', () => {
  const cases: readonly (readonly [number, RegExp, readonly string[]])[] = [
    [0, /^$/, ['--version']],
    [0, /^$/, ['help', 'incident']],
    [0, /^$/, ['cluster', 'get', '--help']],
    [2, /unknown command 'nonsense'/, ['nonsense']],
    [2, /unknown option '--nonsense'/, ['status', '--nonsense']],
    [2, /missing required argument 'id'/, ['cluster', 'get']],
    [2, /USAGE: -o xml: expected one of table, wide, json, jsonl, yaml, name/, ['status', '-o', 'xml']],
    [2, /USAGE: --at yesterday: expected an RFC 3339 time with a zone/, ['cluster', 'ls', '--at', 'yesterday']],
    [2, /USAGE: --known-at 20:30: expected/, ['incident', 'get', 'x', '--known-at', '20:30']],
    [2, /USAGE: --watch follows the present/, ['status', '--watch', '--at', '2022-12-13T20:30:00Z']],
    [2, /USAGE: events tail follows the present/, ['events', 'tail', '--at', '2022-12-13T20:30:00Z']],
    [2, /CONFIG: wrong settings\n {2}--port is "x"/, ['serve', '--port', 'x']],
    [2, /expected roles among read, ingest, operate, admin/, ['token', 'create', 'me', '--role', 'god']],
    [2, /there is no projection nonsense/, ['rebuild', 'nonsense']],
    [3, /LEDGER_MISSING/, ['cluster', 'ls']],
    [3, /LEDGER_MISSING/, ['verify']],
    [6, /UNREACHABLE: no answer from http:\/\/127\.0\.0\.1:9/, ['status', '--url', 'http://127.0.0.1:9']],
  ];
  for (const [exit, said, args] of cases) {
    test(`musterbook ${args.join(' ')} exits ${exit}`, async (t) => {
      const result = await runMusterbook(args, { folder: temporaryFolder(t) });
      assert.equal(result.exit, exit, result.stderr);
      assert.match(result.stderr, said);
    });
  }

  test('settings that are wrong are listed all at once', async (t) => {
    const env = { MUSTERBOOK_PORT: 'x', MUSTERBOOK_STORE: 'y', MUSTERBOOK_HOST: '0.0.0.0', MUSTERBOOK_TOKENS: '' };
    const { exit, stderr, stdout } = await runMusterbook(['serve'], { folder: temporaryFolder(t), env });
    assert.equal(exit, 2);
    assert.equal(stdout, '');
    for (const name of ['MUSTERBOOK_PORT', 'MUSTERBOOK_STORE', 'MUSTERBOOK_HOST'])
      assert.match(stderr, new RegExp(`${name} is`));
  });

  test('a token file that cannot be used is a wrong setting', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'tokens'), 'abc read me\n');
    const { exit, stderr } = await runMusterbook(['serve', '--tokens', 'tokens', '--port', '0'], { folder });
    assert.equal(exit, 2);
    assert.match(stderr, /line 1: expected <sha256 hex>/);
  });

  test('a port that is taken is an error with a hint', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as { port: number };
    const { exit, stderr } = await runMusterbook(['serve', '--port', String(port)], { folder: temporaryFolder(t) });
    assert.equal(exit, 1);
    assert.match(stderr, /EADDRINUSE[\s\S]*--port/);
  });
});

describe('with a server', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer();
    const response = await fetch(`${server.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: LINES,
    });
    assert.equal(response.status, 200);
    assert.ok(await server.views.reached(7 as Position, 10_000));
  });
  after(() => server.close());
  const remote = (...args: string[]) => runMusterbook(args, { env: { MUSTERBOOK_URL: server.url } });
  const beside = (...args: string[]) => runMusterbook(args, { env: { MUSTERBOOK_DATA: server.data } });

  test('0: what is there is shown', async () => assert.equal((await remote('cluster', 'get', 'web')).exit, 0));
  test('3: what is not there is not found', async () => {
    const { exit, stderr, stdout } = await remote('cluster', 'get', 'nowhere');
    assert.deepEqual([exit, stdout], [3, '']);
    assert.match(stderr, /NOT_FOUND: there is no cluster nowhere/);
  });
  test('3: an incident that nobody declared cannot be updated', async () => {
    const { exit, stderr } = await remote('incident', 'update', 'nowhere', '-m', 'hello');
    assert.equal(exit, 3);
    assert.match(stderr, /UNKNOWN_INCIDENT/);
  });
  test('5: an incident is resolved once', async () => {
    assert.equal((await remote('incident', 'declare', 'twice', '--title', 'Twice')).exit, 0);
    assert.equal((await remote('incident', 'resolve', 'twice', '-m', 'over')).exit, 0);
    assert.equal((await remote('incident', 'resolve', 'twice', '-m', 'over')).exit, 5);
  });
  test('2: what an input may not say is a usage error', async () => {
    assert.equal((await remote('incident', 'declare', ' x ', '--title', 'T')).exit, 2);
  });
  test('5: a second server on the same folder is refused, and says what to do', async () => {
    const { exit, stderr } = await beside('serve', '--port', '0');
    assert.equal(exit, 5);
    assert.match(stderr, /LEDGER_HELD[\s\S]*MUSTERBOOK_URL/);
  });
  test('5: a writing command beside it is refused', async () => {
    for (const args of [['import', '-'], ['incident', 'declare', 'x', '--title', 'x'], ['rebuild']]) {
      assert.equal((await beside(...args)).exit, 5, args.join(' '));
    }
  });
  test('2: --restore is for a folder, not for a server', async () =>
    assert.equal((await remote('import', '--restore', '-')).exit, 2));
  test('7: a checkpoint of another ledger does not hold', async (t) => {
    const checkpoint = JSON.parse((await beside('checkpoint', '-o', 'json')).stdout);
    const path = join(temporaryFolder(t), 'checkpoint.json');
    writeFileSync(path, JSON.stringify(checkpoint));
    assert.equal((await beside('verify', '--checkpoint', path)).exit, 0);
    writeFileSync(path, JSON.stringify({ ...checkpoint, ends: createHash('sha256').update('x').digest('hex') }));
    const { exit, stderr } = await beside('verify', '--checkpoint', path);
    assert.equal(exit, 7);
    assert.match(stderr, /NOT_VERIFIED/);
  });
  test('0: a rebuild gives the same bytes', async () => {
    const { exit, stdout } = await beside('rebuild', '--verify', '-o', 'json');
    assert.equal(exit, 0);
    const compared = JSON.parse(stdout) as { projection: string; keys: number; differentCount: number }[];
    assert.equal(compared.find(({ projection }) => projection === 'cluster')?.keys, 1);
    assert.ok(compared.every(({ differentCount }) => differentCount === 0));
  });
});

test('1: rejected records are named, the others are durable', async (t) => {
  const folder = temporaryFolder(t);
  const input = `${told({ type: 'NodeJoined', subject: 'w', id: '1', data: { nodeId: 'a' } })}\n{"no":"event"}\n`;
  const { exit, stderr, stdout } = await runMusterbook(['import', '-', '-o', 'json'], { folder, input });
  assert.equal(exit, 1);
  assert.deepEqual([JSON.parse(stdout).appended, JSON.parse(stdout).rejectedCount], [1, 1]);
  assert.match(stderr, /record 1: /);
});

test('4: a server with tokens wants one, and one with the right role', async (t) => {
  const token = 'mb_reader';
  const line = `${createHash('sha256').update(token).digest('hex')} read reader`;
  assert.deepEqual(readTokens(line).faults, []);
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'tokens'), line);
  const server = await startServer({ config: { tokens: join(folder, 'tokens') } });
  t.after(() => server.close());
  const asked = (args: readonly string[], given?: string) =>
    runMusterbook(args, {
      env: { MUSTERBOOK_URL: server.url, ...(given !== undefined && { MUSTERBOOK_TOKEN: given }) },
    });
  assert.equal((await asked(['status'])).exit, 4);
  assert.equal((await asked(['status'], 'mb_wrong')).exit, 4);
  assert.equal((await asked(['status'], token)).exit, 0);
  assert.equal((await asked(['incident', 'declare', 'x', '--title', 'x'], token)).exit, 4);
});
