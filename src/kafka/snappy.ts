/**
 * Reads Snappy as Kafka clients write it: the raw format (github.com/google/snappy, format_description.txt), either by itself
 * (librdkafka) or in blocks behind xerial's header (the Java client). Throws a RangeError on anything else.
 */

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** The magic, a version and the oldest version that can read it. */
const XERIAL_HEADER_BYTES = 16;

export function unpackSnappy(packed: Buffer, bytesMax: number): Buffer {
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL)) return unpackRaw(packed, bytesMax);
  const blocks: Buffer[] = [];
  let left = bytesMax;
  for (let at = XERIAL_HEADER_BYTES; at < packed.length; ) {
    const end = at + 4 + packed.readUInt32BE(at);
    if (end > packed.length) throw new RangeError('a block is cut short');
    const block = unpackRaw(packed.subarray(at + 4, end), left);
    blocks.push(block);
    left -= block.length;
    at = end;
  }
  return Buffer.concat(blocks);
}

function unpackRaw(packed: Buffer, bytesMax: number): Buffer {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = packed.readUInt8(at++);
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (shift >= 28) throw new RangeError('no length');
  }
  if (length > bytesMax) throw new RangeError(`it would be ${length} bytes long`);
  const out = Buffer.alloc(length);
  let to = 0;
  while (at < packed.length) {
    const tag = packed.readUInt8(at++);
    const kind = tag & 3;
    if (kind === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const bytes = size - 59;
        size = packed.readUIntLE(at, bytes);
        at += bytes;
      }
      size += 1;
      if (at + size > packed.length || to + size > length) throw new RangeError('a literal is cut short');
      packed.copy(out, to, at, at + size);
      at += size;
      to += size;
      continue;
    }
    const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    const low = packed.readUIntLE(at, bytes);
    at += bytes;
    const offset = kind === 1 ? ((tag >> 5) << 8) | low : low;
    to = repeat(out, { to, offset, size: kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1 });
  }
  if (to !== length) throw new RangeError(`it ends after ${to} of ${length} bytes`);
  return out;
}

interface Repetition {
  readonly to: number;
  readonly offset: number;
  readonly size: number;
}

/** Writes `size` bytes again that stand `offset` before; they may overlap what is being written. Gives the new end. */
export function repeat(out: Buffer, { to, offset, size }: Repetition): number {
  if (offset === 0 || offset > to || to + size > out.length) throw new RangeError('a repetition points outside');
  if (offset >= size) out.copy(out, to, to - offset, to - offset + size);
  else for (let index = 0; index < size; index++) out[to + index] = out[to + index - offset] as number;
  return to + size;
}
