/** Comparing two moments through GraphQL: what differs, and which events are to blame. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restored } from './restored.ts';
import { type Serving, serve } from './serving.ts';

const DIFF = /* GraphQL */ `
  query Diff($id: ID!, $from: Moment!, $to: Moment!) {
    topologyDiff(clusterId: $id, from: $from, to: $to) {
      leader { id from { id } to { id } fromTerm toTerm causes { id } }
      term { from to causes { id } }
      scopes { scope from { id } to { id } fromTerm toTerm causes { id } }
      nodes { id change from { liveness } to { liveness } causes { id } }
      followings { id from { id } to { id } fromTerm toTerm causes { id } }
      jobs { id change from { id } to { id } fromState toState causes { id } }
    }
  }`;

type Moment = Readonly<Record<string, unknown>>;
const at = (time: string): string => `2022-12-13T${time}:00Z`;
const happened = (time: string): Moment => ({ happenedAt: at(time) });

async function diff({ ask }: Serving, id: string, from: Moment, to: Moment) {
  const { data, errors } = await ask(DIFF, { id, from, to });
  assert.deepEqual(errors, []);
  return data.topologyDiff;
}

/** By row, the ids of its causes. */
function causesIn(rows: readonly { readonly id: string; readonly causes: readonly { readonly id: string }[] }[]) {
  return Object.fromEntries(rows.map(({ id, causes }) => [id, causes.map((cause) => cause.id)]));
}

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

test('what changed and changed back is no difference, and no cause of one', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 10],
    ['HeartbeatRestored', 'web', { nodeId: 'a' }, 11],
    ['NodeJoined', 'web', { nodeId: 'a', zone: 'z2' }, 12],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 20],
  );
  assert.deepEqual((await diff(serving, 'web', happened('20:05'), happened('20:11'))).nodes, []);
  assert.deepEqual(causesIn((await diff(serving, 'web', happened('20:05'), happened('20:15'))).nodes), { a: ['t4'] });
  assert.deepEqual(causesIn((await diff(serving, 'web', happened('20:05'), happened('20:25'))).nodes), {
    a: ['t4', 't5'],
  });
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

test('a job is orphaned by what befell its node', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['JobStarted', 'web', { jobId: 'j1', nodeId: 'a' }, 0],
    ['JobStarted', 'web', { jobId: 'j2', nodeId: 'b' }, 1],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 10],
    ['NodeLeft', 'web', { nodeId: 'b' }, 11],
  );
  const { jobs } = await diff(serving, 'web', happened('20:05'), happened('20:15'));
  const [a, b] = [{ id: 'a' }, { id: 'b' }];
  const orphaned = { change: 'CHANGED', fromState: 'RUNNING', toState: 'ORPHANED' };
  assert.deepEqual(jobs, [
    { id: 'j1', from: a, to: a, causes: [{ id: 't3' }], ...orphaned },
    { id: 'j2', from: b, to: b, causes: [{ id: 't4' }], ...orphaned },
  ]);
});

test('later knowledge is a difference: a late fact for itself, a mistake for its retraction', async (t) => {
  const serving = await serve(t);
  const known = await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['LeaderElected', 'web', { leaderId: 'ghost', term: 2 }, 5],
  );
  const later = await serving.tell(
    ['EventRetracted', 'web', { eventSource: '/tests', eventId: 't2', reason: 'misread' }, 50],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 4],
  );
  const found = await diff(serving, 'web', { position: known }, { position: later });
  assert.deepEqual(causesIn(found.nodes), { a: ['t4'], ghost: ['t3'] });
  assert.deepEqual(found.leader.causes, [{ id: 't3' }]);
  assert.deepEqual(found.term, { from: 2, to: null, causes: [{ id: 't3' }] });
  const ghost = found.nodes.find(({ id }: { id: string }) => id === 'ghost');
  assert.deepEqual([ghost.change, ghost.to], ['REMOVED', null]);
});

test('a word that shows only later is the cause, though another event brought it to light', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['HeartbeatLost', 'web', { nodeId: 'a', observerId: 'o1' }, 10],
  );
  // Learned later, of a time before: it changes nothing then, but not every observer has lost the node any more.
  await serving.tell(['HeartbeatRestored', 'web', { nodeId: 'a', observerId: 'o2' }, 5]);
  const { nodes } = await diff(serving, 'web', { position: 2 }, { position: 3 });
  assert.deepEqual(nodes, [
    { id: 'a', change: 'CHANGED', from: { liveness: 'LOST' }, to: { liveness: 'UNKNOWN' }, causes: [{ id: 't3' }] },
  ]);
});

test('what a gap hides differs because of the gap', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['NodeJoined', 'web', { nodeId: 'a' }, 0],
    ['JobStarted', 'web', { jobId: 'j1', nodeId: 'a' }, 0],
    ['HeartbeatLost', 'web', { nodeId: 'a' }, 1],
  );
  const gap = { from: '2022-12-13T20:10:00Z', reason: 'link down' };
  const open = await serving.tell(['CollectorGapRecorded', '/tests', gap, 15]);
  const closed = await serving.tell(['CollectorGapRecorded', '/tests', { ...gap, to: '2022-12-13T20:20:00Z' }, 40]);
  const inside = await diff(serving, 'web', happened('20:05'), happened('20:15'));
  assert.deepEqual(inside.nodes, [
    {
      id: 'a',
      change: 'CHANGED',
      from: { liveness: 'LOST' },
      to: { liveness: 'UNKNOWN' },
      causes: [{ id: 't4' }, { id: 't5' }],
    },
  ]);
  assert.deepEqual(causesIn(inside.jobs), { j1: ['t4', 't5'] }, 'it is no orphan while nobody can see its node');
  const opened = await diff(serving, 'web', { position: 3 }, { position: open });
  assert.deepEqual(causesIn(opened.nodes), { a: ['t4'] });
  const over = await diff(serving, 'web', { position: open }, { position: closed });
  assert.deepEqual(causesIn(over.nodes), { a: ['t5'] }, 'what ended it, since both know how it began');
  assert.deepEqual((await diff(serving, 'web', happened('20:05'), happened('20:25'))).nodes, []);
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

test('at most the newest twenty causes are told of a row', async (t) => {
  const serving = await serve(t);
  await serving.tell(['NodeJoined', 'web', { nodeId: 'a', zone: 'z' }, 0]);
  for (let flap = 1; flap <= 15; flap += 1) {
    await serving.tell(
      ['HeartbeatLost', 'web', { nodeId: 'a' }, flap],
      ['NodeJoined', 'web', { nodeId: 'a', zone: `z${flap}` }, flap + 0.5],
    );
  }
  const { nodes } = await diff(serving, 'web', { position: 1 }, { position: 31 });
  assert.equal(nodes[0].causes.length, 16, 'the loss, and fifteen zones');
  for (let move = 1; move <= 10; move += 1) {
    await serving.tell(['NodeJoined', 'web', { nodeId: 'a', zone: `y${move}` }, 20 + move]);
  }
  const more = await diff(serving, 'web', { position: 1 }, { position: 41 });
  assert.equal(more.nodes[0].causes.length, 20);
  assert.equal(more.nodes[0].causes.at(-1).id, 't41');
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
