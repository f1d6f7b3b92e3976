// Holds P4 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gaps } from '../../../projections/gaps/gaps.ts';
import { EVENT_NAMES } from '../../../schemas/catalogue.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import { assertArrivalsEqualFold } from '../../support/arrivals.ts';
import { createStory } from '../../support/events.ts';
import { foldSet } from '../../support/fold.ts';
import { historyOf } from '../../support/histories.ts';

const SOURCES = ['s0', 's1', 's2', '__proto__', '7'];

const happening = fc.record({
  at: fc.integer({ min: 0, max: 30 }),
  source: fc.constantFrom(...SOURCES),
  kind: fc.constantFrom('word', 'word', 'word', 'gap', 'retraction'),
  from: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  to: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
  target: fc.nat(),
});

type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function time(seconds: number): string {
  return `2022-12-13T20:00:${String(seconds).padStart(2, '0')}Z`;
}

/** Few sources, few instants: what collides in life once a year collides here all the time. */
function told(happenings: readonly Happening[]): readonly AnyFoldEvent[] {
  const story = createStory();
  const retracted = new Set<number>();
  for (const { at, source, kind, from, to, target } of happenings) {
    const place = target % Math.max(1, story.events.length);
    const named = story.events[place];
    if (kind === 'word') story.cluster()('NodeJoined', { nodeId: 'n' }, { at, source, recordedAt: 60 });
    else if (kind === 'gap') {
      const bounds = {
        ...(from === undefined ? {} : { from: time(from) }),
        ...(to === undefined ? {} : { to: time(to) }),
      };
      story.collector(source)('CollectorGapRecorded', { ...bounds, reason: 'r' }, { at, source, recordedAt: 60 });
    } else if (named && named.type !== 'EventRetracted' && !retracted.has(place)) {
      retracted.add(place);
      story.retract(named, { recordedAt: 60 });
    }
  }
  return story.events;
}

test('gaps: the shortcut for late and retracted events agrees with the fold, byte for byte', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      assertArrivalsEqualFold(gaps, told(happenings));
    }),
    { numRuns: 400 },
  );
});

test('gaps: over whole histories the shortcut takes every late event but a gap that may have lost its start', () => {
  let patched = 0;
  let declined = 0;
  for (const seed of [1, 2, 3]) {
    const counts = assertArrivalsEqualFold(gaps, historyOf({ seed, events: 300 }));
    patched += counts.patched;
    declined += counts.declined;
  }
  assert.ok(patched > 10 * declined, `${patched} taken, ${declined} declined`);
});

test('gaps: a late word of a collector always takes the shortcut', () => {
  const story = createStory();
  story.cluster()('NodeJoined', { nodeId: 'n' }, { at: 10, source: 's' });
  story.collector('s')('CollectorGapRecorded', { reason: 'r' }, { at: 20 });
  const state = foldSet(gaps, story.events);
  const late = story.cluster()('NodeJoined', { nodeId: 'n' }, { at: 15, source: 's' });
  assert.equal(gaps.patch?.(state, late as AnyFoldEvent, 'insert'), true);
  assert.deepEqual(state, foldSet(gaps, story.events));
});

test('gaps: a state put away as JSON and taken up again folds on to the same bytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.nat({ max: 100 }), (seed, cut) => {
      const events = historyOf({ seed, events: 100 }).filter(({ type }) => type !== 'EventRetracted');
      const inOrder = events.toSorted((a, b) => a.effectiveAt - b.effectiveAt || a.position - b.position);
      let state = gaps.initial('');
      for (const [index, event] of inOrder.entries()) {
        if (index === cut) state = JSON.parse(JSON.stringify(state));
        state = gaps.fold(state, event);
      }
      assert.equal(JSON.stringify(state), JSON.stringify(foldSet(gaps, inOrder)));
    }),
    { numRuns: 50 },
  );
});

test('gaps: every event type but the retraction is heeded, since each is a sign of life', () => {
  assert.deepEqual([...gaps.types].sort(), EVENT_NAMES.filter((name) => name !== 'EventRetracted').sort());
});
