import { deepEqual, equal, ok } from 'node:assert/strict';
import type { NewRejection } from '../../../src/ledger/port.ts';
import type { Suite } from '../conformance.ts';
import { at } from '../sample.ts';

const rejection = (parts: Partial<NewRejection> = {}): NewRejection => ({
  at: at(0),
  door: 'http',
  code: 'TIME_UNREADABLE',
  message: 'no time',
  path: '/time',
  record: '{"time":"soon"}',
  truncated: false,
  ...parts,
});

export function rejectionCases({ open, test }: Suite): void {
  test('rejections are listed newest first, by pages', async (context) => {
    const ledger = await open(context);
    await ledger.keepRejections([rejection({ code: 'A' }), rejection({ code: 'B', path: null })]);
    await ledger.keepRejections([rejection({ code: 'C' })]);
    const first = await ledger.rejections({ limit: 2 });
    deepEqual(
      first.rejections.map((kept) => kept.code),
      ['C', 'B'],
    );
    deepEqual([first.total, first.dropped], [3, 0]);
    const rest = await ledger.rejections({ limit: 2, before: first.rejections[1]?.seq ?? 0 });
    const [newest, , oldest] = [...first.rejections, ...rest.rejections].map((kept) => kept.seq);
    deepEqual(rest.rejections, [{ ...rejection({ code: 'A' }), seq: oldest }]);
    equal(Number(newest) - Number(oldest), 2);
    deepEqual((await ledger.rejections({ limit: 5, before: Number(oldest) })).rejections, []);
    equal((await ledger.head()).position, 0);
  });

  test('a record is cut at 64 KiB of UTF-8, never inside a character', async (context) => {
    const ledger = await open(context);
    const long = `a${'\u20ac'.repeat(40_000)}`;
    await ledger.keepRejections([rejection({ record: long }), rejection({ record: 'x'.repeat(65_536) })]);
    const [whole, cut] = (await ledger.rejections({ limit: 2 })).rejections;
    deepEqual([whole?.record.length, whole?.truncated], [65_536, false]);
    ok(cut?.truncated);
    equal(cut.record, long.slice(0, 1 + Math.floor(65_535 / 3)));
  });

  test('beyond 100,000 the oldest go, and a counter says how many', async (context) => {
    const ledger = await open(context);
    const batch = Array.from({ length: 50_000 }, () => rejection({ record: '' }));
    for (let turn = 0; turn < 2; turn += 1) await ledger.keepRejections(batch);
    await ledger.keepRejections([rejection({ code: 'A' }), rejection({ code: 'B' })]);
    const newest = await ledger.rejections({ limit: 1 });
    deepEqual([newest.total, newest.dropped, newest.rejections[0]?.code], [100_000, 2, 'B']);
    const lowest = Number(newest.rejections[0]?.seq) - 99_999;
    const oldest = await ledger.rejections({ limit: 5, before: lowest + 1 });
    deepEqual(
      oldest.rejections.map((kept) => kept.seq),
      [lowest],
    );
  });
}
