// Holds D2 of docs/invariants.md.
/** Published incidents with known answers, written up through GraphQL. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { elementsOf } from '../support/html.ts';
import { restored } from './restored.ts';
import { minutes, shapeOf, written } from './written.ts';

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
