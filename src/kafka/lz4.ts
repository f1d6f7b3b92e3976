/**
 * Reads LZ4 frames (github.com/lz4/lz4, doc/lz4_Frame_format.md and lz4_Block_format.md), as Kafka's batches of format 2 hold them.
 * Checksums are passed over: the broker and TCP have checked the bytes. Throws a RangeError on anything else.
 */
import { repeat } from './snappy.ts';

const MAGIC = 0x184d2204;
const STORED_FLAG = 0x80000000;
const MIN_MATCH = 4;

export function unpackLz4(packed: Buffer, bytesMax: number): Buffer {
  if (packed.readUInt32LE(0) !== MAGIC) throw new RangeError('no LZ4 frame');
  const flags = packed.readUInt8(4);
  const hasBlockSums = (flags & 0x10) !== 0;
  const hasSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const blockBytesMax = 2 ** (8 + 2 * ((packed.readUInt8(5) >> 4) & 7));
  let at = 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0);
  const growing = new Growing(bytesMax);
  for (;;) {
    const word = packed.readUInt32LE(at);
    at += 4;
    if (word === 0) return growing.taken();
    const size = word % STORED_FLAG;
    const block = packed.subarray(at, at + size);
    if (block.length < size) throw new RangeError('a block is cut short');
    growing.makeRoom(blockBytesMax);
    if (word >= STORED_FLAG) growing.append(block);
    else unpackBlock(block, growing);
    at += size + (hasBlockSums ? 4 : 0);
  }
}

/** Blocks may refer to those before them, so all are written into one buffer. */
class Growing {
  #out = Buffer.alloc(0);
  #to = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  makeRoom(bytes: number): void {
    const wanted = this.#to + bytes;
    if (wanted <= this.#out.length) return;
    const next = Buffer.alloc(Math.max(wanted, Math.min(2 * this.#out.length, this.#bytesMax)));
    this.#out.copy(next, 0, 0, this.#to);
    this.#out = next;
  }

  append(bytes: Buffer): void {
    if (this.#to + bytes.length > Math.min(this.#out.length, this.#bytesMax))
      throw new RangeError('a block is too long');
    this.#to += bytes.copy(this.#out, this.#to);
  }

  repeat(offset: number, size: number): void {
    if (this.#to + size > this.#bytesMax) throw new RangeError('it would be too long');
    this.#to = repeat(this.#out, { to: this.#to, offset, size });
  }

  taken(): Buffer {
    return this.#out.subarray(0, this.#to);
  }
}

function unpackBlock(block: Buffer, growing: Growing): void {
  let at = 0;
  /** A length of 15 goes on in bytes that are added, up to the first that is not 255. */
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble < 15) return length;
    for (;;) {
      const byte = block.readUInt8(at++);
      length += byte;
      if (byte < 255) return length;
    }
  };
  while (at < block.length) {
    const token = block.readUInt8(at++);
    const literals = lengthFrom(token >> 4);
    if (at + literals > block.length) throw new RangeError('a literal is cut short');
    growing.append(block.subarray(at, at + literals));
    at += literals;
    // The last sequence of a block is literals only.
    if (at === block.length) return;
    const offset = block.readUInt16LE(at);
    at += 2;
    growing.repeat(offset, lengthFrom(token & 15) + MIN_MATCH);
  }
}
