/** Meaning: Components. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rollUp } from '../../projections/components/status-page.ts';
import type { EventData } from '../../schemas/catalogue.ts';
import { componentIn, componentsIn, incidentIn, pageComponentsIn, pageIn } from '../support/answers.ts';
import { createStory, micros, type Story } from '../support/events.ts';

type Status = EventData['ComponentStatusChanged']['status'];

const at = (clock: string) => `2022-12-13T${clock}:00Z`;
const about = (status: Status, componentId = 'api') => [{ componentId, status }];

/** A story with the component `api` registered. */
function registered(): Story {
  const story = createStory();
  story.component()('ComponentRegistered', { name: 'API' }, { at: at('19:00') });
  return story;
}

function declare(
  story: Story,
  id: string,
  data: Partial<EventData['IncidentDeclared']> & { readonly clock: string },
): void {
  const { clock, ...rest } = data;
  story.incident(id)(
    'IncidentDeclared',
    { title: id, status: 'investigating', origin: 'manual', ...rest },
    { at: at(clock) },
  );
}

function update(
  story: Story,
  id: string,
  data: Partial<EventData['IncidentUpdated']> & { readonly clock: string },
): void {
  const { clock, ...rest } = data;
  story.incident(id)('IncidentUpdated', { message: 'More.', ...rest }, { at: at(clock) });
}

function resolve(story: Story, id: string, clock: string, data: Partial<EventData['IncidentUpdated']> = {}): void {
  update(story, id, { ...data, status: 'resolved', clock });
}

function maintain(story: Story, id: string, clock: string, componentIds: readonly string[] = ['api']): void {
  const tell = story.maintenance(id);
  tell(
    'MaintenanceScheduled',
    {
      title: id,
      startsAt: at('22:00'),
      endsAt: at('23:00'),
      components: componentIds.map((componentId) => ({ componentId })),
    },
    { at: at('19:30') },
  );
  tell('MaintenanceStarted', {}, { at: at(clock) });
}

/** The same in both registers, as it must be where everything is public. */
function status(story: Story, id = 'api'): Status {
  const { status: own } = componentIn(story, id);
  const shown = pageComponentsIn(story).find((component) => component.id === id);
  if (shown) assert.equal(shown.status, own, 'on the page as in the register');
  return own;
}

describe('the last statement wins', () => {
  test('nothing stated is operational, since no time', () => {
    const component = componentIn(registered());
    assert.deepEqual([component.status, component.statusSince], ['operational', null]);
  });

  test('from ComponentStatusChanged', () => {
    const story = registered();
    story.component()('ComponentStatusChanged', { status: 'partial_outage' }, { at: at('20:10') });
    story.component()('ComponentStatusChanged', { status: 'degraded_performance' }, { at: at('20:20') });
    assert.equal(status(story), 'degraded_performance');
    assert.equal(componentIn(story).statusSince, micros(at('20:20')));
  });

  test('from an incident: its declaration and its updates', () => {
    const story = registered();
    story.component()('ComponentStatusChanged', { status: 'degraded_performance' }, { at: at('20:00') });
    declare(story, 'one', { components: about('partial_outage'), clock: '20:10' });
    assert.equal(status(story), 'partial_outage');
    update(story, 'one', { components: about('major_outage'), clock: '20:20' });
    assert.equal(status(story), 'major_outage');
    story.component()('ComponentStatusChanged', { status: 'operational' }, { at: at('20:30') });
    assert.equal(status(story), 'operational');
  });

  test('a maintenance that starts says under_maintenance', () => {
    const story = registered();
    maintain(story, 'upgrade', '22:01');
    assert.equal(status(story), 'under_maintenance');
  });

  test('a maintenance that is only scheduled says nothing', () => {
    const story = registered();
    story.maintenance()(
      'MaintenanceScheduled',
      { title: 'x', startsAt: at('22:00'), endsAt: at('23:00'), components: [{ componentId: 'api' }] },
      { at: at('20:00') },
    );
    assert.equal(status(story), 'operational');
  });

  test('the last is the last in fold order: a late statement does not undo a newer one', () => {
    const story = registered();
    declare(story, 'one', { components: about('major_outage'), clock: '20:30' });
    story.component()('ComponentStatusChanged', { status: 'operational' }, { at: at('20:10') });
    assert.equal(status(story), 'major_outage');
  });

  test('a component named without a status is one about which nothing is stated', () => {
    const story = registered();
    declare(story, 'one', { components: about('major_outage'), clock: '20:10' });
    declare(story, 'two', { components: [{ componentId: 'api' }], clock: '20:20' });
    assert.equal(status(story), 'major_outage');
  });

  test('the register knows no impact interval: a stated impact end changes nothing in it', () => {
    const story = registered();
    declare(story, 'one', { impactStartedAt: at('20:00'), components: about('major_outage'), clock: '20:10' });
    update(story, 'one', { impactEndedAt: at('20:15'), clock: '20:20' });
    assert.equal(status(story), 'major_outage');
    assert.equal(incidentIn(story, undefined, 'one')?.components[0]?.status, 'operational');
  });

  test('a retracted statement is none', () => {
    const story = registered();
    const mistake = story.component()('ComponentStatusChanged', { status: 'major_outage' }, { at: at('20:10') });
    story.retract(mistake);
    assert.equal(status(story), 'operational');
  });

  test('statusSince stays while the status is said again', () => {
    const story = registered();
    story.component()('ComponentStatusChanged', { status: 'major_outage' }, { at: at('20:10') });
    declare(story, 'one', { components: about('major_outage'), clock: '20:20' });
    assert.equal(componentIn(story).statusSince, micros(at('20:10')));
  });
});

