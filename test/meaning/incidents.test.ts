/** Meaning: Incidents (and, of Order and Retraction, what concerns them). Measures and visibility have files of their own. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incident } from '../../projections/incident/incident.ts';
import type { EventData } from '../../schemas/catalogue.ts';
import { existing, incidentIn, incidentState } from '../support/answers.ts';
import { createStory, micros, type Story } from '../support/events.ts';

const DAY = '2022-12-13T';
const at = (clock: string) => `${DAY}${clock}:00Z`;

const DECLARATION: EventData['IncidentDeclared'] = {
  title: 'API errors',
  status: 'investigating',
  message: 'We are looking into errors.',
  origin: 'manual',
};

/** Declared 20:27 with an impact from 20:14; 20:45 the impact is said to have ended 20:28; resolved 21:58. */
function spreedly(): Story {
  const story = createStory();
  const incident = story.incident();
  incident(
    'IncidentDeclared',
    {
      ...DECLARATION,
      impactStartedAt: at('20:14'),
      components: [{ componentId: 'api', status: 'partial_outage' }],
      clusterIds: ['orchestrator'],
    },
    { at: at('20:27') },
  );
  incident(
    'IncidentUpdated',
    { message: 'The relationship is restored.', status: 'monitoring', impactEndedAt: at('20:28') },
    { at: at('20:45') },
  );
  incident('IncidentUpdated', { message: 'This is resolved.', status: 'resolved' }, { at: at('21:58') });
  return story;
}

function declared(data: Partial<EventData['IncidentDeclared']> = {}): {
  story: Story;
  tell: ReturnType<Story['incident']>;
} {
  const story = createStory();
  const tell = story.incident();
  tell('IncidentDeclared', { ...DECLARATION, ...data }, { at: at('20:27') });
  return { story, tell };
}

describe('stated intervals are valid time', () => {
  test('an end stated at 20:45 holds at 20:30, though the event that states it had not happened by then', () => {
    const view = existing(incidentIn(spreedly(), at('20:30')));
    assert.equal(view.impactEndedAt, micros(at('20:28')));
    assert.equal(view.impactOpen, false);
  });

  test('before the position of that event the impact is open at 20:30', () => {
    const story = spreedly();
    const view = existing(incidentIn({ events: story.events.slice(0, 1) }, at('20:30')));
    assert.equal(view.impactEndedAt, null);
    assert.equal(view.impactOpen, true);
  });

  test('the impact runs from its start, inclusive, to its end, exclusive', () => {
    const openAt = (clock: string) => incidentIn(spreedly(), `${DAY}${clock}Z`)?.impactOpen;
    assert.equal(incidentIn(spreedly(), `${DAY}20:13:59.999999Z`), null);
    assert.equal(openAt('20:14:00'), true);
    assert.equal(openAt('20:27:59.999999'), true);
    assert.equal(openAt('20:28:00'), false);
  });

  test('a null end takes an end back that was stated before', () => {
    const story = spreedly();
    story.incident()('IncidentUpdated', { message: 'It is not over.', impactEndedAt: null }, { at: at('21:00') });
    const view = existing(incidentIn(story, at('20:50')));
    assert.equal(view.impactEndedAt, null);
    assert.equal(view.impactOpen, true);
  });

  test('the last statement of a bound wins, and it is the last in time, not in arrival', () => {
    const { story, tell } = declared({ impactStartedAt: at('20:14') });
    tell('IncidentUpdated', { message: 'Since 20:10.', impactStartedAt: at('20:10') }, { at: at('21:00') });
    tell('IncidentUpdated', { message: 'Since 20:12.', impactStartedAt: at('20:12') }, { at: at('20:50') });
    assert.equal(incidentIn(story)?.impactStartedAt, micros(at('20:10')));
  });
});

