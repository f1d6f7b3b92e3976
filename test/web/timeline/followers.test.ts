import assert from 'node:assert/strict';
import { test } from 'node:test';
import { under } from '../../../src/web/timeline/boxes.ts';
import { MINUTE, microsOf } from '../../../src/web/timeline/instants.ts';
import { type GivenLane, joined, type Lane, tileOf } from '../../../src/web/timeline/lanes.ts';
import { layoutOf } from '../../../src/web/timeline/layout.ts';

const START = microsOf('2022-12-13T20:00:00Z');
const at = (minute: number): number => START + minute * MINUTE;
const time = (minute: number): string => new Date(at(minute) / 1_000).toISOString();

/** Ten minutes, as one interval. */
function given(kind: string, value: string): GivenLane {
  const [starts, ends] = [[time(0)], [time(10)]];
  return { id: kind, kind, name: null, group: null, starts, ends, values: [value], terms: [null], merged: [0] };
}

/** A tile of ten buckets of a minute. */
function tileWith(minute: number, followers: readonly (number | null)[], ...lanes: readonly GivenLane[]) {
  const counts = new Array<number>(10).fill(0);
  const told = { bucketMs: 60_000, counts, followers, lanesOmitted: 0, asOf: null, lanes };
  return { within: { from: at(minute), to: at(minute + 10) }, tile: tileOf(at(minute), told) };
}

const intervals = (lane: Lane | undefined) =>
  lane?.intervals.map(({ start, end, value }) => [(start - START) / MINUTE, (end - START) / MINUTE, value]);

test('buckets with as many followers are one interval, up to what has not happened yet', () => {
  const lanes = joined([
    tileWith(0, [null, 0, 5, 5, 5, 3, 3, 3, 3, 3], given('leader', 'n'), given('node', 'ALIVE')),
    tileWith(10, [3, 3, 2, null, null, null, null, null, null, null]),
  ]);
  assert.deepEqual(
    lanes.map(({ kind }) => kind),
    ['leader', 'followers', 'node'],
  );
  assert.deepEqual(intervals(lanes[1]), [
    [1, 2, '0'],
    [2, 5, '5'],
    [5, 12, '3'],
    [12, Number.POSITIVE_INFINITY, '2'],
  ]);
  const row = layoutOf({ lanes, roster: [], filter: '' }).rows[1];
  assert.equal(row?.kind, 'followers');
  const said = under(layoutOf({ lanes, roster: [], filter: '' }), at(7), row.top + 1, { from: at(0), to: at(20) });
  assert.equal(said, 'Followers: fewest 3, from 2022-12-13T20:05:00Z to 2022-12-13T20:12:00Z');
});

test('where nobody ever followed there is no lane of followers, where somebody once did there is', () => {
  const lanes = joined([tileWith(0, [null, ...new Array<number>(9).fill(0)], given('leader', 'n'))]);
  const kindsOf = (hasFollowers: boolean) => {
    const layout = layoutOf({ lanes, roster: [], filter: '', history: { hasFollowers } });
    return [layout.rows.map(({ kind }) => kind), layout.lanes.map(({ kind }) => kind)];
  };
  assert.deepEqual(kindsOf(false), [['leader'], ['leader']]);
  assert.deepEqual(kindsOf(true), [
    ['leader', 'followers'],
    ['leader', 'followers'],
  ]);
});
