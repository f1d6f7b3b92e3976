/** Meaning: what a maintenance is. What it says of components: components.test.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maintenance } from '../../projections/maintenance/maintenance.ts';
import { componentIn, existing, maintenanceIn } from '../support/answers.ts';
import { createStory, micros } from '../support/events.ts';
import { foldSet } from '../support/fold.ts';

const at = (clock: string) => `2022-12-13T${clock}:00Z`;

function scheduled() {
  const story = createStory();
  const tell = story.maintenance();
  tell(
    'MaintenanceScheduled',
    {
      title: 'Upgrade',
      startsAt: at('22:00'),
      endsAt: at('23:00'),
      components: [{ componentId: 'api' }],
      clusterIds: ['web'],
      message: 'We will upgrade.',
    },
    { at: at('20:00') },
  );
  return { story, tell };
}

describe('a maintenance', () => {
  test('is scheduled with its plan', () => {
    const view = existing(maintenanceIn(scheduled().story));
    assert.deepEqual(
      [
        view.title,
        view.state,
        view.startsAt,
        view.endsAt,
        view.startedAt,
        view.endedAt,
        view.componentIds,
        view.clusterIds,
      ],
      ['Upgrade', 'scheduled', micros(at('22:00')), micros(at('23:00')), null, null, ['api'], ['web']],
    );
  });

  test('starts and completes when it is said to, not when it was planned', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceStarted', {}, { at: at('22:05') });
    assert.equal(maintenanceIn(story)?.state, 'in_progress');
    tell('MaintenanceCompleted', {}, { at: at('22:40') });
    const view = existing(maintenanceIn(story));
    assert.deepEqual(
      [view.state, view.startedAt, view.endedAt],
      ['completed', micros(at('22:05')), micros(at('22:40'))],
    );
  });

  test('may be cancelled', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceCancelled', { message: 'Not today.' }, { at: at('21:00') });
    assert.deepEqual([maintenanceIn(story)?.state, maintenanceIn(story)?.startedAt], ['cancelled', null]);
  });

  test('an update changes what it names and leaves the rest', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceUpdated', { message: 'Later.', updateId: 'u1', endsAt: at('23:30') }, { at: at('21:00') });
    tell(
      'MaintenanceUpdated',
      { message: 'And the database.', components: [{ componentId: 'db' }] },
      { at: at('21:10') },
    );
    const view = existing(maintenanceIn(story));
    assert.deepEqual(
      [view.startsAt, view.endsAt, view.componentIds],
      [micros(at('22:00')), micros(at('23:30')), ['db']],
    );
  });

  test('its updates are what was said, in order of time', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceStarted', { message: 'We begin.' }, { at: at('22:00') });
    tell('MaintenanceCompleted', {}, { at: at('22:40') });
    tell('MaintenanceUpdated', { message: 'Later.', updateId: 'u1' }, { at: at('21:00') });
    assert.deepEqual(
      maintenanceIn(story)?.updates.map(({ id, message, at: time }) => [id, message, time]),
      [
        ['event-1', 'We will upgrade.', micros(at('20:00'))],
        ['u1', 'Later.', micros(at('21:00'))],
        ['event-2', 'We begin.', micros(at('22:00'))],
      ],
    );
  });

  test('steps are facts in whatever order they come: the last one says where it stands', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceCompleted', {}, { at: at('22:40') });
    assert.equal(maintenanceIn(story)?.state, 'completed');
    tell('MaintenanceStarted', {}, { at: at('22:50') });
    assert.deepEqual([maintenanceIn(story)?.state, maintenanceIn(story)?.endedAt], ['in_progress', null]);
    tell('MaintenanceCancelled', {}, { at: at('22:55') });
    assert.equal(maintenanceIn(story)?.state, 'cancelled');
  });

  test('a step that folds before the plan counts at its own place', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceStarted', {}, { at: at('19:50') });
    assert.deepEqual(
      [maintenanceIn(story)?.state, maintenanceIn(story)?.startedAt],
      ['in_progress', micros(at('19:50'))],
    );
    assert.deepEqual(
      [componentIn(story).status, componentIn(story).statusSince],
      ['under_maintenance', micros(at('19:50'))],
    );
  });

  test('and is not newer than what was said between the two', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceStarted', {}, { at: at('19:50') });
    story.component()('ComponentStatusChanged', { status: 'operational' }, { at: at('19:55') });
    assert.equal(componentIn(story).status, 'operational');
  });

  test('whose plan is retracted, with no other, is null', () => {
    const { story, tell } = scheduled();
    tell('MaintenanceStarted', {}, { at: at('22:00') });
    story.retract(existing(story.events[0] ?? null));
    assert.equal(maintenanceIn(story), null);
    assert.equal(componentIn(story).status, 'operational');
  });

  test('is listed by state, cluster, component and openness', () => {
    const { story, tell } = scheduled();
    const tags = () => maintenance.tags?.(foldSet(maintenance, story.events, 'upgrade'));
    assert.deepEqual(tags(), ['exists', 'state:scheduled', 'open', 'cluster:web', 'component:api']);
    tell('MaintenanceCompleted', {}, { at: at('22:40') });
    assert.deepEqual(tags(), ['exists', 'state:completed', 'cluster:web', 'component:api']);
  });
});
