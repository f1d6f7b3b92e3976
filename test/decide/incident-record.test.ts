/** What is put right, reported and linked to an incident, and what of it is refused. */
import { describe, test } from 'node:test';
import type { Story } from '../support/events.ts';
import { given, iso } from './given.ts';

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

describe('putting right', () => {
  const amendment = { incidentId, updateId: 'first', reason: 'typo' };

  test('an entry that exists gets other words or another time', () => {
    given(declared)
      .when('amendIncidentUpdate', { ...amendment, correctedAt: iso(90) }, 300)
      .decides({
        type: 'IncidentUpdateAmended',
        time: 300,
        data: { updateId: 'first', correctedAt: iso(90), reason: 'typo' },
      });
  });

  test('an entry without an id of its own goes by its event’s', () => {
    given((story) => {
      story.incident()('IncidentDeclared', { title, status: 'investigating', origin: 'import' }, { id: 'e-1' });
    })
      .when('amendIncidentUpdate', { ...amendment, updateId: 'e-1', message })
      .done();
  });

  test('an unknown entry is unknown', () => {
    given(declared)
      .when('amendIncidentUpdate', { ...amendment, updateId: 'none', message })
      .refused('UnknownSubject', { id: 'none', code: 'UNKNOWN_UPDATE' });
  });

  test('something must be put right, with a reason, and not into the future', () => {
    given(declared).when('amendIncidentUpdate', amendment).refused('InvalidInput', { path: '/message' });
    given(declared)
      .when('amendIncidentUpdate', { ...amendment, message, reason: ' ' })
      .refused('InvalidInput', { path: '/reason' });
    given(declared)
      .when('amendIncidentUpdate', { ...amendment, correctedAt: iso(500) }, 300)
      .refused('InvalidInput', { path: '/correctedAt' });
  });
});

describe('people, evidence, actions', () => {
  test('notified and acknowledged', () => {
    given(declared)
      .when('notifyResponder', { incidentId, responder: 'ada', channel: 'phone', role: 'lead', at: iso(120) })
      .decides({
        type: 'ResponderNotified',
        time: 120,
        data: { responder: 'ada', channel: 'phone', role: 'lead' },
      });
    given(declared)
      .when('acknowledgeIncident', { incidentId, responder: 'ada' }, 130)
      .decides({ type: 'ResponderAcknowledged', time: 130, data: { responder: 'ada' } });
    given(declared)
      .when('notifyResponder', { incidentId, responder: 'ada', channel: ' ' })
      .refused('InvalidInput', { path: '/channel' });
  });

  test('evidence whose start lies after its end is refused', () => {
    const evidence = { incidentId, clusterId: 'payments', from: iso(20), to: iso(10) };
    given(declared).when('linkEvidence', evidence).refused('InvalidInput', { path: '/from' });
    given(declared)
      .when('linkEvidence', { ...evidence, to: iso(30), note: 'look' }, 200)
      .decides({
        type: 'EvidenceLinked',
        time: 200,
        data: { clusterId: 'payments', from: iso(20), to: iso(30), note: 'look' },
      });
  });

  test('an action item is added once, completed once', () => {
    const item = { incidentId, title: 'Add a test', kind: 'prevent' };
    given(declared)
      .when('addActionItem', { ...item, dueAt: iso(99_999) }, 200)
      .decides({
        type: 'ActionItemAdded',
        time: 200,
        data: { itemId: 'new-event', title: 'Add a test', kind: 'prevent', dueAt: iso(99_999) },
      });
    const added = (story: Story) => {
      declared(story);
      story.incident()('ActionItemAdded', { itemId: 'a', title: 'Add a test', kind: 'prevent' });
    };
    given(added)
      .when('addActionItem', { ...item, itemId: 'a' })
      .refused('InvalidInput', { path: '/itemId' });
    given(added).when('completeActionItem', { incidentId, itemId: 'a' }).done();
    given(added)
      .when('completeActionItem', { incidentId, itemId: 'b' })
      .refused('UnknownSubject', { id: 'b', code: 'UNKNOWN_ACTION_ITEM' });
    given((story) => {
      added(story);
      story.incident()('ActionItemCompleted', { itemId: 'a' });
    })
      .when('completeActionItem', { incidentId, itemId: 'a' })
      .refused('IllegalTransition', { from: 'completed' });
  });

  test('an account is published', () => {
    given(declared)
      .when('publishPostmortem', { incidentId, body: '# What happened', visibility: 'private' }, 400)
      .decides({ type: 'PostmortemPublished', time: 400, data: { body: '# What happened', visibility: 'private' } });
    given(declared).when('publishPostmortem', { incidentId, body: '\n' }).refused('InvalidInput', { path: '/body' });
  });
});
