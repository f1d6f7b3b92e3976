import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient as createSseClient } from 'graphql-sse';
import { type Serving, serve } from './serving.ts';
import { subscribe, subscribeWs } from './streams.ts';

const CLUSTER =
  'subscription ($id: ID!, $after: Position) { cluster(id: $id, after: $after) { cursor skipped event { type position } cluster { term nodes { id } asOf { position } } } }';
const EVENTS =
  'subscription ($after: Position, $filter: EventFilter) { events(after: $after, filter: $filter) { cursor event { id type } } }';

/** Elects n1 for each of these terms. */
function elections(serving: Serving, terms: readonly number[]) {
  return serving.tell(...terms.map((term) => ['LeaderElected', 'c', { leaderId: 'n1', term }, term] as const));
}

for (const transport of ['SSE', 'WebSocket'] as const) {
  const open = (url: string, query: string, variables: Record<string, unknown>) =>
    transport === 'SSE' ? subscribe(url, query, variables) : Promise.resolve(subscribeWs(url, query, variables));

  test(`${transport}: a cluster's subscriber gets the state now, then every change at its own position`, async (t) => {
    const serving = await serve(t);
    await elections(serving, [1, 2]);
    const payloads = await open(serving.url, CLUSTER, { id: 'c' });
    const first = (await payloads.next()).cluster;
    assert.deepEqual([first.cursor, first.event, first.skipped, first.cluster.term], ['2', null, 0, 2]);
    await serving.tell(['NodeJoined', 'other', { nodeId: 'x' }]);
    await elections(serving, [3, 4]);
    for (const [cursor, term] of [
      ['4', 3],
      ['5', 4],
    ]) {
      const { cluster } = await payloads.next();
      assert.equal(cluster.cursor, cursor);
      assert.equal(cluster.event.position, cursor);
      assert.equal(cluster.cluster.term, term, 'each payload shows the state at its cursor');
      assert.equal(cluster.cluster.asOf.position, cursor);
    }
    await payloads.close();
  });

  test(`${transport}: with after it resumes with no gap and no duplicate`, async (t) => {
    const serving = await serve(t);
    await elections(serving, [1, 2, 3, 4, 5]);
    const payloads = await open(serving.url, CLUSTER, { id: 'c', after: '3' });
    const terms: number[] = [];
    for (let count = 0; count < 3; count += 1) terms.push((await payloads.next()).cluster.cluster.term);
    await elections(serving, [6]);
    terms.push((await payloads.next()).cluster.cluster.term);
    assert.deepEqual(terms, [3, 4, 5, 6]);
    await payloads.close();
  });

  test(`${transport}: events give one payload per event after the cursor, filtered`, async (t) => {
    const serving = await serve(t);
    await elections(serving, [1, 2, 3]);
    await serving.tell(['NodeJoined', 'c', { nodeId: 'n9' }], ['LeaderElected', 'd', { leaderId: 'z' }]);
    const filter = { clusterId: 'c', types: ['LeaderElected', 'io.musterbook.NodeJoined'] };
    const payloads = await open(serving.url, EVENTS, { after: '1', filter });
    const cursors: string[] = [];
    for (let count = 0; count < 3; count += 1) cursors.push((await payloads.next()).events.cursor);
    await elections(serving, [4]);
    cursors.push((await payloads.next()).events.cursor);
    assert.deepEqual(cursors, ['2', '3', '4', '6']);
    await payloads.close();
  });
}

test('clusters give one payload per cluster first', async (t) => {
  const serving = await serve(t);
  await serving.tell(['NodeJoined', 'a', { nodeId: '1' }], ['NodeJoined', 'b', { nodeId: '2' }]);
  const payloads = await subscribe(serving.url, 'subscription { clusters { cursor cluster { id nodes { id } } } }');
  const first = [await payloads.next(), await payloads.next()].map(({ clusters }) => [
    clusters.cursor,
    clusters.cluster.id,
  ]);
  assert.deepEqual(first, [
    ['2', 'a'],
    ['2', 'b'],
  ]);
  await serving.tell(['NodeJoined', 'b', { nodeId: '3' }]);
  const { clusters } = await payloads.next();
  assert.deepEqual([clusters.cursor, clusters.cluster.id, clusters.cluster.nodes.length], ['3', 'b', 2]);
  payloads.close();
});

