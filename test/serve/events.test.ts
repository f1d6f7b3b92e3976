import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve, type Told } from './serving.ts';
import { story } from './story.ts';

test('events are paged both ways, their cursors being positions', async (t) => {
  const serving = await serve(t);
  await story(serving);
  const page = async (args: string) => {
    const { data } = await serving.ask(
      `{ events${args} { edges { cursor node { position } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    );
    const { edges, pageInfo } = data.events;
    for (const edge of edges) assert.equal(edge.cursor, edge.node.position);
    return [
      edges.map(({ cursor }: { cursor: string }) => Number(cursor)),
      pageInfo.hasNextPage,
      pageInfo.hasPreviousPage,
    ];
  };
  assert.deepEqual(await page('(first: 3)'), [[1, 2, 3], true, false]);
  assert.deepEqual(await page('(first: 3, after: "10")'), [[11, 12], false, true]);
  assert.deepEqual(await page('(last: 3)'), [[10, 11, 12], false, true]);
  assert.deepEqual(await page('(last: 3, before: "3")'), [[1, 2], true, false]);
  assert.deepEqual(
    await page(
      '(last: 2, filter: { clusterId: "payments", types: ["HeartbeatLost", "io.musterbook.JobStarted", "LeaderElected"] })',
    ),
    [[7, 8], false, true],
  );
  assert.deepEqual(await page('(first: 9, filter: { nodeId: "n1" })'), [[2, 4, 5], false, false]);
  assert.deepEqual(await page('(filter: { jobId: "j1", text: "JOB" })'), [[6, 7], false, false]);
  assert.deepEqual(await page('(filter: { incidentId: "i1" })'), [[10, 11], false, false]);
  assert.deepEqual(await page('(filter: { from: "2022-12-13T20:05:00Z", to: "2022-12-13T20:20:00Z" })'), [
    [7, 8],
    false,
    false,
  ]);
  assert.deepEqual(await page('(filter: { types: ["NoSuch"] })'), [[], false, false]);
  assert.deepEqual(await page('(filter: { stream: "cluster-search", clusterId: "payments" })'), [[], false, false]);
  for (const args of ['(first: 1, last: 1)', '(first: -1)', '(after: "x")']) {
    assert.equal((await serving.ask(`{ events${args} { nodes { id } } }`)).errors.length, 1, args);
  }
});

test('a page examines 50,000 events at most and says where to go on', async (t) => {
  const serving = await serve(t);
  const node = (index: number): Told => ['NodeJoined', 'c', { nodeId: `n${index % 50}` }];
  for (let chunk = 0; chunk < 26; chunk += 1)
    await serving.tell(...Array.from({ length: 2_000 }, (_, index) => node(index)));
  await serving.tell(['NodeLeft', 'c', { nodeId: 'needle' }]);
  const ask = async (args: string) =>
    (
      await serving.ask(
        `{ events(${args}, filter: { text: "needle" }) { nodes { position } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      )
    ).data.events;
  const first = await ask('first: 5');
  assert.deepEqual([first.nodes, first.pageInfo.hasNextPage, first.pageInfo.endCursor], [[], true, '50000']);
  const second = await ask('first: 5, after: "50000"');
  assert.deepEqual([second.nodes, second.pageInfo.hasNextPage], [[{ position: '52001' }], false]);
  const back = await ask('last: 5');
  assert.deepEqual(
    [back.nodes, back.pageInfo.hasPreviousPage, back.pageInfo.startCursor],
    [[{ position: '52001' }], true, '2002'],
  );
});

test('an event shows its envelope, its cause and what retracted it', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'c', { nodeId: 'n', extra: { kept: [1] } }, 1, { notbefore: '2022-12-13T20:00:30Z' }],
    ['NodeLeft', 'c', { nodeId: 'n' }, 2, { causationid: 't1' }],
    ['EventRetracted', 'c', { eventSource: '/tests', eventId: 't2', reason: 'mistake' }],
    ['NodeJoined', 'c', { nodeId: 'fast' }, 60 * 24 * 30],
  );
  const { data, errors } = await serving.ask(`{
    first: event(ref: { position: "1" }) { id source type subject stream revision occurredAt occurredAtKnown notBefore synthetic actor erased clockAhead data cause { id } retractedBy { id } }
    second: event(ref: { key: { source: "/tests", id: "t2" } }) { cause { id ... on NodeJoinedEvent { nodeId } } retractedBy { id ... on EventRetractedEvent { reason } } }
    third: event(ref: { position: 3 }) { occurredAtKnown }
    fourth: event(ref: { position: 4 }) { clockAhead }
  }`);
  assert.deepEqual(errors, []);
  assert.deepEqual(data.first, {
    id: 't1',
    source: '/tests',
    type: 'io.musterbook.NodeJoined',
    subject: 'c',
    stream: 'cluster-c',
    revision: 0,
    occurredAt: '2022-12-13T20:01:00.000Z',
    occurredAtKnown: true,
    notBefore: '2022-12-13T20:00:30.000Z',
    synthetic: false,
    actor: null,
    erased: false,
    clockAhead: false,
    data: { nodeId: 'n', extra: { kept: [1] } },
    cause: null,
    retractedBy: null,
  });
  assert.deepEqual(data.second, { cause: { id: 't1', nodeId: 'n' }, retractedBy: { id: 't3', reason: 'mistake' } });
  assert.deepEqual([data.third, data.fourth], [{ occurredAtKnown: false }, { clockAhead: true }]);
});
