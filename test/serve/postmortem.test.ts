/** Postmortems through GraphQL: published incidents with known answers, and what clusters and components contradict. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { lexer, type Tokens } from 'marked';
import { postmortemAt, presentReader } from '../../src/project/views.ts';
import { elementsOf } from '../support/html.ts';
import { CALLER, type Serving, serve, type Told } from './serving.ts';

async function restored(t: TestContext, scenario: string): Promise<Serving & { readonly lines: readonly string[] }> {
  const serving = await serve(t);
  const file = new URL(`../../scenarios/${scenario}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const result = await serving.accept.restore(
    lines.map((text) => ({ text })),
    CALLER,
  );
  assert.deepEqual(result.rejected, []);
  assert.ok(await serving.views.reached(result.position, 5_000));
  return { ...serving, lines };
}

const ROW =
  'at recordedAt kind summary count until clusterId late event { id } events { id source position hash recordedAt }';
const ALL = `
  incident { id title status duplicateOf { id } visibility }
  markdown html published publishedEvent { id }
  timeline { ${ROW} }
  measures { name ms msMax minutes anchors { id source } }
  absentMeasures { name reason }
  contradictions { about kind goesBy statements { ${ROW} } }
  gaps { collector reason }
  beliefs { recordedAt status impactOpen impactStartedAt impactEndedAt event { id } }
  before { kind summary at event { id } } leadership { kind event { id } } anomalies { kind event { id } }
  pictures { when at leaders { nodeId term } followers nodes { word count } jobs { word count } }
  omissions asOf { position }`;

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field.
async function written({ ask }: Serving, id: string, moment = 'null'): Promise<any> {
  const { data, errors } = await ask(`{ postmortem(incidentId: "${id}", moment: ${moment}) { ${ALL} } }`);
  assert.deepEqual(errors, []);
  return data.postmortem;
}

const minutes = (measures: readonly { name: string; minutes: number }[]) =>
  Object.fromEntries(measures.map(({ name, minutes: value }) => [name, value]));

/** The titles under which a text stands, and the tables among them. */
function shapeOf(markdown: string): {
  readonly titles: readonly string[];
  readonly tables: ReadonlyMap<string, Tokens.Table>;
} {
  const titles: string[] = [];
  const tables = new Map<string, Tokens.Table>();
  for (const token of lexer(markdown)) {
    if (token.type === 'heading') titles.push((token as Tokens.Heading).text);
    if (token.type === 'table') tables.set(titles.at(-1) ?? '', token as Tokens.Table);
  }
  return { titles, tables };
}

const SECTIONS = [
  'Summary',
  'Impact',
  'Root causes',
  'Anomalies',
  'Changes of leadership',
  'Trigger',
  'Deployments',
  'Maintenances',
  'Resolution',
  'Detection',
  'Action items',
  'Lessons learned',
  'What went well',
  'What went wrong',
  'Where we got lucky',
  'Timeline',
  'Measures',
  'What was known when',
  'Contradictions',
  'Gaps in the record',
  'Responders',
  'Supporting evidence',
  'Linked stretches of history',
  'Events',
];

