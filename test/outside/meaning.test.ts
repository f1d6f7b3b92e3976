/**
 * What the contract says of the answers, asked from outside: events go in over HTTP, answers come out of GraphQL. The same sentences have
 * their own tests on the folds in test/meaning; these hold that the whole path says the same.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningServer, startServer } from '../support/server.ts';

let server: RunningServer;
before(async () => {
  server = await startServer();
});
after(async () => {
  await server.close();
});

interface Told {
  readonly type: string;
  /** Minutes past 2022-12-13T20:00Z; absent: no time. */
  readonly at?: number;
  readonly subject?: string;
  readonly source?: string;
  readonly id?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

let told = 0;

const minute = (at: number) => new Date(Date.UTC(2022, 11, 13, 20, 0, 0) + at * 60_000).toISOString();

/** Sends events in the order given and gives back the ledger's position after them. */
async function tell(subject: string, events: readonly Told[]): Promise<string> {
  const lines = events.map((event) => {
    told += 1;
    const { type, at, data = {} } = event;
    const time = at === undefined ? {} : { time: minute(at) };
    return JSON.stringify({
      specversion: '1.0',
      id: event.id ?? `told-${told}`,
      source: event.source ?? '/outside',
      type,
      subject: event.subject ?? subject,
      ...time,
      data,
    });
  });
  const response = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  const answer = (await response.json()) as { position: number; rejected?: unknown };
  assert.equal(response.status, 200, JSON.stringify(answer));
  return String(answer.position);
}

// biome-ignore lint/suspicious/noExplicitAny: answers are compared as a whole.
async function ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const answer = (await response.json()) as { data: unknown; errors?: unknown };
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

async function cluster(id: string, position: string, selection: string) {
  const data = await ask(`query($id: ID!, $p: Position) { cluster(id: $id, atLeast: $p) { ${selection} } }`, {
    id,
    p: position,
  });
  return data.cluster;
}

const elected = (leaderId: string, term: number | undefined, at: number, more: Record<string, unknown> = {}): Told => ({
  type: 'LeaderElected',
  at,
  data: { leaderId, ...(term === undefined ? {} : { term }), ...more },
});
const lost = (leaderId: string, term: number | undefined, at: number, reason = 'stepped_down'): Told => ({
  type: 'LeaderLost',
  at,
  data: { leaderId, reason, ...(term === undefined ? {} : { term }) },
});

const LEADERSHIP =
  'leader { id } term electing leaders { node { id } term contested stale } elections { term leader { id } startedAt endedAt endReason contested stale overlaps }';

test('a higher term supersedes; the late LeaderLost of the older claim moves its end and shows the overlap', async () => {
  const p1 = await tell('o1', [elected('a', 5, 0), elected('b', 6, 10)]);
  const first = await cluster('o1', p1, LEADERSHIP);
  assert.equal(first.leader.id, 'b');
  assert.equal(first.term, 6);
  const ends = (
    view: { elections: { leader: { id: string }; endedAt: string; endReason: string; overlaps: number[] }[] },
    id: string,
  ) => view.elections.find((election) => election.leader.id === id);
  assert.equal(ends(first, 'a')?.endReason, 'superseded');
  assert.equal(ends(first, 'a')?.endedAt, minute(10));
  const p2 = await tell('o1', [lost('a', 5, 12)]);
  const then = await cluster('o1', p2, LEADERSHIP);
  assert.equal(ends(then, 'a')?.endReason, 'stepped_down');
  assert.equal(ends(then, 'a')?.endedAt, minute(12));
  assert.deepEqual(ends(then, 'a')?.overlaps, [6]);
  assert.deepEqual(ends(then, 'b')?.overlaps, [5]);
  assert.equal(then.leader.id, 'b');
});

test('two nodes in one term are contested for good, the first leads; one after the other too', async () => {
  const position = await tell('o2', [
    elected('a', 3, 0),
    elected('b', 3, 1),
    elected('c', 4, 5),
    lost('c', 4, 6),
    elected('d', 4, 7),
  ]);
  const view = await cluster('o2', position, LEADERSHIP);
  const contested = Object.fromEntries(
    view.elections.map((election: { leader: { id: string }; contested: boolean }) => [
      election.leader.id,
      election.contested,
    ]),
  );
  assert.deepEqual(contested, { a: true, b: true, c: true, d: true });
  assert.equal(view.leader.id, 'd');
});

