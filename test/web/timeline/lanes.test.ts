import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockBoxes, boxesOf, under } from '../../../src/web/timeline/boxes.ts';
import { MINUTE, microsOf } from '../../../src/web/timeline/instants.ts';
import {
  countsIn,
  firstEndingAfter,
  type GivenLane,
  intervalAt,
  joined,
  type Lane,
  missingIn,
  type Tile,
  tileOf,
} from '../../../src/web/timeline/lanes.ts';
import { inLines, layoutOf, overlapsIn, rowsWithin } from '../../../src/web/timeline/layout.ts';

const START = microsOf('2022-12-13T20:00:00Z');
const at = (minute: number): number => START + minute * MINUTE;
const time = (minute: number): string => new Date(at(minute) / 1_000).toISOString();

type Said = readonly [from: number, to: number | null, value: string, term?: number];

function given(kind: string, id: string, ...said: readonly Said[]): GivenLane {
  return {
    id,
    kind,
    name: null,
    group: kind === 'node' ? 'zone-a' : null,
    starts: said.map(([from]) => time(from)),
    ends: said.map(([, to]) => (to === null ? null : time(to))),
    values: said.map(([, , value]) => value),
    terms: said.map(([, , , term]) => term ?? null),
    merged: said.map(() => 0),
  };
}

/** A tile of ten buckets of a minute. */
function tile(minute: number, ...lanes: readonly GivenLane[]): { within: { from: number; to: number }; tile: Tile } {
  const counts = [1, 0, 0, 0, 2, 0, 0, 0, 0, 1];
  const told = { bucketMs: 60_000, counts, followers: [], lanesOmitted: 0, asOf: null, lanes };
  return { within: { from: at(minute), to: at(minute + 10) }, tile: tileOf(at(minute), told) };
}

const lanesOf = (...lanes: readonly GivenLane[]): readonly Lane[] => joined([tile(0, ...lanes)]);
const intervals = (lane: Lane | undefined) =>
  lane?.intervals.map(({ start, end, value }) => [(start - START) / MINUTE, (end - START) / MINUTE, value]);

test('what one tile cuts and the next goes on with is one interval again', () => {
  const [lane] = joined([
    tile(0, given('node', 'n', [0, 4, 'ALIVE'], [4, 10, 'LOST'])),
    tile(10, given('node', 'n', [10, 13, 'LOST'], [13, null, 'ALIVE'])),
  ]);
  assert.deepEqual(intervals(lane), [
    [0, 4, 'ALIVE'],
    [4, 13, 'LOST'],
    [13, Number.POSITIVE_INFINITY, 'ALIVE'],
  ]);
});

test('the same value in another term is another interval', () => {
  const [lane] = joined([
    tile(0, given('leader', 'c', [0, 10, 'n', 1])),
    tile(10, given('leader', 'c', [10, 20, 'n', 2])),
  ]);
  assert.equal(lane?.intervals.length, 2);
});

test('what lasts still in an older tile ends where a newer one says otherwise', () => {
  const [lane] = joined([
    tile(0, given('node', 'n', [0, null, 'ALIVE'])),
    tile(10, given('node', 'n', [12, 20, 'LOST'])),
  ]);
  assert.deepEqual(intervals(lane), [
    [0, 12, 'ALIVE'],
    [12, 20, 'LOST'],
  ]);
});

test('a tile that stands in for a part shows that part only', () => {
  const piece = tile(0, given('node', 'n', [0, 10, 'ALIVE']));
  const [lane] = joined([{ ...piece, within: { from: at(2), to: at(5) } }]);
  assert.deepEqual(intervals(lane), [[2, 5, 'ALIVE']]);
});

test('events are counted in the bins that their buckets fall into', () => {
  const counts = countsIn([tile(0), tile(10)], 4, { from: at(0), to: at(20) });
  assert.deepEqual(counts, [3, 1, 3, 1]);
});

test('what a lane says at an instant is found by halves; an end is not within', () => {
  const [lane] = lanesOf(given('node', 'n', [0, 4, 'ALIVE'], [6, 10, 'LOST']));
  assert.ok(lane);
  assert.equal(intervalAt(lane.intervals, at(3.9))?.value, 'ALIVE');
  assert.equal(intervalAt(lane.intervals, at(4)), null);
  assert.equal(intervalAt(lane.intervals, at(6))?.value, 'LOST');
  assert.equal(firstEndingAfter(lane.intervals, at(11)), 2);
});

