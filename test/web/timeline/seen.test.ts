import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { queryOf, seenOf } from '../../../src/web/timeline/address.ts';
import { advanced } from '../../../src/web/timeline/clock.ts';
import { DAY, HOUR, MINUTE, microsOf, SECOND } from '../../../src/web/timeline/instants.ts';
import { KEYS, type Pressed, wishOf } from '../../../src/web/timeline/keys.ts';
import { act, carried, type Seen, SPEEDS, slid } from '../../../src/web/timeline/seen.ts';
import { stretchAround } from '../../../src/web/timeline/stretch.ts';

const FROM = microsOf('2022-12-13T20:00:00Z');
const SEEN: Seen = {
  from: FROM,
  to: FROM + HOUR,
  at: FROM + 13 * MINUTE,
  mode: 'true',
  marks: [null, null],
  filter: '',
  live: false,
  tables: false,
  speed: 10,
  skips: false,
};

function searchOf(seen: Seen): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(queryOf(seen))) if (value !== null) query.set(name, value);
  return query.toString();
}

const instants = fc.integer({ min: 0, max: 2_000_000_000 * SECOND });
const mark = fc.option(instants);
const anything = fc.record({
  from: instants,
  length: fc.integer({ min: 5_000, max: 3_000 * DAY }),
  at: instants,
  mode: fc.constantFrom('true' as const, 'known' as const),
  marks: fc.tuple(mark, mark),
  filter: fc.string(),
  tables: fc.boolean(),
  speed: fc.constantFrom(...SPEEDS),
  skips: fc.boolean(),
});

test('all that is seen is in the address: read back, it is the same', () => {
  fc.assert(
    fc.property(anything, ({ length, ...rest }) => {
      const seen: Seen = { ...rest, to: rest.from + length, live: false };
      assert.deepEqual(seenOf(searchOf(seen), null, 0), seen);
    }),
  );
});

test('an address is absolute: it does not depend on when it is opened', () => {
  const search = searchOf(SEEN);
  assert.match(search, /from=2022-12-13T20%3A00%3A00Z&to=2022-12-13T21%3A00%3A00Z&at=2022-12-13T20%3A13%3A00Z/);
  assert.deepEqual(seenOf(search, null, FROM + 900 * DAY), seenOf(search, null, 0));
});

test('live is in the address by the length of what is seen, and follows the present', () => {
  const live = act(SEEN, { do: 'live', now: FROM + DAY });
  assert.equal(searchOf(live), 'live=3600');
  const opened = seenOf('live=3600', null, FROM + 2 * DAY);
  assert.equal(opened?.at, FROM + 2 * DAY);
  assert.equal((opened?.to ?? 0) - (opened?.from ?? 0), HOUR);
  assert.ok(opened?.live);
  assert.equal(carried(live, FROM + 2 * DAY).at, FROM + 2 * DAY);
});

test('without a stretch in the address a running cluster is live, and a history that is over shows its end', () => {
  const now = FROM + DAY;
  assert.equal(seenOf('', null, now), null);
  assert.equal(seenOf('', { from: FROM, to: now - MINUTE, now }, now)?.live, true);
  const over = seenOf('', { from: FROM, to: FROM + HOUR, now }, now);
  assert.equal(over?.live, false);
  assert.equal(over?.at, FROM + HOUR);
  assert.ok((over?.from ?? now) < FROM && (over?.to ?? 0) > FROM + HOUR);
  const around = seenOf('at=2022-12-13T20:13:00Z', null, now);
  assert.ok(around && around.from < SEEN.at && around.to > SEEN.at);
});

test('nonsense in the address is left out', () => {
  assert.equal(seenOf('from=soon&to=later&live=-1&speed=7', null, 0), null);
  const turned = seenOf('from=2022-12-13T21:00:00Z&to=2022-12-13T20:00:00Z&at=2022-12-13T20:13:00Z&speed=7', null, 0);
  assert.equal(turned?.speed, 10);
  assert.ok(turned && turned.from < turned.to);
});

test('scrubbing, panning and zooming leave live', () => {
  const live = act(SEEN, { do: 'live', now: FROM });
  for (const action of [
    { do: 'pan', share: 0.1 },
    { do: 'zoom', factor: 2 },
    { do: 'goto', at: FROM },
    { do: 'mode', mode: 'known' },
  ] as const) {
    assert.equal(act(live, action).live, false, action.do);
  }
  assert.equal(act(live, { do: 'filter', text: 'x' }).live, true);
});

test('the playhead takes the range along where it leaves it', () => {
  assert.equal(act(SEEN, { do: 'goto', at: FROM + MINUTE }).from, SEEN.from);
  const later = act(SEEN, { do: 'goto', at: SEEN.to + MINUTE });
  assert.ok(later.from < later.at && later.at < later.to && later.to - later.from === HOUR);
});

