/** What was known when is the incident as known at each position of its own stream. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incidentView } from '../../../projections/incident/answers.ts';
import { incident } from '../../../projections/incident/incident.ts';
import { beliefsOf } from '../../../projections/postmortem/beliefs.ts';
import { createStory, micros } from '../../support/events.ts';
import { foldSet } from '../../support/fold.ts';
import { historyOf } from '../../support/histories.ts';

const AT = (minute: number) => `2022-12-13T20:${String(minute).padStart(2, '0')}:00Z`;

test('each change of belief has the time at which it was recorded, late words and retractions included', () => {
  const story = createStory();
  const tell = story.incident();
  tell('IncidentDeclared', { title: 'Outage', status: 'investigating', origin: 'manual' }, { at: AT(27) });
  tell('ResponderNotified', { responder: 'r', channel: 'c' }, { at: AT(28) });
  const late = tell(
    'IncidentUpdated',
    { updateId: 'u', message: 'm', status: 'identified', impactStartedAt: AT(14) },
    { at: AT(26), recordedAt: AT(30) },
  );
  tell('IncidentUpdated', { updateId: 'v', message: 'm', status: 'resolved', impactEndedAt: AT(29) }, { at: AT(31) });
  story.retract(late, { at: AT(40) });
  const beliefs = beliefsOf('outage', story.events);
  assert.deepEqual(
    beliefs.map(({ recordedAt, status, impactStartedAt, impactEndedAt, impactOpen }) => [
      recordedAt,
      status,
      impactStartedAt,
      impactEndedAt,
      impactOpen,
    ]),
    [
      [micros(AT(27)), 'investigating', null, null, true],
      [micros(AT(30)), 'investigating', micros(AT(14)), null, true],
      [micros(AT(31)), 'resolved', micros(AT(14)), micros(AT(29)), false],
      [micros(AT(40)), 'resolved', null, micros(AT(29)), false],
    ],
  );
  for (const { eventPosition, ...belief } of beliefs) {
    const known = story.events.filter(({ position }) => position <= eventPosition);
    const view = incidentView(foldSet(incident, known, 'outage'));
    assert.deepEqual(
      [belief.title, belief.status, belief.impactStartedAt, belief.resolvedAt],
      [view?.title, view?.status, view?.impactStartedAt, view?.resolvedAt],
    );
  }
});

test('where the declaration is taken back, nothing is believed any more', () => {
  const story = createStory();
  const declared = story.incident()('IncidentDeclared', { title: 'T', status: 'investigating', origin: 'manual' });
  story.retract(declared);
  assert.deepEqual(
    beliefsOf('outage', story.events).map(({ title }) => title),
    ['T', null],
  );
});

test('on histories with late, retracted and amended events it is what was known at each position', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const history = historyOf({ seed, events: 60, categories: ['incident'] });
    for (const id of new Set(history.map(({ subject }) => subject))) {
      const own = history.filter(({ subject }) => subject === id);
      const beliefs = beliefsOf(id, own);
      for (const { position } of own) {
        const belief = beliefs.findLast(({ eventPosition }) => eventPosition <= position);
        const view = incidentView(
          foldSet(
            incident,
            own.filter((event) => event.position <= position),
            id,
          ),
        );
        assert.deepEqual(
          [belief?.title ?? null, belief?.status ?? null, belief?.impactEndedAt ?? null, belief?.impactOpen ?? false],
          [view?.title ?? null, view?.status ?? null, view?.impactEndedAt ?? null, view?.impactOpen ?? false],
          `seed ${seed}, ${id}, position ${position}`,
        );
      }
    }
  }
});
