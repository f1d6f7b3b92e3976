import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sharesOf } from '../../../projections/timeline/choice.ts';

test('each kind may take half of what is left, and what nobody wants goes to whoever wants more', () => {
  assert.deepEqual(sharesOf([1, 20, 700], 500), [1, 20, 479]);
  assert.deepEqual(sharesOf([1_000, 1_000, 1_000], 500), [250, 125, 125]);
  assert.deepEqual(sharesOf([1_000, 0, 0], 500), [500, 0, 0]);
  assert.deepEqual(sharesOf([0, 400, 10], 500), [0, 400, 10]);
});

test('as many as there is room for, and never more than are wanted', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 5 }), fc.nat({ max: 100 }), (wanted, room) => {
      const shares = sharesOf(wanted, room);
      const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
      assert.equal(sum(shares), Math.min(sum(wanted), room));
      for (const [index, share] of shares.entries()) assert.ok(share >= 0 && share <= (wanted[index] ?? 0));
    }),
  );
});
