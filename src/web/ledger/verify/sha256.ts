/**
 * SHA-256 (FIPS 180-4) of what is put into it, at once. The browser's own is missing on pages that came over plain HTTP from
 * another machine, and for hundreds of bytes a time, asynchronous as it is, takes more of the processor than this.
 */

const BLOCK_BYTES = 64;
/** What pads a message: one byte, up to a block of zeros, and its length in bits. */
const PADDING_BYTES_MAX = BLOCK_BYTES + 8;
const CAPACITY = 64 * 1024;

/** The first 32 bits of the fractional parts of a root of the first primes. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const found: number[] = [];
  for (let candidate = 2, primes: number[] = []; found.length < count; candidate += 1) {
    if (primes.some((prime) => candidate % prime === 0)) continue;
    primes = [...primes, candidate];
    found.push((root(candidate) % 1) * 2 ** 32);
  }
  return Int32Array.from(found, (fraction) => fraction | 0);
}
const INITIAL = fractions(8, Math.sqrt);
const ROUND = fractions(64, Math.cbrt);

const encoder = new TextEncoder();
/** The message schedule of one block. */
const words = new Int32Array(64);

/** Takes bytes, numbers and texts one after the other, then gives their digest and begins anew. Integers are big-endian. */
export class Sha256 {
  readonly #state = INITIAL.slice();
  #bytes = new Uint8Array(CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  /** Where the next byte goes. */
  #at = 0;
  /** Bytes that are in the state already: whole blocks. */
  #done = 0;

  bytes(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  unsigned32(value: number): this {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  unsigned64(value: number): this {
    return this.unsigned32(Math.floor(value / 2 ** 32)).unsigned32(value % 2 ** 32);
  }

  /** In UTF-8. */
  text(text: string): this {
    // A UTF-16 unit becomes at most three bytes.
    this.#reserve(3 * text.length);
    this.#at += encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written;
    return this;
  }

  /** In UTF-8, the number of its bytes (4) before it. */
  measuredText(text: string): this {
    this.#reserve(4 + 3 * text.length);
    const before = this.#at;
    this.#at += 4;
    this.text(text);
    this.#view.setUint32(before, this.#at - before - 4);
    return this;
  }

  /** 32 bytes, written into `into`. */
  digest(into: Uint8Array): Uint8Array {
    const length = this.#done + this.#at;
    this.#reserve(PADDING_BYTES_MAX);
    const end = Math.ceil((this.#at + 9) / BLOCK_BYTES) * BLOCK_BYTES;
    this.#bytes.fill(0, this.#at, end);
    this.#bytes[this.#at] = 0x80;
    this.#view.setUint32(end - 8, Math.floor(length / 2 ** 29));
    this.#view.setUint32(end - 4, length * 8);
    this.#at = end;
    this.#compress();
    const out = new DataView(into.buffer, into.byteOffset);
    for (let index = 0; index < 8; index += 1) out.setInt32(index * 4, this.#state[index] as number);
    this.#state.set(INITIAL);
    this.#done = 0;
    return into;
  }

  /** Makes room for that many bytes more. */
  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    this.#compress();
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#at + bytes));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  /** Takes all whole blocks into the state. */
  #compress(): void {
    let start = 0;
    for (; start + BLOCK_BYTES <= this.#at; start += BLOCK_BYTES) compress(this.#state, this.#view, start);
    this.#bytes.copyWithin(0, start, this.#at);
    this.#at -= start;
    this.#done += start;
  }
}

/** Takes the block at `start` into the state. Rotations are written out: as calls they would cost a quarter more. */
function compress(state: Int32Array, view: DataView, start: number): void {
  const [w, k] = [words, ROUND];
  for (let index = 0; index < 16; index += 1) w[index] = view.getInt32(start + index * 4);
  for (let index = 16; index < 64; index += 1) {
    const early = w[index - 15] as number;
    const late = w[index - 2] as number;
    const first = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
    const second = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
    w[index] = ((w[index - 16] as number) + first + (w[index - 7] as number) + second) | 0;
  }
  let [a, b, c, d] = [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
  let [e, f, g, h] = [at(state, 4), at(state, 5), at(state, 6), at(state, 7)];
  for (let index = 0; index < 64; index += 1) {
    const ofE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const chosen = g ^ (e & (f ^ g));
    const one = (h + ofE + chosen + (k[index] as number) + (w[index] as number)) | 0;
    const ofA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const major = (a & b) | (c & (a | b));
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + ofA + major) | 0;
  }
  state[0] = at(state, 0) + a;
  state[1] = at(state, 1) + b;
  state[2] = at(state, 2) + c;
  state[3] = at(state, 3) + d;
  state[4] = at(state, 4) + e;
  state[5] = at(state, 5) + f;
  state[6] = at(state, 6) + g;
  state[7] = at(state, 7) + h;
}

function at(words32: Int32Array, index: number): number {
  return words32[index] as number;
}