test('a claim below the term is kept, stale, ends nothing and never leads', async () => {
  const position = await tell('o3', [elected('a', 9, 0), elected('b', 7, 1), lost('a', 9, 2)]);
  const view = await cluster('o3', position, LEADERSHIP);
  assert.equal(view.leader, null);
  assert.equal(view.term, 9);
  assert.deepEqual(view.leaders, [{ node: { id: 'b' }, term: 7, contested: false, stale: true }]);
});

test('a late fact takes its true place in the live view', async () => {
  const position = await tell('o4', [elected('b', 6, 10), elected('a', 5, 0)]);
  const view = await cluster('o4', position, LEADERSHIP);
  assert.equal(view.leader.id, 'b');
  assert.deepEqual(
    view.elections
      .map((election: { leader: { id: string }; stale: boolean; endReason: string | null }) => [
        election.leader.id,
        election.stale,
        election.endReason,
      ])
      .sort(),
    [
      ['a', false, 'superseded'],
      ['b', false, null],
    ],
  );
});

test('a retraction takes its event out of the present', async () => {
  const position = await tell('o5', [
    elected('a', 5, 0),
    { ...elected('b', 6, 10), id: 'o5-mistake' },
    {
      type: 'EventRetracted',
      at: 11,
      data: { eventSource: '/outside', eventId: 'o5-mistake', reason: 'wrong cluster' },
    },
  ]);
  const view = await cluster('o5', position, LEADERSHIP);
  assert.equal(view.leader.id, 'a');
  assert.equal(view.term, 5);
  const { event } = await ask(
    '{ event(ref: { key: { source: "/outside", id: "o5-mistake" } }) { retractedBy { type data } } }',
  );
  assert.equal(event.retractedBy.data.reason, 'wrong cluster');
});

test('bootstrapped starts term counting anew and supersedes', async () => {
  const position = await tell('o6', [elected('a', 50, 0), elected('b', 1, 5, { how: 'bootstrapped' })]);
  const view = await cluster('o6', position, LEADERSHIP);
  assert.equal(view.leader.id, 'b');
  assert.equal(view.term, 1);
  assert.deepEqual(
    view.leaders.map((claim: { node: { id: string } }) => claim.node.id),
    ['b'],
  );
});

test('without terms the latest leads and ends the one before', async () => {
  const position = await tell('o7', [elected('a', undefined, 0), elected('b', undefined, 1)]);
  const view = await cluster('o7', position, LEADERSHIP);
  assert.equal(view.leader.id, 'b');
  assert.equal(view.term, null);
  assert.equal(view.leaders.length, 1);
});

test('a claim ends at the departure of its node, not at a lost heartbeat', async () => {
  const p1 = await tell('o8', [elected('a', 1, 0), { type: 'HeartbeatLost', at: 1, data: { nodeId: 'a' } }]);
  assert.equal((await cluster('o8', p1, LEADERSHIP)).leader.id, 'a');
  const p2 = await tell('o8', [{ type: 'NodeLeft', at: 2, data: { nodeId: 'a' } }]);
  const view = await cluster('o8', p2, LEADERSHIP);
  assert.equal(view.leader, null);
  assert.equal(view.elections[0].endReason, 'left');
});

test('electing: no leader and an election later than the last one elected', async () => {
  const p1 = await tell('o9', [
    elected('a', 1, 0),
    { type: 'ElectionStarted', at: 1, data: { term: 2, candidateId: 'b' } },
  ]);
  assert.equal((await cluster('o9', p1, 'electing')).electing, false);
  const p2 = await tell('o9', [lost('a', 1, 2)]);
  const view = await cluster('o9', p2, 'electing term node(id: "b") { role }');
  assert.deepEqual(view, { electing: true, term: 1, node: { role: 'CANDIDATE' } });
});