describe('an event that resolves, completes or cancels', () => {
  test('states nothing itself, also when it names statuses', () => {
    const story = registered();
    resolveUndeclaredStatus(story);
    assert.equal(status(story), 'operational');
  });

  test('a declaration as resolved states nothing either', () => {
    const story = registered();
    declare(story, 'one', { status: 'resolved', components: about('major_outage'), clock: '20:10' });
    assert.equal(status(story), 'operational');
  });

  test('brings its components to operational where no open subject spoke of them', () => {
    const story = registered();
    declare(story, 'one', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'one', '20:30');
    assert.equal(status(story), 'operational');
    assert.equal(componentIn(story).statusSince, micros(at('20:30')));
  });

  test('leaves alone components whose last statement is not its own', () => {
    const story = registered();
    declare(story, 'one', { components: about('major_outage'), clock: '20:10' });
    story.component()('ComponentStatusChanged', { status: 'degraded_performance' }, { at: at('20:20') });
    resolve(story, 'one', '20:30');
    assert.equal(status(story), 'degraded_performance');
  });

  test('does not bring back what the component itself had said before', () => {
    const story = registered();
    story.component()('ComponentStatusChanged', { status: 'degraded_performance' }, { at: at('20:00') });
    declare(story, 'one', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'one', '20:30');
    assert.equal(status(story), 'operational');
  });

  test('falls back to what the open one that spoke of them last says', () => {
    const story = registered();
    declare(story, 'one', { components: about('degraded_performance'), clock: '20:00' });
    declare(story, 'two', { components: about('partial_outage'), clock: '20:05' });
    declare(story, 'three', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'three', '20:30');
    assert.equal(status(story), 'partial_outage');
  });

  test('a closed one is not fallen back to', () => {
    const story = registered();
    declare(story, 'one', { components: about('degraded_performance'), clock: '20:00' });
    declare(story, 'two', { components: about('partial_outage'), clock: '20:05' });
    declare(story, 'three', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'two', '20:20');
    assert.equal(status(story), 'major_outage');
    resolve(story, 'three', '20:30');
    assert.equal(status(story), 'degraded_performance');
  });

  test("what it fell back to counts as that one's statement: its resolution ends it too", () => {
    const story = registered();
    declare(story, 'one', { components: about('degraded_performance'), clock: '20:00' });
    declare(story, 'two', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'two', '20:30');
    assert.equal(status(story), 'degraded_performance');
    resolve(story, 'one', '20:40');
    assert.equal(status(story), 'operational');
  });

  test('a reopened incident is open again, for what it had said', () => {
    const story = registered();
    declare(story, 'one', { components: about('partial_outage'), clock: '20:00' });
    resolve(story, 'one', '20:10');
    story.incident('one')('IncidentReopened', { message: 'Again.' }, { at: at('20:20') });
    assert.equal(status(story), 'operational', 'a reopening says nothing of components');
    declare(story, 'two', { components: about('major_outage'), clock: '20:30' });
    resolve(story, 'two', '20:40');
    assert.equal(status(story), 'partial_outage');
  });

  for (const ending of ['MaintenanceCompleted', 'MaintenanceCancelled'] as const) {
    test(`${ending} brings its components to what an open incident says, else to operational`, () => {
      const story = registered();
      declare(story, 'one', { components: about('degraded_performance'), clock: '20:00' });
      maintain(story, 'upgrade', '22:01', ['api', 'db']);
      story.maintenance()(ending, {}, { at: at('22:30') });
      assert.equal(status(story, 'api'), 'degraded_performance');
      assert.equal(status(story, 'db'), 'operational');
    });
  }

  test('a resolution during a maintenance leaves it under maintenance', () => {
    const story = registered();
    maintain(story, 'upgrade', '22:01');
    declare(story, 'one', { components: about('major_outage'), clock: '22:10' });
    resolve(story, 'one', '22:20');
    assert.equal(status(story), 'under_maintenance');
  });

  test('a late statement of another that it would have fallen back to is taken', () => {
    const story = registered();
    declare(story, 'two', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'two', '20:30');
    declare(story, 'one', { components: about('degraded_performance'), clock: '20:00' });
    assert.equal(status(story), 'degraded_performance');
  });
});

