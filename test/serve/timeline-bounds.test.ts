/** `timeline` through GraphQL: what it is asked with, what it refuses, how large it may be. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asked, drawn, field, type Lane } from './drawn.ts';
import { type Answer, serve, type Told } from './serving.ts';

const JOINED: readonly Told[] = [
  ['NodeJoined', 'web', { nodeId: 'a', zone: 'z1' }, 0],
  ['NodeJoined', 'web', { nodeId: 'b', zone: 'z2' }, 0],
];

test('several timelines and the present in one request are each of their own set', async (t) => {
  const serving = await serve(t);
  await serving.tell(...JOINED);
  // Everything was recorded a day later.
  const later = '2022-12-15T00:00:00Z';
  const { data, errors } = await serving.ask(`{
    before: ${field({ knownAt: '20:30' })}
    now: ${field({})}
    cluster(id: "web") { nodes { id } asOf { position } }
  }`);
  assert.deepEqual(errors, []);
  assert.deepEqual([data.before.lanes, data.before.asOf, data.before.counts.length], [[], null, 3_600]);
  assert.equal(data.now.lanes.length, 2);
  assert.equal(data.cluster.asOf.position, '2');
  // What lies ahead: nothing has happened, and what was planned is drawn.
  const planned = { title: 'Disks', startsAt: later, endsAt: '2022-12-15T02:00:00Z', clusterIds: ['web'] };
  await serving.tell(['MaintenanceScheduled', 'disks', planned, 10]);
  const ahead = await drawn(serving, { from: '2022-12-15T00:00:00Z', to: '2022-12-16T00:00:00Z' });
  assert.deepEqual(
    ahead.lanes.map(({ id, values, ends }: Lane) => [id, values, ends]),
    [['disks', ['scheduled'], ['2022-12-15T02:00:00.000Z']]],
  );
  const past = await drawn(serving, { from: '1999-01-01T00:00:00Z', to: '2000-01-01T00:00:00Z', buckets: 5 });
  assert.deepEqual([past.lanes, past.counts, past.followers], [[], [0, 0, 0, 0, 0], [null, null, null, null, null]]);
});

test('what cannot be drawn is refused with what to do', async (t) => {
  const serving = await serve(t);
  await serving.tell(...JOINED);
  const refusal = async (asked: Asked): Promise<string> => {
    const { data, errors }: Answer = await serving.ask(`{ ${field(asked)} ledger { head } }`);
    assert.equal(data, null, 'the field is never null');
    return `${errors[0]?.extensions['code']} ${errors[0]?.extensions['argument'] ?? ''}: ${errors[0]?.message}`;
  };
  assert.match(await refusal({ buckets: 0 }), /^BAD_VALUE buckets: buckets 0: expected a number from 1 to 10000/);
  assert.match(await refusal({ buckets: -3 }), /^BAD_VALUE buckets: .*-3/);
  assert.match(await refusal({ buckets: 1_000_000 }), /^BAD_VALUE buckets: .*1000000/);
  assert.match(await refusal({ from: '21:00', to: '20:00' }), /^FROM_AFTER_TO from: .*exchange them/);
  assert.match(await refusal({ from: '20:00', to: '20:00' }), /^FROM_AFTER_TO from: /);
  assert.match(await refusal({ cluster: 'nobody' }), /^UNKNOWN_CLUSTER clusterId: no cluster "nobody"/);
  assert.match(await refusal({ knownAt: '2100-01-01T00:00:00Z' }), /^MOMENT_IN_FUTURE : /);
  assert.match(await refusal({ from: 'yesterday at eight' }), /^TIME_UNREADABLE : /);
});

test('more lanes than fit: those that changed last are drawn, and the answer says how many are not', async (t) => {
  const serving = await serve(t);
  const jobs = Array.from({ length: 700 }, (_, index): Told => {
    const minute = index < 350 ? 10 : 30;
    return ['JobAssigned', 'web', { jobId: `j${index}`, nodeId: index % 2 ? 'a' : 'b' }, minute];
  });
  await serving.tell(...JOINED, ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 1], ...jobs);
  const lanesBy = async (asked: Asked) => {
    const { lanes, lanesOmitted } = await drawn(serving, asked);
    const ids = (kind: string): string[] =>
      lanes.filter((lane: Lane) => lane.kind === kind).map((lane: Lane) => lane.id);
    return { nodes: ids('node'), jobs: ids('job'), leaders: ids('leader'), lanesOmitted };
  };
  const wide = await lanesBy({ buckets: 60 });
  assert.deepEqual([wide.nodes.length, wide.jobs.length, wide.leaders.length], [2, 497, 1]);
  assert.equal(wide.lanesOmitted, 203);
  assert.equal(wide.jobs.filter((id) => Number(id.slice(1)) >= 350).length, 350);
  const fine = await lanesBy({ buckets: 10_000 });
  assert.deepEqual([fine.nodes.length, fine.jobs.length, fine.leaders.length], [2, 47, 1]);
  assert.equal(fine.lanesOmitted, 653);
});

test('it is printed as graphql-js would, and costs what it is asked for', async (t) => {
  const serving = await serve(t);
  const position = await serving.tell(...JOINED, ['JobSubmitted', 'web', { jobId: 'j', name: '"ü\u2028' }, 2]);
  const straight = await drawn(serving);
  // A document that may wait is left to graphql-js.
  assert.deepEqual(await drawn(serving, { more: `, atLeast: "${position}"` }), straight);
  const codeOf = async (query: string, variables = {}) =>
    (await serving.ask(query, variables)).errors[0]?.extensions['code'] ?? null;
  const twice = (buckets: number): string =>
    `{ ${['a', 'b', 'c'].map((name) => `${name}: ${field({ buckets })}`).join(' ')} }`;
  assert.equal(await codeOf(twice(1_000)), null);
  assert.equal(await codeOf(twice(10_000)), 'QUERY_TOO_COSTLY');
  const variable = twice(0).replaceAll('buckets: 0', 'buckets: $buckets').replace('{', 'query ($buckets: Int!) {');
  assert.equal(await codeOf(variable, { buckets: 1_000 }), null);
  assert.equal(await codeOf(variable, { buckets: 10_000 }), 'QUERY_TOO_COSTLY');
});