describe('when an incident exists', () => {
  test('it exists from its impact start, which is before its declaration', () => {
    assert.equal(incidentIn(spreedly(), at('20:13')), null);
    assert.notEqual(incidentIn(spreedly(), at('20:14')), null);
  });

  test('without a stated start it exists from its declaration', () => {
    const { story } = declared();
    assert.equal(incidentIn(story, at('20:26')), null);
    assert.notEqual(incidentIn(story, at('20:27')), null);
  });

  test('it exists from its first post where that is earlier', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'Something is odd.' }, { at: at('20:20') });
    assert.equal(incidentIn(story, at('20:19')), null);
    assert.equal(incidentIn(story, at('20:20'))?.updates.length, 1);
  });

  test('other events before the declaration do not bring it about, but count at their own place once it exists', () => {
    const { story, tell } = declared();
    tell('ResponderNotified', { responder: 'ada', channel: 'pager' }, { at: at('20:20') });
    assert.equal(incidentIn(story, at('20:21')), null);
    assert.deepEqual(incidentIn(story, at('20:27'))?.responders, [
      { responder: 'ada', role: null, notifiedAt: micros(at('20:20')), acknowledgedAt: null },
    ]);
  });

  test("until its declaration it has that declaration's title, visibility and declaredAt", () => {
    const story = createStory();
    const tell = story.incident();
    tell(
      'IncidentDeclared',
      { ...DECLARATION, visibility: 'private', impactStartedAt: at('20:14') },
      { at: at('20:27') },
    );
    tell('IncidentUpdated', { message: 'Renamed.', title: 'Queue errors' }, { at: at('20:20') });
    tell('IncidentUpdated', { message: 'Renamed again.', title: 'Checkout errors' }, { at: at('20:30') });
    const before = existing(incidentIn(story, at('20:22')));
    assert.equal(before.title, 'API errors');
    assert.equal(before.visibility, 'private');
    assert.equal(before.declaredAt, micros(at('20:27')));
    assert.equal(incidentIn(story)?.title, 'Checkout errors');
  });

  test('without a moment, the moment lies after everything, future bounds included', () => {
    const { story, tell } = declared({ impactStartedAt: '2023-01-01T00:00:00Z' });
    assert.equal(incidentIn(story)?.impactOpen, true);
    tell('IncidentUpdated', { message: 'And its end.', impactEndedAt: '2023-01-02T00:00:00Z' }, { at: at('20:40') });
    assert.equal(incidentIn(story)?.impactOpen, false);
  });
});

describe('the impact where bounds are not stated', () => {
  test('it runs from the declaration', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'Something is odd.' }, { at: at('20:20') });
    assert.equal(incidentIn(story, at('20:22'))?.impactOpen, false);
    assert.equal(incidentIn(story, at('20:27'))?.impactOpen, true);
    assert.equal(incidentIn(story)?.impactStartedAt, null);
  });

  test('it runs to the last resolution, and reopening opens it again', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved' }, { at: at('21:00') });
    tell('IncidentReopened', { message: 'Not done.' }, { at: at('22:00') });
    tell('IncidentUpdated', { message: 'Done now.', status: 'resolved' }, { at: at('23:00') });
    const openAt = (clock: string) => incidentIn(story, at(clock))?.impactOpen;
    assert.deepEqual(
      [openAt('20:59'), openAt('21:00'), openAt('21:59'), openAt('22:00'), openAt('22:59'), openAt('23:00')],
      [true, false, false, true, true, false],
    );
  });

  test('reopening also opens an impact to which an end had been stated', () => {
    const story = spreedly();
    story.incident()('IncidentReopened', { message: 'It is back.' }, { at: at('22:30') });
    assert.equal(incidentIn(story, at('22:29'))?.impactOpen, false);
    assert.equal(incidentIn(story)?.impactOpen, true);
    story.incident()('IncidentUpdated', { message: 'Over.', impactEndedAt: at('22:40') }, { at: at('22:50') });
    assert.equal(incidentIn(story)?.impactOpen, false);
  });
});