function resolveUndeclaredStatus(story: Story): void {
  declare(story, 'one', { clock: '20:10' });
  resolve(story, 'one', '20:30', { components: about('degraded_performance') });
}

describe('the status page folds the same over public statements alone', () => {
  function onPage(story: Story): Status | undefined {
    return pageComponentsIn(story).find(({ id }) => id === 'api')?.status;
  }

  test('a private statement is in the register and not on the page', () => {
    const story = registered();
    declare(story, 'one', { visibility: 'private', components: about('major_outage'), clock: '20:10' });
    assert.equal(componentIn(story).status, 'major_outage');
    assert.equal(onPage(story), 'operational');
  });

  test('a private incident is not fallen back to', () => {
    const story = registered();
    declare(story, 'hidden', { origin: 'detector', components: about('partial_outage'), clock: '20:00' });
    declare(story, 'seen', { components: about('major_outage'), clock: '20:10' });
    resolve(story, 'seen', '20:30');
    assert.equal(componentIn(story).status, 'partial_outage');
    assert.equal(onPage(story), 'operational');
  });

  test('ComponentStatusChanged and maintenances are public', () => {
    const story = registered();
    story.component()('ComponentStatusChanged', { status: 'degraded_performance' }, { at: at('20:00') });
    assert.equal(onPage(story), 'degraded_performance');
    maintain(story, 'upgrade', '22:01');
    assert.equal(onPage(story), 'under_maintenance');
  });

  for (const [visibility, expected] of [
    ['public', 'major_outage'],
    ['private', 'operational'],
  ] as const) {
    test(`an update before its declaration is ${visibility} with it, at its own place`, () => {
      const story = registered();
      declare(story, 'one', { visibility, clock: '20:30' });
      update(story, 'one', { components: about('major_outage'), clock: '20:10' });
      assert.equal(onPage(story), expected);
      story.component()('ComponentStatusChanged', { status: 'partial_outage' }, { at: at('20:20') });
      assert.equal(onPage(story), 'partial_outage', 'a statement between the two is newer than the update');
    });
  }

  test('an update before its declaration is fallen back to, though another ended in between', () => {
    const story = registered();
    declare(story, 'two', { components: about('major_outage'), clock: '20:00' });
    resolve(story, 'two', '20:20');
    declare(story, 'one', { clock: '20:30' });
    update(story, 'one', { components: about('degraded_performance'), clock: '20:10' });
    assert.equal(status(story), 'degraded_performance');
  });
});

