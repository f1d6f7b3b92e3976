/**
 * The bytes of the hash chain: one chain per stream, over salted digests of the data, so that text can be erased with
 * the chain intact. docs/ledger-port.md writes the framing down with a worked example; a change here breaks every
 * ledger that exists.
 */
import { hash, randomFillSync } from 'node:crypto';

export const HASH_BYTES = 32;
export const SALT_BYTES = 16;

/** What the first event of a stream has for a previous hash: 32 zero bytes. */
export const FIRST_PREVIOUS: Uint8Array = new Uint8Array(HASH_BYTES);

/** What one event adds to its stream's chain. */
export interface Link {
  /** The hash of the event before it in its stream, 32 bytes; `FIRST_PREVIOUS` at revision 0. */
  readonly previous: Uint8Array;
  readonly stream: string;
  readonly revision: number;
  /** Microseconds since the epoch, UTC. */
  readonly recordedAt: number;
  /** The envelope as stored. */
  readonly envelope: string;
  /** `digestData` of the event's data, 32 bytes. */
  readonly dataHash: Uint8Array;
}

/** The end of one stream's chain. */
export interface StreamEnd {
  readonly stream: string;
  readonly revision: number;
  /** 32 bytes. */
  readonly hash: Uint8Array;
}

/** SHA-256 of salt (16 bytes), then the data's UTF-8 bytes as stored; 32 bytes. */
export function digestData(salt: Uint8Array, dataText: string): Uint8Array {
  reserve(SALT_BYTES + dataText.length * 3);
  scratch.set(salt, 0);
  const length = SALT_BYTES + scratch.write(dataText, SALT_BYTES);
  return bytesOf(hash('sha256', scratch.subarray(0, length), 'latin1'));
}

/**
 * SHA-256 of: previous (32 bytes), length of the stream's name (4), its UTF-8, revision (8), recordedAt (8), length of
 * the envelope (4), its UTF-8, dataHash (32). Integers are unsigned and big-endian; lengths are in bytes.
 */
export function linkHash(link: Link): Uint8Array {
  let at = framePrefix(link, link.previous);
  scratch.set(link.dataHash, at);
  at += HASH_BYTES;
  return bytesOf(hash('sha256', scratch.subarray(0, at), 'latin1'));
}

/** What is proved of one event: its place, and what its ledger keeps of it. */
export interface ProvedLink extends Omit<Link, 'dataHash'> {
  /** Null of an erased event; then `dataHash` stands for it. */
  readonly dataText: string | null;
  readonly salt: Uint8Array | null;
  readonly dataHash: Uint8Array | null;
  /** What `linkHash` must give. */
  readonly hash: Uint8Array;
}

/** Whether an event's hash is that of its contents and of the hash before it; null where its data's digest is missing. */
export function linkHolds(link: ProvedLink): boolean | null {
  const { salt, dataText, dataHash, hash: due } = link;
  // As latin1 text throughout: a proof makes no buffers.
  let digest = '';
  if (dataHash !== null) {
    digest = latin1(dataHash);
  } else if (salt?.length === SALT_BYTES && dataText !== null) {
    reserve(SALT_BYTES + dataText.length * 3);
    scratch.set(salt, 0);
    const length = SALT_BYTES + scratch.write(dataText, SALT_BYTES);
    digest = hash('sha256', scratch.subarray(0, length), 'latin1');
  }
  if (digest.length !== HASH_BYTES) return null;
  const at = framePrefix(link, link.previous);
  scratch.write(digest, at, 'latin1');
  return hash('sha256', scratch.subarray(0, at + HASH_BYTES), 'latin1') === latin1(due);
}

/** Of each event in what `sealData` gives: 16 bytes of salt, then 32 of digest. */
export const SEAL_BYTES = SALT_BYTES + HASH_BYTES;