test('boxes are cut to what is seen, and what lasts still ends at the present', () => {
  const [lane] = lanesOf(given('node', 'n', [0, 4, 'ALIVE'], [6, null, 'LOST']));
  const field = { from: at(2), to: at(12), width: 100, present: at(8) };
  const boxes = boxesOf(lane?.intervals ?? [], field).map(({ x, width, isCut }) => [x, width, isCut]);
  assert.deepEqual(boxes, [
    [0, 20, true],
    [40, 20, false],
  ]);
});

test('there are never more boxes than pixels, and a blip is still seen', () => {
  const said = Array.from(
    { length: 500 },
    (_, index): Said => [index / 50, (index + 1) / 50, index % 2 ? 'LOST' : 'ALIVE'],
  );
  const [lane] = lanesOf(given('node', 'n', ...said));
  const boxes = boxesOf(lane?.intervals ?? [], { from: at(0), to: at(10), width: 50, present: at(10) });
  assert.ok(boxes.length <= 50 && boxes.length > 10);
  assert.ok(boxes.every(({ width }) => width >= 1));
});

test('a job lies on the node that holds it while it does, and else where jobs wait', () => {
  const layout = layoutOf({
    lanes: lanesOf(
      given('node', 'n1', [0, null, 'ALIVE']),
      given(
        'job',
        'j',
        [0, 1, 'SUBMITTED'],
        [1, 2, 'ASSIGNED n1'],
        [2, 5, 'RUNNING n1'],
        [5, 6, 'FAILED n1'],
        [6, null, 'COMPLETED n1'],
      ),
    ),
    roster: [],
    filter: '',
  });
  const node = layout.rows.find((row) => row.kind === 'node');
  const waiting = layout.rows.find((row) => row.kind === 'waiting');
  assert.deepEqual(node?.kind === 'node' && node.blocks.map(({ state }) => state), ['ASSIGNED', 'RUNNING']);
  assert.deepEqual(waiting?.kind === 'waiting' && waiting.blocks.map(({ state }) => state), ['SUBMITTED', 'FAILED']);
});

test('blocks at the same time lie on lines of their own, a job on the line where it was', () => {
  const block = (jobId: string, from: number, to: number) => ({
    jobId,
    name: jobId,
    state: 'RUNNING',
    line: 0,
    start: at(from),
    end: at(to),
    value: '',
    term: null,
    merged: 0,
  });
  const { blocks, lines } = inLines([block('a', 0, 5), block('b', 1, 3), block('c', 5, 6), block('b', 7, 9)]);
  assert.deepEqual(
    blocks.map(({ jobId, line }) => [jobId, line]),
    [
      ['a', 0],
      ['b', 1],
      ['c', 0],
      ['b', 1],
    ],
  );
  assert.equal(lines, 2);
  const crowd = inLines(Array.from({ length: 20 }, (_, index) => block(`j${index}`, 0, 9)));
  assert.equal(crowd.lines, 5);
  const field = { from: at(0), to: at(9), width: 90, present: at(9) };
  assert.equal(blockBoxes(crowd.blocks, field).length, 5);
});

test('two leaders of one term overlap, and so do terms whose leaders had not stepped down', () => {
  const overlaps = overlapsIn(
    lanesOf(
      given('leader', 'c', [0, 4, 'n1', 7], [4, 5, 'none'], [5, null, 'n3', 8]),
      given('leader', 'c#2', [3, 4, 'n2', 7], [6, 7, 'n1', 7]),
    ),
  );
  assert.deepEqual(
    overlaps.map(({ start, end, isSameTerm }) => [(start - START) / MINUTE, (end - START) / MINUTE, isSameTerm]),
    [
      [3, 4, true],
      [6, 7, false],
    ],
  );
});

