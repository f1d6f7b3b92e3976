import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { eventStoreFor } from '../support/eventstoredb/server.ts';
import { runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

const line = (id: string) =>
  JSON.stringify({ specversion: '1.0', id, source: '/t', type: 'LeaderElected', subject: 'c', data: { leaderId: id } });

async function tell(url: string, ids: readonly string[]): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers, body: ids.map(line).join('\n') });
  assert.equal(answer.status, 200, await answer.text());
}

async function leaderOf(url: string): Promise<unknown> {
  const query = '{ cluster(id: "c") { leader { id } } }';
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
  return answer.json();
}

describe('musterbook snapshot', () => {
  test('taken beside a running server, it verifies and starts where that was', async (context) => {
    const server = await startServer();
    context.after(() => server.close());
    await tell(server.url, ['n1', 'n2']);
    const folder = join(temporaryFolder(context), 'copy');
    const taken = await runMusterbook(['snapshot', folder, '-o', 'json'], { env: { MUSTERBOOK_DATA: server.data } });
    assert.equal(taken.exit, 0, taken.stderr);
    const { position, bytes } = JSON.parse(taken.stdout) as { position: number; bytes: number };
    assert.equal(position, 2);
    assert.ok(bytes > 0);
    await tell(server.url, ['n3']);

    const verified = await runMusterbook(['verify'], { env: { MUSTERBOOK_DATA: folder } });
    assert.equal(verified.exit, 0, verified.stdout + verified.stderr);
    const copy = await startServer({ data: folder });
    context.after(() => copy.close());
    assert.deepEqual(await leaderOf(copy.url), { data: { cluster: { leader: { id: 'n2' } } } });
  });

  test('a folder that holds something is refused and left alone', async (context) => {
    const server = await startServer();
    context.after(() => server.close());
    const before = readdirSync(server.data).sort();
    const taken = await runMusterbook(['snapshot', server.data], { env: { MUSTERBOOK_DATA: server.data } });
    assert.equal(taken.exit, 5, taken.stderr);
    assert.match(taken.stderr, /FOLDER_NOT_EMPTY/);
    assert.deepEqual(readdirSync(server.data).sort(), before);
  });

  test('of a replica, it spares a new one the way from the beginning', async (context) => {
    const store = await eventStoreFor(context);
    const config = { store: store.connectionString as `esdb${string}` };
    const first = await startServer({ config });
    context.after(() => first.close());
    await tell(first.url, ['n1', 'n2']);
    const folder = join(temporaryFolder(context), 'copy');
    const env = { MUSTERBOOK_DATA: first.data, MUSTERBOOK_STORE: config.store };
    const taken = await runMusterbook(['snapshot', folder, '-o', 'json'], { env });
    assert.equal(taken.exit, 0, taken.stderr);
    assert.ok(existsSync(join(folder, 'mirror.sqlite')));
    const events = store.store.log.length;

    const second = await startServer({ data: folder, config });
    context.after(() => second.close());
    assert.deepEqual(await leaderOf(second.url), { data: { cluster: { leader: { id: 'n2' } } } });
    await tell(second.url, ['n3']);
    assert.equal(store.store.log.length, events + 1);
    const { position } = await second.ledger.head();
    assert.ok(await first.views.reached(position, 5_000));
    assert.deepEqual(await leaderOf(first.url), { data: { cluster: { leader: { id: 'n3' } } } });
  });

  test('a copy of another record is refused beside this one', async (context) => {
    const [mine, other] = [await eventStoreFor(context), await eventStoreFor(context)].map(
      ({ connectionString }) => connectionString as `esdb${string}`,
    ) as [`esdb${string}`, `esdb${string}`];
    const data = temporaryFolder(context);
    const first = await startServer({ data, config: { store: mine } });
    await tell(first.url, ['n1']);
    await first.close();
    const theirs = await startServer({ config: { store: other } });
    context.after(() => theirs.close());
    await assert.rejects(startServer({ data, config: { store: other } }), {
      code: 'LEDGER_FOREIGN',
    });
  });
});