describe('the statuses in its own components', () => {
  test('hold while the impact is open, also before the declaration, and are operational after it', () => {
    const statusAt = (clock: string) => incidentIn(spreedly(), at(clock))?.components;
    assert.deepEqual(statusAt('20:14'), [{ componentId: 'api', status: 'partial_outage' }]);
    assert.deepEqual(statusAt('20:27'), [{ componentId: 'api', status: 'partial_outage' }]);
    assert.deepEqual(statusAt('20:28'), [{ componentId: 'api', status: 'operational' }]);
  });

  test('a status left out is unchanged, or at first not stated', () => {
    const { story, tell } = declared({
      components: [{ componentId: 'api' }, { componentId: 'db', status: 'major_outage' }],
    });
    tell(
      'IncidentUpdated',
      { message: 'Both.', components: [{ componentId: 'api' }, { componentId: 'db' }] },
      { at: at('20:40') },
    );
    assert.deepEqual(incidentIn(story)?.components, [
      { componentId: 'api', status: null },
      { componentId: 'db', status: 'major_outage' },
    ]);
  });

  test('without a stated start each appears with its post', () => {
    const { story, tell } = declared({ components: [{ componentId: 'api', status: 'partial_outage' }] });
    tell(
      'IncidentUpdated',
      {
        message: 'Worse.',
        components: [
          { componentId: 'api', status: 'major_outage' },
          { componentId: 'db', status: 'degraded_performance' },
        ],
      },
      { at: at('20:40') },
    );
    assert.deepEqual(incidentIn(story, at('20:30'))?.components, [{ componentId: 'api', status: 'partial_outage' }]);
    assert.deepEqual(incidentIn(story, at('20:40'))?.components, [
      { componentId: 'api', status: 'major_outage' },
      { componentId: 'db', status: 'degraded_performance' },
    ]);
  });
});

describe('posts', () => {
  test('the status is null before the first post', () => {
    assert.equal(incidentIn(spreedly(), at('20:20'))?.status, null);
    assert.equal(incidentIn(spreedly(), at('20:27'))?.status, 'investigating');
  });

  test('a post appears at its own time', () => {
    const ids = (clock: string) => incidentIn(spreedly(), at(clock))?.updates.map(({ id }) => id);
    assert.deepEqual(ids('20:44'), ['event-1']);
    assert.deepEqual(ids('20:45'), ['event-1', 'event-2']);
  });

  test('an amended post appears at its corrected time, with its corrected words from the amendment on', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { updateId: 'u1', message: 'Fixed at nine.', status: 'identified' }, { at: at('21:30') });
    tell(
      'IncidentUpdateAmended',
      { updateId: 'u1', message: 'Found at nine.', correctedAt: at('21:00'), reason: 'a slip' },
      { at: at('22:00'), actor: 'ada' },
    );
    assert.equal(incidentIn(story, at('20:59'))?.updates.length, 1);
    const before = existing(incidentIn(story, at('21:00')));
    assert.equal(before.status, 'identified');
    assert.deepEqual([before.updates[1]?.message, before.updates[1]?.amendments], ['Fixed at nine.', []]);
    assert.deepEqual(incidentIn(story)?.updates[1], {
      id: 'u1',
      status: 'identified',
      message: 'Found at nine.',
      at: micros(at('21:00')),
      recordedAt: micros(at('21:30')),
      by: null,
      visibility: 'public',
      components: [],
      amendments: [
        {
          message: 'Found at nine.',
          at: micros(at('21:00')),
          reason: 'a slip',
          recordedAt: micros(at('22:00')),
          by: 'ada',
          replaced: { message: 'Fixed at nine.', recordedAt: micros(at('21:30')) },
        },
      ],
      eventPosition: 2,
    });
  });

  test('a post that was corrected to a later time is not there before', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { updateId: 'u1', message: 'Found.', status: 'identified' }, { at: at('21:00') });
    tell(
      'IncidentUpdateAmended',
      { updateId: 'u1', correctedAt: at('21:30'), reason: 'wrong clock' },
      { at: at('22:00') },
    );
    assert.equal(incidentIn(story, at('21:10'))?.status, 'investigating');
    assert.equal(incidentIn(story, at('21:30'))?.status, 'identified');
  });

  test('an absent updateId is the id of the event', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'One.' }, { at: at('20:30'), id: 'told-here' });
    assert.deepEqual(
      incidentIn(story)?.updates.map(({ id }) => id),
      ['event-1', 'told-here'],
    );
  });

  test('the declaration is the first entry of updates, its message may be null', () => {
    const { message: _, ...silent } = DECLARATION;
    const story = createStory();
    story.incident()('IncidentDeclared', silent, { at: at('20:27') });
    const [first] = incidentIn(story)?.updates ?? [];
    assert.deepEqual([first?.message, first?.status, first?.at], [null, 'investigating', micros(at('20:27'))]);
  });

  test('resolving and reopening add an entry each', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved' }, { at: at('21:00') });
    tell('IncidentReopened', { message: 'Not done.' }, { at: at('22:00') });
    tell('IncidentReopened', { message: 'We know why.', status: 'identified' }, { at: at('22:10') });
    assert.deepEqual(
      incidentIn(story)?.updates.map(({ status, message }) => [status, message]),
      [
        ['investigating', 'We are looking into errors.'],
        ['resolved', 'Done.'],
        ['investigating', 'Not done.'],
        ['identified', 'We know why.'],
      ],
    );
  });

  test('resolvedAt is when it was resolved, null once it is reopened', () => {
    const story = spreedly();
    assert.equal(incidentIn(story)?.resolvedAt, micros(at('21:58')));
    story.incident()('IncidentReopened', { message: 'It is back.' }, { at: at('22:30') });
    assert.equal(incidentIn(story)?.resolvedAt, null);
    assert.equal(incidentIn(story)?.status, 'investigating');
    assert.equal(incidentIn(story, at('22:29'))?.resolvedAt, micros(at('21:58')));
  });

  test('an incident may be declared as resolved', () => {
    const { story } = declared({ status: 'resolved' });
    const view = existing(incidentIn(story));
    assert.deepEqual([view.status, view.resolvedAt, view.impactOpen], ['resolved', micros(at('20:27')), false]);
  });
});

