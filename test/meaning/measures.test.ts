/** Meaning: the measures of an incident. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Anomaly, measures } from '../../projections/incident/measures.ts';
import type { EventData } from '../../schemas/catalogue.ts';
import type { Position } from '../../schemas/ids.ts';
import { incidentState } from '../support/answers.ts';
import { createStory, micros, type Story } from '../support/events.ts';

const at = (clock: string) => `2022-12-13T${clock}:00Z`;

const DECLARATION: EventData['IncidentDeclared'] = { title: 'API errors', status: 'investigating', origin: 'manual' };

function declared(data: Partial<EventData['IncidentDeclared']> = {}, clock = '20:27') {
  const story = createStory();
  const tell = story.incident();
  tell('IncidentDeclared', { ...DECLARATION, ...data }, { at: at(clock) });
  return { story, tell };
}

function minutes(story: Story, anomalies: readonly Anomaly[] = []): Record<string, number> {
  const entries = measures(incidentState(story), anomalies).map(({ name, ms, msMax }) => {
    assert.equal(ms, msMax, 'all anchors are exact');
    return [name, ms / 60_000] as const;
  });
  return Object.fromEntries(entries);
}

function anomalyAt(clock: string, clusterId = 'orchestrator'): Anomaly {
  return { clusterId, at: micros(at(clock)), notBefore: null, eventPosition: 99 as Position };
}

describe('Spreedly, 2022-12-13, as published', () => {
  test('inform 13, mitigate 14, settle 90, resolve 104 minutes; when it was detected and acknowledged is not public', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell(
      'IncidentUpdated',
      { message: 'Errors from 20:14 to 20:28.', status: 'monitoring', impactEndedAt: at('20:28') },
      { at: at('20:45') },
    );
    tell('IncidentUpdated', { message: 'Resolved.', status: 'resolved' }, { at: at('21:58') });
    tell('PostmortemPublished', { body: '# Account' }, { at: '2022-12-16T23:00:00Z' });
    assert.deepEqual(minutes(story), { inform: 13, mitigate: 14, settle: 90, resolve: 104 });
  });
});

describe('each measure', () => {
  test('detect runs to a notification', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('ResponderNotified', { responder: 'ada', channel: 'pager' }, { at: at('20:20') });
    assert.equal(minutes(story)['detect'], 6);
  });

  test('detect runs to an anomaly inside a linked evidence window where that is first', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('ResponderNotified', { responder: 'ada', channel: 'pager' }, { at: at('20:20') });
    tell('EvidenceLinked', { clusterId: 'orchestrator', from: at('20:15'), to: at('20:18') }, { at: at('20:40') });
    assert.equal(minutes(story, [anomalyAt('20:16')])['detect'], 2);
  });

  test('an anomaly outside the window, or in another cluster, does not count', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:10') });
    tell('EvidenceLinked', { clusterId: 'orchestrator', from: at('20:15'), to: at('20:18') }, { at: at('20:40') });
    const elsewhere = [anomalyAt('20:14'), anomalyAt('20:18'), anomalyAt('20:16', 'other')];
    assert.equal(minutes(story, elsewhere)['detect'], undefined);
    assert.equal(minutes(story, [anomalyAt('20:15')])['detect'], 5);
  });

  test('a window is a stated interval: it is valid time, whenever it was linked', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('EvidenceLinked', { clusterId: 'orchestrator', from: at('20:15'), to: at('20:18') }, { at: at('23:00') });
    const moment = { happenedAt: micros(at('20:16')) };
    const [detect] = measures(incidentState(story), [anomalyAt('20:16')], moment);
    assert.deepEqual([detect?.name, detect?.ms], ['detect', 120_000]);
  });

  test('a window without ends takes the whole history of its cluster', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:10') });
    tell('EvidenceLinked', { clusterId: 'orchestrator' }, { at: at('20:40') });
    assert.equal(minutes(story, [anomalyAt('20:31'), anomalyAt('20:12')])['detect'], 2);
  });

  test('acknowledge runs from the first notification to the first acknowledgement, whoever they are', () => {
    const { story, tell } = declared();
    tell('ResponderNotified', { responder: 'ada', channel: 'pager' }, { at: at('20:20') });
    tell('ResponderNotified', { responder: 'bob', channel: 'pager' }, { at: at('20:25') });
    tell('ResponderAcknowledged', { responder: 'bob' }, { at: at('20:28') });
    tell('ResponderAcknowledged', { responder: 'ada' }, { at: at('20:30') });
    assert.deepEqual(minutes(story), { acknowledge: 8 });
  });

  test('inform runs to the first public statement: private posts do not count', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14'), visibility: 'private' });
    tell('IncidentUpdated', { message: 'Among us.' }, { at: at('20:30') });
    assert.equal(minutes(story)['inform'], undefined);
    tell('IncidentUpdated', { message: 'To all.', visibility: 'public' }, { at: at('20:44') });
    assert.equal(minutes(story)['inform'], 30);
  });

  test('settle and resolve run to the last resolution', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:00') });
    tell('IncidentUpdated', { message: 'Over.', impactEndedAt: at('20:30') }, { at: at('20:31') });
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved' }, { at: at('21:00') });
    tell('IncidentReopened', { message: 'Not done.' }, { at: at('21:10') });
    tell('IncidentUpdated', { message: 'Done now.', status: 'resolved' }, { at: at('22:00') });
    const { settle, resolve } = minutes(story);
    assert.deepEqual({ settle, resolve }, { settle: 90, resolve: 120 });
  });

  test('they name the events they are measured between', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('IncidentUpdated', { message: 'Over.', impactEndedAt: at('20:28') }, { at: at('20:45') });
    const mitigate = measures(incidentState(story)).find(({ name }) => name === 'mitigate');
    assert.deepEqual(mitigate, { name: 'mitigate', anchors: [1, 2], ms: 840_000, msMax: 840_000 });
  });
});

describe('anchors', () => {
  test('only stated bounds of the impact are anchors: the declaration does not stand in for them', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved' }, { at: at('21:00') });
    assert.deepEqual(minutes(story), {});
  });

  test('a bound that was taken back is no anchor', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('IncidentUpdated', { message: 'Over.', impactEndedAt: at('20:28') }, { at: at('20:45') });
    tell('IncidentUpdated', { message: 'It is not.', impactEndedAt: null }, { at: at('20:50') });
    assert.deepEqual(minutes(story), { inform: 13 });
  });

  test('a post anchors at its corrected time', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14'), updateId: 'first' });
    tell(
      'IncidentUpdateAmended',
      { updateId: 'first', correctedAt: at('20:24'), reason: 'a slip' },
      { at: at('22:00') },
    );
    assert.equal(minutes(story)['inform'], 10);
  });

  test('an anchor known only as an interval gives a range', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved' }, { at: at('21:14'), notBefore: at('21:04') });
    const resolve = measures(incidentState(story)).find(({ name }) => name === 'resolve');
    assert.deepEqual(resolve, { name: 'resolve', anchors: [1, 2], ms: 50 * 60_000, msMax: 60 * 60_000 });
  });

  test('a range between two intervals goes from the nearest to the farthest', () => {
    const { story, tell } = declared();
    tell('ResponderNotified', { responder: 'ada', channel: 'pager' }, { at: at('20:20'), notBefore: at('20:18') });
    tell('ResponderAcknowledged', { responder: 'ada' }, { at: at('20:30'), notBefore: at('20:25') });
    const [acknowledge] = measures(incidentState(story));
    assert.deepEqual([acknowledge?.ms, acknowledge?.msMax], [5 * 60_000, 12 * 60_000]);
  });

  test('at a moment only what had happened by then is an anchor, but bounds of the impact are valid time', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('IncidentUpdated', { message: 'Over.', impactEndedAt: at('20:28') }, { at: at('20:45') });
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved' }, { at: at('21:00') });
    const names = measures(incidentState(story), [], { happenedAt: micros(at('20:30')) }).map(({ name }) => name);
    assert.deepEqual(names, ['inform', 'mitigate']);
  });

  test('a duplicate counts in none', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('IncidentUpdated', { message: 'The same as the other.', duplicateOf: 'other' }, { at: at('20:45') });
    assert.deepEqual(minutes(story), {});
  });
});
