/** Every scenario fits the catalogue and tells what its record tells. */
import assert from 'node:assert/strict';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { leaderOf, termOf } from '../../projections/cluster/answers.ts';
import { componentViews } from '../../projections/components/answers.ts';
import { components } from '../../projections/components/components.ts';
import { incidentView } from '../../projections/incident/answers.ts';
import { incident } from '../../projections/incident/incident.ts';
import { measures } from '../../projections/incident/measures.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { cloudevents } from '../../src/ingest/formats/cloudevents.ts';
import { micros } from '../support/events.ts';
import { foldSet } from '../support/fold.ts';
import { restored, textsOf } from '../support/imported.ts';
import { electionsAfter, topologyOf } from '../support/topology.ts';

const FOLDER = new URL('../../scenarios/', import.meta.url).pathname;
const MINUTE = 60_000_000;
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'));

async function told(name: string): Promise<readonly AnyFoldEvent[]> {
  const source = { open: (file: string) => createReadStream(file) };
  return restored(await textsOf(cloudevents, [`${FOLDER}${name}.jsonl`], source));
}
const incidentAfter = (events: readonly AnyFoldEvent[], id: string) => foldSet(incident, events, id);
const known = (events: readonly AnyFoldEvent[], at: string) =>
  events.filter(({ recordedAt }) => recordedAt <= micros(at));
const happened = (events: readonly AnyFoldEvent[], at: string) =>
  events.filter(({ effectiveAt }) => effectiveAt <= micros(at));
const minutes = (events: readonly AnyFoldEvent[], id: string) =>
  Object.fromEntries(measures(incidentAfter(events, id)).map(({ name, ms }) => [name, ms / 60_000]));

test('there are seven, each fits the catalogue, keeps the order of recordedat, and is described', async () => {
  assert.equal(names.length, 7);
  const readme = readFileSync(`${FOLDER}README.md`, 'utf8');
  for (const name of names) {
    const events = await told(name.replace('.jsonl', ''));
    assert.ok(events.length > 0);
    assert.ok(readme.includes(`\`${name.replace('.jsonl', '')}\``), `${name} is not described`);
  }
});

describe('Spreedly 2022-12-13', async () => {
  const events = await told('spreedly-2022-12-13');
  const [ID, CLUSTER] = ['spreedly-2022-12-13', 'spreedly-orchestration'];
  const at = (time: string) => `2022-12-13T${time}Z`;

  test('the measures are those that follow from the record, and no others', () => {
    assert.deepEqual(minutes(events, ID), { inform: 13, mitigate: 14, settle: 90, resolve: 104 });
  });

  test('at 20:15 the impact is open and at 20:29 it is over; before it was declared no one knew', () => {
    const view = (time: string, set = events) => incidentView(incidentAfter(set, ID), { happenedAt: micros(at(time)) });
    assert.equal(view('20:15:00')?.impactOpen, true);
    assert.equal(view('20:15:00')?.status, null);
    assert.equal(view('20:29:00')?.impactOpen, false);
    assert.equal(view('20:15:00', known(events, at('20:15:00'))), null);
  });

  test('as known at 20:30 the impact is open; as known at 20:45 it ended at 20:28', () => {
    const view = (time: string) => incidentView(incidentAfter(known(events, at(time)), ID));
    assert.equal(view('20:30:00')?.impactOpen, true);
    assert.equal(view('20:30:00')?.impactStartedAt, null);
    assert.equal(view('20:45:00')?.impactEndedAt, micros(at('20:28:00')));
    assert.equal(view('20:45:00')?.impactOpen, false);
  });

  test('the leader stays up and alive while its followers leave one by one, until none follows', () => {
    const view = (time: string) => topologyOf(happened(events, at(time)), CLUSTER);
    const following = (time: string) => view(time).nodes.filter(({ following: leader }) => leader !== null).length;
    assert.deepEqual(['19:49:00', '19:56:00', '20:02:00', '20:13:00', '20:28:00'].map(following), [5, 3, 2, 0, 5]);
    for (const time of ['19:49:00', '20:13:00', '20:28:00']) {
      assert.deepEqual([leaderOf(view(time))?.id, termOf(view(time))], ['orch-1', 7]);
      assert.ok(view(time).nodes.every(({ liveness }) => liveness === 'ALIVE'));
    }
  });

  test('after the redeploy every job is assigned and none runs, until the followers are back', () => {
    const states = (time: string) => [
      ...new Set(topologyOf(happened(events, at(time)), CLUSTER).jobs.map(({ state }) => state)),
    ];
    assert.deepEqual(states('20:09:00'), ['RUNNING']);
    assert.deepEqual(states('20:14:00'), ['ASSIGNED']);
    assert.deepEqual(states('20:28:00'), ['RUNNING']);
    const critical = topologyOf(happened(events, at('20:14:00')), CLUSTER).jobs.filter((job) => job.critical);
    assert.equal(critical.length, 3);
  });

  test('what is not public is marked: all of the cluster, none of the posts', () => {
    for (const { category, synthetic, id } of events) {
      if (category === 'incident') assert.equal(synthetic, id === 'evidence-cluster', id);
      else assert.equal(synthetic, true, id);
    }
  });

  test('no anomaly and no notification is told, so how long detection took is not known', () => {
    assert.ok(!events.some(({ type }) => type === 'AnomalyDetected' || type === 'ResponderNotified'));
  });
});