describe('order', () => {
  test('an event that folds before its declaration counts at its own place', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'Early.', status: 'identified', severity: 'SEV2' }, { at: at('20:20') });
    const view = existing(incidentIn(story));
    assert.deepEqual(
      view.updates.map(({ message }) => message),
      ['Early.', 'We are looking into errors.'],
    );
    assert.equal(view.status, 'investigating');
    assert.equal(view.severity, 'SEV2');
    assert.equal(incidentIn(story, at('20:20'))?.status, 'identified');
  });

  test('a late update takes its true place: it does not undo what was said after it', () => {
    const story = spreedly();
    story.incident()('IncidentUpdated', { message: 'Found.', status: 'identified' }, { at: at('20:40') });
    const view = existing(incidentIn(story));
    assert.equal(view.status, 'resolved');
    assert.deepEqual(
      view.updates.map(({ status }) => status),
      ['investigating', 'identified', 'monitoring', 'resolved'],
    );
    assert.equal(incidentIn(story, at('20:41'))?.status, 'identified');
  });

  test('where the clock ran ahead, the time of recording counts', () => {
    const story = createStory();
    story.incident()('IncidentDeclared', DECLARATION, { at: at('23:00'), recordedAt: at('20:27') });
    assert.equal(incidentIn(story)?.declaredAt, micros(at('20:27')));
  });

  test('fields left out stay as they were', () => {
    const { story, tell } = declared({
      impact: 'major',
      severity: 'SEV1',
      clusterIds: ['orchestrator'],
      dedupKey: 'k',
    });
    tell('IncidentUpdated', { message: 'More.' }, { at: at('20:30') });
    const { title, impact, severity, clusterIds, dedupKey, origin } = existing(incidentIn(story));
    assert.deepEqual(
      { title, impact, severity, clusterIds, dedupKey, origin },
      {
        title: 'API errors',
        impact: 'major',
        severity: 'SEV1',
        clusterIds: ['orchestrator'],
        dedupKey: 'k',
        origin: 'manual',
      },
    );
  });

  test('a second declaration is a further statement: what it says replaces, the time of the first remains', () => {
    const { story, tell } = declared({ severity: 'SEV1' });
    tell('IncidentDeclared', { title: 'Said twice', status: 'identified', origin: 'import' }, { at: at('20:50') });
    const view = existing(incidentIn(story));
    assert.deepEqual(
      [view.title, view.status, view.severity, view.origin, view.declaredAt, view.updates.length],
      ['Said twice', 'identified', 'SEV1', 'import', micros(at('20:27')), 2],
    );
  });
});

