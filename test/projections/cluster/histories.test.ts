// Holds P1 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anomaliesOf, deploymentsOf, leaderOf } from '../../../projections/cluster/answers.ts';
import { cluster } from '../../../projections/cluster/cluster.ts';
import { clusterView } from '../../../projections/cluster/view.ts';
import { elections } from '../../../projections/elections/elections.ts';
import { electionsOf } from '../../../projections/elections/view.ts';
import type { Projection } from '../../../projections/projection.ts';
import { validateData } from '../../../schemas/catalogue.ts';
import type { AnyFoldEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import { foldable, foldSet } from '../../support/fold.ts';
import { historyOf } from '../../support/histories.ts';
import { chanceFrom } from '../../support/random.ts';
import { topologyOf } from '../../support/topology.ts';

const HISTORIES = 60;
const PROJECTIONS: readonly Projection<unknown>[] = [cluster, elections];
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function clusterHistory(seed: number): readonly AnyFoldEvent[] {
  return historyOf({ seed, events: 250, subjects: 1, categories: ['cluster'] });
}

/** Holds a property over histories; a failure prints its seed. */
function holds(property: (seed: number) => void): void {
  fc.assert(fc.property(seeds, property), { numRuns: HISTORIES });
}

test('generated histories hold valid events, in the order in which a ledger records them', () => {
  holds((seed) => {
    let before: AnyFoldEvent | undefined;
    for (const event of historyOf({ seed, events: 120 })) {
      assert.equal(validateData(event.type, event.data), null, `${event.type} ${JSON.stringify(event.data)}`);
      assert.ok(before === undefined || event.recordedAt >= before.recordedAt);
      assert.equal(event.position, (before?.position ?? 0) + 1);
      before = event;
    }
  });
});

test('generated histories hold what makes a ledger hard: late facts, equal times, fast clocks, retractions', () => {
  const events = historyOf({ seed: 1, events: 2_000 });
  const inOrder = foldable(events);
  const late = events.filter((event, place) => event.effectiveAt < (events[place - 1]?.effectiveAt ?? 0));
  const equal = inOrder.filter((event, place) => event.effectiveAt === inOrder[place - 1]?.effectiveAt);
  assert.ok(late.length > 100);
  assert.ok(equal.length > 100);
  assert.ok(events.some((event) => event.occurredAt > event.recordedAt));
  assert.ok(events.filter((event) => event.type === 'EventRetracted').length > 20);
  assert.ok(events.some((event) => !event.occurredAtKnown));
});

test('no fold and no view throws, whatever was reported', () => {
  holds((seed) => {
    const events = clusterHistory(seed);
    const view = topologyOf(events, 'c0');
    anomaliesOf(view);
    deploymentsOf(view, 20);
    electionsOf(foldSet(elections, events, 'c0'), view, { last: 20 });
  });
});

test('the state follows from the fold order alone, not from the order of recording', () => {
  holds((seed) => {
    const kept = withDistinctTimes(foldable(clusterHistory(seed)));
    const shuffled = recordedInAnotherOrder(kept, seed);
    for (const projection of PROJECTIONS) {
      assert.equal(bytesOf(projection, shuffled), bytesOf(projection, kept));
    }
  });
});

test('a state put away as JSON and taken up again folds on to the same bytes', () => {
  holds((seed) => {
    const events = foldable(clusterHistory(seed));
    const chance = chanceFrom(seed);
    for (const projection of PROJECTIONS) {
      let state = projection.initial('c0');
      for (const event of events.filter(({ type }) => projection.types.includes(type))) {
        state = projection.fold(state, event);
        if (chance.happens(0.1)) state = JSON.parse(JSON.stringify(state));
      }
      assert.equal(JSON.stringify(state), JSON.stringify(foldSet(projection, events, 'c0')));
    }
  });
});

test('the topology and the election history name the same open claims', () => {
  holds((seed) => {
    const events = clusterHistory(seed);
    const view = clusterView(foldSet(cluster, events, 'c0'), []);
    const open = electionsOf(foldSet(elections, events, 'c0'), view, { last: Infinity })
      .filter((election) => election.endedAt === null)
      .map(({ scope, leader, term, startedAt, contested, stale, eventPosition }) => {
        return { scope, node: leader.id, term, since: startedAt, contested, stale, eventPosition };
      });
    assert.deepEqual(
      open,
      view.leaders.map((claim) => ({ ...claim, node: claim.node.id })),
    );
  });
});

test('who leads has an open claim that is not stale, of the highest term among them', () => {
  holds((seed) => {
    const events = clusterHistory(seed);
    for (let held = 10; held <= events.length; held += 40) {
      const view = topologyOf(events.slice(0, held), 'c0');
      for (const scope of ['', 'orders']) {
        const claims = view.leaders.filter((claim) => (claim.scope ?? '') === scope && !claim.stale);
        const leader = leaderOf(view, scope);
        const highest = claims.reduce((term, claim) => Math.max(term, claim.term ?? 0), 0);
        assert.equal(leader === null, claims.length === 0);
        assert.ok(leader === null || claims.some((claim) => claim.node === leader && (claim.term ?? 0) === highest));
      }
    }
  });
});

test('jobs, nodes and groups refer to each other both ways', () => {
  holds((seed) => {
    const view = topologyOf(clusterHistory(seed), 'c0');
    for (const node of view.nodes) assert.ok(node.jobs.every((job) => job.node === node));
    for (const group of view.jobGroups) {
      assert.ok(group.jobs.every((job) => job.group === group));
      assert.equal(group.running, group.jobs.filter((job) => job.state === 'RUNNING').length);
    }
    for (const job of view.jobs) {
      const isHeld = job.state === 'ASSIGNED' || job.state === 'RUNNING' || job.state === 'ORPHANED';
      assert.equal(job.node?.jobs.includes(job) ?? false, isHeld);
    }
  });
});

/** The same events, each at a time of its own, in the same order. */
function withDistinctTimes(inOrder: readonly AnyFoldEvent[]): AnyFoldEvent[] {
  return inOrder.map((event, place) => {
    const effectiveAt = ((inOrder[0]?.effectiveAt ?? 0) + place * 1_000) as AnyFoldEvent['effectiveAt'];
    return { ...event, effectiveAt, occurredAt: effectiveAt };
  });
}

function recordedInAnotherOrder(events: readonly AnyFoldEvent[], seed: number): AnyFoldEvent[] {
  const chance = chanceFrom(seed);
  return events
    .map((event) => ({ event, key: chance.next() }))
    .sort((first, second) => first.key - second.key)
    .map(({ event }, place) => ({ ...event, position: (place + 1) as Position }));
}

/** The bytes of a state, positions told as the ids of their events. */
function bytesOf(projection: Projection<unknown>, events: readonly AnyFoldEvent[]): string {
  const ids = new Map<unknown, string>(events.map((event) => [event.position, event.id]));
  return JSON.stringify(foldSet(projection, events, 'c0'), (key, value: unknown) => {
    if (key !== 'eventPosition') return value;
    return Array.isArray(value) ? value.map((position) => ids.get(position)) : ids.get(value);
  });
}