test('scopes: an only named scope answers for the cluster, two do not', async () => {
  const p1 = await tell('o10', [elected('a', 1, 0, { scope: 'kube-system/controller' })]);
  assert.equal((await cluster('o10', p1, 'leader { id }')).leader.id, 'a');
  const p2 = await tell('o10', [elected('b', 1, 1, { scope: 'kube-system/scheduler' })]);
  const view = await cluster('o10', p2, 'leader { id } scopes one: leader(scope: "kube-system/scheduler") { id }');
  assert.equal(view.leader, null);
  assert.equal(view.one.id, 'b');
  assert.deepEqual(view.scopes, ['kube-system/controller', 'kube-system/scheduler']);
});

const NODES = 'nodes { id liveness role following { id } } jobs { id state node { id } attempts }';
const liveness = (view: { nodes: { id: string; liveness: string }[] }) =>
  Object.fromEntries(view.nodes.map((node) => [node.id, node.liveness]));
const jobState = (view: { jobs: { id: string; state: string }[] }) =>
  Object.fromEntries(view.jobs.map((job) => [job.id, job.state]));

test('liveness is kept per observer; a restoration without observer clears all', async () => {
  const p1 = await tell('n1', [
    { type: 'NodeJoined', at: 0, data: { nodeId: 'x' } },
    { type: 'HeartbeatLost', at: 1, data: { nodeId: 'x', observerId: 'o1' } },
    { type: 'HeartbeatLost', at: 2, data: { nodeId: 'x', observerId: 'o2' } },
  ]);
  assert.deepEqual(liveness(await cluster('n1', p1, NODES)), { x: 'LOST' });
  const p2 = await tell('n1', [{ type: 'HeartbeatRestored', at: 3, data: { nodeId: 'x', observerId: 'o1' } }]);
  assert.deepEqual(liveness(await cluster('n1', p2, NODES)), { x: 'UNKNOWN' });
  const p3 = await tell('n1', [{ type: 'HeartbeatRestored', at: 4, data: { nodeId: 'x' } }]);
  assert.deepEqual(liveness(await cluster('n1', p3, NODES)), { x: 'ALIVE' });
});

test('an event that names a node makes it known; an observer is not named', async () => {
  const position = await tell('n2', [
    { type: 'FollowerAttached', at: 0, data: { nodeId: 'f', leaderId: 'l' } },
    { type: 'HeartbeatLost', at: 1, data: { nodeId: 'x', observerId: 'watcher' } },
  ]);
  const view = await cluster('n2', position, NODES);
  assert.deepEqual(liveness(view), { f: 'UNKNOWN', l: 'UNKNOWN', x: 'LOST' });
});

test('events of an incarnation that was replaced change nothing; those without one apply', async () => {
  const position = await tell('n3', [
    { type: 'NodeJoined', at: 0, data: { nodeId: 'x', incarnation: 'one' } },
    { type: 'NodeJoined', at: 1, data: { nodeId: 'x', incarnation: 'two' } },
    { type: 'HeartbeatLost', at: 2, data: { nodeId: 'x', incarnation: 'one' } },
  ]);
  assert.deepEqual(liveness(await cluster('n3', position, NODES)), { x: 'ALIVE' });
  const later = await tell('n3', [{ type: 'HeartbeatLost', at: 3, data: { nodeId: 'x' } }]);
  assert.deepEqual(liveness(await cluster('n3', later, NODES)), { x: 'LOST' });
});

test('a job on a lost node is orphaned, its state returns with the node; a new leader orphans nothing', async () => {
  const p1 = await tell('j1', [
    elected('l', 1, 0),
    { type: 'JobAssigned', at: 1, data: { jobId: 'j', nodeId: 'x' } },
    { type: 'JobStarted', at: 2, data: { jobId: 'j', nodeId: 'x' } },
    elected('m', 2, 3),
  ]);
  assert.deepEqual(jobState(await cluster('j1', p1, NODES)), { j: 'RUNNING' });
  const p2 = await tell('j1', [{ type: 'HeartbeatLost', at: 4, data: { nodeId: 'x' } }]);
  assert.deepEqual(jobState(await cluster('j1', p2, NODES)), { j: 'ORPHANED' });
  const p3 = await tell('j1', [{ type: 'HeartbeatRestored', at: 5, data: { nodeId: 'x' } }]);
  assert.deepEqual(jobState(await cluster('j1', p3, NODES)), { j: 'RUNNING' });
});

