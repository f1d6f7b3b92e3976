/** Which offsets are missing, told without a broker. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Place } from '../../src/kafka/place.ts';

const at = (...offsets: readonly number[]) => offsets.map((offset) => ({ offset: String(offset) }));

describe('a place in a partition', () => {
  test('misses nothing where nothing was known before', () => {
    assert.deepEqual(new Place(null, null).holesIn(at(100, 101)), []);
  });

  test('misses what lies before and between', () => {
    assert.deepEqual(new Place(7, null).holesIn(at(7, 8, 11, 12)), [{ from: 9, to: 11 }]);
    assert.deepEqual(new Place(5, null).holesIn(at(7, 8)), [{ from: 5, to: 7 }]);
    assert.deepEqual(new Place(50, null).holesIn(at(0, 1)), [{ from: 50, to: 0 }]);
  });

  test('does not miss what was passed over, but for what is missing before it', () => {
    const place = new Place(10, null);
    place.passOver(10, 12);
    assert.deepEqual(place.holesIn(at(13)), []);
    place.passOver(15, 15);
    assert.deepEqual(place.holesIn(at(16, 18)), [
      { from: 13, to: 15 },
      { from: 17, to: 18 },
    ]);
  });

  test('tells the same again until it is advanced', () => {
    const place = new Place(1, 'before');
    place.passOver(3, 3);
    assert.deepEqual(place.holesIn(at(4)), place.holesIn(at(4)));
    place.advance(5, 'after');
    assert.deepEqual(place.holesIn(at(5)), []);
    assert.deepEqual([place.next, place.mark], [5, 'after']);
  });
});