test('a mark is set at the playhead, and taken away by the same key there', () => {
  const marked = act(SEEN, { do: 'mark', which: 0 });
  assert.deepEqual(marked.marks, [SEEN.at, null]);
  assert.deepEqual(act(marked, { do: 'mark', which: 0 }).marks, [null, null]);
  const both = act({ ...marked, at: FROM + 40 * MINUTE }, { do: 'mark', which: 1 });
  const focused = act(both, { do: 'focus' });
  assert.ok(focused.from < SEEN.at && focused.to > FROM + 40 * MINUTE && focused.to - focused.from < HOUR);
  assert.deepEqual(act(both, { do: 'unmark' }).marks, [null, null]);
});

test('a slider’s keys move the playhead within the range', () => {
  assert.equal(slid(SEEN, 'Home'), SEEN.from);
  assert.equal(slid(SEEN, 'End'), SEEN.to);
  assert.equal(slid(SEEN, 'ArrowRight'), SEEN.at + 18 * SECOND);
  assert.equal(slid({ ...SEEN, at: SEEN.from }, 'ArrowLeft'), SEEN.from);
  assert.equal(slid(SEEN, 'x'), null);
});

const pressed = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  on: 'other',
  ...more,
});

test('every key does its own, and none while one types or holds a modifier', () => {
  const wishes = KEYS.flatMap(({ keys }) => keys.map((key) => JSON.stringify(wishOf(pressed(key)))));
  assert.equal(new Set(wishes).size, wishes.length);
  assert.equal(wishOf(pressed('W'))?.do, 'zoom');
  for (const { keys } of KEYS) {
    for (const key of keys) {
      assert.equal(wishOf(pressed(key, { on: 'field' })), null);
      assert.equal(wishOf(pressed(key, { ctrlKey: true })), null);
    }
  }
  assert.equal(wishOf(pressed(' ', { on: 'button' })), null);
  assert.equal(wishOf(pressed('l', { on: 'button' }))?.do, 'go-live');
  assert.equal(wishOf(pressed('x')), null);
});

test('playing goes as fast as it says, to the end and no farther', () => {
  const tempo = { speed: 60, skips: false, next: null, end: FROM + HOUR };
  assert.equal(advanced(FROM, 100, tempo), FROM + 6 * SECOND);
  assert.equal(advanced(FROM, 100, { ...tempo, speed: 0.5 }), FROM + SECOND / 20);
  assert.equal(advanced(FROM + HOUR - 1, 100, tempo), FROM + HOUR);
  // A tab that was away does not jump.
  assert.equal(advanced(FROM, 60_000, tempo), FROM + MINUTE);
});

test('dead time is skipped to just before the next event, or to the end; a short pause is not', () => {
  const tempo = { speed: 10, skips: true, next: FROM + 20 * MINUTE, end: FROM + HOUR };
  assert.equal(advanced(FROM, 20, tempo), FROM + 20 * MINUTE - 3 * SECOND);
  assert.equal(advanced(FROM, 20, { ...tempo, next: Number.POSITIVE_INFINITY }), FROM + HOUR);
  assert.equal(advanced(FROM, 20, { ...tempo, next: FROM + 9 * SECOND }), FROM + SECOND / 5);
  assert.equal(advanced(FROM, 20, { ...tempo, next: null }), FROM + SECOND / 5);
});

test('a stretch to fold has its moment inside, some events before, and a bound', () => {
  const counts: readonly number[] = Array.from({ length: 1_000 }, (_, index) => (index % 10 === 0 ? 100 : 0));
  const history = { from: FROM, to: FROM + 1_000 * MINUTE, bucket: MINUTE, counts, isWhole: true };
  const at = FROM + 500.5 * MINUTE;
  const stretch = stretchAround(history, at);
  const within = counts.filter((_count, index) => {
    const start = FROM + index * MINUTE;
    return start >= stretch.from && start < stretch.to;
  });
  const events = within.reduce((sum, count) => sum + count, 0);
  assert.ok(stretch.from < at && stretch.to > at);
  assert.ok(events > 2_000 && events < 4_000, `${events}`);
  // Whole buckets, so that a place is asked for in the same words again.
  assert.equal((stretch.from - FROM) % MINUTE, 0);
});

test('at the edges of a history a stretch takes in what lies outside', () => {
  const history = {
    from: FROM,
    to: FROM + 10 * MINUTE,
    bucket: MINUTE,
    counts: new Array<number>(10).fill(1),
    isWhole: true,
  };
  assert.ok(stretchAround(history, FROM - DAY).from <= FROM - DAY);
  const after = stretchAround(history, FROM + DAY);
  assert.ok(after.from < FROM && after.to >= FROM + DAY);
});

test('before what was counted a stretch is as long as it would be on the average', () => {
  const history = {
    from: FROM,
    to: FROM + 10 * MINUTE,
    bucket: MINUTE,
    counts: new Array<number>(10).fill(1_000),
    isWhole: false,
  };
  const at = FROM - DAY;
  const stretch = stretchAround(history, at);
  assert.ok(stretch.from < at && stretch.to > at && stretch.to - stretch.from < 10 * MINUTE);
});