describe('retraction', () => {
  test('an incident whose declaration is retracted, with no other, is null', () => {
    const { story, tell } = declared();
    tell('IncidentUpdated', { message: 'More.' }, { at: at('20:30') });
    story.retract(existing(story.events[0] ?? null));
    assert.equal(incidentIn(story), null);
  });

  test('with another declaration it is what that one says', () => {
    const { story, tell } = declared();
    tell('IncidentDeclared', { ...DECLARATION, title: 'The right one' }, { at: at('20:31') });
    story.retract(existing(story.events[0] ?? null));
    const view = existing(incidentIn(story));
    assert.deepEqual([view.title, view.declaredAt, view.updates.length], ['The right one', micros(at('20:31')), 1]);
  });

  test('a retracted update is skipped in all it said', () => {
    const story = spreedly();
    story.retract(existing(story.events[1] ?? null));
    const view = existing(incidentIn(story));
    assert.equal(view.impactEndedAt, null);
    assert.deepEqual(
      view.updates.map(({ status }) => status),
      ['investigating', 'resolved'],
    );
  });
});

describe('what else is kept of an incident', () => {
  test('responders with role and both times, action items with their completion, evidence, the account', () => {
    const { story, tell } = declared();
    tell('ResponderNotified', { responder: 'ada', channel: 'pager', role: 'commander' }, { at: at('20:28') });
    tell('ResponderNotified', { responder: 'ada', channel: 'phone' }, { at: at('20:33') });
    tell('ResponderAcknowledged', { responder: 'ada' }, { at: at('20:34') });
    tell(
      'EvidenceLinked',
      { clusterId: 'orchestrator', from: at('20:10'), note: 'see the followers' },
      { at: at('20:40') },
    );
    tell(
      'ActionItemAdded',
      { itemId: 'i1', title: 'Alert on followers', kind: 'prevent', owner: 'ada', dueAt: '2023-01-01T00:00:00Z' },
      { at: at('22:00') },
    );
    tell('ActionItemCompleted', { itemId: 'i1' }, { at: at('23:00') });
    tell('PostmortemPublished', { body: '# What happened' }, { at: at('23:30') });
    const view = existing(incidentIn(story));
    assert.deepEqual(view.responders, [
      { responder: 'ada', role: 'commander', notifiedAt: micros(at('20:28')), acknowledgedAt: micros(at('20:34')) },
    ]);
    assert.deepEqual(view.actionItems, [
      {
        id: 'i1',
        title: 'Alert on followers',
        kind: 'prevent',
        owner: 'ada',
        dueAt: micros('2023-01-01T00:00:00Z'),
        completedAt: micros(at('23:00')),
      },
    ]);
    assert.deepEqual(view.evidence, [
      { clusterId: 'orchestrator', from: micros(at('20:10')), to: null, note: 'see the followers', eventPosition: 5 },
    ]);
    assert.equal(view.postmortem, '# What happened');
    assert.equal(incidentIn(story, at('22:30'))?.actionItems[0]?.completedAt, null);
    assert.equal(incidentIn(story, at('22:30'))?.postmortem, null);
  });

  test('the timeline gives each entry the time it belongs to and the time it was recorded', () => {
    const rows = existing(incidentIn(spreedly())).timeline.map((row) => [
      row.kind,
      row.at,
      row.recordedAt,
      row.eventPosition,
    ]);
    assert.deepEqual(rows, [
      ['impact_started', micros(at('20:14')), micros(at('20:27')), 1],
      ['declared', micros(at('20:27')), micros(at('20:27')), 1],
      ['impact_ended', micros(at('20:28')), micros(at('20:45')), 2],
      ['updated', micros(at('20:45')), micros(at('20:45')), 2],
      ['resolved', micros(at('21:58')), micros(at('21:58')), 3],
    ]);
  });

  test('lists find it by status, cluster, component and openness, and order it by declaration', () => {
    const state = incidentState(spreedly());
    assert.deepEqual([...(incident.tags?.(state) ?? [])].sort(), [
      'cluster:orchestrator',
      'component:api',
      'exists',
      'public',
      'status:resolved',
    ]);
    assert.equal(incident.order?.(state), String(micros(at('20:27'))).padStart(16, '0'));
    const before = incidentState({ events: spreedly().events.slice(0, 1) });
    assert.ok(incident.tags?.(before).includes('open'));
    assert.ok(incident.tags?.(before).includes('page'));
  });
});