/** Draws a salt for each of many events' data and digests it with that, all in one buffer to be sent on. */
export function sealData(dataTexts: readonly string[]): Uint8Array<ArrayBuffer> {
  const seals = new Uint8Array(dataTexts.length * SEAL_BYTES);
  // One draw for all; the digests overwrite what is not salt.
  randomFillSync(seals);
  const buffer = Buffer.from(seals.buffer);
  let at = 0;
  for (const dataText of dataTexts) {
    reserve(SALT_BYTES + dataText.length * 3);
    buffer.copy(scratch, 0, at, at + SALT_BYTES);
    const length = SALT_BYTES + scratch.write(dataText, SALT_BYTES);
    buffer.write(hash('sha256', scratch.subarray(0, length), 'latin1'), at + SALT_BYTES, 'latin1');
    at += SEAL_BYTES;
  }
  return seals;
}

/** `linkHash` with the digest of the event whose seal begins at `at`. */
export function linkSealed(link: Omit<Link, 'dataHash'>, seals: Buffer, at: number): Uint8Array {
  const end = framePrefix(link, link.previous);
  const length = end + seals.copy(scratch, end, at + SALT_BYTES, at + SEAL_BYTES);
  return bytesOf(hash('sha256', scratch.subarray(0, length), 'latin1'));
}

/**
 * SHA-256 over all stream ends, sorted by the UTF-8 bytes of their names: number of streams (8 bytes), then for each
 * length of the name (4), its UTF-8, revision (8), hash (32).
 */
export function digestEnds(ends: readonly StreamEnd[]): Uint8Array {
  const named = ends.map((end) => ({ end, name: Buffer.from(end.stream, 'utf8') }));
  named.sort((left, right) => Buffer.compare(left.name, right.name));
  const framed = Buffer.alloc(8 + named.reduce((sum, { name }) => sum + 4 + name.length + 8 + HASH_BYTES, 0));
  let at = writeUnsigned64(framed, named.length, 0);
  for (const { end, name } of named) {
    at = framed.writeUInt32BE(name.length, at);
    at += name.copy(framed, at);
    at = writeUnsigned64(framed, end.revision, at);
    framed.set(end.hash, at);
    at += HASH_BYTES;
  }
  return bytesOf(hash('sha256', framed, 'latin1'));
}

// Random bytes are drawn in blocks: a call for every 16 bytes would cost more than the hash.
let salts = Buffer.alloc(0);
let nextSalt = 0;

/** 16 fresh random bytes. */
export function newSalt(): Uint8Array {
  if (nextSalt + SALT_BYTES > salts.length) {
    salts = randomFillSync(Buffer.alloc(SALT_BYTES * 512));
    nextSalt = 0;
  }
  nextSalt += SALT_BYTES;
  return salts.subarray(nextSalt - SALT_BYTES, nextSalt);
}

/** Lowercase hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** Bytes from hex; null when the text is not exactly `length` bytes of hex. */
export function fromHex(text: string, length: number): Uint8Array | null {
  return text.length === length * 2 && /^[0-9a-f]*$/i.test(text) ? Buffer.from(text, 'hex') : null;
}

// One buffer is reused for every frame; it grows to the largest event seen. Digests leave OpenSSL as latin1 text,
// which costs half of what a fresh Buffer does.
let scratch = Buffer.allocUnsafe(64 * 1024);

function reserve(bytes: number): void {
  if (bytes > scratch.length) scratch = Buffer.allocUnsafe(bytes * 2);
}

/** Writes the frame up to the data's digest; returns its length. */
function framePrefix(link: Omit<Link, 'dataHash'>, previous: Uint8Array): number {
  reserve(2 * HASH_BYTES + 24 + 3 * (link.stream.length + link.envelope.length));
  scratch.set(previous, 0);
  let at = writeText(link.stream, HASH_BYTES);
  at = writeUnsigned64(scratch, link.revision, at);
  at = writeUnsigned64(scratch, link.recordedAt, at);
  return writeText(link.envelope, at);
}

function writeText(text: string, at: number): number {
  const length = scratch.write(text, at + 4);
  return scratch.writeUInt32BE(length, at) + length;
}

function writeUnsigned64(target: Buffer, value: number, at: number): number {
  target.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  return target.writeUInt32BE(value >>> 0, at + 4);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function bytesOf(digest: string): Uint8Array {
  const bytes = Buffer.allocUnsafe(HASH_BYTES);
  bytes.write(digest, 0, 'latin1');
  return bytes;
}
