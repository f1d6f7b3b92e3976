/**
 * The bytes of a bundle: part of a ledger as one file that proves itself, line by line. docs/proof.md describes the
 * format. Its last line digests every line, so that a changed byte is found and located wherever it is; the chain of
 * each stream is in the lines themselves, and no one can make that up to a signed checkpoint.
 */
import { createHash } from 'node:crypto';
import type { KeptCheckpoint } from './checkpoint-text.ts';

export const BUNDLE_FORMAT = 'musterbook';
export const BUNDLE_VERSION = 1;
/** Hexadecimal digits of each line's digest in the last line. */
export const LINE_DIGEST_HEX = 8;

/** One stream's part: every revision from `from` to `to` has its line. */
export interface BundleStream {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
  /** Hash of the event before `from`, hex; zeros where `from` is 0. */
  readonly previous: string;
}

/** The first line. */
export interface BundleHeader {
  readonly bundle: typeof BUNDLE_FORMAT;
  readonly version: number;
  /** Whose bundle it is. */
  readonly incident: string;
  /** The window of effective time out of which clusters' events were taken, RFC 3339, both inclusive. */
  readonly from: string;
  readonly to: string;
  /** Whether only what is public was taken. */
  readonly public: boolean;
  /** Position of the ledger's head when it was made. */
  readonly upTo: number;
  readonly streams: readonly BundleStream[];
  /** Null: nothing proves which ledger it is of. */
  readonly checkpoint: KeptCheckpoint | null;
}

/** After the events, one line for each stream of the ledger at the checkpoint, sorted by the bytes of its name. */
export interface BundleEnd {
  readonly end: string;
  readonly revision: number;
  /** Hex. */
  readonly hash: string;
}

/** The last line. */
export interface BundleTrailer {
  /** How many lines stand before it. */
  readonly lines: number;
  /** The first 8 hexadecimal digits of each line's SHA-256, in order; a line's end belongs to it. */
  readonly digests: string;
  /** SHA-256 of all lines before this one. */
  readonly sha256: string;
  /** SHA-256 of this line up to here. */
  readonly self: string;
}

/** Gives a bundle its line ends and its last line. */
export class BundleWriter {
  readonly #whole = createHash('sha256');
  readonly #digests: string[] = [];

  /** The line with its end. */
  line(text: string): string {
    const line = `${text}\n`;
    this.#whole.update(line);
    this.#digests.push(lineDigest(Buffer.from(line)));
    return line;
  }

  trailer(): string {
    const sha256 = this.#whole.digest('hex');
    const start = `{"lines":${this.#digests.length},"digests":"${this.#digests.join('')}","sha256":"${sha256}"`;
    return `${start},"self":"${selfDigest(start)}"}\n`;
  }
}

export function lineDigest(line: Uint8Array): string {
  return createHash('sha256').update(line).digest('hex').slice(0, LINE_DIGEST_HEX);
}

/** Reads a last line, which has its end; in words what is wrong with it. */
export function readTrailer(line: string): BundleTrailer | string {
  const match =
    /^(\{"lines":(\d{1,9}),"digests":"([0-9a-f]*)","sha256":"([0-9a-f]{64})"),"self":"([0-9a-f]{64})"\}\n$/.exec(line);
  if (!match) return 'it is not a last line as an export writes it, or it was cut short';
  const [, start = '', lines, digests = '', sha256 = '', self = ''] = match;
  if (selfDigest(start) !== self) return 'it was changed';
  if (digests.length !== Number(lines) * LINE_DIGEST_HEX) return 'it digests another number of lines than it names';
  return { lines: Number(lines), digests, sha256, self };
}

function selfDigest(start: string): string {
  return createHash('sha256').update(start).digest('hex');
}

/** The lines of a file with their ends, as bytes; only the last may lack its end. Throws what `tooLong` makes of a line beyond the bound. */
export async function* linesWithEnds(
  bytes: AsyncIterable<Uint8Array>,
  tooLong: () => Error,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end + 1)]);
      parts = [];
      length = 0;
      from = end + 1;
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LINE_BYTES_MAX) throw tooLong();
  }
  if (length > 0) yield Buffer.concat(parts);
}

const NEWLINE = 10;
/** An event is at most 256 KiB; a last line has 8 bytes for each line before it. */
const LINE_BYTES_MAX = 64 * 1024 * 1024;
