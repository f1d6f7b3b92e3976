import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { components } from '../../../projections/components/components.ts';
import type { AnyFoldEvent, FoldEvent } from '../../../schemas/event.ts';
import type { Visibility } from '../../../schemas/words.ts';
import { createStory } from '../../support/events.ts';
import { foldable, foldSet } from '../../support/fold.ts';

const STATUSES = ['operational', 'degraded_performance', 'partial_outage', 'major_outage'] as const;
const INCIDENTS = ['one', 'two', 'three'] as const;

const happening = fc.record({
  at: fc.integer({ min: 0, max: 60 }),
  incident: fc.constantFrom(...INCIDENTS),
  kind: fc.constantFrom('update', 'update', 'update', 'resolve', 'reopen', 'component', 'start', 'complete'),
  status: fc.constantFrom(...STATUSES),
  visibility: fc.constantFrom(undefined, 'public' as const, 'private' as const),
});
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

const story = fc.record({
  /** When each incident is declared, and whether that is public. */
  declarations: fc.tuple(
    ...INCIDENTS.map(() =>
      fc.record({
        at: fc.integer({ min: 0, max: 60 }),
        visibility: fc.constantFrom('public' as const, 'private' as const),
      }),
    ),
  ),
  /** When the maintenance is scheduled, which may be after it started. */
  plannedAt: fc.integer({ min: 0, max: 60 }),
  happenings: fc.array(happening, { maxLength: 25 }),
});
type Told = typeof story extends fc.Arbitrary<infer Value> ? Value : never;

/** Declarations first, as a ledger takes them, the rest in whatever order it happened. */
function told({ declarations, plannedAt, happenings }: Told): readonly AnyFoldEvent[] {
  const { events, incident, component, maintenance } = createStory();
  const recordedAt = 100;
  for (const [index, id] of INCIDENTS.entries()) {
    const { at = 0, visibility = 'public' } = declarations[index] ?? {};
    incident(id)(
      'IncidentDeclared',
      { title: id, status: 'investigating', origin: 'manual', visibility },
      { at, recordedAt },
    );
  }
  maintenance()(
    'MaintenanceScheduled',
    {
      title: 'm',
      startsAt: '2022-12-13T22:00:00Z',
      endsAt: '2022-12-13T23:00:00Z',
      components: [{ componentId: 'api' }],
    },
    { at: plannedAt, recordedAt },
  );
  for (const { at, incident: id, kind, status, visibility } of happenings) {
    const seen = visibility === undefined ? {} : { visibility };
    const spoken = { message: 'm', ...seen, components: [{ componentId: 'api', status }] };
    const options = { at, recordedAt };
    if (kind === 'update') incident(id)('IncidentUpdated', spoken, options);
    else if (kind === 'resolve') incident(id)('IncidentUpdated', { ...spoken, status: 'resolved' }, options);
    else if (kind === 'reopen') incident(id)('IncidentReopened', { message: 'm' }, options);
    else if (kind === 'component') component()('ComponentStatusChanged', { status }, options);
    else maintenance()(kind === 'start' ? 'MaintenanceStarted' : 'MaintenanceCompleted', {}, options);
  }
  return events;
}

