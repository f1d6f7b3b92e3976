/** Meaning: who sees what of an incident. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EventData } from '../../schemas/catalogue.ts';
import { existing, incidentIn, pageComponentsIn, pageIn, publicIncidentIn } from '../support/answers.ts';
import { createStory, micros, type Story } from '../support/events.ts';

const at = (clock: string) => `2022-12-13T${clock}:00Z`;

function declared(data: Partial<EventData['IncidentDeclared']> = {}): {
  story: Story;
  tell: ReturnType<Story['incident']>;
} {
  const story = createStory();
  story.component()('ComponentRegistered', { name: 'API' }, { at: at('19:00') });
  const tell = story.incident();
  tell(
    'IncidentDeclared',
    { title: 'API errors', status: 'investigating', message: 'Internal words.', origin: 'manual', ...data },
    { at: at('20:27') },
  );
  return { story, tell };
}

function apiOnPage(story: Story): string | undefined {
  return pageComponentsIn(story).find(({ id }) => id === 'api')?.status;
}

describe('visibility left out', () => {
  for (const origin of ['manual', 'import'] as const) {
    test(`is public for origin ${origin}`, () => {
      const { story } = declared({ origin });
      assert.equal(incidentIn(story)?.visibility, 'public');
      assert.equal(pageIn(story).incidents.length, 1);
    });
  }

  for (const origin of ['detector', 'alertmanager'] as const) {
    test(`is private for origin ${origin}`, () => {
      const { story } = declared({ origin });
      assert.equal(incidentIn(story)?.visibility, 'private');
      assert.deepEqual(pageIn(story).incidents, []);
      assert.equal(publicIncidentIn(story), null);
    });
  }

  test('stated, it is what is stated, whatever the origin', () => {
    assert.equal(incidentIn(declared({ origin: 'manual', visibility: 'private' }).story)?.visibility, 'private');
    assert.equal(incidentIn(declared({ origin: 'detector', visibility: 'public' }).story)?.visibility, 'public');
  });

  test('on an update it is as the declaration', () => {
    for (const visibility of ['public', 'private'] as const) {
      const { story, tell } = declared({ visibility });
      tell('IncidentUpdated', { message: 'More.' }, { at: at('20:40') });
      tell('IncidentReopened', { message: 'Again.' }, { at: at('20:50') });
      assert.deepEqual(
        incidentIn(story)?.updates.map((update) => update.visibility),
        [visibility, visibility, visibility],
      );
    }
  });

  test('on an update that folds before the declaration it is as that declaration too', () => {
    const { story, tell } = declared({ origin: 'detector', title: 'Hidden' });
    tell('IncidentUpdated', { message: 'Early.' }, { at: at('20:20') });
    assert.equal(incidentIn(story)?.updates[0]?.visibility, 'private');
  });
});

describe('the status page shows public statements only', () => {
  test('a private post of a public incident is not on it, nor what it says', () => {
    const { story, tell } = declared({
      impact: 'minor',
      components: [{ componentId: 'api', status: 'degraded_performance' }],
    });
    tell(
      'IncidentUpdated',
      {
        message: 'A secret.',
        visibility: 'private',
        title: 'Secret',
        impact: 'critical',
        severity: 'SEV1',
        status: 'identified',
        impactStartedAt: at('20:00'),
        components: [{ componentId: 'api', status: 'major_outage' }],
      },
      { at: at('20:40') },
    );
    const [shown] = pageIn(story).incidents;
    assert.deepEqual(
      [shown?.title, shown?.impact, shown?.severity, shown?.status, shown?.impactStartedAt, shown?.updates.length],
      ['API errors', 'minor', null, 'investigating', null, 1],
    );
    assert.deepEqual(shown?.components, [{ componentId: 'api', status: 'degraded_performance' }]);
    assert.doesNotMatch(JSON.stringify(shown), /secret/i);
    assert.equal(incidentIn(story)?.title, 'Secret');
  });

  test('responders, action items and evidence are not statements', () => {
    const { story, tell } = declared();
    tell('ResponderNotified', { responder: 'ada', channel: 'pager' }, { at: at('20:28') });
    tell('ActionItemAdded', { itemId: 'i', title: 'Fix it', kind: 'prevent' }, { at: at('20:29') });
    tell('EvidenceLinked', { clusterId: 'orchestrator' }, { at: at('20:30') });
    const [shown] = pageIn(story).incidents;
    assert.deepEqual([shown?.responders, shown?.actionItems, shown?.evidence], [[], [], []]);
    assert.deepEqual(
      shown?.timeline.map(({ kind }) => kind),
      ['declared'],
    );
  });

  test('a private account is not on it, a public one is', () => {
    const { story, tell } = declared();
    tell('PostmortemPublished', { body: 'For us.', visibility: 'private' }, { at: at('21:00') });
    assert.equal(pageIn(story).incidents[0]?.postmortem, null);
    tell('PostmortemPublished', { body: 'For all.' }, { at: at('22:00') });
    assert.equal(pageIn(story).incidents[0]?.postmortem, 'For all.');
  });

  test('a resolution among ourselves leaves it open on the page', () => {
    const { story, tell } = declared({ components: [{ componentId: 'api', status: 'major_outage' }] });
    tell('IncidentUpdated', { message: 'Done.', status: 'resolved', visibility: 'private' }, { at: at('21:00') });
    assert.equal(incidentIn(story)?.status, 'resolved');
    assert.equal(pageIn(story).incidents[0]?.status, 'investigating');
    assert.equal(apiOnPage(story), 'major_outage');
  });
});

describe('a public update of a private incident', () => {
  function opened() {
    const { story, tell } = declared({
      visibility: 'private',
      impact: 'major',
      severity: 'SEV1',
      components: [{ componentId: 'api', status: 'major_outage' }],
    });
    tell('IncidentUpdated', { message: 'Still among us.', status: 'identified' }, { at: at('20:35') });
    tell('IncidentUpdated', { message: 'We are aware.', visibility: 'public' }, { at: at('20:45') });
    return { story, tell };
  }

  test('puts it on the page, with title and impact but not its private posts', () => {
    const [shown] = pageIn(opened().story).incidents;
    assert.deepEqual([shown?.title, shown?.impact], ['API errors', 'major']);
    assert.deepEqual(
      shown?.updates.map(({ message }) => message),
      ['We are aware.'],
    );
    assert.doesNotMatch(JSON.stringify(shown), /Internal words|among us|SEV1/);
  });

  test('from then on: before it the page does not have it', () => {
    const { story } = opened();
    assert.equal(publicIncidentIn(story, at('20:44')), null);
    assert.equal(publicIncidentIn(story, at('20:45'))?.updates.length, 1);
  });

  test('its visibility is public then, and was private before', () => {
    const { story } = opened();
    assert.equal(incidentIn(story, at('20:44'))?.visibility, 'private');
    assert.equal(incidentIn(story, at('20:45'))?.visibility, 'public');
    assert.equal(incidentIn(story)?.visibility, 'public');
  });

  test('what the private posts said of components stays off the page', () => {
    const { story, tell } = opened();
    assert.equal(apiOnPage(story), 'operational');
    tell(
      'IncidentUpdated',
      {
        message: 'The API is slow.',
        visibility: 'public',
        components: [{ componentId: 'api', status: 'degraded_performance' }],
      },
      { at: at('20:50') },
    );
    assert.equal(apiOnPage(story), 'degraded_performance');
  });

  test('posts that leave visibility open remain private', () => {
    const { story, tell } = opened();
    tell('IncidentUpdated', { message: 'Quiet words.', title: 'Quiet title' }, { at: at('20:55') });
    const [shown] = pageIn(story).incidents;
    assert.deepEqual([shown?.title, shown?.updates.length], ['API errors', 1]);
  });

  test('it still has the time at which it was declared', () => {
    assert.equal(existing(publicIncidentIn(opened().story)).declaredAt, micros(at('20:27')));
  });
});

describe('a public incident at a past moment', () => {
  test('its publicly stated impact is valid time on the page too', () => {
    const { story } = declared({ impactStartedAt: at('20:14') });
    assert.equal(publicIncidentIn(story, at('20:13')), null);
    assert.equal(publicIncidentIn(story, at('20:20'))?.impactOpen, true);
    assert.deepEqual(publicIncidentIn(story, at('20:20'))?.updates, []);
  });
});
