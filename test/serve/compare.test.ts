/** Comparing two moments through GraphQL: what differs, and what cannot be compared. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesIn, diff, happened, type Moment } from './comparing.ts';
import { restored } from './restored.ts';
import { serve } from './serving.ts';

const SPREEDLY = 'spreedly-orchestration';

test('the evening this project was born from: every follower fell away, each for its own event', async (t) => {
  const serving = await restored(t, 'spreedly-2022-12-13');
  const found = await diff(serving, SPREEDLY, happened('19:40'), happened('20:13'));
  assert.deepEqual([found.leader, found.term, found.scopes], [null, null, []]);
  assert.deepEqual(
    found.followings,
    ['orch-2', 'orch-3', 'orch-4', 'orch-5', 'orch-6'].map((id) => ({
      id,
      from: { id: 'orch-1' },
      to: null,
      fromTerm: 7,
      toTerm: null,
      causes: [{ id: `${id}-follows-no-more` }],
    })),
  );
  const { jobs } = found;
  assert.ok(jobs.length > 0 && jobs.every((job: { toState: string }) => job.toState !== 'RUNNING'));
  assert.deepEqual(causesIn(jobs)['core-api-2'], ['core-api-2-taken-off']);
  assert.deepEqual(causesIn(jobs)['reports-1'], ['reports-1-taken-off', 'reports-1-assigned-2']);
  assert.equal(causesIn(jobs)['core-api-1'], undefined, 'it ran on until after');
});

test('moments of all four kinds compare, and the other way round it is the inverse', async (t) => {
  const serving = await restored(t, 'spreedly-2022-12-13');
  const kinds: readonly Moment[] = [
    { position: 20 },
    { knownAt: at('20:05') },
    happened('20:13'),
    { bitemporal: { happenedAt: at('20:12'), knownAt: at('20:30') } },
  ];
  for (const from of kinds) {
    for (const to of kinds) {
      const there = await diff(serving, SPREEDLY, from, to);
      const back = await diff(serving, SPREEDLY, to, from);
      assert.equal(JSON.stringify(there) === JSON.stringify(back), from === to);
      for (const kind of ['nodes', 'followings', 'jobs']) {
        assert.deepEqual(causesIn(back[kind]), causesIn(there[kind]));
        assert.deepEqual(
          back[kind].map((row: { from: unknown; to: unknown }) => [row.to, row.from]),
          there[kind].map((row: { from: unknown; to: unknown }) => [row.from, row.to]),
        );
      }
      const empty = { leader: null, term: null, scopes: [], nodes: [], followings: [], jobs: [] };
      if (from === to) assert.deepEqual(there, empty);
    }
  }
});

test('leader, term and scopes differ for the elections that moved them', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 0],
    ['LeaderElected', 'web', { leaderId: 'q1', term: 4, scope: 'queue' }, 1],
    ['LeaderElected', 'web', { leaderId: 'b', term: 2 }, 10],
    ['LeaderLost', 'web', { leaderId: 'b', term: 2, reason: 'crashed' }, 11],
    ['LeaderElected', 'web', { leaderId: 'c', term: 3 }, 12],
    ['LeaderElected', 'web', { leaderId: 'q1', term: 5, scope: 'queue' }, 13],
  );
  const found = await diff(serving, 'web', happened('20:05'), happened('20:20'));
  const since = [{ id: 't3' }, { id: 't4' }, { id: 't5' }];
  const [from, to] = [{ id: 'a' }, { id: 'c' }];
  assert.deepEqual(found.leader, { id: null, from, to, fromTerm: 1, toTerm: 3, causes: since });
  assert.deepEqual(found.term, { from: 1, to: 3, causes: [{ id: 't3' }, { id: 't5' }] });
  assert.deepEqual(found.scopes, [
    { scope: null, from, to, fromTerm: 1, toTerm: 3, causes: since },
    { scope: 'queue', from: { id: 'q1' }, to: { id: 'q1' }, fromTerm: 4, toTerm: 5, causes: [{ id: 't6' }] },
  ]);
});

test('nodes are added and removed, one that left and came back too', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['NodeJoined', 'web', { nodeId: 'b' }, 0],
    ['NodeLeft', 'web', { nodeId: 'a' }, 10],
    ['NodeJoined', 'web', { nodeId: 'c' }, 11],
    ['NodeJoined', 'web', { nodeId: 'b', zone: 'z2' }, 12],
    ['NodeJoined', 'web', { nodeId: 'a' }, 30],
  );
  const then = await diff(serving, 'web', happened('20:05'), happened('20:15'));
  assert.deepEqual(then.nodes, [
    { id: 'a', change: 'REMOVED', from: { liveness: 'ALIVE' }, to: { liveness: 'LEFT' }, causes: [{ id: 't3' }] },
    { id: 'b', change: 'CHANGED', from: { liveness: 'ALIVE' }, to: { liveness: 'ALIVE' }, causes: [{ id: 't5' }] },
    { id: 'c', change: 'ADDED', from: null, to: { liveness: 'ALIVE' }, causes: [{ id: 't4' }] },
  ]);
  const back = await diff(serving, 'web', happened('20:15'), happened('20:35'));
  assert.deepEqual(back.nodes, [
    { id: 'a', change: 'ADDED', from: { liveness: 'LEFT' }, to: { liveness: 'ALIVE' }, causes: [{ id: 't6' }] },
  ]);
});

test('a cluster that was there at one of the moments has all of it added, or removed', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 10],
    ['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 11],
    ['JobSubmitted', 'web', { jobId: 'j1' }, 12],
  );
  const { data, errors } = await serving.ask(
    `{ topologyDiff(clusterId: "web", from: { happenedAt: "${at('20:05')}" }, to: { happenedAt: "${at('20:15')}" }) {
      from { exists asOf { position occurredAt } completeness { complete } }
      to { exists asOf { position occurredAt } completeness { complete } }
      leader { to { id } } nodes { id change } jobs { id change fromState toState }
    } }`,
  );
  assert.deepEqual(errors, []);
  assert.deepEqual(data.topologyDiff, {
    from: {
      exists: false,
      asOf: { position: '3', occurredAt: data.topologyDiff.from.asOf.occurredAt },
      completeness: { complete: true },
    },
    to: {
      exists: true,
      asOf: { position: '3', occurredAt: '2022-12-13T20:12:00.000Z' },
      completeness: { complete: true },
    },
    leader: { to: { id: 'a' } },
    nodes: [{ id: 'a', change: 'ADDED' }],
    jobs: [{ id: 'j1', change: 'ADDED', fromState: null, toState: 'SUBMITTED' }],
  });
  const none = await diff(serving, 'web', happened('20:01'), happened('20:02'));
  assert.deepEqual(none.nodes, [], 'known now, there at neither');
});

test('a comparison stands beside other moments in one request, each answered from its own sets', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['ComponentRegistered', 'api', { name: 'API' }, 0],
    ['JobSubmitted', 'web', { jobId: 'j1', componentId: 'api' }, 1],
    ['JobStarted', 'web', { jobId: 'j1', nodeId: 'a' }, 2],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 10],
    ['ComponentStatusChanged', 'api', { status: 'major_outage' }, 11],
  );
  const { data, errors } = await serving.ask(`{
    now: cluster(id: "web") { asOf { position } node(id: "a") { liveness } }
    topologyDiff(clusterId: "web", from: { position: 3 }, to: { position: 5 }) {
      nodes { from { liveness jobs { component { status } } } to { liveness jobs { component { status } } } causes { id ... on HeartbeatLostEvent { nodeId } } }
    }
    before: cluster(id: "web", moment: { position: 3 }) { asOf { position } node(id: "a") { liveness } }
  }`);
  assert.deepEqual(errors, []);
  assert.deepEqual(data, {
    now: { asOf: { position: '5' }, node: { liveness: 'LOST' } },
    topologyDiff: {
      nodes: [
        {
          from: { liveness: 'UNKNOWN', jobs: [{ component: { status: 'operational' } }] },
          to: { liveness: 'LOST', jobs: [{ component: { status: 'major_outage' } }] },
          causes: [{ id: 't4', nodeId: 'a' }],
        },
      ],
    },
    before: { asOf: { position: '3' }, node: { liveness: 'UNKNOWN' } },
  });
});

test('what cannot be compared is refused, with what to do', async (t) => {
  const { tell, ask } = await serve(t);
  await tell(['LeaderElected', 'web', { leaderId: 'a', term: 1 }, 0]);
  const refusal = async (id: string, from: string, to: string) => {
    const { errors } = await ask(`{ topologyDiff(clusterId: "${id}", from: ${from}, to: ${to}) { term { to } } }`);
    return [errors[0]?.extensions['code'], errors[0]?.message];
  };
  const [unknown, why] = await refusal('nowhere', '{ position: 0 }', '{ position: 1 }');
  assert.equal(unknown, 'UNKNOWN_CLUSTER');
  assert.match(String(why), /"nowhere".*`clusters`/);
  for (const future of [
    '{ position: 2 }',
    '{ knownAt: "2100-01-01T00:00:00Z" }',
    '{ happenedAt: "2100-01-01T00:00:00Z" }',
  ]) {
    for (const [from, to] of [
      [future, '{ position: 1 }'],
      ['{ position: 1 }', future],
    ] as const) {
      const [code, message] = await refusal('web', from, to);
      assert.equal(code, 'MOMENT_IN_FUTURE');
      assert.match(String(message), /for the present give `position`/);
    }
  }
  assert.equal((await refusal('web', '{ happenedAt: "yesterday" }', '{ position: 1 }'))[0], 'TIME_UNREADABLE');
  for (const moment of ['{}', '{ position: 1, knownAt: "2022-12-13T20:00:00Z" }']) {
    assert.equal((await refusal('web', moment, '{ position: 1 }'))[0], 'GRAPHQL_VALIDATION_FAILED');
  }
});
