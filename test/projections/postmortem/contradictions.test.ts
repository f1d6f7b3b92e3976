/** Which statements of a record contradict each other, and what settles it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { elections } from '../../../projections/elections/elections.ts';
import { incident } from '../../../projections/incident/incident.ts';
import { readIncident } from '../../../projections/incident/reading.ts';
import { contestedTerms, postContradictions } from '../../../projections/postmortem/contradictions.ts';
import { createStory, type Story } from '../../support/events.ts';
import { foldSet } from '../../support/fold.ts';

const AT = (minute: number) => new Date(Date.UTC(2022, 11, 13, 20, minute)).toISOString();

function found(story: Story) {
  const reading = readIncident(foldSet(incident, story.events, 'outage'));
  assert.ok(reading);
  return postContradictions(reading).map(({ kind, statements }) => [
    kind,
    statements.map(({ eventPosition }) => eventPosition),
  ]);
}

function declared(): { story: Story; tell: ReturnType<Story['incident']> } {
  const story = createStory();
  const tell = story.incident();
  tell('IncidentDeclared', { title: 'Outage', status: 'investigating', origin: 'manual', impactStartedAt: AT(9) });
  return { story, tell };
}

test('two starts that differ are a contradiction, whoever stated them', () => {
  for (const source of ['/test/incident', '/elsewhere']) {
    const { story, tell } = declared();
    tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(5) }, { source });
    assert.deepEqual(found(story), [['impact_start', [1, 2]]]);
  }
});

test('the same start again is none, nor is a start that is stated once', () => {
  const { story, tell } = declared();
  assert.deepEqual(found(story), []);
  tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(9) });
  assert.deepEqual(found(story), []);
});

test('a statement that agrees with the last one stands among the statements', () => {
  const { story, tell } = declared();
  tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(5) });
  tell('IncidentUpdated', { updateId: 'v', message: 'm', impactStartedAt: AT(9) });
  assert.deepEqual(found(story), [['impact_start', [1, 2, 3]]]);
});

test('an amendment of the post that was wrong, made since, settles it; one made before does not', () => {
  const { story, tell } = declared();
  tell('IncidentUpdateAmended', { updateId: 'event-1', message: 'typo', reason: 'a typo' });
  tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(5) });
  assert.deepEqual(found(story), [['impact_start', [1, 3]]]);
  tell('IncidentUpdateAmended', { updateId: 'event-1', message: 'It began earlier', reason: 'found in the logs' });
  assert.deepEqual(found(story), []);
});

test('an amendment of the post that stands does not settle what the other one says', () => {
  const { story, tell } = declared();
  tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(5) });
  tell('IncidentUpdateAmended', { updateId: 'u', message: 'n', reason: 'a typo' });
  assert.deepEqual(found(story), [['impact_start', [1, 2]]]);
});

test('a retraction settles it', () => {
  const { story, tell } = declared();
  const wrong = tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(5) });
  story.retract(wrong);
  assert.deepEqual(found(story), []);
});

test('the same post said again by the same source puts itself right; by another source it contradicts', () => {
  for (const [source, expected] of [
    ['/test/incident', []],
    ['/elsewhere', [['impact_start', [2, 3]]]],
  ] as const) {
    const story = createStory();
    const tell = story.incident();
    tell('IncidentDeclared', { title: 'Outage', status: 'investigating', origin: 'manual' });
    tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(9) });
    tell('IncidentUpdated', { updateId: 'u', message: 'm', impactStartedAt: AT(5) }, { source });
    assert.deepEqual(found(story), expected);
  }
});

test('two ends contradict, unless the first was taken back or the incident was reopened between them', () => {
  const end = { updateId: 'e1', message: 'm', impactEndedAt: AT(20) };
  const later = { updateId: 'e2', message: 'm', impactEndedAt: AT(30) };
  const plain = declared();
  plain.tell('IncidentUpdated', end);
  plain.tell('IncidentUpdated', later);
  assert.deepEqual(found(plain.story), [['impact_end', [2, 3]]]);

  const takenBack = declared();
  takenBack.tell('IncidentUpdated', end);
  takenBack.tell('IncidentUpdated', { updateId: 'n', message: 'm', impactEndedAt: null });
  takenBack.tell('IncidentUpdated', later);
  assert.deepEqual(found(takenBack.story), []);

  const reopened = declared();
  reopened.tell('IncidentUpdated', { ...end, status: 'resolved' }, { at: AT(25) });
  reopened.tell('IncidentReopened', { message: 'again' });
  reopened.tell('IncidentUpdated', later);
  assert.deepEqual(found(reopened.story), []);
});

test('an impact that ends before it begins, and a resolution before the end, contradict', () => {
  const { story, tell } = declared();
  tell('IncidentUpdated', { updateId: 'e', message: 'm', impactEndedAt: AT(3) });
  assert.deepEqual(found(story), [['impact_order', [1, 2]]]);

  const early = declared();
  early.tell(
    'IncidentUpdated',
    { updateId: 'r', message: 'm', status: 'resolved' },
    { at: AT(20), recordedAt: AT(20) },
  );
  early.tell(
    'IncidentUpdated',
    { updateId: 'e', message: 'm', impactEndedAt: AT(40) },
    { at: AT(41), recordedAt: AT(41) },
  );
  assert.deepEqual(found(early.story), [['resolved_before_end', [2, 3]]]);
});

test('two leaders of one term contradict; of two terms, of two scopes, or after a bootstrap they do not', () => {
  const story = createStory();
  const tell = story.cluster();
  tell('LeaderElected', { leaderId: 'a', term: 1 }, { at: 1 });
  tell('LeaderElected', { leaderId: 'b', term: 1 }, { at: 2 });
  tell('LeaderElected', { leaderId: 'a', term: 2 }, { at: 3 });
  tell('LeaderElected', { leaderId: 'c', term: 2, scope: 'other' }, { at: 4 });
  tell('LeaderElected', { leaderId: 'a', term: 1, how: 'bootstrapped' }, { at: 5 });
  tell('LeaderElected', { leaderId: 'c', term: 1 }, { at: 6 });
  const state = foldSet(elections, story.events, 'payments');
  const all = contestedTerms(state, { from: 0, until: Number.POSITIVE_INFINITY });
  assert.deepEqual(
    all.map(({ term, claims }) => [term, claims.map(({ leaderId }) => leaderId)]),
    [
      [1, ['a', 'b']],
      [1, ['a', 'c']],
    ],
  );
  const [first] = story.events;
  assert.ok(first);
  assert.equal(contestedTerms(state, { from: 0, until: first.effectiveAt }).length, 1);
});
