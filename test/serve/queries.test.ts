import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Serving, serve, type Told } from './serving.ts';
import { story } from './story.ts';

test('a cluster answers who leads, who follows, what runs where and what does not run', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const { data, errors } = await serving.ask(`{
    cluster(id: "payments") {
      leader { id role } leaderSince term electing
      leaders { node { id } term contested event { ... on LeaderElectedEvent { leaderId } } }
      node(id: "n2") { liveness following { id } followingTerm lastSeenAt jobs { id } }
      jobs(states: [ORPHANED]) { id state since node { id } }
      nodes { id labels }
      elections { term endedAt event { position } }
      incidents(open: true) { id } maintenances { id components { name } }
      asOf { position occurredAt restored } completeness { complete gaps { reason } }
    }
  }`);
  assert.deepEqual(errors, []);
  assert.deepEqual(data.cluster, {
    leader: { id: 'n1', role: 'LEADER' },
    leaderSince: '2022-12-13T20:02:00.000Z',
    term: 3,
    electing: false,
    leaders: [{ node: { id: 'n1' }, term: 3, contested: false, event: { leaderId: 'n1' } }],
    node: {
      liveness: 'LOST',
      following: { id: 'n1' },
      followingTerm: 3,
      lastSeenAt: '2022-12-13T20:14:30.123456Z',
      jobs: [{ id: 'j1' }],
    },
    jobs: [{ id: 'j1', state: 'ORPHANED', since: '2022-12-13T20:15:00.000Z', node: { id: 'n2' } }],
    nodes: [
      { id: 'n1', labels: { rack: 'r1' } },
      { id: 'n2', labels: null },
    ],
    elections: [{ term: 3, endedAt: null, event: { position: '4' } }],
    incidents: [{ id: 'i1' }],
    maintenances: [{ id: 'm1', components: [{ name: 'API' }] }],
    asOf: { position: '12', occurredAt: '2022-12-13T20:15:00.000Z', restored: false },
    completeness: { complete: true, gaps: [] },
  });
});

test('an incident, the components and the status page answer with their events', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const { data, errors } = await serving.ask(`{
    incident(id: "i1") {
      title status impactOpen visibility clusters { id leader { id } }
      components { component { id name status } status }
      updates { id message status by event { position } } timeline { kind event { id } }
    }
    components { id status cluster { id } }
    statusPage { indicator incidents { id } maintenances { id state } asOf { position } }
    incidents(status: [identified], clusterId: "payments") { nodes { id } pageInfo { hasNextPage } }
    none: incidents(status: [resolved]) { nodes { id } }
    maintenances(state: [scheduled]) { nodes { id } }
  }`);
  assert.deepEqual(errors, []);
  assert.equal(data.incident.status, 'identified');
  assert.deepEqual(data.incident.clusters, [{ id: 'payments', leader: { id: 'n1' } }]);
  assert.deepEqual(data.incident.components, [
    { component: { id: 'api', name: 'API', status: 'major_outage' }, status: 'major_outage' },
    { component: { id: 'ghost', name: 'ghost', status: 'operational' }, status: null },
  ]);
  assert.deepEqual(
    data.incident.updates.map((update: { id: string; message: string }) => [update.id, update.message]),
    [
      ['t10', null],
      ['u2', 'a bad deploy'],
    ],
  );
  assert.deepEqual(data.components, [{ id: 'api', status: 'major_outage', cluster: { id: 'payments' } }]);
  assert.deepEqual(data.statusPage, {
    indicator: 'critical',
    incidents: [{ id: 'i1' }],
    maintenances: [{ id: 'm1', state: 'scheduled' }],
    asOf: { position: '12' },
  });
  assert.deepEqual(
    [data.incidents.nodes, data.none.nodes, data.maintenances.nodes],
    [[{ id: 'i1' }], [], [{ id: 'm1' }]],
  );
});

