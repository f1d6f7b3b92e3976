/** Following: what is shown as it changes, from a server, beside it, and over its restart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../schemas/ids.ts';
import { type RunningServer, runMusterbook, spawnMusterbook, spawnServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { SMALL_CLUSTER, told } from '../support/told.ts';

async function post(url: string, lines: readonly string[]): Promise<number> {
  const body = `${lines.join('\n')}\n`;
  const response = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  });
  assert.equal(response.status, 200);
  return ((await response.json()) as { position: number }).position;
}

/** Sends events and waits until the server's views show them: who asks then is not ahead of them. */
async function postAndSee({ url, views }: RunningServer, lines: readonly string[]): Promise<void> {
  assert.ok(await views.reached((await post(url, lines)) as Position, 10_000));
}

const elected = (term: number): string =>
  told({ type: 'LeaderElected', subject: 'web', id: `term-${term}`, data: { leaderId: 'a', term } });
/** The whole lines of an output, which may still be empty. */
const linesOf = <Row>(text: string): Row[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);

for (const place of ['from the server', 'beside the server'] as const) {
  test(`events are followed ${place}, from a cursor and live`, async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    await postAndSee(server, SMALL_CLUSTER);
    const env = place === 'from the server' ? { MUSTERBOOK_URL: server.url } : { MUSTERBOOK_DATA: server.data };
    let isSent = false;
    const { exit, stdout } = await runMusterbook(['events', 'tail', '--after', '4', '-n', '4', '-o', 'jsonl'], {
      env,
      onOutput: (soFar) => {
        if (isSent || soFar.split('\n').length < 3) return;
        isSent = true;
        void post(server.url, [elected(4), elected(5)]);
      },
    });
    assert.equal(exit, 0);
    assert.deepEqual(
      linesOf<{ position: string }>(stdout).map(({ position }) => position),
      ['5', '6', '7', '8'],
    );
  });

  test(`a cluster is watched ${place}: its state now, then each change`, async (t) => {
    const server = await startServer();
    t.after(() => server.close());
    await postAndSee(server, SMALL_CLUSTER);
    const env = place === 'from the server' ? { MUSTERBOOK_URL: server.url } : { MUSTERBOOK_DATA: server.data };
    const done = new AbortController();
    let sent = 3;
    const { exit, stdout } = await runMusterbook(['cluster', 'get', 'web', '--watch', '-o', 'jsonl'], {
      env,
      signal: done.signal,
      onOutput: (soFar) => {
        const terms = linesOf<{ term: number }>(soFar).map(({ term }) => term);
        if (terms.at(-1) !== sent) return;
        sent += 1;
        if (sent > 5) done.abort();
        else void post(server.url, [elected(sent)]);
      },
    });
    assert.equal(exit, 0);
    assert.deepEqual(
      linesOf<{ term: number }>(stdout).map(({ term }) => term),
      [3, 4, 5],
    );
  });
}

test('a list is shown again when the ledger moves', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  await postAndSee(server, SMALL_CLUSTER);
  const done = new AbortController();
  let isSent = false;
  const { stdout } = await runMusterbook(['cluster', 'ls', '--watch', '-o', 'jsonl'], {
    env: { MUSTERBOOK_URL: server.url },
    signal: done.signal,
    onOutput: (soFar) => {
      if (linesOf<{ term: number }>(soFar).at(-1)?.term === 9) done.abort();
      if (isSent) return;
      isSent = true;
      // The watch has asked once; whether it listens already makes no difference to what it must show.
      const again = (term: number): void => {
        if (done.signal.aborted) return;
        void post(server.url, [elected(Math.min(term, 9))]).then(() => setTimeout(again, 50, term + 1));
      };
      again(4);
    },
  });
  assert.equal(linesOf<{ term: number }>(stdout).at(-1)?.term, 9);
});

test('following goes on over a restart of the server, with no gap and no duplicate', async (t) => {
  const data = temporaryFolder(t);
  const first = await spawnServer({ data });
  await post(first.url, [elected(1), elected(2)]);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const seen = Promise.withResolvers<void>();
  const tail = spawnMusterbook(['events', 'tail', '--after', '0', '-n', '4', '-o', 'jsonl'], {
    env: { MUSTERBOOK_URL: first.url },
    signal: stop.signal,
    onOutput: (soFar) => {
      if (linesOf(soFar).length >= 2) seen.resolve();
    },
  });
  await seen.promise;
  await first.end('SIGKILL');
  const second = await spawnServer({ data, port: first.port });
  t.after(() => second.end('SIGKILL'));
  await post(second.url, [elected(3), elected(4)]);
  const { exit, stdout, stderr } = await tail;
  assert.equal(exit, 0, stderr);
  assert.deepEqual(
    linesOf<{ data: { term: number } }>(stdout).map(({ data: { term } }) => term),
    [1, 2, 3, 4],
  );
});

test('a server ends with exit 0 when told to, and what it acknowledged is there', async (t) => {
  const data = temporaryFolder(t);
  const server = await spawnServer({ data });
  await post(server.url, SMALL_CLUSTER);
  assert.equal(await server.end('SIGTERM'), 0);
  const { stdout } = await runMusterbook(['events', 'ls', '-o', 'name'], { env: { MUSTERBOOK_DATA: data } });
  assert.equal(stdout.trimEnd().split('\n').length, SMALL_CLUSTER.length);
});