test('an incident that names two clusters gives a payload for each of them, at one cursor', async (t) => {
  const serving = await serve(t);
  await serving.tell(['NodeJoined', 'a', { nodeId: '1' }], ['NodeJoined', 'b', { nodeId: '2' }]);
  const payloads = await subscribe(
    serving.url,
    'subscription { clusters(after: 2) { cursor cluster { id incidents { id } } } }',
  );
  await payloads.next();
  await payloads.next();
  await serving.tell([
    'IncidentDeclared',
    'i',
    { title: 'T', status: 'investigating', origin: 'manual', clusterIds: ['b', 'a'] },
  ]);
  const both = [await payloads.next(), await payloads.next()].map(({ clusters }) => clusters);
  assert.deepEqual(both, [
    { cursor: '3', cluster: { id: 'a', incidents: [{ id: 'i' }] } },
    { cursor: '3', cluster: { id: 'b', incidents: [{ id: 'i' }] } },
  ]);
  payloads.close();
});

test('an incident and the status page are followed as they change', async (t) => {
  const serving = await serve(t);
  await serving.tell(['IncidentDeclared', 'i', { title: 'T', status: 'investigating', origin: 'manual' }, 1]);
  const incident = await subscribe(
    serving.url,
    'subscription { incident(id: "i") { cursor incident { status updates { id } } } }',
  );
  const page = await subscribe(
    serving.url,
    'subscription { statusPage { cursor statusPage { incidents { id status } } } }',
  );
  assert.equal((await incident.next()).incident.incident.status, 'investigating');
  assert.deepEqual((await page.next()).statusPage.statusPage.incidents, [{ id: 'i', status: 'investigating' }]);
  await serving.tell(['IncidentUpdated', 'i', { message: 'over', status: 'resolved' }, 2]);
  assert.equal((await incident.next()).incident.incident.status, 'resolved');
  assert.deepEqual((await page.next()).statusPage.statusPage.incidents, []);
  incident.close();
  page.close();
});

test('an incident that names a cluster nobody has heard of shows it from its first event on', async (t) => {
  const serving = await serve(t);
  const declared = { title: 't', status: 'investigating', origin: 'manual', clusterIds: ['c'] };
  await serving.tell(['IncidentDeclared', 'i', declared]);
  const payloads = await subscribe(
    serving.url,
    'subscription ($id: ID!) { incident(id: $id) { cursor event { type } incident { clusters { id } } } }',
    { id: 'i' },
  );
  assert.deepEqual((await payloads.next()).incident.incident.clusters, []);
  await serving.tell(['NodeJoined', 'other', { nodeId: 'x' }], ['NodeJoined', 'c', { nodeId: 'n' }]);
  assert.deepEqual((await payloads.next()).incident, {
    cursor: '3',
    event: { type: 'io.musterbook.NodeJoined' },
    incident: { clusters: [{ id: 'c' }] },
  });
  payloads.close();
});

test('a late fact and a retraction are changes too, each at the position where they were recorded', async (t) => {
  const serving = await serve(t);
  await serving.tell(['LeaderElected', 'c', { leaderId: 'n2', term: 2 }, 20]);
  const payloads = await subscribe(serving.url, CLUSTER, { id: 'c' });
  await payloads.next();
  await serving.tell(['NodeJoined', 'c', { nodeId: 'late' }, 5]);
  const late = (await payloads.next()).cluster;
  assert.deepEqual([late.cursor, late.cluster.nodes.map(({ id }: { id: string }) => id).sort()], ['2', ['late', 'n2']]);
  await serving.tell(['EventRetracted', 'c', { eventSource: '/tests', eventId: 't2', reason: 'mistake' }]);
  const retracted = (await payloads.next()).cluster;
  assert.equal(retracted.event.type, 'io.musterbook.EventRetracted');
  assert.deepEqual(retracted.cluster.nodes, [{ id: 'n2' }]);
  payloads.close();
});

