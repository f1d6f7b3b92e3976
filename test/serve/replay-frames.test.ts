// Holds S4 of docs/invariants.md.
/** What a replay tells, held to histories with late, retracted and simultaneous events. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { formatTime, type Micros } from '../../schemas/time.ts';
import { foldable, inPlace } from '../support/fold.ts';
import { historyOf } from '../support/histories.ts';
import { restorable } from '../support/restorable.ts';
import { type Frame, frames, replayQuery } from './replaying.ts';
import { type Serving, serve } from './serving.ts';

const CLUSTER = `
  id leader { id } term electing leaders { scope node { id } term contested stale event { id } }
  nodes { id role liveness since following { id } jobs { id } observers { observerId lost } }
  jobs { id state node { id } attempts component { id status } } jobGroups { id running }
  elections(last: 50) { term leader { id } startedAt endedAt endReason overlaps event { id } }
  anomalies { id clearedAt } deployments { id finishedAt }
  incidents { id status impactOpen } maintenances { id state }
  asOf { position recordedAt occurredAt } completeness { complete gaps { reason } }`;
const FIELDS = `cursor at knownAt event { id position occurredAt hash data } cluster { ${CLUSTER} }`;
const seeds = fc.record({ seed: fc.integer({ min: 0, max: 1_000_000 }), events: fc.integer({ min: 5, max: 40 }) });
const print = (at: number): string => formatTime(at as Micros);

/** A server that has been told a history; closed by the caller. */
async function told(events: readonly AnyFoldEvent[]) {
  const ends: (() => Promise<void>)[] = [];
  const context = { after: (end: () => Promise<void>) => ends.push(end) } as unknown as TestContext;
  const serving = await serve(context);
  await serving.ledger.restore(events.map(restorable));
  const { position } = await serving.ledger.head();
  assert.ok(await serving.views.reached(position, 10_000));
  return { serving, close: () => Promise.all(ends.map((end) => end())) };
}

/** The facts of one cluster in their places, as known at a position. */
function factsOf(events: readonly AnyFoldEvent[], id: string, upTo = Number.POSITIVE_INFINITY): AnyFoldEvent[] {
  const set = events.filter(({ position }) => position <= upTo);
  return foldable(set).filter(({ category, subject }) => category === 'cluster' && subject === id);
}

const positions = (found: readonly (Frame | AnyFoldEvent)[]): number[] =>
  found.map((each) => Number('cursor' in each ? each.cursor : each.position));

async function moment(serving: Serving, id: string, { at, knownAt }: Frame) {
  const { data, errors } = await serving.ask(
    `query ($id: ID!, $at: DateTime!, $knownAt: DateTime!) {
      cluster(id: $id, moment: { bitemporal: { happenedAt: $at, knownAt: $knownAt } }) { ${CLUSTER} } }`,
    { id, at, knownAt },
  );
  assert.deepEqual(errors, []);
  return data.cluster;
}

test('frames come in the order of folds, each with the cluster as the moment after it would answer', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.nat(), fc.boolean(), async ({ seed, events }, where, isPast) => {
      const history = historyOf({ seed, events, subjects: 1 });
      const { serving, close } = await told(history);
      try {
        const all = [...history].sort(inPlace);
        const from = (all[0]?.effectiveAt ?? 0) - (where % 2);
        const known = history[isPast ? where % history.length : history.length - 1] as AnyFoldEvent;
        // Events recorded at the same time are known together.
        const upTo = history.findLast(({ recordedAt }) => recordedAt <= known.recordedAt)?.position as number;
        const to = Math.max(from + 1, history[where % history.length]?.effectiveAt ?? 0);
        const variables = { id: 'c0', from: print(from), to: print(to), speed: 0, knownAt: print(known.recordedAt) };
        const facts = factsOf(history, 'c0', upTo);
        if (facts.length === 0) {
          const refused = frames(serving.url, replayQuery(FIELDS), variables);
          await assert.rejects(refused, { code: 'UNKNOWN_CLUSTER' });
          return;
        }
        const expected = facts.filter(({ effectiveAt }) => effectiveAt > from && effectiveAt <= to);
        const found = await frames(serving.url, replayQuery(FIELDS), variables);
        assert.deepEqual(positions(found), positions(expected));
        for (const [index, frame] of found.entries()) {
          const fact = expected[index] as AnyFoldEvent;
          assert.equal(frame.at, print(fact.effectiveAt));
          assert.equal(frame['event'].id, fact.id);
          // Of events at one instant a moment knows all: it is the frame of the last of them.
          if (found[index + 1]?.at !== frame.at) assert.deepEqual(frame['cluster'], await moment(serving, 'c0', frame));
        }
        const bare = await frames(serving.url, replayQuery('cursor event { id }'), variables);
        assert.deepEqual(positions(bare), positions(expected));
        assert.deepEqual(serving.errors, []);
      } finally {
        await close();
      }
    }),
    { numRuns: 20 },
  );
});

test('a replay resumed after any frame tells the rest, whatever is recorded meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async ({ seed, events }) => {
      const history = historyOf({ seed, events, subjects: 1, categories: ['cluster'] });
      const { serving, close } = await told(history);
      try {
        const all = [...history].sort(inPlace);
        const range = { from: print((all[0]?.effectiveAt ?? 0) - 1), to: print(all.at(-1)?.effectiveAt ?? 0) };
        const variables = { id: 'c0', ...range, speed: 0 };
        if (factsOf(history, 'c0').length === 0) return;
        const query = replayQuery(
          'cursor at knownAt cluster { leader { id } term nodes { id liveness } elections { term leader { id } } }',
        );
        const whole = await frames(serving.url, query, variables);
        // Late facts inside the range, and one of its events taken back.
        const named = factsOf(history, 'c0')[0] as AnyFoldEvent;
        await serving.tell(
          ['NodeJoined', 'c0', { nodeId: 'late' }, 0, { id: 'l1', time: range.to }],
          ['HeartbeatLost', 'c0', { nodeId: 'late' }, 0, { id: 'l2', time: whole[0]?.at }],
          ['EventRetracted', 'c0', { eventSource: named.source, eventId: named.id, reason: 'misread' }],
        );
        for (const [index, { cursor, knownAt }] of whole.entries()) {
          const rest = await frames(serving.url, query, { ...variables, knownAt, after: cursor });
          assert.deepEqual(rest, whole.slice(index + 1), `after ${cursor}`);
        }
        const now = await frames(serving.url, query, variables);
        assert.equal(now.length, whole.length + 1);
      } finally {
        await close();
      }
    }),
    { numRuns: 12 },
  );
});
