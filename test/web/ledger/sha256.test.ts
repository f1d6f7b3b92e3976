import { equal } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Sha256 } from '../../../src/web/ledger/verify/sha256.ts';

const sha = new Sha256();
const hex = (): string => Buffer.from(sha.digest(new Uint8Array(32))).toString('hex');

test('digests are those of another implementation, whatever their length and however they come in parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
      for (const part of parts) sha.bytes(part);
      equal(hex(), createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
    }),
  );
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 65_535, 65_536, 65_537, 300_000]) {
    const bytes = new Uint8Array(length).map((_none, index) => index);
    equal(sha.bytes(bytes) && hex(), createHash('sha256').update(bytes).digest('hex'), `${length} bytes`);
  }
});

test('numbers are big-endian, texts UTF-8 with the number of their bytes before them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.maxSafeNat(), (text, number) => {
      const framed = Buffer.alloc(12);
      framed.writeUInt32BE(Buffer.byteLength(text));
      framed.writeBigUInt64BE(BigInt(number), 4);
      const due = createHash('sha256')
        .update(framed.subarray(0, 4))
        .update(text)
        .update(framed.subarray(4))
        .update(text);
      sha.measuredText(text).unsigned64(number).text(text);
      equal(hex(), due.digest('hex'));
    }),
  );
  const long = '漢'.repeat(100_000);
  sha.unsigned32(1).text(long);
  equal(hex(), createHash('sha256').update('\0\0\0\x01').update(long).digest('hex'));
});