test('a reader more than 1,000 changes behind gets the newest state and how many it skipped', async (t) => {
  const serving = await serve(t);
  await serving.tell(['LeaderElected', 'c', { leaderId: 'n1', term: 1 }, 1]);
  await elections(
    serving,
    Array.from({ length: 1_200 }, (_, index) => index + 2),
  );
  const payloads = await subscribe(serving.url, CLUSTER, { id: 'c', after: '1' });
  assert.equal((await payloads.next()).cluster.cluster.term, 1);
  const newest = (await payloads.next()).cluster;
  assert.equal(newest.cluster.term, 1_201);
  assert.equal(newest.skipped, 1_199, 'those between the state at `after` and the newest');
  assert.equal(newest.cursor, '1201');
  await elections(serving, [1_202]);
  assert.deepEqual((await payloads.next()).cluster.skipped, 0);
  payloads.close();
});

test('a cluster that nobody knows yet gives nothing until it is there', async (t) => {
  const serving = await serve(t);
  await serving.tell(['NodeJoined', 'other', { nodeId: 'x' }]);
  const payloads = await subscribe(serving.url, CLUSTER, { id: 'c' });
  await elections(serving, [7]);
  assert.equal((await payloads.next()).cluster.cluster.term, 7);
  payloads.close();
});

test('an `after` beyond the ledger waits, then says NOT_YET', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const serving = await serve(t);
  const asking = subscribe(serving.url, CLUSTER, { id: 'c', after: '99' });
  const payloads = await new Promise<Awaited<typeof asking>>((resolve, reject) => {
    asking.then(resolve, reject);
    const advance = setInterval(() => t.mock.timers.tick(1_000), 5);
    void asking.finally(() => clearInterval(advance));
  });
  const { errors } = await payloads.next();
  assert.equal(errors[0].extensions.code, 'NOT_YET');
  assert.equal(await payloads.ended, 'complete');
});

test('a subscription that does not validate is answered with its errors, then complete', async (t) => {
  const serving = await serve(t);
  const payloads = await subscribe(serving.url, 'subscription { cluster(id: "c") { nothing } }');
  const { errors } = await payloads.next();
  assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  assert.equal(await payloads.ended, 'complete');
});

test('identical subscriptions are executed once for each change, wherever they began', async (t) => {
  const serving = await serve(t);
  await elections(serving, [1, 2, 3]);
  const all = await Promise.all(
    ['1', '2', '3', '3', '3'].map((after) => subscribe(serving.url, CLUSTER, { id: 'c', after })),
  );
  for (const [index, payloads] of all.entries()) {
    const behind = [2, 1, 0, 0, 0][index] ?? 0;
    for (let count = 0; count <= behind; count += 1) await payloads.next();
  }
  const executedBefore = await metric(serving, 'musterbook_subscription_payloads_executed');
  const deliveredBefore = await metric(serving, 'musterbook_subscription_payloads_delivered');
  await elections(serving, [4, 5, 6]);
  for (const payloads of all) {
    for (const term of [4, 5, 6]) assert.equal((await payloads.next()).cluster.cluster.term, term);
  }
  assert.equal((await metric(serving, 'musterbook_subscription_payloads_executed')) - executedBefore, 3);
  assert.equal((await metric(serving, 'musterbook_subscription_payloads_delivered')) - deliveredBefore, 15);
  for (const payloads of all) payloads.close();
});

async function metric(serving: Serving, name: string): Promise<number> {
  const text = await (await fetch(`${serving.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
}

test('the graphql-sse client, in distinct connections mode, reads subscriptions and queries', async (t) => {
  const serving = await serve(t);
  await elections(serving, [1]);
  const client = createSseClient({ url: `${serving.url}/graphql`, retryAttempts: 0 });
  const payloads = client.iterate({ query: CLUSTER, variables: { id: 'c' } });
  const cursorOf = async (): Promise<string> => {
    const { value } = await payloads.next();
    return (value as { data: { cluster: { cursor: string } } }).data.cluster.cursor;
  };
  assert.equal(await cursorOf(), '1');
  await elections(serving, [2]);
  assert.equal(await cursorOf(), '2');
  await payloads.return?.();
  const answers: unknown[] = [];
  for await (const answer of client.iterate({ query: '{ cluster(id: "c") { term } }' })) answers.push(answer);
  assert.deepEqual(answers, [{ data: { cluster: { term: 2 } } }]);
  client.dispose();
});
