/** What may be said of an incident, and what is refused. */
import { describe, test } from 'node:test';
import type { Story } from '../support/events.ts';
import { given, iso } from './given.ts';

const nothing = () => {};
const title = 'Payments are slow';
const message = 'We are looking into it';
const incidentId = 'outage';

function declared(story: Story) {
  story.incident()(
    'IncidentDeclared',
    { title, status: 'investigating', origin: 'manual', updateId: 'first' },
    { at: 100 },
  );
}
function resolved(story: Story) {
  declared(story);
  story.incident()('IncidentUpdated', { message: 'Over', status: 'resolved', updateId: 'last' }, { at: 200 });
}

describe('declaring', () => {
  test('a new id is declared as investigating, by hand, its first entry named by the event', () => {
    given(nothing)
      .when('declareIncident', { incidentId, title, impact: 'major' }, 50)
      .decides({
        type: 'IncidentDeclared',
        time: 50,
        data: { title, impact: 'major', status: 'investigating', updateId: 'new-event', origin: 'manual' },
      });
  });

  test('all that is stated goes into the event, instants as text', () => {
    const input = {
      ...{ incidentId, title, message, status: 'identified', severity: 'SEV2', visibility: 'private', dedupKey: 'k' },
      ...{ components: [{ componentId: 'api', status: 'partial_outage' }], clusterIds: ['payments'] },
    };
    const { incidentId: _, ...said } = input;
    given(nothing)
      .when('declareIncident', { ...input, impactStartedAt: iso(5), at: iso(20) }, 50)
      .decides({
        type: 'IncidentDeclared',
        time: 20,
        data: { ...said, impactStartedAt: iso(5), updateId: 'new-event', origin: 'manual' },
      });
  });

  test('it may be declared as resolved', () => {
    given(nothing).when('declareIncident', { incidentId, title, status: 'resolved' }).done();
  });

  test('an id that exists is not declared again, whenever', () => {
    for (const at of [iso(1), iso(150)]) {
      given(declared)
        .when('declareIncident', { incidentId, title, at })
        .refused('IllegalTransition', { from: 'investigating' });
    }
  });

  test('an id whose declaration was retracted is free', () => {
    given((story) => {
      const event = story.incident()('IncidentDeclared', { title, status: 'investigating', origin: 'manual' });
      story.retract(event);
    })
      .when('declareIncident', { incidentId, title })
      .done();
  });

  test('a blank title or message says nothing', () => {
    given(nothing).when('declareIncident', { incidentId, title: ' \t' }).refused('InvalidInput', { path: '/title' });
    given(nothing)
      .when('declareIncident', { incidentId, title, message: ' ' })
      .refused('InvalidInput', { path: '/message' });
  });

  test('a time beyond the clock is refused, a minute of difference is not', () => {
    const at = iso(161);
    given(nothing).when('declareIncident', { incidentId, title, at }, 100).refused('InvalidInput', { path: '/at' });
    given(nothing).when('declareIncident', { incidentId, title, at }, 101).done();
    given(nothing)
      .when('declareIncident', { incidentId, title, impactStartedAt: at }, 100)
      .refused('InvalidInput', { path: '/impactStartedAt' });
  });
});