test('GitLab 2019-07-17: 47 seconds without a leader', async () => {
  const [before, after] = electionsAfter(await told('gitlab-2019-07-17-patroni-consul'), undefined, 'gitlab-patroni');
  assert.deepEqual([before?.leader.id, after?.leader.id], ['patroni-01', 'patroni-04']);
  assert.equal((after?.startedAt ?? 0) - (before?.endedAt ?? 0), 47_000_000);
});

test('GitLab 2017-01-08: two masters for 41 minutes, 8 minutes to detect', async () => {
  const events = await told('gitlab-2017-01-08-split-brain');
  const [first, second] = electionsAfter(events, undefined, 'gitlab-postgres');
  assert.deepEqual([first?.leader.id, second?.leader.id], ['postgres-01', 'postgres-02']);
  assert.equal((first?.endedAt ?? 0) - (second?.startedAt ?? 0), 41 * MINUTE);
  assert.deepEqual(minutes(events, 'gitlab-2017-01-08'), { detect: 8, acknowledge: 7, inform: 30 });
});

test('GitLab 2022-08-10: the same node is elected again; mitigated 35 and resolved 78 minutes after the errors began', async () => {
  const events = await told('gitlab-2022-08-10-certificate-rotation');
  const all = electionsAfter(events, undefined, 'gitlab-patroni-v12');
  assert.deepEqual(
    all.map(({ leader, endedAt }) => [leader.id, endedAt === null]),
    [
      ['patroni-v12-03', false],
      ['patroni-v12-03', true],
    ],
  );
  assert.deepEqual(minutes(events, 'gitlab-2022-08-10'), { inform: 13, mitigate: 35, settle: 43, resolve: 78 });
});

test('GitLab 2022-11-30: both statements of when it began stand on record', async () => {
  const events = await told('gitlab-2022-11-30-contradiction');
  const starts = events.flatMap((event) =>
    event.type === 'IncidentDeclared' || event.type === 'IncidentUpdated' ? [event.data.impactStartedAt] : [],
  );
  assert.deepEqual(starts, ['2022-11-30T01:09:00Z', '2022-11-30T00:36:00Z']);
  assert.ok(events.every(({ occurredAtKnown }) => !occurredAtKnown));
  assert.equal(incidentView(incidentAfter(events, 'gitlab-2022-11-30'))?.impactEndedAt, micros('2022-11-30T01:09:00Z'));
});

test('GitHub 2020-10-09: a second leader beside the first for 2 h 32 min, in ZooKeeper and in Kafka', async () => {
  const events = await told('github-2020-10-09-second-zookeeper');
  for (const cluster of ['github-zookeeper', 'github-job-queue-kafka']) {
    const [first, second] = electionsAfter(events, undefined, cluster);
    assert.equal(first?.endedAt, null);
    assert.equal((second?.endedAt ?? 0) - (second?.startedAt ?? 0), 152 * MINUTE);
    assert.deepEqual(second?.overlaps, [first?.term]);
  }
  assert.equal(minutes(events, 'github-2020-10-09')['mitigate'], 152);
});

test('Datadog 2023-03-08: told after 28 minutes; resolved is not operational', async () => {
  const events = await told('datadog-2023-03-08');
  const found = minutes(events, 'datadog-2023-03-08');
  assert.deepEqual([found['detect'], found['inform'], found['mitigate']], [0, 28, 26 * 60 + 55]);
  assert.equal(found['settle'], 21 * 60 + 27);
  const [web] = componentViews(foldSet(components, known(events, '2023-03-08T10:00:00Z')), []);
  assert.equal(web?.status, 'operational');
});
