/** The same server on the ledger that people run: SQLite, with its writer and its projector in threads of their own. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECTIONS } from '../../projections/list.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startProjecting } from '../../src/project/start.ts';
import { serve } from './serving.ts';
import { subscribe } from './streams.ts';

test('on SQLite: what is appended is queried, subscribed to and exported', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-serve-'));
  const ledgerPath = join(folder, 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'worker' });
  const keep = { folder, ledgerPath };
  const projecting = await startProjecting({
    ledger,
    projections: PROJECTIONS,
    keep,
    onTrouble: (error) => assert.fail(String(error)),
  });
  const serving = await serve(null, { ledger, views: projecting.views });
  t.after(async () => {
    await serving.server.close();
    await projecting.close();
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await serving.tell(['NodeJoined', 'c', { nodeId: 'n1' }, 1], ['LeaderElected', 'c', { leaderId: 'n1', term: 1 }, 2]);
  const payloads = await subscribe(
    serving.url,
    'subscription { cluster(id: "c", after: 1) { cursor cluster { term nodes { id } } } }',
  );
  const seen = [await payloads.next(), await payloads.next()].map(({ cluster }) => [
    cluster.cursor,
    cluster.cluster.term,
  ]);
  assert.deepEqual(seen, [
    ['1', null],
    ['2', 1],
  ]);
  const events = Array.from(
    { length: 300 },
    (_, index) => ['LeaderElected', 'c', { leaderId: 'n1', term: index + 2 }, index + 3] as const,
  );
  await Promise.all([serving.tell(...events.slice(0, 150)), serving.tell(...events.slice(150))]);
  const cursors: number[] = [];
  while (cursors.at(-1) !== 302) cursors.push(Number((await payloads.next()).cluster.cursor));
  assert.deepEqual(
    cursors,
    Array.from({ length: 300 }, (_, index) => index + 3),
  );
  payloads.close();
  const { data } = await serving.ask(
    '{ cluster(id: "c") { term elections(last: 1) { term event { position } } asOf { position restored } } events(last: 1) { nodes { hash } } ledger { events projections { state lagEvents } } }',
  );
  assert.equal(data.cluster.term, 301);
  assert.deepEqual(
    data.ledger.projections.map(({ lagEvents }: { lagEvents: number }) => lagEvents),
    Array(6).fill(0),
  );
  const exported = (await (await fetch(`${serving.url}/export.jsonl?after=301`)).text()).trimEnd();
  assert.equal(JSON.parse(exported).hash, data.events.nodes[0].hash);
});
