import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY, HOUR, MS, microsOf, SECOND, textOf } from '../../../src/web/timeline/instants.ts';
import { centred, panned, SPAN_MAX, SPAN_MIN, ticksOf, timeAt, xOf, zoomed } from '../../../src/web/timeline/scale.ts';

const at = (text: string): number => microsOf(text);
const hour = { from: at('2022-12-13T20:00:00Z'), to: at('2022-12-13T21:00:00Z') };

test('instants keep their six decimals, and are printed with as many as it takes', () => {
  assert.equal(microsOf('1970-01-01T00:00:01.000001Z'), 1_000_001);
  for (const text of ['2022-12-13T20:13:00Z', '2022-12-13T20:13:00.5Z', '2022-12-13T20:13:00.123456Z']) {
    assert.equal(textOf(microsOf(text)), text);
  }
  assert.ok(Number.isNaN(microsOf('yesterday')));
  fc.assert(
    fc.property(fc.integer({ min: -DAY, max: 4_000_000_000 * SECOND }), (micros) => {
      assert.equal(microsOf(textOf(micros)), micros);
    }),
  );
});

test('a pixel and the time at it are each other’s, to the µs that a pixel is', () => {
  assert.equal(xOf(hour, 600, at('2022-12-13T20:30:00Z')), 300);
  assert.equal(textOf(timeAt(hour, 600, 130)), '2022-12-13T20:13:00Z');
});

test('zooming keeps the time under the pointer where it is', () => {
  const around = at('2022-12-13T20:15:00Z');
  const closer = zoomed(hour, 0.5, around);
  assert.equal(closer.to - closer.from, HOUR / 2);
  assert.equal(xOf(closer, 600, around), xOf(hour, 600, around));
});

test('zooming ends at the closest and at the farthest', () => {
  assert.equal(zoomed(hour, 1e-12, hour.from).to - zoomed(hour, 1e-12, hour.from).from, SPAN_MIN);
  const farthest = zoomed(hour, 1e12, hour.from);
  assert.equal(farthest.to - farthest.from, SPAN_MAX);
});

test('panning and centring keep the length', () => {
  assert.deepEqual(panned(hour, 0.5), { from: hour.from + HOUR / 2, to: hour.to + HOUR / 2 });
  assert.deepEqual(centred(hour, hour.from, 0), hour);
});

test('marks of the axis stand at round times, in the words of their step', () => {
  const labels = (from: string, to: string): string[] =>
    ticksOf({ from: at(from), to: at(to) }, 600).map(({ label }) => label);
  assert.deepEqual(labels('2022-12-13T20:00:00Z', '2022-12-13T21:00:00Z'), [
    '20:00',
    '20:10',
    '20:20',
    '20:30',
    '20:40',
    '20:50',
  ]);
  assert.deepEqual(labels('2022-12-13T20:00:00Z', '2022-12-13T20:00:30Z'), [
    '20:00:00',
    '20:00:05',
    '20:00:10',
    '20:00:15',
    '20:00:20',
    '20:00:25',
  ]);
  assert.deepEqual(labels('2022-12-13T12:00:00Z', '2022-12-14T12:00:00Z'), ['12:00', '18:00', 'Dec 14', '06:00']);
  assert.deepEqual(labels('2022-11-20T00:00:00Z', '2023-05-02T00:00:00Z'), [
    'Dec 2022',
    '2023',
    'Feb 2023',
    'Mar 2023',
    'Apr 2023',
    'May 2023',
  ]);
});

test('marks are never closer than they may be, and all within, at any zoom', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2_000_000_000 }),
      fc.double({ min: 3.7, max: 15, noNaN: true }),
      (second, size) => {
        const from = second * SECOND;
        const span = { from, to: from + Math.round(10 ** size) };
        const ticks = ticksOf(span, 1_000, 90);
        for (const [index, tick] of ticks.entries()) {
          assert.ok(tick.at >= span.from && tick.at < span.to);
          const next = ticks[index + 1];
          // Months differ in length.
          if (next) assert.ok(xOf(span, 1_000, next.at) - xOf(span, 1_000, tick.at) >= 80);
        }
        assert.ok(span.to - span.from < 5 * MS || ticks.length <= 12);
      },
    ),
  );
});
