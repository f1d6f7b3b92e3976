import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { instant } from '../../projections/time.ts';
import { EARLIEST, endOfTime, formatTime, LATEST, type Micros, parseTime } from '../../schemas/time.ts';

test('every instant of the range prints and reads back as itself, at the door and in projections', () => {
  fc.assert(
    fc.property(fc.integer({ min: EARLIEST, max: LATEST }), (at) => {
      const text = formatTime(at as Micros);
      assert.equal(parseTime(text), at);
      assert.equal(instant(text), at);
    }),
  );
});

test('an offset moves the instant, digits beyond the microsecond are cut', () => {
  const at = parseTime('2022-12-13T15:14:00.1234569-05:00');
  assert.equal(formatTime(at as Micros), '2022-12-13T20:14:00.123456Z');
  assert.equal(instant('2022-12-13T15:14:00.1234569-05:00'), at);
});

const REFUSED: readonly [string, string][] = [
  ['2022-12-13T20:14:00', 'TIME_WITHOUT_ZONE'],
  ['2022-12-13', 'TIME_UNREADABLE'],
  ['2023-02-29T00:00:00Z', 'TIME_UNREADABLE'],
  ['2022-12-13T24:00:00Z', 'TIME_UNREADABLE'],
  ['2022-12-13T20:14:61Z', 'TIME_UNREADABLE'],
  ['2022-13-01T00:00:00Z', 'TIME_UNREADABLE'],
  ['2022-12-13T20:14:00+24:00', 'TIME_UNREADABLE'],
  ['0001-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
  ['1969-12-31T23:59:59.999Z', 'TIME_OUT_OF_RANGE'],
  ['1970-01-01T00:00:00+00:01', 'TIME_OUT_OF_RANGE'],
  ['2201-01-01T00:00:00Z', 'TIME_OUT_OF_RANGE'],
  ['', 'TIME_UNREADABLE'],
];
for (const [text, fault] of REFUSED) {
  test(`refused: ${JSON.stringify(text)} as ${fault}`, () => {
    assert.equal(parseTime(text), fault);
  });
}

test('a leap second, also with a fraction and an offset', () => {
  const expected = (Date.UTC(2016, 11, 31, 23, 59, 59) * 1000 + 999_999) as Micros;
  assert.equal(parseTime('2016-12-31T23:59:60Z'), expected);
  assert.equal(parseTime('2017-01-01T00:59:60.5+01:00'), expected);
  assert.equal(instant('2017-01-01T00:59:60.5+01:00'), expected);
});

test('29 February of leap years only', () => {
  assert.equal(typeof parseTime('2000-02-29T00:00:00Z'), 'number');
  assert.equal(typeof parseTime('2100-02-28T00:00:00Z'), 'number');
  assert.equal(parseTime('2100-02-29T00:00:00Z'), 'TIME_UNREADABLE');
});

test('the plain form reads as Date reads it, and as the same instant with an offset', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: Math.floor(LATEST / 1000) }),
      fc.integer({ min: 0, max: 999 }),
      (ms, rest) => {
        const iso = new Date(ms).toISOString();
        const text = `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}`;
        assert.equal(parseTime(iso), ms * 1000);
        assert.equal(parseTime(`${text}Z`), ms * 1000 + rest);
        assert.equal(parseTime(`${text}+00:00`), ms * 1000 + rest);
      },
    ),
  );
});

test('where a time ends in a text is known without printing it, and no other time is taken for it', () => {
  const instants = fc.integer({ min: EARLIEST, max: LATEST }) as fc.Arbitrary<Micros>;
  fc.assert(
    fc.property(instants, fc.nat(3), fc.constantFrom(1, 1_000, 1_000_000), (at, step, unit) => {
      const printed = formatTime(at);
      assert.equal(endOfTime(`ab"${printed}"`, 3, at), 3 + printed.length);
      const other = Math.min(at + (step + 1) * unit, LATEST) as Micros;
      if (other !== at) assert.equal(endOfTime(`"${printed}"`, 1, other), -1);
      const changed = printed.length - 2 - step;
      assert.equal(endOfTime(`${printed.slice(0, changed)}x${printed.slice(changed + 1)}`, 0, at), -1);
      assert.equal(endOfTime(printed.slice(0, -1), 0, at), -1);
    }),
  );
});
