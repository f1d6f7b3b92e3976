/** A request's body as it comes: inflated, and bounded in the time it keeps us waiting and in what it inflates to. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { MusterbookError } from '../../errors.ts';

export interface BodyLimits {
  /** The most that is held of a body which must be read whole, after inflation, in bytes. */
  readonly bytesMax: number;
  /** The most that bodies read whole hold together, in bytes: beyond it a request is told to come again. */
  readonly bytesMaxTogether: number;
  /** How long a body may keep us waiting in all, in ms; in NDJSON, between two finished lines. */
  readonly waitMsMax: number;
}

export const DEFAULT_BODY_LIMITS: BodyLimits = {
  bytesMax: 32 * 1024 * 1024,
  bytesMaxTogether: 256 * 1024 * 1024,
  waitMsMax: 30_000,
};

/** Inflating to more than this many times its size, beyond `bytesMax`, is a bomb: records of events stay far below. */
const INFLATION_MAX = 200;
/** What is still read of a body after its refusal, so that the answer is not lost in a reset connection. */
const DRAIN_BYTES_MAX = 32 * 1024 * 1024;
const DRAIN_MS_MAX = 2_000;
const GUNZIP_CHUNK = 64 * 1024;

export class Body {
  readonly #limits: BodyLimits;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #inflated: Readable | null;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #sentBytes = 0;
  #bytes = 0;
  #waitMsLeft: number;
  #isEnded = false;

  /** `isGzip`: the bytes are inflated, and counted after that. */
  constructor(body: AsyncIterable<Uint8Array>, isGzip: boolean, limits: BodyLimits) {
    this.#limits = limits;
    this.#waitMsLeft = limits.waitMsMax;
    // Its `return` would destroy the connection before the answer is written: it is never called.
    this.#source = body[Symbol.asyncIterator]();
    this.#inflated = isGzip ? inflate(this.#sent()) : null;
    this.#chunks = this.#inflated ? this.#inflated[Symbol.asyncIterator]() : this.#sent();
  }

  /** The next bytes; null at the end. Throws `BODY_TOO_SLOW`, `BODY_TOO_LARGE` (a gzip bomb), `BAD_REQUEST`. */
  async next(): Promise<Uint8Array | null> {
    const begun = performance.now();
    const next = await this.#withinTime(this.#chunks.next());
    this.#waitMsLeft -= performance.now() - begun;
    if (next.done) {
      this.#isEnded = true;
      return null;
    }
    this.#bytes += next.value.byteLength;
    if (this.#inflated && this.#bytes > this.#limits.bytesMax && this.#bytes > this.#sentBytes * INFLATION_MAX) {
      throw new MusterbookError('BODY_TOO_LARGE', `the body inflates to more than ${INFLATION_MAX} times its size`);
    }
    return next.value;
  }

  /** The sender has finished something: it may keep us waiting anew. */
  progressed(): void {
    this.#waitMsLeft = this.#limits.waitMsMax;
  }

  /** Reads on for a moment and throws away, so that the sender gets to read our answer. */
  async drain(): Promise<void> {
    this.#inflated?.destroy();
    if (this.#isEnded) return;
    const until = performance.now() + DRAIN_MS_MAX;
    const bytesMax = this.#sentBytes + DRAIN_BYTES_MAX;
    const read = async (): Promise<void> => {
      while (performance.now() < until && this.#sentBytes < bytesMax) {
        const next = await this.#source.next();
        if (next.done) return;
        this.#sentBytes += next.value.byteLength;
      }
    };
    const reading = read().catch(() => {});
    await Promise.race([reading, timeout(DRAIN_MS_MAX)]);
  }

  async *#sent(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done) return;
      this.#sentBytes += next.value.byteLength;
      yield next.value;
    }
  }

  async #withinTime<Value>(promise: Promise<Value>): Promise<Value> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const { waitMsMax } = this.#limits;
      const error = new MusterbookError('BODY_TOO_SLOW', `the body kept us waiting for ${waitMsMax} ms`);
      timer = setTimeout(() => reject(error), Math.max(0, this.#waitMsLeft));
    });
    try {
      return await Promise.race([promise, late]);
    } catch (error) {
      throw error instanceof MusterbookError ? error : unreadableBody(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function inflate(bytes: AsyncGenerator<Uint8Array>): Readable {
  const source = Readable.from(bytes, { objectMode: false });
  const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK });
  source.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => source.destroy());
  // Whoever reads sees the error; without a listener one that comes after the last read would end the process.
  gunzip.on('error', () => {});
  return source.pipe(gunzip);
}

function unreadableBody(error: unknown): MusterbookError {
  const reason = error instanceof Error ? error.message : String(error);
  return new MusterbookError('BAD_REQUEST', `the body cannot be read: ${reason}`, {}, error);
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
