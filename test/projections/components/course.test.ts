import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageComponentViews } from '../../../projections/components/answers.ts';
import { components } from '../../../projections/components/components.ts';
import { coursesFrom, type KnownStretch, knownStretches } from '../../../projections/components/course.ts';
import { historyOfDays } from '../../../projections/components/days.ts';
import type { GapView } from '../../../projections/gaps/view.ts';
import type { Position } from '../../../schemas/ids.ts';
import { createStory, micros, type Story } from '../../support/events.ts';
import { foldable, foldSet } from '../../support/fold.ts';

const FROM = micros('2022-12-13T00:00:00Z');
const TO = micros('2022-12-16T12:00:00Z');
const HOUR = 3_600_000_000;

function courseOf(story: Story, id: string, gaps: readonly GapView[] = []): readonly KnownStretch[] {
  const courses = coursesFrom(components.initial(''), FROM);
  for (const event of foldable(story.events)) courses.take(event);
  return knownStretches(id, { stretches: courses.stretches.get(id) ?? [], gaps }, { from: FROM, to: TO });
}

function gap(from: string | null, to: string | null, more: Partial<GapView> = {}): GapView {
  const bounds = { from: from === null ? null : micros(from), to: to === null ? null : micros(to) };
  const about = { clusterIds: null, componentIds: null };
  return { collector: '/test/component', reason: 'blind', eventPosition: 1 as Position, ...bounds, ...about, ...more };
}

const inHours = (stretches: readonly KnownStretch[]) =>
  stretches.map(({ from, to, status }) => [(from - FROM) / HOUR, (to - FROM) / HOUR, status]);

function outage(): Story {
  const story = createStory();
  const component = story.component('api');
  component('ComponentRegistered', { name: 'API' }, { at: '2022-12-13T12:00:00Z' });
  component('ComponentStatusChanged', { status: 'partial_outage' }, { at: '2022-12-14T06:00:00Z' });
  component('ComponentStatusChanged', { status: 'operational' }, { at: '2022-12-14T09:00:00Z' });
  return story;
}

test('before it was registered nothing is known of a component, then it is as it was last said to be', () => {
  assert.deepEqual(inHours(courseOf(outage(), 'api')), [
    [0, 12, 'no_data'],
    [12, 30, 'operational'],
    [30, 33, 'partial_outage'],
    [33, 84, 'operational'],
  ]);
  assert.deepEqual(inHours(courseOf(outage(), 'nobody')), [[0, 84, 'no_data']]);
});

test('inside a gap of whoever told it there is no data, whether the gap says for what or not', () => {
  const expected = [
    [0, 12, 'no_data'],
    [12, 30, 'operational'],
    [30, 31, 'partial_outage'],
    [31, 36, 'no_data'],
    [36, 84, 'operational'],
  ];
  const bounds = ['2022-12-14T07:00:00Z', '2022-12-14T12:00:00Z'] as const;
  for (const more of [{}, { componentIds: ['api'] }]) {
    assert.deepEqual(inHours(courseOf(outage(), 'api', [gap(...bounds, more)])), expected);
  }
  for (const more of [{ collector: '/other' }, { componentIds: ['web'] }, { clusterIds: ['c'] }]) {
    assert.equal(courseOf(outage(), 'api', [gap(...bounds, more)]).length, 4, JSON.stringify(more));
  }
  assert.deepEqual(inHours(courseOf(outage(), 'api', [gap(null, null)])), [[0, 84, 'no_data']]);
});

test('private statements are no part of it, and a component that is retired has no data', () => {
  const story = outage();
  const incident = story.incident('p');
  const at = { at: '2022-12-15T00:00:00Z' };
  const stated = { components: [{ componentId: 'api', status: 'major_outage' as const }] };
  incident('IncidentDeclared', { title: 'p', status: 'investigating', origin: 'detector', ...stated }, at);
  story.component('api')('ComponentRetired', {}, { at: '2022-12-16T00:00:00Z' });
  assert.deepEqual(inHours(courseOf(story, 'api')).slice(3), [
    [33, 72, 'operational'],
    [72, 84, 'no_data'],
  ]);
});

test('a day is as bad as its worst hour, and never well while something of it is not known', () => {
  const { days, available } = historyOfDays(
    courseOf(outage(), 'api', [gap('2022-12-16T00:00:00Z', '2022-12-16T01:00:00Z')]),
  );
  assert.deepEqual(
    days.map(({ kind }) => kind),
    ['incomplete', 'partial_outage', 'operational', 'incomplete'],
  );
  assert.deepEqual(
    days.map(({ troubles }) => troubles.length),
    [1, 1, 0, 1],
  );
  assert.equal(available, (71 - 3) / 71, 'hours with data, without those of the outage');
  const unknown = historyOfDays(courseOf(outage(), 'nobody'));
  assert.deepEqual([unknown.available, new Set(unknown.days.map(({ kind }) => kind))], [null, new Set(['no_data'])]);
});

test('at every instant it says what the page said then', () => {
  const story = outage();
  const [first, second] = [story.incident('i'), story.incident('j')];
  const says = (status: 'degraded_performance' | 'major_outage') => ({ components: [{ componentId: 'api', status }] });
  const declared = { title: 'x', status: 'investigating', origin: 'manual' } as const;
  first('IncidentDeclared', { ...declared, ...says('degraded_performance') }, { at: '2022-12-14T20:00:00Z' });
  second('IncidentDeclared', { ...declared, ...says('major_outage') }, { at: '2022-12-14T21:00:00Z' });
  second('IncidentUpdated', { message: '', status: 'resolved' }, { at: '2022-12-15T02:00:00Z' });
  // Told late: it belongs before what was told before it.
  first(
    'IncidentUpdated',
    { message: '', status: 'identified', ...says('degraded_performance') },
    { at: '2022-12-14T20:30:00Z' },
  );
  first('IncidentUpdated', { message: '', status: 'resolved' }, { at: '2022-12-15T05:00:00Z' });
  const course = courseOf(story, 'api');
  for (let at = FROM as number; at < TO; at += HOUR / 2) {
    const known = story.events.filter(({ effectiveAt }) => effectiveAt <= at);
    const [view] = pageComponentViews(foldSet(components, known), []);
    const said = course.find(({ from, to }) => from <= at && at < to)?.status;
    assert.equal(said, view?.status ?? 'no_data', new Date(at / 1_000).toISOString());
  }
});