test('rows stand by zone and as people count, incidents first, and the filter keeps what has its words', () => {
  const lanes = lanesOf(
    given('leader', 'c', [0, null, 'n', 1]),
    given('node', 'n10', [0, null, 'ALIVE']),
    given('node', 'n2', [0, null, 'ALIVE']),
    given('incident', 'i', [0, 5, 'major']),
    given('gap', '/collector', [1, 2, 'gone']),
  );
  const roster = [{ id: 'm1', name: null, zone: null }];
  const keys = layoutOf({ lanes, roster, filter: '' }).rows.map(({ key }) => key);
  assert.deepEqual(keys, [
    'incident i',
    'leader ',
    'heading zone-a',
    'node n2',
    'node n10',
    'heading ',
    'node m1',
    'heading gaps',
    'gap /collector',
  ]);
  const filtered = layoutOf({ lanes, roster, filter: 'zone-a N10' }).rows.map(({ key }) => key);
  assert.deepEqual(filtered, ['incident i', 'heading zone-a', 'node n10']);
});

test('of a thousand rows those in the window are found', () => {
  const nodes = Array.from({ length: 1_000 }, (_, index) => given('node', `n${index}`, [0, null, 'ALIVE']));
  const { rows, height } = layoutOf({ lanes: lanesOf(...nodes), roster: [], filter: '' });
  const shown = rowsWithin(rows, height / 2, height / 2 + 400);
  assert.ok(shown.length < 40);
  assert.ok((shown[0]?.top ?? 0) <= height / 2);
  assert.ok((shown.at(-1)?.top ?? 0) < height / 2 + 400);
});

test('what is under the pointer is said in words', () => {
  const layout = layoutOf({
    lanes: lanesOf(given('node', 'n', [0, 4, 'ALIVE'], [4, 6, 'LOST']), given('job', 'j', [0, 6, 'RUNNING n', 3])),
    roster: [],
    filter: '',
  });
  const row = layout.rows.find(({ kind }) => kind === 'node');
  assert.ok(row);
  const told = { from: at(-1), to: at(10) };
  assert.equal(under(layout, at(5), row.top + 2, told), 'n: LOST, from 2022-12-13T20:04:00Z to 2022-12-13T20:06:00Z');
  assert.equal(
    under(layout, at(5), row.top + 20, told),
    'n: j RUNNING n, term 3, from 2022-12-13T20:00:00Z to 2022-12-13T20:06:00Z',
  );
  assert.equal(under(layout, at(5), layout.height + 50, told), null);
  // Where a tile begins or ends nothing need have happened.
  const cut = { from: at(0), to: at(6) };
  assert.equal(under(layout, at(1), row.top + 2, cut), 'n: ALIVE, from earlier to 2022-12-13T20:04:00Z');
  assert.equal(under(layout, at(5), row.top + 2, cut), 'n: LOST, from 2022-12-13T20:04:00Z to later');
});

test('incidents that do not overlap share a row', () => {
  const lanes = lanesOf(
    given('incident', 'a', [0, 2, 'major']),
    given('incident', 'b', [1, 3, 'major']),
    given('incident', 'c', [2, 5, 'minor']),
  );
  const rows = layoutOf({ lanes, roster: [], filter: '' }).rows;
  assert.deepEqual(
    rows.map((row) => row.kind === 'stated' && row.lanes.map(({ id }) => id)),
    [['a', 'c'], ['b']],
  );
});

test('what no tile tells of is known to be missing', () => {
  const span = { from: at(0), to: at(30) };
  assert.deepEqual(missingIn([tile(10), tile(-5)], span), [
    { from: at(5), to: at(10) },
    { from: at(20), to: at(30) },
  ]);
  assert.deepEqual(missingIn([tile(-5), tile(5), tile(15), tile(25)], span), []);
});

test('nodes whose lanes were left out keep a row, after those with something to see', () => {
  const roster = ['n1', 'n2', 'n3'].map((id) => ({ id, name: null, zone: 'zone-a' }));
  const lanes = lanesOf(given('node', 'n3', [0, null, 'ALIVE']));
  const { rows } = layoutOf({ lanes, roster, filter: '', hasOmissions: true });
  assert.deepEqual(
    rows.map((row) => [row.label, row.kind === 'node' && row.isOmitted]),
    [
      ['zone-a · 1 of 3', false],
      ['n3', false],
      ['n1', true],
      ['n2', true],
    ],
  );
});
