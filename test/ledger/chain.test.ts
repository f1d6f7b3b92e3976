/** The bytes that are hashed, against an independent reading of docs/ledger-port.md, and its worked example. */
import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  digestData,
  digestEnds,
  FIRST_PREVIOUS,
  fromHex,
  linkHash,
  linkSealed,
  newSalt,
  SEAL_BYTES,
  sealData,
  toHex,
} from '../../src/ledger/chain.ts';

const unsigned = (value: number, bytes: 4 | 8): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
};
const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hasher = createHash('sha256');
  for (const part of parts) hasher.update(part);
  return hasher.digest();
};
const framed = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([unsigned(bytes.length, 4), bytes]);
};

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const link = fc.record({
  previous: bytes(32),
  stream: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 220 }),
  revision: fc.maxSafeNat(),
  recordedAt: fc.maxSafeNat(),
  envelope: fc.string({ unit: 'grapheme', maxLength: 2000 }),
});

test('a link hashes exactly the framing that is written down', () => {
  fc.assert(
    fc.property(link, bytes(16), fc.string({ unit: 'binary', maxLength: 3000 }), (parts, salt, data) => {
      const dataHash = sha256(salt, Buffer.from(data, 'utf8'));
      const { previous, stream, revision, recordedAt, envelope } = parts;
      const due = sha256(
        previous,
        framed(stream),
        unsigned(revision, 8),
        unsigned(recordedAt, 8),
        framed(envelope),
        dataHash,
      );
      deepEqual(Buffer.from(digestData(salt, data)), dataHash);
      deepEqual(Buffer.from(linkHash({ ...parts, dataHash })), due);
    }),
  );
});

test('sealing data draws a salt for each and links as if all were given', () => {
  fc.assert(
    fc.property(
      link,
      fc.array(fc.string({ unit: 'binary', maxLength: 3000 }), { minLength: 1, maxLength: 5 }),
      (parts, texts) => {
        const seals = Buffer.from(sealData(texts).buffer);
        equal(seals.length, texts.length * SEAL_BYTES);
        const salts = texts.map((data, index) => {
          const at = index * SEAL_BYTES;
          const salt = seals.subarray(at, at + 16);
          const dataHash = digestData(salt, data);
          deepEqual(seals.subarray(at + 16, at + 48), Buffer.from(dataHash));
          deepEqual(linkSealed(parts, seals, at), linkHash({ ...parts, dataHash }));
          return toHex(salt);
        });
        equal(new Set(salts).size, texts.length);
      },
    ),
  );
});

test('no two different links share their bytes: what moves between fields changes the hash', () => {
  fc.assert(
    fc.property(link, fc.integer({ min: 1, max: 10 }), (parts, moved) => {
      const dataHash = sha256();
      const shifted = {
        ...parts,
        stream: parts.stream + parts.envelope.slice(0, moved),
        envelope: parts.envelope.slice(moved),
      };
      fc.pre(shifted.stream !== parts.stream);
      notEqual(toHex(linkHash({ ...parts, dataHash })), toHex(linkHash({ ...shifted, dataHash })));
    }),
  );
});

test('an event larger than any before it is hashed whole', () => {
  const data = JSON.stringify('\u20ac'.repeat(300_000));
  const salt = newSalt();
  deepEqual(Buffer.from(digestData(salt, data)), sha256(salt, Buffer.from(data)));
});

test('stream ends are digested in the order of their bytes, whatever order they come in', () => {
  const ends = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 20 });
  fc.assert(
    fc.property(ends, fc.maxSafeNat(), (names, revision) => {
      const given = names.map((stream) => ({ stream, revision, hash: sha256(Buffer.from(stream)) }));
      const sorted = given.toSorted((a, b) => Buffer.compare(Buffer.from(a.stream), Buffer.from(b.stream)));
      const due = sha256(
        unsigned(given.length, 8),
        ...sorted.flatMap((end) => [framed(end.stream), unsigned(end.revision, 8), end.hash]),
      );
      deepEqual(Buffer.from(digestEnds(given)), due);
      deepEqual(Buffer.from(digestEnds(given.toReversed())), due);
    }),
  );
});

test('hex reads back as it was written, and only whole bytes of the length due', () => {
  fc.assert(
    fc.property(bytes(16), (given) => deepEqual(Buffer.from(fromHex(toHex(given), 16) ?? []), Buffer.from(given))),
  );
  for (const text of ['', 'ab', `${'0'.repeat(31)}g`, '0'.repeat(34)]) equal(fromHex(text, 16), null);
});

test('the worked example of docs/ledger-port.md', () => {
  const page = readFileSync(new URL('../../docs/ledger-port.md', import.meta.url), 'utf8');
  const stated = (name: string): string =>
    new RegExp(`^${name}: +(.+)$`, 'm').exec(page)?.[1] ?? `no ${name} in the page`;
  const salt = fromHex(stated('salt'), 16) ?? new Uint8Array();
  const dataHash = digestData(salt, stated('data'));
  equal(toHex(dataHash), stated('data digest'));
  const stream = stated('stream');
  const recordedAt = Number(stated('recordedAt'));
  const hash = linkHash({
    previous: FIRST_PREVIOUS,
    stream,
    revision: 0,
    recordedAt,
    envelope: stated('envelope'),
    dataHash,
  });
  equal(toHex(hash), stated('hash'));
  equal(toHex(digestEnds([{ stream, revision: 0, hash }])), stated('ends'));
});