describe('Spreedly 2022-12-13', () => {
  const ID = 'spreedly-2022-12-13';

  test('the measures of the record, and why the others are absent', async (t) => {
    const { measures, absentMeasures } = await written(await restored(t, ID), ID);
    assert.deepEqual(minutes(measures), { inform: 13, mitigate: 14, settle: 90, resolve: 104 });
    assert.deepEqual(
      measures.map(({ anchors }: { anchors: { id: string }[] }) => anchors.map(({ id }) => id)),
      [
        ['post-monitoring', 'post-investigating'],
        ['post-monitoring', 'post-monitoring'],
        ['post-monitoring', 'post-resolved'],
        ['post-monitoring', 'post-resolved'],
      ],
    );
    const [detect, acknowledge] = absentMeasures;
    assert.deepEqual([detect.name, acknowledge.name, absentMeasures.length], ['detect', 'acknowledge', 2]);
    assert.match(detect.reason, /no notification of a responder, and no anomaly/);
    assert.match(acknowledge.reason, /no acknowledgement/);
  });

  test('each row cites events of the scenario, and the rows tell its story', async (t) => {
    const serving = await restored(t, ID);
    const { timeline } = await written(serving, ID);
    const known = new Set(serving.lines.map((line) => (JSON.parse(line) as { id: string }).id));
    for (const { events, at, recordedAt } of timeline) {
      assert.ok(events.length > 0 && at <= recordedAt);
      for (const event of events) {
        assert.ok(known.has(event.id));
        assert.equal(event.source, `scenarios/${ID}`);
        const recorded = await serving.ledger.eventAt(Number(event.position) as never);
        assert.deepEqual([recorded?.id, recorded?.hash], [event.id, event.hash]);
      }
    }
    const count = (kind: string) => timeline.filter((row: { kind: string }) => row.kind === kind).length;
    assert.deepEqual(
      ['follower_detached', 'job_unassigned', 'job_runs_again', 'impact_started', 'impact_ended', 'resolved'].map(
        count,
      ),
      [5, 8, 8, 1, 1, 1],
    );
    const began = timeline.find((row: { kind: string }) => row.kind === 'impact_started');
    assert.deepEqual([began.at, began.recordedAt], ['2022-12-13T20:14:00.000Z', '2022-12-13T20:45:00.000Z']);
  });

  test('what came before the impact is told, and that it caused it is not', async (t) => {
    const { before, pictures, markdown, contradictions, gaps } = await written(await restored(t, ID), ID);
    assert.deepEqual(
      before.map(({ event }: { event: { id: string } }) => event.id),
      ['routine-started', 'routine-completed', 'redeploy-started', 'redeploy-finished'],
    );
    const [start, end] = pictures;
    assert.deepEqual(
      [start.leaders, start.followers, start.jobs, end.followers, end.jobs],
      [[{ nodeId: 'orch-1', term: 7 }], 0, [{ word: 'assigned', count: 8 }], 5, [{ word: 'running', count: 8 }]],
    );
    assert.deepEqual([contradictions, gaps], [[], []]);
    assert.match(markdown, /## Root causes\n\nNot stated in the record\./);
    assert.match(markdown, /## Trigger\n\nNot stated in the record\./);
  });

  test('what was known when: the impact is open until 20:45, when its whole interval becomes known', async (t) => {
    const { beliefs } = await written(await restored(t, ID), ID);
    const at = (time: string) => `2022-12-13T${time}:00.000Z`;
    assert.deepEqual(
      beliefs.map((belief: Record<string, unknown>) => [
        belief['recordedAt'],
        belief['status'],
        belief['impactOpen'],
        belief['impactStartedAt'],
        belief['impactEndedAt'],
      ]),
      [
        [at('20:27'), 'investigating', true, null, null],
        [at('20:45'), 'monitoring', false, at('20:14'), at('20:28')],
        [at('21:58'), 'resolved', false, at('20:14'), at('20:28')],
      ],
    );
  });

  test('the texts have the sections of a postmortem, and the published account stands beside the record', async (t) => {
    const { markdown, html, published, publishedEvent, timeline } = await written(await restored(t, ID), ID);
    const { titles, tables } = shapeOf(markdown);
    assert.deepEqual(titles, ['Postmortem: Errors on the Core Transactional API', ...SECTIONS]);
    assert.equal(tables.get('Timeline')?.rows.length, timeline.length);
    assert.equal(tables.get('Measures')?.rows.length, 6);
    assert.equal(publishedEvent.id, 'postmortem');
    assert.match(published, /^# Errors on the Core Transactional API, 13 December 2022\n/);
    assert.ok(!markdown.includes('elects by itself') && published.includes('elects by itself'));
    const elements = elementsOf(html);
    const headings = elements.filter(({ name }) => /^h[123]$/.test(name)).map(({ text }) => text);
    assert.deepEqual(headings, [...titles, 'The published account']);
    assert.equal(elements.find(({ name }) => name === 'pre')?.text, published);
    assert.ok(!elements.find(({ name }) => name === 'main')?.text.includes('elects by itself'));
    const ids = new Set(elements.flatMap(({ attributes }) => attributes['id'] ?? []));
    for (const { attributes } of elements) if (attributes['href']) assert.ok(ids.has(attributes['href'].slice(1)));
  });

  test('as known at 20:30 it goes on, and nothing is told that was recorded later', async (t) => {
    const serving = await restored(t, ID);
    const { incident, timeline, measures } = await written(serving, ID, '{ knownAt: "2022-12-13T20:30:00Z" }');
    assert.equal(incident.status, 'investigating');
    assert.ok(timeline.every((row: { recordedAt: string }) => row.recordedAt <= '2022-12-13T20:30:00.000Z'));
    assert.deepEqual(measures, []);
    assert.equal(await written(serving, ID, '{ knownAt: "2022-12-13T20:15:00Z" }'), null);
  });
});

test('GitLab 2022-11-30: the record contradicts itself about when the impact began, and both statements stand', async (t) => {
  const { contradictions, markdown } = await written(
    await restored(t, 'gitlab-2022-11-30-contradiction'),
    'gitlab-2022-11-30',
  );
  const [found, ...others] = contradictions;
  assert.deepEqual(others, []);
  assert.deepEqual([found.kind, found.about], ['impact_start', 'When the impact began']);
  assert.deepEqual(
    found.statements.map(({ summary, event }: { summary: string; event: { id: string } }) => [summary, event.id]),
    [
      ['Says that the impact began at 2022-11-30 01:09:00', 'says-it-started-at-01-09'],
      ['Says that the impact began at 2022-11-30 00:36:00', 'says-impact-00-36-to-01-09'],
    ],
  );
  assert.match(found.goesBy, /00:36:00$/);
  const { tables } = shapeOf(markdown);
  assert.equal(tables.get('When the impact began')?.rows.length, 2);
  assert.match(tables.get('Measures')?.rows[0]?.[2]?.text ?? '', /contradicts itself/);
});

test('GitLab 2022-08-10: the restart before the errors, the re-election among them, no one notified', async (t) => {
  const { before, leadership, measures, absentMeasures, timeline } = await written(
    await restored(t, 'gitlab-2022-08-10-certificate-rotation'),
    'gitlab-2022-08-10',
  );
  const ids = (rows: readonly { event: { id: string } }[]) => rows.map(({ event }) => event.id);
  assert.deepEqual(ids(before), ['first-agent-restart']);
  assert.deepEqual(ids(leadership), ['patroni-v12-03-leads', 'patroni-v12-03-loses', 'patroni-v12-03-re-elected']);
  assert.deepEqual(minutes(measures), { inform: 13, mitigate: 35, settle: 43, resolve: 78 });
  assert.deepEqual(
    absentMeasures.map(({ name }: { name: string }) => name),
    ['detect', 'acknowledge'],
  );
  assert.ok(timeline.some((row: { kind: string }) => row.kind === 'deployment_finished'));
});

test('Datadog 2023-03-08: back at 09:13, operational a day later, resolved another day later', async (t) => {
  const { timeline, measures, before } = await written(await restored(t, 'datadog-2023-03-08'), 'datadog-2023-03-08');
  const at = (id: string, kind: string) =>
    timeline.find((row: { event: { id: string }; kind: string }) => row.event.id === id && row.kind === kind)?.at;
  assert.equal(at('web-back', 'component_status'), '2023-03-08T09:13:00.000Z');
  assert.equal(at('all-operational', 'impact_ended'), '2023-03-09T08:58:00.000Z');
  assert.equal(at('resolved', 'resolved'), '2023-03-10T06:25:00.000Z');
  assert.equal(minutes(measures)['settle'], 21 * 60 + 27);
  assert.deepEqual(before[0].event.id, 'first-faulty-upgrade');
});

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
  await serving.tell(
    [
      'CollectorGapRecorded',
      '/tests',
      { from: '2022-12-13T20:11:00Z', to: '2022-12-13T20:13:00Z', reason: 'link down' },
      40,
    ],
  );
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