/** The rule as the contract words it, for one component, with hindsight: it knows every declaration before it begins. */
function expected(events: readonly AnyFoldEvent[], audience: 'all' | 'page'): string {
  const declared = new Map<string, Visibility | undefined>();
  for (const event of events) if (event.type === 'IncidentDeclared') declared.set(event.subject, event.data.visibility);
  const isSeen = (event: FoldEvent<'IncidentUpdated'> | FoldEvent<'IncidentReopened'>) => {
    const own = 'visibility' in event.data ? event.data.visibility : undefined;
    return audience === 'all' || (own ?? declared.get(event.subject)) === 'public';
  };
  const closed = new Set<string>();
  const said: { subject: string; status: string }[] = [];
  let last: { subject: string | null; status: string } = { subject: null, status: 'operational' };
  const say = (subject: string, status: string) => {
    last = { subject, status };
    said.push(last as { subject: string; status: string });
  };
  const end = (subject: string) => {
    closed.add(subject);
    if (last.subject !== subject) return;
    const heirs = said.filter((saying) => !closed.has(saying.subject));
    last = heirs.at(-1) ?? { subject: null, status: 'operational' };
  };
  for (const event of foldable(events)) {
    if (event.type === 'ComponentStatusChanged') last = { subject: null, status: event.data.status };
    else if (event.type === 'MaintenanceCompleted') end(event.stream);
    else if (event.type === 'MaintenanceStarted') {
      closed.delete(event.stream);
      say(event.stream, 'under_maintenance');
    } else if (event.type === 'IncidentReopened' && isSeen(event)) closed.delete(event.stream);
    else if (event.type === 'IncidentUpdated' && isSeen(event)) {
      if (event.data.status === 'resolved') end(event.stream);
      else say(event.stream, event.data.components?.[0]?.status ?? '');
    } else if (event.type === 'IncidentDeclared' && (audience === 'all' || event.data.visibility === 'public')) {
      closed.delete(event.stream);
    }
  }
  return last.status;
}

function statusIn(events: readonly AnyFoldEvent[], audience: 'all' | 'page'): string {
  return foldSet(components, events).registers[audience].standings['api']?.status ?? 'operational';
}

test('components: the register of all statements follows the rule', () => {
  fc.assert(
    fc.property(story, (given) => {
      const events = told(given);
      assert.equal(statusIn(events, 'all'), expected(events, 'all'));
    }),
    { numRuns: 3_000 },
  );
});

test('components: the register of the page follows it too, though it learns of visibility only with the declaration', () => {
  fc.assert(
    fc.property(story, (given) => {
      const events = told(given);
      assert.equal(statusIn(events, 'page'), expected(events, 'page'));
    }),
    { numRuns: 3_000 },
  );
});

test('components: the state grows with its subjects, not with what they say', () => {
  const chatty = (updates: number): Happening[] =>
    Array.from({ length: updates }, (_, index) => ({
      at: 59,
      incident: INCIDENTS[index % 3] ?? 'one',
      kind: 'update' as const,
      status: STATUSES[index % 4] ?? 'operational',
      visibility: undefined,
    }));
  const sizeOf = (updates: number) => {
    const declarations = INCIDENTS.map(() => ({ at: 0, visibility: 'public' as const }));
    return JSON.stringify(
      foldSet(
        components,
        told({ declarations: declarations as Told['declarations'], plannedAt: 0, happenings: chatty(updates) }),
      ),
    ).length;
  };
  assert.ok(sizeOf(3_000) < sizeOf(30) + 100);
});

test('components: what waits for a declaration that never comes is kept within bounds', () => {
  const { events, incident, component } = createStory();
  const sizeAfter = (updates: number) => {
    for (let told = 0; told < updates; told += 1) {
      const about = [{ componentId: 'api', status: STATUSES[told % 4] ?? 'operational' }];
      incident()('IncidentUpdated', { message: 'm', components: about });
      component('site')('ComponentStatusChanged', { status: 'operational' });
    }
    return JSON.stringify(foldSet(components, events)).length;
  };
  const bounded = sizeAfter(300);
  assert.ok(sizeAfter(300) < bounded + 2_000);
});

test('components: a state put away as JSON and taken up again folds on to the same bytes', () => {
  fc.assert(
    fc.property(story, (given) => {
      const events = foldable(told(given)).filter(({ type }) => components.types.includes(type));
      let state = components.initial('');
      for (const event of events) state = components.fold(JSON.parse(JSON.stringify(state)), event);
      assert.equal(JSON.stringify(state), JSON.stringify(foldSet(components, events)));
    }),
    { numRuns: 200 },
  );
});
