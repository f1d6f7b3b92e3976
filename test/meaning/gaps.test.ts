/** Meaning: Gaps. What they do to the liveness of nodes: nodes.test.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  completenessOf,
  gapsCoveringCluster,
  gapsCoveringComponent,
  gapsCoveringIncident,
  gapsOverlapping,
} from '../../projections/gaps/view.ts';
import { allGapsIn, componentIn, openGapsIn, pageComponentsIn } from '../support/answers.ts';
import { createStory, micros } from '../support/events.ts';

const at = (clock: string) => `2022-12-13T${clock}:00Z`;
const SOURCE = '/collectors/k8s';

function bounds(gaps: ReturnType<typeof allGapsIn>) {
  return gaps.map(({ from, to }) => [from, to]);
}

describe('a gap is an interval of a collector', () => {
  test('stated with both ends it is closed and not in force at present', () => {
    const story = createStory();
    story.collector(SOURCE)(
      'CollectorGapRecorded',
      { from: at('20:00'), to: at('20:10'), reason: 'restart' },
      { at: at('20:11') },
    );
    assert.deepEqual(allGapsIn(story), [
      {
        collector: SOURCE,
        from: micros(at('20:00')),
        to: micros(at('20:10')),
        reason: 'restart',
        eventPosition: 1,
        clusterIds: null,
        componentIds: null,
      },
    ]);
    assert.deepEqual(openGapsIn(story), []);
  });

  test('it holds from its start, inclusive, to its end, exclusive', () => {
    const story = createStory();
    story.collector(SOURCE)('CollectorGapRecorded', { from: at('20:00'), to: at('20:10'), reason: 'restart' });
    const between = (from: string, to: string) =>
      gapsOverlapping(allGapsIn(story), { from: micros(at(from)), to: micros(at(to)) }).length;
    assert.deepEqual(
      [between('19:50', '20:00'), between('19:50', '20:01'), between('20:09', '20:30'), between('20:10', '20:30')],
      [0, 1, 1, 0],
    );
  });

  test('one that ends before it begins holds nowhere', () => {
    const story = createStory();
    story.collector(SOURCE)('CollectorGapRecorded', { from: at('20:10'), to: at('20:10'), reason: 'odd' });
    assert.deepEqual(gapsOverlapping(allGapsIn(story), { from: null, to: null }), []);
  });
});

describe('a start left out', () => {
  test("is the collector's event before it: the last of that source, whatever stream it went to", () => {
    const story = createStory();
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { at: at('20:00'), source: SOURCE });
    story.component()('ComponentRegistered', { name: 'API' }, { at: at('20:05'), source: SOURCE });
    story.cluster()('NodeJoined', { nodeId: 'n2' }, { at: at('20:07'), source: '/collectors/other' });
    story.collector(SOURCE)('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:30') });
    assert.deepEqual(bounds(openGapsIn(story)), [[micros(at('20:05')), null]]);
  });

  test('an event before it is one that folds before it', () => {
    const story = createStory();
    story.collector(SOURCE)('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:30') });
    story.cluster()('NodeJoined', { nodeId: 'n2' }, { at: at('20:40'), source: SOURCE });
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { at: at('20:20'), source: SOURCE });
    assert.deepEqual(bounds(openGapsIn(story)), [[micros(at('20:20')), null]]);
  });

  test('a gap is no such event', () => {
    const story = createStory();
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { at: at('20:00'), source: SOURCE });
    const tell = story.collector(SOURCE);
    tell(
      'CollectorGapRecorded',
      { from: at('20:02'), to: at('20:03'), reason: 'short' },
      { at: at('20:10'), source: SOURCE },
    );
    tell('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:30'), source: SOURCE });
    assert.deepEqual(bounds(openGapsIn(story)), [[micros(at('20:00')), null]]);
  });

  test('a retracted event is no such event', () => {
    const story = createStory();
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { at: at('20:00'), source: SOURCE });
    const mistake = story.cluster()('NodeJoined', { nodeId: 'n2' }, { at: at('20:10'), source: SOURCE });
    story.collector(SOURCE)('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:30') });
    story.retract(mistake);
    assert.deepEqual(bounds(openGapsIn(story)), [[micros(at('20:00')), null]]);
  });

  test('where the collector had said nothing, the gap has no start', () => {
    const story = createStory();
    story.collector(SOURCE)('CollectorGapRecorded', { to: at('20:10'), reason: 'late start' });
    assert.deepEqual(bounds(allGapsIn(story)), [[null, micros(at('20:10'))]]);
  });
});

describe('an end left out', () => {
  function opened() {
    const story = createStory();
    const tell = story.collector(SOURCE);
    tell('CollectorGapRecorded', { from: at('20:00'), reason: 'lost' }, { at: at('20:10') });
    return { story, tell };
  }

  test('leaves the gap open, also in the present', () => {
    assert.deepEqual(bounds(openGapsIn(opened().story)), [[micros(at('20:00')), null]]);
  });

  test('whatever the collector says meanwhile', () => {
    const { story } = opened();
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { at: at('20:20'), source: SOURCE });
    assert.equal(openGapsIn(story).length, 1);
  });

  test('until the same collector and start come with an end', () => {
    const { story, tell } = opened();
    tell('CollectorGapRecorded', { from: at('20:00'), to: at('20:25'), reason: 'back' }, { at: at('20:26') });
    assert.deepEqual(openGapsIn(story), []);
    assert.deepEqual(bounds(allGapsIn(story)), [[micros(at('20:00')), micros(at('20:25'))]]);
    assert.equal(allGapsIn(story)[0]?.eventPosition, 1);
  });

  test('another start, or another collector, does not end it', () => {
    const { story, tell } = opened();
    tell('CollectorGapRecorded', { from: at('20:01'), to: at('20:25'), reason: 'another' }, { at: at('20:26') });
    story.collector('/collectors/other')('CollectorGapRecorded', {
      from: at('20:00'),
      to: at('20:25'),
      reason: 'another',
    });
    assert.equal(openGapsIn(story).length, 1);
    assert.equal(allGapsIn(story).length, 3);
  });

  test('a start left out both times is the same while the collector said nothing in between', () => {
    const story = createStory();
    story.cluster()('NodeJoined', { nodeId: 'n1' }, { at: at('20:00'), source: SOURCE });
    const tell = story.collector(SOURCE);
    tell('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:10') });
    tell('CollectorGapRecorded', { to: at('20:30'), reason: 'back' }, { at: at('20:31') });
    assert.deepEqual(bounds(allGapsIn(story)), [[micros(at('20:00')), micros(at('20:30'))]]);
  });

  test('said again it is the same gap', () => {
    const { story, tell } = opened();
    tell('CollectorGapRecorded', { from: at('20:00'), reason: 'still lost' }, { at: at('20:20') });
    assert.equal(openGapsIn(story).length, 1);
  });
});

describe('what a gap concerns', () => {
  const story = createStory();
  story.collector(SOURCE)('CollectorGapRecorded', { from: at('20:00'), reason: 'all' });
  story.collector(SOURCE)('CollectorGapRecorded', { from: at('20:01'), clusterIds: ['web'], reason: 'a cluster' });
  story.collector(SOURCE)('CollectorGapRecorded', { from: at('20:02'), componentIds: ['api'], reason: 'a component' });
  const gaps = openGapsIn(story);
  const reasons = (found: typeof gaps) => found.map(({ reason }) => reason);

  test('without ids, all that its collector reports', () => {
    assert.deepEqual(reasons(gapsCoveringCluster(gaps, 'db', [SOURCE])), ['all']);
    assert.deepEqual(reasons(gapsCoveringCluster(gaps, 'db', ['/collectors/other'])), []);
    assert.deepEqual(reasons(gapsCoveringComponent(gaps, 'site', [SOURCE])), ['all']);
  });

  test('with ids, what they name', () => {
    assert.deepEqual(reasons(gapsCoveringCluster(gaps, 'web', [])), ['a cluster']);
    assert.deepEqual(reasons(gapsCoveringComponent(gaps, 'api', [])), ['a component']);
    assert.deepEqual(reasons(gapsCoveringComponent(gaps, 'api', [SOURCE])), ['all', 'a component']);
  });

  test('an answer is complete where no gap concerns it', () => {
    assert.deepEqual(completenessOf([]), { complete: true, gaps: [] });
    assert.equal(completenessOf(gaps).complete, false);
  });

  test('an incident: gaps that overlap its time, of what it is about', () => {
    const scope = { sources: [SOURCE], clusterIds: ['web'], componentIds: [] };
    const during = (from: string, to: string | null) =>
      reasons(
        gapsCoveringIncident(gaps, {
          ...scope,
          span: { from: micros(at(from)), to: to === null ? null : micros(at(to)) },
        }),
      );
    assert.deepEqual(during('19:00', '20:00'), []);
    assert.deepEqual(during('19:00', '20:01'), ['all']);
    assert.deepEqual(during('19:00', null), ['all', 'a cluster']);
  });
});

describe('a component inside a gap', () => {
  function story() {
    const told = createStory();
    told.component()('ComponentRegistered', { name: 'API' }, { at: at('19:00'), source: '/people' });
    told.component()('ComponentStatusChanged', { status: 'partial_outage' }, { at: at('20:00'), source: SOURCE });
    return told;
  }

  test('has no data where its status is known only from that collector, and keeps what was said', () => {
    const told = story();
    told.collector(SOURCE)('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:10') });
    const component = componentIn(told);
    assert.deepEqual(
      [component.noData, component.status, component.completeness.complete],
      [true, 'partial_outage', false],
    );
    assert.equal(pageComponentsIn(told)[0]?.noData, true);
  });

  test('has data where another spoke last', () => {
    const told = story();
    told.component()('ComponentStatusChanged', { status: 'operational' }, { at: at('20:05'), source: '/people' });
    told.collector(SOURCE)('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:10') });
    assert.equal(componentIn(told).noData, false);
    assert.equal(componentIn(told).completeness.complete, true);
  });

  test('that names other components has data', () => {
    const told = story();
    told.collector(SOURCE)('CollectorGapRecorded', { componentIds: ['db'], reason: 'lost' }, { at: at('20:10') });
    assert.equal(componentIn(told).noData, false);
  });

  test('has what was said once the gap is closed', () => {
    const told = story();
    const tell = told.collector(SOURCE);
    tell('CollectorGapRecorded', { from: at('20:05'), reason: 'lost' }, { at: at('20:10') });
    tell('CollectorGapRecorded', { from: at('20:05'), to: at('20:20'), reason: 'back' }, { at: at('20:21') });
    const component = componentIn(told);
    assert.deepEqual(
      [component.noData, component.status, component.completeness.complete],
      [false, 'partial_outage', true],
    );
  });

  test('that was never stated is known from whoever registered it', () => {
    const told = createStory();
    told.component()('ComponentRegistered', { name: 'API' }, { at: at('19:00'), source: SOURCE });
    told.collector(SOURCE)('CollectorGapRecorded', { reason: 'lost' }, { at: at('20:10') });
    assert.equal(componentIn(told).noData, true);
  });
});