test("a group's own submission makes the group and no job; wanted and running are counted", async () => {
  const position = await tell('j2', [
    { type: 'JobSubmitted', at: 0, data: { jobId: 'web', groupId: 'web', instances: 3, name: 'Web' } },
    { type: 'JobSubmitted', at: 1, data: { jobId: 'web-1', groupId: 'web' } },
    { type: 'JobStarted', at: 2, data: { jobId: 'web-1', nodeId: 'x' } },
  ]);
  const view = await cluster(
    'j2',
    position,
    'jobs { id group { id } } jobGroups { id name wanted running jobs { id } }',
  );
  assert.deepEqual(view.jobs, [{ id: 'web-1', group: { id: 'web' } }]);
  assert.deepEqual(view.jobGroups, [{ id: 'web', name: 'Web', wanted: 3, running: 1, jobs: [{ id: 'web-1' }] }]);
});

test('JobStarted elsewhere moves a job only when its node is lost or left or it does not run', async () => {
  const position = await tell('j3', [
    { type: 'JobStarted', at: 0, data: { jobId: 'j', nodeId: 'x' } },
    { type: 'JobStarted', at: 1, data: { jobId: 'j', nodeId: 'y' } },
    { type: 'JobFailed', at: 2, data: { jobId: 'j', nodeId: 'z' } },
  ]);
  const view = await cluster('j3', position, NODES);
  assert.deepEqual(view.jobs[0], { id: 'j', state: 'RUNNING', node: { id: 'x' }, attempts: view.jobs[0].attempts });
});

test('an open gap of the collector makes what only it knew unknown, and the answer incomplete, until it closes', async () => {
  const open = await tell('g1', [
    { type: 'NodeJoined', at: 0, source: 'col-1', data: { nodeId: 'x' } },
    { type: 'JobStarted', at: 1, source: 'col-1', data: { jobId: 'j', nodeId: 'x' } },
    { type: 'HeartbeatLost', at: 2, source: 'col-1', data: { nodeId: 'x' } },
    { type: 'CollectorGapRecorded', at: 3, source: 'col-1', subject: 'col-1', data: { reason: 'cut off' } },
  ]);
  const GAP = 'nodes { id liveness } jobs { id state } completeness { complete gaps { collector from to reason } }';
  const inside = await cluster('g1', open, GAP);
  assert.deepEqual(liveness(inside), { x: 'UNKNOWN' });
  assert.deepEqual(jobState(inside), { j: 'RUNNING' });
  assert.deepEqual(inside.completeness, {
    complete: false,
    gaps: [{ collector: 'col-1', from: minute(2), to: null, reason: 'cut off' }],
  });
  const closed = await tell('g1', [
    {
      type: 'CollectorGapRecorded',
      at: 9,
      source: 'col-1',
      subject: 'col-1',
      data: { from: minute(2), to: minute(8), reason: 'back' },
    },
  ]);
  const afterwards = await cluster('g1', closed, GAP);
  assert.deepEqual(liveness(afterwards), { x: 'LOST' });
  assert.deepEqual(jobState(afterwards), { j: 'ORPHANED' });
  assert.equal(afterwards.completeness.complete, true);
});

async function incident(id: string, position: string, selection: string) {
  const data = await ask(`query($id: ID!, $p: Position) { incident(id: $id, atLeast: $p) { ${selection} } }`, {
    id,
    p: position,
  });
  return data.incident;
}