test('unknown ids answer null, also in an empty ledger', async (t) => {
  const serving = await serve(t);
  const query =
    '{ cluster(id: "x") { id } incident(id: "x") { id } clusterSnapshot(id: "x") { state } event(ref: { position: 9 }) { id } byKey: event(ref: { key: { source: "s", id: "i" } }) { id } }';
  const nothing = { cluster: null, incident: null, clusterSnapshot: null, event: null, byKey: null };
  assert.deepEqual((await serving.ask(query)).data, nothing);
  const empty = await serving.ask(
    '{ statusPage { indicator asOf { position } } components { id } clusters { nodes { id } } events { nodes { id } } ledger { head events } }',
  );
  assert.deepEqual(empty.errors, []);
  assert.deepEqual(empty.data.statusPage, { indicator: 'none', asOf: null });
  await story(serving);
  assert.deepEqual((await serving.ask(query.replace('position: 9', 'position: "99"'))).data, nothing);
});

test('a cluster of which all was taken back answers as one that nobody named', async (t) => {
  const serving = await serve(t);
  const position = await serving.tell(['NodeJoined', 'misspelt', { nodeId: 'n1' }]);
  const query = '{ cluster(id: "misspelt") { id } clusters { nodes { id } } incident(id: "i") { clusters { id } } }';
  const named = [
    'IncidentDeclared',
    'i',
    { title: 'T', status: 'investigating', origin: 'manual', clusterIds: ['misspelt'] },
  ] as const;
  await serving.tell(named);
  assert.deepEqual((await serving.ask(query)).data.clusters.nodes, [{ id: 'misspelt' }]);
  await serving.ask(
    `mutation { retractEvent(input: { event: { position: ${position} }, reason: "misspelt" }) { __typename } }`,
  );
  assert.deepEqual((await serving.ask(query)).data, {
    cluster: null,
    clusters: { nodes: [] },
    incident: { clusters: [] },
  });
  await serving.tell(['NodeJoined', 'misspelt', { nodeId: 'n2' }]);
  assert.deepEqual((await serving.ask(query)).data.cluster, { id: 'misspelt' });
});

test('what the status page leads on to is public too', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['ComponentRegistered', 'api', { name: 'API' }, 0],
    [
      'IncidentDeclared',
      'secret',
      {
        title: 'Secret',
        status: 'investigating',
        origin: 'detector',
        components: [{ componentId: 'api', status: 'major_outage' }],
      },
      1,
    ],
    ['IncidentDeclared', 'seen', { title: 'Seen', status: 'investigating', origin: 'manual' }, 2],
    ['IncidentUpdated', 'seen', { updateId: 'u', message: 'again', duplicateOf: 'secret' }, 3],
    [
      'MaintenanceScheduled',
      'm',
      {
        title: 'Upgrade',
        startsAt: '2023-01-01T00:00:00Z',
        endsAt: '2023-01-01T01:00:00Z',
        components: [{ componentId: 'api' }],
      },
      4,
    ],
  );
  const { data } = await serving.ask(`{
    statusPage { incidents { id duplicateOf { id } } maintenances { components { status } } }
    incident(id: "seen") { duplicateOf { id } }
    maintenances { nodes { components { status } } }
  }`);
  assert.deepEqual(data, {
    statusPage: {
      incidents: [{ id: 'seen', duplicateOf: null }],
      maintenances: [{ components: [{ status: 'operational' }] }],
    },
    incident: { duplicateOf: { id: 'secret' } },
    maintenances: { nodes: [{ components: [{ status: 'major_outage' }] }] },
  });
});

test('the snapshot is the state that others fold on from, at its position', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const { data } = await serving.ask('{ clusterSnapshot(id: "payments") { projection version position state } }');
  assert.deepEqual([data.clusterSnapshot.projection, data.clusterSnapshot.position], ['cluster', '12']);
  assert.deepEqual(Object.keys(data.clusterSnapshot.state.nodes), ['n1', 'n2']);
});

