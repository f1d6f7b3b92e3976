/** What goes to a mirror's writer arrives as it was sent. */
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MirroredEvent } from '../../../src/ledger/mirror.ts';
import { packMirrored, unpackMirrored } from '../../../src/ledger/sqlite/mirror-messages.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
const micros = fc.nat({ max: 4_000_000_000_000_000 });
const parts = {
  position: fc.maxSafeNat(),
  stream: fc.constantFrom('cluster-web', 'cluster-db', 'incident-x'),
  revision: fc.maxSafeNat(),
  id: text,
  source: fc.constantFrom('a', 'b'),
  type: fc.constantFrom('LeaderElected', 'EventRetracted'),
  time: fc.option(micros),
  notBefore: fc.option(micros),
  synthetic: fc.boolean(),
  actor: fc.option(text),
  envelope: text,
  dataText: fc.option(text),
  salt: fc.option(bytes(16)),
  dataHash: fc.option(bytes(32)),
  hash: bytes(32),
  chainedAt: micros,
  isRestored: fc.boolean(),
};
const events = fc.record(parts, { noNullPrototype: true }) as fc.Arbitrary<unknown> as fc.Arbitrary<MirroredEvent>;

test('packed events are unpacked as they were', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 20 }), (sent) => {
      const packed = packMirrored(sent);
      deepEqual(
        sent.map((_, index) => unpackMirrored(packed, index)),
        sent,
      );
    }),
  );
});

test('bytes of a wrong length arrive as missing', () => {
  fc.assert(
    fc.property(events, bytes(31), bytes(17), (event, short, long) => {
      const wrong = { ...event, hash: short, salt: long, dataHash: short };
      const { hash, salt, dataHash } = unpackMirrored(packMirrored([wrong]), 0);
      equal(hash.length, 0);
      deepEqual([salt, dataHash], [null, null]);
    }),
  );
});
