// Holds T1 of docs/invariants.md.
/** How many a timeline says to follow against what moments show. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFollower } from '../../projections/cluster/followers.ts';
import type { TimelineView } from '../../projections/timeline/view.ts';
import type { Micros } from '../../schemas/time.ts';
import { clusterAt } from '../../src/project/answers.ts';
import { type TimelineAsked, timelineAt } from '../../src/project/timeline.ts';
import type { HistoryOptions } from '../support/histories.ts';
import { type Case, CLUSTER, instantsOf, shapes, withCase } from './timelines.ts';

/** Of every bucket the fewest that moments show; null where none shows any. */
async function fewestShown({ views, position }: Case, asked: TimelineAsked, instants: readonly Micros[]) {
  const bucketMicros = Math.max(1, Math.ceil((asked.to - asked.from) / (asked.buckets * 1_000))) * 1_000;
  const found = new Array<number | null>(asked.buckets).fill(null);
  // Between two of the instants nothing changes.
  const sorted = instants.toSorted((first, second) => first - second);
  for (const [index, at] of sorted.entries()) {
    const view = await clusterAt(views.at(position, at), CLUSTER);
    if (view === null) continue;
    const count = view.nodes.filter(isFollower).length;
    const end = Math.min(sorted[index + 1] ?? asked.to, asked.now + 1);
    const bucketOf = (instant: number) => Math.floor((instant - asked.from) / bucketMicros);
    for (let bucket = bucketOf(at); at < end && bucket <= bucketOf(end - 1); bucket += 1)
      found[bucket] = Math.min(found[bucket] ?? count, count);
  }
  return found;
}

/** Events drawn from all that there are seldom let anyone follow a node that leads. */
const OF_FOLLOWING: Partial<HistoryOptions> = {
  subjects: 1,
  categories: ['cluster', 'collector'],
  clusterTypes: [
    ...new Array<'FollowerAttached'>(12).fill('FollowerAttached'),
    'FollowerDetached',
    'LeaderElected',
    'LeaderLost',
    'NodeJoined',
    'NodeLeft',
    'HeartbeatLost',
    'HeartbeatRestored',
    'JobAssigned',
  ],
};

/** Where most of it happens: some events are told of long before the others. */
function windowAmong(times: readonly Micros[], { begins, lasts }: { begins: number; lasts: number }) {
  const sorted = times.toSorted((first, second) => first - second);
  const timeAt = (share: number) => sorted[Math.floor(Math.max(0, share) * (sorted.length - 1))] as Micros;
  const from = (timeAt(begins * 0.8) - 1) as Micros;
  return { from, to: (from + Math.max(10_000, Math.round(lasts * (timeAt(0.95) - from)))) as Micros };
}

test('followers of a bucket are the fewest that a moment of it shows, none before the cluster was known or after now', async () => {
  let [fell, unknown] = [0, 0];
  const fineness = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(10_000));
  const present = fc.double({ min: 0, max: 1.2, noNaN: true });
  await fc.assert(
    fc.asyncProperty(shapes, fineness, present, fc.nat({ max: 3 }), (shape, buckets, reached, quarter) =>
      withCase(
        shape,
        async (found) => {
          const { views, history, position } = found;
          const known = history.filter((event) => event.position <= position).map(({ effectiveAt }) => effectiveAt);
          const { from, to } = windowAmong(known, shape);
          const now = Math.max(...known, Math.round(from + reached * (to - from))) as Micros;
          const asked = { clusterId: CLUSTER, from, to, buckets, now };
          const timeline: TimelineView | null = await timelineAt(views, views.at(position), asked);
          if (timeline === null) return;
          const expected = await fewestShown(found, asked, instantsOf({ ...found, from, to }, timeline));
          assert.deepEqual(timeline.followers, expected);
          fell += expected.filter((count, index) => (count ?? 0) < (expected[index - 1] ?? 0)).length;
          unknown += expected.filter((count) => count === null).length;
        },
        quarter > 0 ? OF_FOLLOWING : {},
      ),
    ),
    { numRuns: 200 },
  );
  assert.ok(fell >= 10 && unknown >= 10, `they fell only ${fell} times, ${unknown} unknown`);
});