test('an incident: the declaration is the first entry, resolving and reopening add one, an amendment dates its post anew', async () => {
  const position = await tell('i1', [
    {
      type: 'IncidentDeclared',
      at: 0,
      data: { title: 'T', status: 'investigating', origin: 'manual', impactStartedAt: minute(-5) },
    },
    { type: 'IncidentUpdated', at: 10, data: { updateId: 'u1', message: 'found', status: 'identified' } },
    {
      type: 'IncidentUpdated',
      at: 20,
      data: { updateId: 'u2', message: 'done', status: 'resolved', impactEndedAt: minute(15) },
    },
    { type: 'IncidentReopened', at: 30, data: { updateId: 'u3', message: 'again' } },
    {
      type: 'IncidentUpdateAmended',
      at: 31,
      data: { updateId: 'u1', correctedAt: minute(8), message: 'found it', reason: 'typed late' },
    },
  ]);
  const view = await incident(
    'i1',
    position,
    'status impactOpen impactStartedAt impactEndedAt declaredAt resolvedAt visibility updates { id status message at amendments { reason } }',
  );
  assert.equal(view.status, 'investigating');
  assert.equal(view.declaredAt, minute(0));
  assert.equal(view.impactStartedAt, minute(-5));
  assert.equal(view.visibility, 'public');
  assert.deepEqual(
    view.updates.map((update: { status: string; message: string | null; at: string }) => [
      update.status,
      update.message,
      update.at,
    ]),
    [
      ['investigating', null, minute(0)],
      ['identified', 'found it', minute(8)],
      ['resolved', 'done', minute(20)],
      ['investigating', 'again', minute(30)],
    ],
  );
});

test('a private incident with a public update is on the page with title and impact, without its private posts', async () => {
  const position = await tell('i2', [
    {
      type: 'IncidentDeclared',
      at: 0,
      data: {
        title: 'Hidden no more',
        status: 'investigating',
        origin: 'detector',
        message: 'internal',
        impact: 'major',
      },
    },
    { type: 'IncidentUpdated', at: 1, data: { message: 'secret' } },
    { type: 'IncidentUpdated', at: 2, data: { message: 'we are on it', visibility: 'public', status: 'identified' } },
  ]);
  const { statusPage, incident: own } = await ask(
    'query($p: Position) { statusPage(atLeast: $p) { incidents { id title impact visibility updates { message } } } incident(id: "i2", atLeast: $p) { visibility updates { message visibility } } }',
    { p: position },
  );
  const shown = statusPage.incidents.find((entry: { id: string }) => entry.id === 'i2');
  assert.deepEqual(shown, {
    id: 'i2',
    title: 'Hidden no more',
    impact: 'major',
    visibility: 'public',
    updates: [{ message: 'we are on it' }],
  });
  assert.equal(own.visibility, 'public');
  assert.equal(own.updates.length, 3);
});

test('components: the last statement wins; resolving hands over to the open one that spoke last, else operational', async () => {
  const p1 = await tell('c-api', [
    { type: 'ComponentRegistered', at: 0, data: { name: 'API' } },
    {
      type: 'IncidentDeclared',
      at: 1,
      subject: 'ci-1',
      data: {
        title: 'one',
        status: 'investigating',
        origin: 'manual',
        components: [{ componentId: 'c-api', status: 'partial_outage' }],
      },
    },
    {
      type: 'IncidentDeclared',
      at: 2,
      subject: 'ci-2',
      data: {
        title: 'two',
        status: 'investigating',
        origin: 'manual',
        components: [{ componentId: 'c-api', status: 'major_outage' }],
      },
    },
  ]);
  const status = async (position: string) => {
    const { components } = await ask('query($p: Position) { components(atLeast: $p) { id name status } }', {
      p: position,
    });
    return components.find((component: { id: string }) => component.id === 'c-api')?.status;
  };
  assert.equal(await status(p1), 'major_outage');
  const p2 = await tell('ci-2', [{ type: 'IncidentUpdated', at: 3, data: { message: 'over', status: 'resolved' } }]);
  assert.equal(await status(p2), 'partial_outage');
  const p3 = await tell('ci-1', [
    {
      type: 'IncidentUpdated',
      at: 4,
      data: {
        message: 'over',
        status: 'resolved',
        components: [{ componentId: 'c-api', status: 'degraded_performance' }],
      },
    },
  ]);
  assert.equal(await status(p3), 'operational');
  const p4 = await tell('m-api', [
    {
      type: 'MaintenanceScheduled',
      at: 5,
      data: { title: 'work', startsAt: minute(6), endsAt: minute(9), components: [{ componentId: 'c-api' }] },
    },
    { type: 'MaintenanceStarted', at: 6, data: {} },
  ]);
  assert.equal(await status(p4), 'under_maintenance');
  const p5 = await tell('m-api', [{ type: 'MaintenanceCompleted', at: 9, data: {} }]);
  assert.equal(await status(p5), 'operational');
});