test('atLeast waits for the views, as an argument and as a header, then says NOT_YET', async (t) => {
  const serving = await serve(t);
  await story(serving);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const late = async (asking: ReturnType<Serving['ask']>) => {
    const advance = setInterval(() => t.mock.timers.tick(1_000), 5);
    const answer = await asking;
    clearInterval(advance);
    return answer.errors[0]?.extensions['code'];
  };
  assert.equal(await late(serving.ask('{ cluster(id: "payments", atLeast: "13") { id } }')), 'NOT_YET');
  assert.equal(
    await late(serving.ask('{ cluster(id: "payments") { id } }', {}, { 'musterbook-at-least': '13' })),
    'NOT_YET',
  );
  t.mock.timers.reset();
  const waiting = serving.ask('{ cluster(id: "payments", atLeast: 13) { asOf { position } nodes { id } } }');
  await serving.tell(['NodeJoined', 'payments', { nodeId: 'n3' }, 40]);
  const { cluster } = (await waiting).data;
  assert.deepEqual([cluster.asOf.position, cluster.nodes.length], ['13', 3]);
});

test('clusters come in pages that meet, of 200 at most', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ...Array.from(
      { length: 230 },
      (_, index) => ['NodeJoined', `c${String(index).padStart(3, '0')}`, { nodeId: 'n' }] as Told,
    ),
  );
  const page = async (args: string) =>
    (await serving.ask(`{ clusters${args} { nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }`)).data
      .clusters;
  const found: string[] = [];
  let after = '';
  for (;;) {
    const { nodes, pageInfo } = await page(`(first: 90${after})`);
    found.push(...nodes.map(({ id }: { id: string }) => id));
    if (!pageInfo.hasNextPage) break;
    after = `, after: "${pageInfo.endCursor}"`;
  }
  assert.deepEqual(
    found,
    Array.from({ length: 230 }, (_, index) => `c${String(index).padStart(3, '0')}`),
  );
  assert.equal((await page('(first: 1000)')).nodes.length, 200);
  assert.deepEqual((await page('(first: 0)')).nodes, []);
});

test('an answer kept for the views as they stand is not given once they moved on', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const query = '{ cluster(id: "payments") { asOf { position } nodes { id } } }';
  const first = await serving.ask(query);
  assert.deepEqual(await serving.ask(query), first);
  await serving.tell(['NodeJoined', 'payments', { nodeId: 'n3' }, 40]);
  assert.equal((await serving.ask(query)).data.cluster.nodes.length, 3);
  // What follows from more than the views is not kept.
  const rejected = '{ rejections { nodes { code } total } }';
  assert.equal((await serving.ask(rejected)).data.rejections.total, 0);
  await serving.accept.facts([{ value: { nonsense: true } }], {
    name: null,
    authType: 'unauthenticated',
    roles: new Set(['operate', 'ingest', 'read']),
    door: 'http',
  });
  assert.equal((await serving.ask(rejected)).data.rejections.total, 1);
});

test('a long answer comes packed to whom takes it so, and says the same; a short one as it is', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ...Array.from(
      { length: 200 },
      (_, index): Told => ['NodeJoined', 'c', { nodeId: `n${index}`, name: 'x'.repeat(400) }],
    ),
  );
  const asked = async (query: string, encoding: string) => {
    const response = await fetch(`${serving.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': encoding },
      body: JSON.stringify({ query }),
    });
    return {
      coding: response.headers.get('content-encoding'),
      length: Number(response.headers.get('content-length')),
      text: await response.text(),
    };
  };
  const long = '{ cluster(id: "c") { nodes { id name } } }';
  const [plain, packed, again] = [
    await asked(long, 'identity'),
    await asked(long, 'br, gzip'),
    await asked(long, 'gzip;q=0.5'),
  ];
  assert.deepEqual([plain.coding, packed.coding, again.coding], [null, 'gzip', 'gzip']);
  assert.equal(packed.text, plain.text);
  assert.equal(again.text, plain.text, 'from memory, too');
  assert.ok(packed.length < plain.length / 10);
  assert.equal((await asked(long, 'gzip;q=0, identity')).coding, null);
  assert.equal((await asked('{ cluster(id: "c") { id } }', 'gzip')).coding, null);
});
