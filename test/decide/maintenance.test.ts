/** What may be said of planned work, and what is refused. */
import { describe, test } from 'node:test';
import type { Story } from '../support/events.ts';
import { given, iso } from './given.ts';

const maintenanceId = 'upgrade';
const plan = { title: 'Upgrade', startsAt: iso(1_000), endsAt: iso(2_000) };
const nothing = () => {};
function scheduled(story: Story) {
  story.maintenance()('MaintenanceScheduled', plan, { at: 100 });
}
function started(story: Story) {
  scheduled(story);
  story.maintenance()('MaintenanceStarted', {}, { at: 1_000 });
}
function completed(story: Story) {
  started(story);
  story.maintenance()('MaintenanceCompleted', {}, { at: 1_500 });
}
function cancelled(story: Story) {
  scheduled(story);
  story.maintenance()('MaintenanceCancelled', {}, { at: 500 });
}

describe('planning', () => {
  test('a new id is scheduled, components by their ids', () => {
    given(nothing)
      .when('scheduleMaintenance', { maintenanceId, ...plan, components: ['api'], clusterIds: ['payments'] }, 50)
      .decides({
        type: 'MaintenanceScheduled',
        time: 50,
        data: { ...plan, components: [{ componentId: 'api' }], clusterIds: ['payments'] },
      });
  });

  test('an id that exists is not scheduled again', () => {
    given(scheduled)
      .when('scheduleMaintenance', { maintenanceId, ...plan })
      .refused('IllegalTransition', { from: 'scheduled' });
  });

  test('work ends after it starts', () => {
    for (const endsAt of [iso(999), iso(1_000)]) {
      given(nothing)
        .when('scheduleMaintenance', { maintenanceId, ...plan, endsAt })
        .refused('InvalidInput', { path: '/endsAt' });
    }
    given(scheduled)
      .when('updateMaintenance', { maintenanceId, message: 'later', startsAt: iso(2_500) })
      .refused('InvalidInput', { path: '/startsAt' });
    given(scheduled)
      .when('updateMaintenance', { maintenanceId, message: 'shorter', endsAt: iso(900) })
      .refused('InvalidInput', { path: '/endsAt' });
  });

  test('plans change, with words', () => {
    given(scheduled)
      .when('updateMaintenance', { maintenanceId, message: 'later', startsAt: iso(2_500), endsAt: iso(3_000) }, 200)
      .decides({
        type: 'MaintenanceUpdated',
        time: 200,
        data: { message: 'later', updateId: 'new-event', startsAt: iso(2_500), endsAt: iso(3_000) },
      });
    given(scheduled)
      .when('updateMaintenance', { maintenanceId, message: ' ' })
      .refused('InvalidInput', { path: '/message' });
  });

  test('what nobody scheduled is unknown', () => {
    given(nothing)
      .when('updateMaintenance', { maintenanceId, message: 'x' })
      .refused('UnknownSubject', { id: maintenanceId, code: 'UNKNOWN_MAINTENANCE' });
    given(nothing).when('startMaintenance', { maintenanceId }).refused('UnknownSubject', { id: maintenanceId });
  });
});

describe('steps', () => {
  test('scheduled, started, completed', () => {
    given(scheduled)
      .when('startMaintenance', { maintenanceId, message: 'go' }, 1_000)
      .decides({ type: 'MaintenanceStarted', time: 1_000, data: { message: 'go' } });
    given(started)
      .when('completeMaintenance', { maintenanceId }, 1_500)
      .decides({ type: 'MaintenanceCompleted', time: 1_500, data: {} });
  });

  test('a step out of order is refused', () => {
    const cases = [
      [scheduled, 'completeMaintenance', 'scheduled'],
      [started, 'startMaintenance', 'in_progress'],
      [completed, 'startMaintenance', 'completed'],
      [completed, 'completeMaintenance', 'completed'],
      [completed, 'cancelMaintenance', 'completed'],
      [cancelled, 'startMaintenance', 'cancelled'],
      [cancelled, 'completeMaintenance', 'cancelled'],
      [cancelled, 'cancelMaintenance', 'cancelled'],
    ] as const;
    for (const [story, kind, from] of cases)
      given(story).when(kind, { maintenanceId }).refused('IllegalTransition', { from });
  });

  test('work may be cancelled before and while it is done', () => {
    given(scheduled).when('cancelMaintenance', { maintenanceId }).done();
    given(started).when('cancelMaintenance', { maintenanceId }).done();
  });

  test('a step is judged at its own time', () => {
    given(completed)
      .when('completeMaintenance', { maintenanceId, at: iso(999) })
      .refused('IllegalTransition', { from: 'scheduled' });
  });

  test('a step forgotten may be entered where it belongs', () => {
    given((story) => {
      scheduled(story);
      story.maintenance()('MaintenanceCompleted', {}, { at: 1_500 });
    })
      .when('startMaintenance', { maintenanceId, at: iso(1_000) })
      .done();
  });

  test('a step that puts those after it out of order is refused', () => {
    given(started)
      .when('startMaintenance', { maintenanceId, at: iso(900) })
      .refused('IllegalTransition', { from: 'scheduled' });
    given(started)
      .when('cancelMaintenance', { maintenanceId, at: iso(900) })
      .refused('IllegalTransition', { from: 'scheduled' });
    given(completed)
      .when('cancelMaintenance', { maintenanceId, at: iso(1_200) })
      .refused('IllegalTransition', { from: 'in_progress' });
  });

  test('work that was entered late can be started before it was entered', () => {
    given(scheduled)
      .when('startMaintenance', { maintenanceId, at: iso(1) })
      .done();
  });

  test('a retracted step was not made', () => {
    given((story) => {
      scheduled(story);
      story.retract(story.maintenance()('MaintenanceStarted', {}));
    })
      .when('startMaintenance', { maintenanceId })
      .done();
  });
});
