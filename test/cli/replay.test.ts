/** `musterbook replay`: from a server, beside it, over its restart, and as a picture. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Position } from '../../schemas/ids.ts';
import { plain, visibleWidth } from '../../src/cli/print/text.ts';
import { drawReplay } from '../../src/cli/replay/picture.ts';
import { runMusterbook, spawnMusterbook, spawnServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { told } from '../support/told.ts';

const SCENARIO = join(import.meta.dirname, '../../scenarios/spreedly-2022-12-13.jsonl');
const CLUSTER = 'spreedly-orchestration';
const RANGE = ['--from', '2022-12-13T20:10:00Z', '--to', '2022-12-13T20:30:00Z'];
const REPLAY = ['replay', CLUSTER, ...RANGE, '--speed', '0'];
const linesOf = (text: string): string[] => text.split('\n').slice(0, -1);

test('a replay is printed as frames, as lines and as names, from the server and beside it', async (t) => {
  const data = temporaryFolder(t);
  const restored = await runMusterbook(['import', '--restore', SCENARIO], { env: { MUSTERBOOK_DATA: data } });
  assert.equal(restored.exit, 0, restored.stderr);
  const server = await startServer({ data });
  t.after(() => server.close());
  const from = async (env: Record<string, string>, ...more: string[]): Promise<string> => {
    const { exit, stdout, stderr } = await runMusterbook([...REPLAY, ...more], { env });
    assert.equal(exit, 0, stderr);
    assert.equal(stderr, '');
    return stdout;
  };
  const outputs = [];
  for (const env of [{ MUSTERBOOK_URL: server.url }, { MUSTERBOOK_DATA: data }]) {
    const jsonl = await from(env, '-o', 'jsonl');
    const frames = linesOf(jsonl).map((line) => JSON.parse(line));
    assert.equal(frames.length, 30);
    assert.deepEqual([frames[0].event.id, frames[29].event.id], ['reports-1-taken-off', 'reports-1-started-2']);
    assert.ok(frames[29].cluster.jobs.every(({ state }: { state: string }) => state === 'RUNNING'));
    assert.deepEqual(JSON.parse(await from(env, '-o', 'json')), frames);
    const names = await from(env, '-o', 'name');
    assert.deepEqual(
      linesOf(names),
      frames.map(({ cursor }) => `event/${cursor}`),
    );
    const lines = linesOf(await from(env));
    assert.match(lines[0] ?? '', /^2022-12-13 20:10:20Z {2}JobUnassigned {11}reports-1 off orch-6: redeploy$/);
    assert.equal(lines.at(-1)?.trim(), '= leader orch-1 term 7 | 5 of 5 follow | 8 of 8 jobs run');
    const early = await from(env, '-o', 'name', '--known-at', '2022-12-13T20:12:00Z');
    assert.ok(linesOf(early).length > 0 && names.startsWith(early) && early.length < names.length);
    outputs.push(jsonl);
  }
  assert.equal(outputs[0], outputs[1]);
});

test('what cannot be replayed ends with a code and its exit', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const check = async (args: readonly string[], exit: number, words: RegExp): Promise<void> => {
    const found = await runMusterbook(['replay', ...args], { env: { MUSTERBOOK_URL: server.url } });
    assert.deepEqual([found.exit, found.stdout], [exit, '']);
    assert.match(found.stderr, words);
  };
  await check([CLUSTER, ...RANGE], 3, /^UNKNOWN_CLUSTER: no cluster/);
  await check([CLUSTER, '--from', RANGE[3] ?? '', '--to', RANGE[1] ?? ''], 2, /^FROM_AFTER_TO: /);
  await check([CLUSTER, '--from', RANGE[1] ?? '', '--to', '2199-01-01T00:00:00Z'], 2, /^MOMENT_IN_FUTURE: to /);
  await check([CLUSTER, ...RANGE, '--speed', '-1'], 2, /Give a number from 0 on/);
  await check([CLUSTER, ...RANGE, '--speed', 'NaN'], 2, /Give a number from 0 on/);
  await check([CLUSTER, '--from', 'yesterday', '--to', 'today'], 2, /Give a time with its zone/);
  await check([CLUSTER, '--from', RANGE[1] ?? ''], 2, /--to/);
});

const HOURS = ['00', '01', '02', '03', '04'];
const elected = (hour: string): string =>
  told({
    type: 'LeaderElected',
    subject: 'web',
    id: `at-${hour}`,
    time: `2022-12-13T${hour}:00:00Z`,
    data: { leaderId: 'a', term: Number(hour) },
  });

async function post(url: string, lines: readonly string[]): Promise<void> {
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${lines.join('\n')}\n`,
  });
  assert.equal(response.status, 200);
}

/** Resolves once the views show the cluster. */
async function seenBy(url: string): Promise<void> {
  const query = `{ cluster(id: "web", atLeast: ${HOURS.length}) { id } }`;
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  assert.match(await response.text(), /"web"/);
}

