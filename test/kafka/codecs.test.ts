/** Decoders of Snappy and LZ4: what real producers pack is read in in.test.ts; here, what nobody should send. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { unpackLz4 } from '../../src/kafka/lz4.ts';
import { unpackSnappy } from '../../src/kafka/snappy.ts';

const MAX = 1_000_000;
/** Google's format description: "Wikipedia" as a literal, then four bytes from nine before, and an overlapping copy. */
const SNAPPY = Buffer.concat([
  Buffer.from([18]),
  Buffer.from([(9 - 1) << 2]),
  Buffer.from('Wikipedia'),
  Buffer.from([((4 - 4) << 2) | 1, 9]),
  Buffer.from([((5 - 1) << 2) | 2, 1, 0]),
]);
/** One block of 64 KB at most: "abc" as literals, six bytes from three before, then "!" as the last literals. */
const LZ4 = Buffer.concat([
  Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]),
  Buffer.from([8, 0, 0, 0]),
  Buffer.from([(3 << 4) | 2]),
  Buffer.from('abc'),
  Buffer.from([3, 0]),
  Buffer.from([1 << 4]),
  Buffer.from('!'),
  Buffer.from([0, 0, 0, 0]),
]);

describe('unpacking', () => {
  test('repeats what stood before, overlapping itself', () => {
    assert.equal(unpackSnappy(SNAPPY, MAX).toString(), 'WikipediaWikiiiiii');
    assert.equal(unpackLz4(LZ4, MAX).toString(), 'abcabcabc!');
  });

  test('stops at the length it is given', () => {
    assert.throws(() => unpackSnappy(SNAPPY, 17), RangeError);
    assert.throws(() => unpackLz4(LZ4, 9), RangeError);
  });

  test('of anything else ends with a RangeError, whatever the bytes', () => {
    const unpackers = [
      [unpackSnappy, SNAPPY],
      [unpackLz4, LZ4],
    ] as const;
    for (const [unpack, sound] of unpackers) {
      const damaged = fc
        .tuple(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length))
        .map(([index, byte, length]) => {
          const copy = Buffer.from(sound);
          copy[index] = byte;
          return copy.subarray(0, length);
        });
      fc.assert(
        fc.property(
          fc.oneof(
            damaged,
            fc.uint8Array().map((array) => Buffer.from(array)),
          ),
          (packed) => {
            try {
              unpack(packed, MAX);
            } catch (error) {
              assert.ok(error instanceof RangeError, String(error));
            }
          },
        ),
        { numRuns: 2_000 },
      );
    }
  });
});