describe('the register', () => {
  test('a component registered again has what is said now, and nothing of what was left out', () => {
    const story = createStory();
    const tell = story.component();
    tell('ComponentRegistered', { name: 'API', group: 'Core', description: 'Calls', clusterId: 'web', jobIds: ['j1'] });
    tell('ComponentRegistered', { name: 'Core API' });
    const [component] = componentsIn(story);
    assert.deepEqual(
      [component?.name, component?.group, component?.description, component?.clusterId, component?.jobIds],
      ['Core API', null, null, null, []],
    );
  });

  test('a retired component is in no list, and registered again it is back with the status it had', () => {
    const story = registered();
    story.component()('ComponentStatusChanged', { status: 'partial_outage' }, { at: at('20:00') });
    story.component()('ComponentRetired', {}, { at: at('20:10') });
    assert.deepEqual([componentsIn(story), pageComponentsIn(story)], [[], []]);
    story.component()('ComponentRegistered', { name: 'API' }, { at: at('20:20') });
    assert.equal(componentsIn(story)[0]?.status, 'partial_outage');
  });

  test('a component that no one registered is kept on the incident, its name is its id, and it is off the page', () => {
    const story = registered();
    declare(story, 'one', { components: about('major_outage', 'ghost'), clock: '20:00' });
    assert.deepEqual(incidentIn(story, undefined, 'one')?.components, [
      { componentId: 'ghost', status: 'major_outage' },
    ]);
    assert.equal(componentIn(story, 'ghost').name, 'ghost');
    assert.deepEqual(
      componentsIn(story).map(({ id }) => id),
      ['api'],
    );
    assert.deepEqual(
      pageIn(story).components.map(({ id }) => id),
      ['api'],
    );
    assert.equal(pageIn(story).indicator, 'none');
  });

  test('registered later, it has the status that was stated before', () => {
    const story = createStory();
    declare(story, 'one', { components: about('major_outage', 'late'), clock: '20:00' });
    story.component('late')('ComponentRegistered', { name: 'Late' }, { at: at('21:00') });
    assert.equal(componentsIn(story)[0]?.status, 'major_outage');
  });

  test('words that mean something to JavaScript are ids like any other', () => {
    const story = createStory();
    for (const id of ['__proto__', 'constructor']) {
      story.component(id)('ComponentRegistered', { name: id });
      story.component(id)('ComponentStatusChanged', { status: 'major_outage' }, { at: at('20:00') });
      declare(story, id, { components: about('partial_outage', id), clock: '21:00' });
    }
    assert.deepEqual(
      componentsIn(story).map(({ id, status: own }) => [id, own]),
      [
        ['__proto__', 'partial_outage'],
        ['constructor', 'partial_outage'],
      ],
    );
  });
});

describe('the status page', () => {
  const words: readonly [readonly Status[], string][] = [
    [[], 'none'],
    [['operational', 'operational'], 'none'],
    [['operational', 'under_maintenance'], 'maintenance'],
    [['degraded_performance', 'under_maintenance'], 'minor'],
    [['operational', 'partial_outage'], 'minor'],
    [['partial_outage', 'partial_outage'], 'major'],
    [['operational', 'major_outage'], 'major'],
    [['partial_outage', 'major_outage'], 'major'],
    [['major_outage', 'major_outage'], 'critical'],
  ];
  for (const [statuses, indicator] of words) {
    test(`${statuses.join(' + ') || 'no component'} rolls up to ${indicator}`, () => {
      assert.equal(rollUp(statuses), indicator);
    });
  }

  test('has the registered components, the open public incidents, the newest first, and the maintenances to come', () => {
    const story = registered();
    declare(story, 'old', { clock: '20:00' });
    declare(story, 'new', { components: about('major_outage'), clock: '20:10' });
    declare(story, 'done', { clock: '20:20' });
    resolve(story, 'done', '20:30');
    declare(story, 'hidden', { visibility: 'private', clock: '20:40' });
    maintain(story, 'upgrade', '22:01', ['db']);
    const page = pageIn(story);
    assert.deepEqual(
      [
        page.indicator,
        page.components.map(({ id }) => id),
        page.incidents.map(({ id }) => id),
        page.maintenances.map(({ id }) => id),
      ],
      ['critical', ['api'], ['new', 'old'], ['upgrade']],
    );
    story.maintenance()('MaintenanceCompleted', {}, { at: at('22:30') });
    assert.deepEqual(pageIn(story).maintenances, []);
  });

  test('says that all is well only when it knows', () => {
    assert.equal(pageIn(registered()).description, 'All systems operational');
    assert.equal(pageIn(createStory()).description, 'No components are registered');
    const story = registered();
    story.collector('/test/component')('CollectorGapRecorded', { reason: 'it stopped' }, { at: at('20:00') });
    assert.equal(pageIn(story).indicator, 'none');
    assert.equal(pageIn(story).description, 'No data for 1 of 1 components');
    assert.equal(pageIn(story).completeness.complete, false);
  });
});