describe('updating', () => {
  const update = { incidentId, message };

  test('an incident that nobody declared is unknown', () => {
    given(nothing)
      .when('updateIncident', update)
      .refused('UnknownSubject', { id: incidentId, code: 'UNKNOWN_INCIDENT' });
    given(nothing).when('resolveIncident', update).refused('UnknownSubject', { id: incidentId });
    given(nothing).when('reopenIncident', update).refused('UnknownSubject', { id: incidentId });
    given(nothing)
      .when('acknowledgeIncident', { incidentId, responder: 'ada' })
      .refused('UnknownSubject', { id: incidentId });
  });

  test('a status is stated, the entry named by the event', () => {
    given(declared)
      .when('updateIncident', { ...update, status: 'identified' }, 150)
      .decides({ type: 'IncidentUpdated', time: 150, data: { message, status: 'identified', updateId: 'new-event' } });
  });

  test('a status after the resolution is refused; words alone are not', () => {
    given(resolved)
      .when('updateIncident', { ...update, status: 'monitoring' })
      .refused('IllegalTransition', { from: 'resolved' });
    given(resolved).when('updateIncident', update).done();
  });

  test('an update forgotten before the resolution can still be entered', () => {
    given(resolved)
      .when('updateIncident', { ...update, status: 'identified', at: iso(150) })
      .done();
  });

  test('at the very instant of the resolution it is resolved', () => {
    given(resolved)
      .when('updateIncident', { ...update, status: 'identified', at: iso(200) })
      .refused('IllegalTransition');
    given(resolved)
      .when('updateIncident', { ...update, status: 'identified', at: iso(199.999) })
      .done();
  });

  test('a retracted resolution resolves nothing', () => {
    given((story) => {
      declared(story);
      const mistake = story.incident()('IncidentUpdated', { message: 'Over', status: 'resolved' }, { at: 200 });
      story.retract(mistake);
    })
      .when('updateIncident', { ...update, status: 'monitoring' })
      .done();
  });

  test('a late fact counts at its own place: resolved, reopened late but before', () => {
    given((story) => {
      resolved(story);
      story.incident()('IncidentReopened', { message: 'again' }, { at: 150 });
    })
      .when('updateIncident', { ...update, status: 'monitoring' })
      .refused('IllegalTransition', { from: 'resolved' });
  });

  test('a post counts at its corrected time', () => {
    given((story) => {
      resolved(story);
      story.incident()('IncidentUpdateAmended', { updateId: 'last', correctedAt: iso(300), reason: 'wrong clock' });
    })
      .when('updateIncident', { ...update, status: 'monitoring', at: iso(250) })
      .done();
  });

  test('an entry id that exists is taken', () => {
    given(declared)
      .when('updateIncident', { ...update, updateId: 'first' })
      .refused('InvalidInput', { path: '/updateId' });
  });

  test('it does not repeat itself', () => {
    given(declared)
      .when('updateIncident', { ...update, duplicateOf: incidentId })
      .refused('InvalidInput', { path: '/duplicateOf' });
  });

  test('an impact does not end before it started, whoever stated the start', () => {
    given(declared)
      .when('updateIncident', { ...update, impactStartedAt: iso(90), impactEndedAt: iso(80) })
      .refused('InvalidInput', { path: '/impactEndedAt' });
    const stated = (story: Story) => {
      declared(story);
      story.incident()('IncidentUpdated', { message, impactStartedAt: iso(90), impactEndedAt: iso(95) });
    };
    given(stated)
      .when('resolveIncident', { incidentId, message, impactEndedAt: iso(80) })
      .refused('InvalidInput', { path: '/impactEndedAt' });
    given(stated)
      .when('updateIncident', { ...update, impactStartedAt: iso(96) })
      .refused('InvalidInput', { path: '/impactStartedAt' });
    given(stated)
      .when('updateIncident', { ...update, impactStartedAt: iso(96), impactEndedAt: null })
      .decides({
        type: 'IncidentUpdated',
        data: { message, impactStartedAt: iso(96), impactEndedAt: null, updateId: 'new-event' },
      });
  });

  test('facts that contradict each other do not stand in the way of the next word', () => {
    given((story) => {
      declared(story);
      story.incident()('IncidentUpdated', { message, impactStartedAt: iso(90), impactEndedAt: iso(80) });
    })
      .when('updateIncident', update)
      .done();
  });

  test('a blank message is refused', () => {
    given(declared).when('updateIncident', { incidentId, message: ' ' }).refused('InvalidInput', { path: '/message' });
  });
});

describe('resolving and reopening', () => {
  test('resolving states the status and the end of the impact', () => {
    given(declared)
      .when('resolveIncident', { incidentId, message, impactEndedAt: iso(140), visibility: 'public' }, 150)
      .decides({
        type: 'IncidentUpdated',
        time: 150,
        data: { message, status: 'resolved', impactEndedAt: iso(140), visibility: 'public', updateId: 'new-event' },
      });
  });

  test('what is resolved is not resolved again, but may be before that', () => {
    given(resolved).when('resolveIncident', { incidentId, message }).refused('IllegalTransition', { from: 'resolved' });
    given(resolved)
      .when('resolveIncident', { incidentId, message, at: iso(150) })
      .done();
  });

  test('only what is resolved is reopened', () => {
    given(declared)
      .when('reopenIncident', { incidentId, message })
      .refused('IllegalTransition', { from: 'investigating' });
    given(resolved)
      .when('reopenIncident', { incidentId, message, at: iso(150) })
      .refused('IllegalTransition');
    given(resolved)
      .when('reopenIncident', { incidentId, message }, 300)
      .decides({
        type: 'IncidentReopened',
        time: 300,
        data: { message, status: 'investigating', updateId: 'new-event' },
      });
  });

  test('reopening as resolved is a contradiction', () => {
    given(resolved)
      .when('reopenIncident', { incidentId, message, status: 'resolved' })
      .refused('InvalidInput', { path: '/status' });
  });

  test('reopened, it may be resolved again', () => {
    given((story) => {
      resolved(story);
      story.incident()('IncidentReopened', { message });
    })
      .when('resolveIncident', { incidentId, message })
      .done();
  });
});
