/** Postmortems through GraphQL: what clusters and components contradict, what came late, what is left out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { postmortemAt, presentReader } from '../../src/project/views.ts';
import { serve, type Told } from './serving.ts';
import { shapeOf, written } from './written.ts';

describe('what clusters and components say', () => {
  const INCIDENT = {
    title: 'Outage',
    status: 'investigating',
    origin: 'manual',
    clusterIds: ['web'],
    impactStartedAt: '2022-12-13T20:10:00Z',
  };

  test('two leaders of one term are a contradiction, with both reports', async (t) => {
    const serving = await serve(t);
    await serving.tell(
      ['IncidentDeclared', 'outage', INCIDENT, 12],
      ['LeaderElected', 'web', { leaderId: 'a', term: 4 }, 11],
      ['LeaderElected', 'web', { leaderId: 'b', term: 4 }, 13],
    );
    const [found, ...others] = (await written(serving, 'outage')).contradictions;
    assert.deepEqual(others, []);
    assert.deepEqual([found.kind, found.about], ['leaders_of_one_term', 'Who led web in term 4']);
    assert.deepEqual(
      found.statements.map(({ event }: { event: { id: string } }) => event.id),
      ['t2', 't3'],
    );
  });

  const JOB: readonly Told[] = [
    ['ComponentRegistered', 'api', { name: 'API', clusterId: 'web', jobIds: ['j'] }, 0],
    ['NodeJoined', 'web', { nodeId: 'n' }, 0],
    ['JobAssigned', 'web', { jobId: 'j', nodeId: 'n' }, 1],
    ['JobStarted', 'web', { jobId: 'j', nodeId: 'n' }, 2],
    ['ComponentStatusChanged', 'api', { status: 'operational' }, 3],
    ['IncidentDeclared', 'outage', INCIDENT, 12],
    ['HeartbeatLost', 'web', { nodeId: 'n' }, 11],
  ];

  test('a component that counts as operational while its job is orphaned is one', async (t) => {
    const serving = await serve(t);
    await serving.tell(...JOB, ['HeartbeatRestored', 'web', { nodeId: 'n' }, 20]);
    const { contradictions, timeline } = await written(serving, 'outage');
    assert.deepEqual(
      contradictions.map(({ kind, statements }: { kind: string; statements: { event: { id: string } }[] }) => [
        kind,
        statements.map(({ event }) => event.id),
      ]),
      [['operational_while_orphaned', ['t5', 't7']]],
    );
    const lost = timeline.find((row: { kind: string }) => row.kind === 'heartbeat_lost');
    assert.match(lost.summary, /orphaned: j$/);
  });

  test('one whose outage was stated before the job came back is none, nor one with another job that runs', async (t) => {
    const stated = await serve(t);
    await stated.tell(
      ...JOB,
      ['ComponentStatusChanged', 'api', { status: 'major_outage' }, 13],
      ['HeartbeatRestored', 'web', { nodeId: 'n' }, 20],
    );
    assert.deepEqual((await written(stated, 'outage')).contradictions, []);
    const spare = await serve(t);
    await spare.tell(
      ...JOB.slice(0, 6),
      ['JobSubmitted', 'web', { jobId: 'k', componentId: 'api' }, 1],
      ['NodeJoined', 'web', { nodeId: 'm' }, 1],
      ['JobStarted', 'web', { jobId: 'k', nodeId: 'm' }, 4],
      ['HeartbeatLost', 'web', { nodeId: 'n' }, 11],
    );
    assert.deepEqual((await written(spare, 'outage')).contradictions, []);
  });

  test('one of which only its registration speaks is one, by that registration', async (t) => {
    const serving = await serve(t);
    await serving.tell(...JOB.filter(([type]) => type !== 'ComponentStatusChanged'), [
      'HeartbeatRestored',
      'web',
      { nodeId: 'n' },
      20,
    ]);
    const [found] = (await written(serving, 'outage')).contradictions;
    assert.match(found.statements[0].summary, /^Registers API/);
  });
});

test('a fact that comes after the resolution is marked, and gaps are stated', async (t) => {
  const serving = await serve(t);
  await serving.tell(
    ['IncidentDeclared', 'outage', { title: 'T', status: 'investigating', origin: 'manual', clusterIds: ['web'] }, 10],
    ['IncidentUpdated', 'outage', { message: 'over', status: 'resolved' }, 30],
  );
  await serving.tell(['HeartbeatLost', 'web', { nodeId: 'n' }, 12]);
  await serving.tell([
    'CollectorGapRecorded',
    '/tests',
    { from: '2022-12-13T20:11:00Z', to: '2022-12-13T20:13:00Z', reason: 'link down' },
    40,
  ]);
  const { timeline, gaps, markdown } = await written(serving, 'outage');
  assert.deepEqual(
    timeline.filter((row: { late: boolean }) => row.late).map((row: { kind: string }) => row.kind),
    ['heartbeat_lost'],
  );
  assert.deepEqual(gaps, [{ collector: '/tests', reason: 'link down' }]);
  assert.match(markdown, /only after the resolution/);
  assert.equal(shapeOf(markdown).tables.get('Gaps in the record')?.rows.length, 1);
});

test('anomalies, responders and action items are told; a range is told as one', async (t) => {
  const serving = await serve(t);
  const at = (minute: number) => `2022-12-13T20:${minute}:00Z`;
  const anomaly = {
    anomalyId: 'a',
    code: 'LAG',
    severity: 'warning',
    rule: 'r',
    ruleVersion: '1',
    message: 'It | lags',
    evidence: [],
  };
  await serving.tell(
    [
      'IncidentDeclared',
      'outage',
      { title: 'T', status: 'investigating', origin: 'manual', impactStartedAt: at(10) },
      12,
    ],
    ['EvidenceLinked', 'outage', { clusterId: 'web', from: at(10), to: at(20) }, 13],
    ['AnomalyDetected', 'web', anomaly, 14, { notbefore: at(12) }],
    ['ResponderNotified', 'outage', { responder: 'ann', channel: 'pager' }, 15],
    ['ResponderAcknowledged', 'outage', { responder: 'ann' }, 16],
    ['ActionItemAdded', 'outage', { itemId: 'i', title: 'Do it', kind: 'prevent', owner: 'bob' }, 17],
    ['ActionItemCompleted', 'outage', { itemId: 'i' }, 18],
  );
  const { measures, anomalies, markdown } = await written(serving, 'outage');
  assert.deepEqual(
    measures.slice(0, 2).map(({ name, ms, msMax }: { name: string; ms: number; msMax: number }) => [name, ms, msMax]),
    [
      ['detect', 120_000, 240_000],
      ['acknowledge', 60_000, 60_000],
    ],
  );
  assert.deepEqual(anomalies[0].event.id, 't3');
  const { tables } = shapeOf(markdown);
  assert.match(markdown, /Detected between 2 min and 4 min after the impact began/);
  assert.equal(tables.get('Responders')?.rows[0]?.[0]?.text, 'ann');
  assert.deepEqual(
    tables
      .get('Action items')
      ?.rows[0]?.slice(0, 3)
      .map((cell) => cell.text),
    ['Do it', 'prevent', 'bob'],
  );
});

test('a duplicate names its original and has no measures; an unknown incident answers null', async (t) => {
  const serving = await serve(t);
  const stated = { title: 'First', status: 'investigating', origin: 'manual', impactStartedAt: '2022-12-13T20:00:00Z' };
  await serving.tell(
    ['IncidentDeclared', 'first', stated, 1],
    ['IncidentDeclared', 'second', { ...stated, title: 'Second' }, 2],
    ['IncidentUpdated', 'second', { message: 'the same', duplicateOf: 'first' }, 3],
  );
  const { incident, measures, absentMeasures, markdown } = await written(serving, 'second');
  assert.deepEqual([incident.duplicateOf, measures, absentMeasures.length], [{ id: 'first' }, [], 6]);
  assert.match(absentMeasures[0].reason, /duplicate/);
  assert.match(markdown, /\*\*Duplicate of:\*\* `first`, First/);
  assert.equal(await written(serving, 'nobody'), null);
});

test('an incident over a busy cluster answers within bounds, and says what it left out', async (t) => {
  const serving = await serve(t);
  await serving.tell([
    'IncidentDeclared',
    'outage',
    { title: 'T', status: 'investigating', origin: 'manual', clusterIds: ['web'] },
    0,
  ]);
  const flaps = Array.from({ length: 1_200 }, (_, index) => {
    const type = index % 2 === 0 ? 'HeartbeatLost' : 'HeartbeatRestored';
    return [type, 'web', { nodeId: `n${index % 20}` }, 1 + index / 100] as const;
  });
  await serving.tell(...flaps);
  const { timeline, omissions, markdown } = await written(serving, 'outage');
  assert.ok(timeline.length <= 500);
  const events = timeline.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
  assert.equal(events, flaps.length + 1);
  assert.match(omissions[0], /^The timeline would have 1201 rows/);
  assert.ok(markdown.includes('The timeline would have 1201 rows'));

  const { views, ledger } = serving;
  const eventAt = async (position: Parameters<typeof ledger.eventAt>[0]) => {
    const event = await ledger.eventAt(position);
    assert.ok(event);
    return event;
  };
  const bounded = await postmortemAt(
    { views, ledger, reader: presentReader(views), eventAt, eventsMax: 100 },
    'outage',
  );
  assert.equal(bounded?.rows.length, 101);
  assert.match(bounded?.omissions[0] ?? '', /^Of cluster web the events from 2022-12-13 20:02:00 on are left out/);
});
