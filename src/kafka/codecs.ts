/** Compression that kafkajs leaves to its users: zstd by node:zlib, Snappy and LZ4 by our own decoders. Producing: gzip and zstd. */
import { promisify } from 'node:util';
import { gunzip, gzip, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { unpackLz4 } from './lz4.ts';
import { unpackSnappy } from './snappy.ts';

/** The longest that a batch may become: a few compressed kilobytes must not fill the memory. Brokers take 1 MB a batch by default. */
const UNPACKED_BYTES_MAX = 128 * 1024 * 1024;

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(packed: Buffer): Promise<Buffer>;
}

const LIMIT = { maxOutputLength: UNPACKED_BYTES_MAX } as const;
const zlib = {
  gzip: promisify<Buffer, Buffer>(gzip),
  gunzip: promisify<Buffer, typeof LIMIT, Buffer>(gunzip),
  zstd: promisify<Buffer, Buffer>(zstdCompress),
  unzstd: promisify<Buffer, typeof LIMIT, Buffer>(zstdDecompress),
};

const CODECS = {
  [kafkajs.CompressionTypes.GZIP]: {
    compress: ({ buffer }) => zlib.gzip(buffer),
    decompress: (packed) => zlib.gunzip(packed, LIMIT).catch(unreadable('gzip')),
  },
  [kafkajs.CompressionTypes.ZSTD]: {
    compress: ({ buffer }) => zlib.zstd(buffer),
    decompress: (packed) => zlib.unzstd(packed, LIMIT).catch(unreadable('zstd')),
  },
  [kafkajs.CompressionTypes.Snappy]: readOnly('snappy', unpackSnappy),
  [kafkajs.CompressionTypes.LZ4]: readOnly('lz4', unpackLz4),
} satisfies Record<number, Codec>;

/** Once is enough, again does no harm: kafkajs keeps them for the whole process. */
export function installCodecs(): void {
  for (const [type, codec] of Object.entries(CODECS)) {
    Object.assign(kafkajs.CompressionCodecs, { [type]: () => codec });
  }
}

function readOnly(name: string, unpack: (packed: Buffer, bytesMax: number) => Buffer): Codec {
  return {
    async compress() {
      throw new kafkajs.KafkaJSNonRetriableError(`Musterbook does not write ${name}`);
    },
    async decompress(packed) {
      try {
        return unpack(packed, UNPACKED_BYTES_MAX);
      } catch (error) {
        return unreadable(name)(error);
      }
    },
  };
}

/** An error that kafkajs tries again: the broker may have sent a page that it will send whole next time. A RangeError would end it. */
function unreadable(name: string): (error: unknown) => never {
  return (error) => {
    throw new kafkajs.KafkaJSError(`a batch compressed with ${name} cannot be read: ${String(error)}`);
  };
}
