/** One lane, told values in the order of time: what it draws at any fineness. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Lane, type LaneColumns } from '../../../projections/timeline/lane.ts';
import { windowOf } from '../../../projections/timeline/window.ts';
import type { Micros } from '../../../schemas/time.ts';

const MS = 1_000;

interface Turn {
  readonly at: number;
  readonly value: string | null;
}

/** Times in ms; the window is [0, to). */
function drawn(
  turns: readonly Turn[],
  { to, buckets, lasts = false }: { to: number; buckets: number; lasts?: boolean },
) {
  const lane = new Lane(windowOf(0 as Micros, (to * MS) as Micros, buckets));
  for (const { at, value } of turns) lane.turn(at * MS, value, null);
  return lane.finish(lasts);
}

function intervals({ starts, ends, values, merged }: LaneColumns): readonly (readonly unknown[])[] {
  return starts.map((start, index) => {
    const end = ends[index] ?? null;
    return [start / MS, end === null ? null : end / MS, values[index], merged[index]];
  });
}

test('what stays the same is one interval; the last one is open where it lasts', () => {
  const turns = [
    { at: 0, value: 'ALIVE' },
    { at: 10, value: 'ALIVE' },
    { at: 40, value: 'LOST' },
  ];
  assert.deepEqual(intervals(drawn(turns, { to: 100, buckets: 10 })), [
    [0, 40, 'ALIVE', 0],
    [40, 100, 'LOST', 0],
  ]);
  assert.deepEqual(intervals(drawn(turns, { to: 100, buckets: 10, lasts: true })).at(-1), [40, null, 'LOST', 0]);
});

test('a value that no instant shows makes no interval, and does not part what is around it', () => {
  const turns = [
    { at: 0, value: 'ALIVE' },
    { at: 50, value: 'LOST' },
    { at: 50, value: 'ALIVE' },
    { at: 70, value: 'LOST' },
    { at: 70, value: 'LEFT' },
  ];
  assert.deepEqual(intervals(drawn(turns, { to: 100, buckets: 10 })), [
    [0, 70, 'ALIVE', 0],
    [70, 100, 'LEFT', 0],
  ]);
});

test('intervals shorter than a bucket are joined with one another and leave the long ones as they are', () => {
  const turns = [
    { at: 0, value: 'ALIVE' },
    { at: 50, value: 'LOST' },
    { at: 52, value: 'ALIVE' },
    { at: 53, value: 'LOST' },
    { at: 56, value: 'ALIVE' },
  ];
  assert.deepEqual(intervals(drawn(turns, { to: 100, buckets: 10 })), [
    [0, 50, 'ALIVE', 0],
    [50, 56, 'LOST', 3],
    [56, 100, 'ALIVE', 0],
  ]);
});

test('one short interval between long ones stands for itself', () => {
  const turns = [
    { at: 0, value: 'ALIVE' },
    { at: 50, value: 'LOST' },
    { at: 51, value: 'ALIVE' },
  ];
  assert.deepEqual(intervals(drawn(turns, { to: 100, buckets: 10 })), [
    [0, 50, 'ALIVE', 0],
    [50, 51, 'LOST', 0],
    [51, 100, 'ALIVE', 0],
  ]);
});

test('where that would be more than the buckets, each takes in its neighbour', () => {
  // Four times a long and a short one in eight buckets of 13 ms, less than a whole long one each.
  const turns = [0, 1, 2, 3].flatMap((round) => [
    { at: round * 25, value: 'ALIVE' },
    { at: round * 25 + 24, value: 'LOST' },
  ]);
  assert.equal(drawn(turns, { to: 100, buckets: 8 }).starts.length, 8);
  assert.deepEqual(intervals(drawn(turns, { to: 100, buckets: 5 })), [
    [0, 24, 'ALIVE', 0],
    [24, 49, 'ALIVE', 2],
    [49, 74, 'ALIVE', 2],
    [74, 99, 'ALIVE', 2],
    [99, 100, 'LOST', 0],
  ]);
});

test('a stretch shorter than its buckets has one bucket a millisecond', () => {
  const window = windowOf(0 as Micros, 700 as Micros, 1_000);
  assert.equal(window.bucketMs, 1);
  const lane = new Lane(window);
  for (let at = 0; at < 700; at += 1) lane.turn(at, at % 2 === 0 ? 'ALIVE' : 'LOST', null);
  assert.deepEqual(lane.finish(false).merged, [700]);
});

const turnsOf = fc.array(
  fc.record({
    after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 400 })),
    value: fc.constantFrom('ALIVE', 'LOST', 'LEFT', null),
  }),
  { maxLength: 300 },
);

test('however it is joined: no more intervals than buckets, none lost, none overlapping, times kept', () => {
  fc.assert(
    fc.property(turnsOf, fc.integer({ min: 1, max: 60 }), (steps, buckets) => {
      let at = 0;
      const turns = steps.map(({ after, value }) => {
        at += after;
        return { at, value };
      });
      const to = at + 1;
      const exact = drawn(turns, { to, buckets: to });
      const joined = drawn(turns, { to, buckets });
      assert.ok(joined.starts.length <= buckets);
      assert.ok(exact.merged.every((count) => count === 0));
      const count = joined.merged.reduce((sum, merged) => sum + Math.max(1, merged), 0);
      assert.equal(count, exact.starts.length, 'as many intervals as there were');
      const bucket = windowOf(0 as Micros, (to * MS) as Micros, buckets).bucketMs * MS;
      for (const [index, start] of joined.starts.entries()) {
        const end = joined.ends[index] as number;
        assert.ok(start < end && end <= (joined.starts[index + 1] ?? to * MS));
        assert.ok(exact.starts.includes(start) && exact.ends.includes(end as Micros), 'bounds are bounds that were');
        const parts = exact.starts.flatMap((from, part) => (from >= start && from < end ? [part] : []));
        assert.equal(joined.merged[index], parts.length === 1 ? 0 : parts.length);
        const lengths = parts.map((part) => (exact.ends[part] as number) - (exact.starts[part] as number));
        const longest = parts[lengths.indexOf(Math.max(...lengths))] as number;
        assert.equal(joined.values[index], exact.values[longest]);
        // Long ones are joined only where there is no other way.
        if (exact.starts.length <= buckets && parts.length > 1) assert.ok(Math.max(...lengths) < bucket);
      }
    }),
    { numRuns: 300 },
  );
});
