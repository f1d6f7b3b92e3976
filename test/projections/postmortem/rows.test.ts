/** A timeline is bounded, and says what it joined. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundedRows, type TellingRow } from '../../../projections/postmortem/rows.ts';
import type { Position } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';

function row(position: number, seconds: number, kind: string, clusterId: string | null): TellingRow {
  const at = (seconds * 1_000_000) as Micros;
  const eventPosition = position as Position;
  const of = { eventPosition, eventPositions: [eventPosition], count: 1, until: null };
  return {
    at,
    notBefore: null,
    recordedAt: at,
    kind,
    summary: `${kind} ${position}`,
    what: `n${position}`,
    clusterId,
    ...of,
  };
}

test('a short timeline keeps each row as it is, by time', () => {
  const rows = [row(2, 5, 'a', 'web'), row(1, 9, 'b', null), row(3, 5, 'a', 'web')];
  assert.deepEqual(
    boundedRows(rows, 3).map(({ eventPosition, count }) => [eventPosition, count]),
    [
      [2, 1],
      [3, 1],
      [1, 1],
    ],
  );
});

test('a run names its number, its first and its last', () => {
  const rows = [0, 1, 2, 3, 4].map((index) => row(index + 1, index * 2, 'heartbeat_lost', 'web'));
  const [run, ...others] = boundedRows([...rows, row(9, 3, 'declared', null)], 2);
  assert.equal(others.length, 1);
  assert.equal(run?.summary, '5 × heartbeat lost: n1, n2, n3 and 2 more');
  assert.deepEqual([run?.count, run?.at, run?.until, run?.eventPositions], [5, 0, 8_000_000, [1, 5]]);
  assert.equal(others[0]?.count, 1);
});

test('whatever is told, no more rows than asked for, no event lost, all in order of time', () => {
  const told = fc.record({
    seconds: fc.integer({ min: 0, max: 100_000 }),
    kind: fc.constantFrom('a', 'b', 'c'),
    clusterId: fc.constantFrom('web', 'db', null),
  });
  fc.assert(
    fc.property(fc.array(told, { maxLength: 200 }), fc.integer({ min: 9, max: 60 }), (all, most) => {
      const rows = all.map(({ seconds, kind, clusterId }, index) => row(index + 1, seconds, kind, clusterId));
      const bounded = boundedRows(rows, most);
      assert.ok(bounded.length <= most);
      assert.equal(
        bounded.reduce((sum, { count }) => sum + count, 0),
        rows.length,
      );
      assert.deepEqual(
        bounded.map(({ at }) => at),
        bounded.map(({ at }) => at).sort((first, second) => first - second),
      );
    }),
  );
});