test('a replay goes on over a restart of the server, and does not learn of what was recorded meanwhile', async (t) => {
  const data = temporaryFolder(t);
  const first = await spawnServer({ data });
  await post(first.url, HOURS.map(elected));
  await seenBy(first.url);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const seen = Promise.withResolvers<void>();
  const range = ['--from', '2022-12-12T23:59:59Z', '--to', '2022-12-13T05:00:00Z', '--skip-idle'];
  const replay = spawnMusterbook(['replay', 'web', ...range, '-o', 'jsonl'], {
    env: { MUSTERBOOK_URL: first.url },
    signal: stop.signal,
    onOutput: (soFar) => {
      if (linesOf(soFar).length >= 2) seen.resolve();
    },
  });
  await seen.promise;
  await first.end('SIGTERM');
  const second = await spawnServer({ data, port: first.port });
  t.after(() => second.end('SIGKILL'));
  await post(second.url, [
    told({ type: 'NodeJoined', subject: 'web', id: 'late', time: '2022-12-13T04:30:00Z', data: { nodeId: 'b' } }),
  ]);
  const { exit, stdout, stderr } = await replay;
  assert.equal(exit, 0, stderr);
  assert.deepEqual(
    linesOf(stdout).map((line) => JSON.parse(line).cursor),
    ['1', '2', '3', '4', '5'],
  );
});

test('an interrupt ends a replay that waits, cleanly', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  await post(server.url, HOURS.map(elected));
  assert.ok(await server.views.reached(HOURS.length as Position, 10_000));
  const stop = new AbortController();
  const { exit, stderr } = await runMusterbook(
    ['replay', 'web', '--from', '2022-12-12T23:59:59.99Z', '--to', '2022-12-13T05:00:00Z', '-o', 'jsonl'],
    { env: { MUSTERBOOK_URL: server.url }, signal: stop.signal, onOutput: () => stop.abort() },
  );
  assert.deepEqual([exit, stderr], [0, '']);
});

const ASKED = {
  cluster: 'web\u001b[2J',
  from: '2022-12-13T20:10:00Z',
  to: '2022-12-13T20:30:00Z',
  speed: 60,
  skipIdle: false,
};
const FRAME = {
  cursor: '7',
  knownAt: '2022-12-14T00:00:00.000Z',
  at: '2022-12-13T20:20:00.000Z',
  event: {
    type: 'io.musterbook.LeaderElected',
    occurredAt: '2022-12-13T20:20:00.000Z',
    data: { leaderId: 'n0', term: 4 },
  },
  cluster: {
    leader: { id: 'n0' },
    leaderSince: '2022-12-13T20:19:00.000Z',
    term: 4,
    nodes: Array.from({ length: 60 }, (_, index) => ({
      id: `n${index}`,
      liveness: 'ALIVE',
      following: index === 0 ? null : { id: 'n0' },
    })),
    jobs: [{ id: 'j', state: 'RUNNING', critical: false, node: { id: 'n1' } }],
    jobGroups: [],
    deployments: [],
    completeness: { gaps: [{ collector: '/probe' }] },
  },
};

test('the picture shows the time that is told, fits its terminal, and says what it leaves out', () => {
  for (const [columns, rows] of [
    [120, 40],
    [80, 24],
    [40, 10],
  ] as const) {
    const stage = { latest: FRAME, latestMs: 0, count: 7, events: new Array(20).fill(FRAME.event) };
    const nowMs = Date.parse('2022-12-13T20:20:30Z');
    const lines = drawReplay(stage, ASKED, { columns, rows, paint: plain, nowMs });
    assert.ok(lines.length <= rows);
    assert.ok(lines.every((line) => visibleWidth(line) <= columns));
    assert.ok(lines.every((line) => plain(line) === line));
    const text = lines.join('\n');
    if (columns < 80) continue;
    assert.match(text, /^Replay of web\ufffd\[2J {3}60× {3}7 events +2022-12-13 20:20:30Z$/m);
    assert.match(text, /★ n0 {2}term 4 {2}for 1m30s/);
    assert.match(text, /INCOMPLETE: no data of \/probe/);
    assert.match(text, /… and \d+ more/);
    assert.match(text, /20:20:00 {2}LeaderElected/);
  }
  const empty = { latest: null, latestMs: 0, count: 0, events: [] };
  assert.match(drawReplay(empty, ASKED, { columns: 80, rows: 24, paint: plain, nowMs: 0 }).join('\n'), /no event yet/);
});