test('a component that no one registered stays on the incident under its id and is not in the register', async () => {
  const position = await tell('i3', [
    {
      type: 'IncidentDeclared',
      at: 0,
      data: {
        title: 'x',
        status: 'investigating',
        origin: 'manual',
        components: [{ componentId: 'ghost', status: 'major_outage' }],
      },
    },
  ]);
  const view = await incident('i3', position, 'components { status component { id name } }');
  assert.deepEqual(view.components, [{ status: 'major_outage', component: { id: 'ghost', name: 'ghost' } }]);
  const { components, statusPage } = await ask('{ components { id } statusPage { components { id } } }');
  assert.ok(!components.some((component: { id: string }) => component.id === 'ghost'));
  assert.ok(!statusPage.components.some((component: { id: string }) => component.id === 'ghost'));
});

test('measures: stated bounds are the anchors, absent without them, none for a duplicate', async () => {
  const position = await tell('i4', [
    { type: 'IncidentDeclared', at: 27, data: { title: 'Spreedly', status: 'investigating', origin: 'import' } },
    {
      type: 'IncidentUpdated',
      at: 45,
      data: { message: 'monitoring', status: 'monitoring', impactStartedAt: minute(14), impactEndedAt: minute(28) },
    },
    { type: 'IncidentUpdated', at: 118, data: { message: 'resolved', status: 'resolved' } },
  ]);
  const view = await incident('i4', position, 'measures { name ms msMax anchors { id } }');
  const minutes = Object.fromEntries(
    view.measures.map((measure: { name: string; ms: number }) => [measure.name, measure.ms / 60_000]),
  );
  assert.deepEqual(minutes, { inform: 13, mitigate: 14, settle: 90, resolve: 104 });
  const later = await tell('i4', [
    { type: 'IncidentUpdated', at: 120, data: { message: 'the same as another', duplicateOf: 'i1' } },
  ]);
  const duplicate = await incident('i4', later, 'measures { name } duplicateOf { id }');
  assert.deepEqual(duplicate, { measures: [], duplicateOf: { id: 'i1' } });
});

test('a subject whose only opening event is retracted answers null', async () => {
  const position = await tell('i5', [
    {
      type: 'IncidentDeclared',
      at: 0,
      id: 'i5-declared',
      data: { title: 'x', status: 'investigating', origin: 'manual' },
    },
    { type: 'IncidentUpdated', at: 1, data: { message: 'still there' } },
    { type: 'EventRetracted', at: 2, data: { eventSource: '/outside', eventId: 'i5-declared', reason: 'never was' } },
  ]);
  assert.equal(await incident('i5', position, 'id'), null);
});

test('an event without a time is taken at its recording and says so', async () => {
  const position = await tell('t1', [{ type: 'NodeJoined', id: 't1-1', data: { nodeId: 'x', rack: 12 } }]);
  const { event } = await ask(
    'query($p: Position) { event(ref: { key: { source: "/outside", id: "t1-1" } }, atLeast: $p) { occurredAt recordedAt occurredAtKnown data ... on NodeJoinedEvent { nodeId } } }',
    { p: position },
  );
  assert.equal(event.occurredAtKnown, false);
  assert.equal(event.occurredAt, event.recordedAt);
  assert.deepEqual(event.data, { nodeId: 'x', rack: 12 });
  assert.equal(event.nodeId, 'x');
});

test('a clock that runs ahead is marked and cannot win for ever', async () => {
  const ahead = new Date(Date.now() + 3_600_000).toISOString();
  const response = await fetch(`${server.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      specversion: '1.0',
      id: 'k1',
      source: '/outside',
      type: 'LeaderElected',
      subject: 'k',
      time: ahead,
      data: { leaderId: 'fast' },
    }),
  });
  assert.equal(response.status, 200);
  const position = await tell('k', [{ type: 'LeaderElected', data: { leaderId: 'true' } }]);
  const view = await cluster('k', position, 'leader { id }');
  assert.equal(view.leader.id, 'true');
  const { event } = await ask('{ event(ref: { key: { source: "/outside", id: "k1" } }) { clockAhead } }');
  assert.equal(event.clockAhead, true);
});
