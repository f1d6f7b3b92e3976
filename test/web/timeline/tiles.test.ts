import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { HOUR, MINUTE, MS, microsOf } from '../../../src/web/timeline/instants.ts';
import { keyOf, TILE_BUCKETS, TileCache, type TilePlace, tilesFor } from '../../../src/web/timeline/tiles.ts';

const FROM = microsOf('2022-12-13T20:00:00Z');
const span = { from: FROM, to: FROM + HOUR };

/** A cache whose answers come when the test says so. */
function cacheOf({ kept = 40, atOnce = 2, weightMax = 1_000 } = {}) {
  const waiting = new Map<string, { answer(tile: string): void; refuse(): void; signal: AbortSignal }>();
  const asked: string[] = [];
  const failures: unknown[] = [];
  let changes = 0;
  const cache = new TileCache<string>({
    load: (place, signal) =>
      new Promise((resolve, reject) => {
        const key = keyOf(place);
        asked.push(key);
        waiting.set(key, { answer: resolve, refuse: () => reject(new Error('no')), signal });
        signal.addEventListener('abort', () => reject(new Error('called off')));
      }),
    onChange: () => {
      changes += 1;
    },
    onFailure: (error) => failures.push(error),
    kept,
    atOnce,
    weightMax,
    weightOf: (tile) => tile.length,
  });
  const answer = async (place: TilePlace, tile = keyOf(place)): Promise<void> => {
    waiting.get(keyOf(place))?.answer(tile);
    await turn();
  };
  return { cache, asked, failures, waiting, answer, changes: () => changes };
}

test('any span is covered by two to four tiles, which lie side by side', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), fc.integer({ min: 5_000, max: 2 ** 50 }), (from, length) => {
      const places = tilesFor({ from, to: from + length });
      assert.ok(places.length >= 1 && places.length <= 4, `${places.length}`);
      assert.ok((places[0]?.from ?? 0) <= from && (places.at(-1)?.to ?? 0) >= from + length);
      for (const [index, place] of places.entries()) {
        assert.equal((place.to - place.from) % (TILE_BUCKETS * MS), 0);
        if (index > 0) assert.equal(place.from, places[index - 1]?.to);
      }
    }),
  );
});

test('moving a little asks for nothing that was asked before', () => {
  const before = new Set(tilesFor(span).map(keyOf));
  const after = tilesFor({ from: span.from + MINUTE, to: span.to + MINUTE }).map(keyOf);
  assert.ok(after.filter((key) => !before.has(key)).length <= 1);
});

test('no more questions are on their way than may be, and the next goes when one has come', async () => {
  const { cache, asked, answer, changes } = cacheOf({ atOnce: 1 });
  const [first, second] = tilesFor(span);
  assert.ok(first && second);
  cache.want([first, second]);
  assert.deepEqual(asked, [keyOf(first)]);
  await answer(first);
  assert.deepEqual(asked, [keyOf(first), keyOf(second)]);
  await answer(second);
  assert.ok(cache.isSettled);
  assert.equal(changes(), 2);
  cache.want([second, first]);
  assert.equal(asked.length, 2);
});

test('what nobody looks at any more is called off, and is no failure', async () => {
  const { cache, waiting, failures } = cacheOf();
  const [first] = tilesFor(span);
  const [other] = tilesFor({ from: span.from + 24 * HOUR, to: span.to + 24 * HOUR });
  assert.ok(first && other);
  cache.want([first]);
  cache.want([other]);
  await turn();
  assert.equal(waiting.get(keyOf(first))?.signal.aborted, true);
  assert.deepEqual(failures, []);
});

test('until a tile is there, one of another length stands in', async () => {
  const { cache, answer } = cacheOf({ atOnce: 4 });
  const far = tilesFor({ from: FROM - 4 * HOUR, to: FROM + 4 * HOUR });
  cache.want(far);
  for (const place of far) await answer(place);
  const near = tilesFor({ from: FROM, to: FROM + MINUTE });
  cache.want(near);
  const drawn = cache.drawn();
  assert.deepEqual(
    drawn.map(({ within }) => [within.from, within.to]),
    near.map(({ from, to }) => [from, to]),
  );
  assert.ok(drawn.every(({ tile }) => far.map(keyOf).includes(tile)));
  assert.equal(cache.isSettled, false);
});

test('after a change what is there is drawn on until it was asked for again', async () => {
  const { cache, answer, asked } = cacheOf();
  const [place] = tilesFor(span);
  assert.ok(place);
  cache.want([place]);
  await answer(place, 'old');
  cache.expire();
  assert.deepEqual(asked.length, 2);
  assert.equal(cache.drawn()[0]?.tile, 'old');
  // A change while the answer is on its way: it is asked for once more.
  cache.expire();
  await answer(place, 'new');
  assert.equal(cache.drawn()[0]?.tile, 'new');
  assert.equal(asked.length, 3);
});

test('what failed is not asked for again by itself', async () => {
  const { cache, asked, waiting, failures } = cacheOf();
  const [place] = tilesFor(span);
  assert.ok(place);
  cache.want([place]);
  waiting.get(keyOf(place))?.refuse();
  await turn();
  cache.want([place]);
  assert.equal(asked.length, 1);
  assert.equal(failures.length, 1);
  cache.retry();
  assert.equal(asked.length, 2);
});

test('those used longest ago are forgotten', async () => {
  const { cache, answer, asked } = cacheOf({ kept: 2 });
  const places = [0, 1, 2].map(
    (day) => tilesFor({ from: FROM + day * 24 * HOUR, to: FROM + day * 24 * HOUR + HOUR })[0],
  );
  for (const place of places) {
    assert.ok(place);
    cache.want([place]);
    await answer(place);
  }
  assert.ok(places[0] && places[2]);
  cache.want([places[2]]);
  assert.equal(asked.length, 3);
  cache.want([places[0]]);
  assert.equal(asked.length, 4);
});

test('heavy tiles are forgotten before there are many, but never what is looked at', async () => {
  const { cache, answer, asked } = cacheOf({ weightMax: 100 });
  const show = async (day: number, weight: number): Promise<string[]> => {
    const places = tilesFor({ from: FROM + day * 24 * HOUR, to: FROM + day * 24 * HOUR + HOUR });
    const before = asked.length;
    cache.want(places);
    for (const place of places) await answer(place, 'x'.repeat(weight));
    assert.ok(cache.isSettled);
    return asked.slice(before);
  };
  await show(0, 10);
  await show(1, 10);
  assert.deepEqual(await show(0, 10), [], 'light ones are kept');
  await show(2, 60);
  assert.deepEqual(await show(2, 60), [], 'all that is looked at is kept, whatever it weighs');
  assert.equal((await show(0, 10)).length, tilesFor(span).length);
});

test('what failed is asked for again by who comes back to it', async () => {
  const { cache, asked, waiting } = cacheOf();
  const [place] = tilesFor(span);
  const [other] = tilesFor({ from: span.from + 24 * HOUR, to: span.to + 24 * HOUR });
  assert.ok(place && other);
  cache.want([place]);
  waiting.get(keyOf(place))?.refuse();
  await turn();
  cache.want([other]);
  cache.want([place]);
  assert.deepEqual(asked, [place, other, place].map(keyOf));
});
