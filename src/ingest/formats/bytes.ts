/** Bytes of files as lines or as one text. Gzip is known by its first bytes, whatever a file is called. */

import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type ImportSource, unreadable } from './format.ts';

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** The longest line that is read, in characters: a poll or an event is far below. */
const LINE_LENGTH_MAX = 16 * 1024 * 1024;
/** The most that a document which must be read whole may weigh, in characters. */
const DOCUMENT_LENGTH_MAX = 256 * 1024 * 1024;

/** The lines of a file, without their ends (LF or CRLF); the last needs none. Holds one line and one chunk at a time. */
export async function* linesOf(file: string, source: ImportSource): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of textOf(file, source)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield withoutReturn(line);
    if (rest.length > LINE_LENGTH_MAX) throw unreadable(file, `a line is longer than ${LINE_LENGTH_MAX} characters`);
  }
  if (rest !== '') yield withoutReturn(rest);
}

/** A whole file as text. */
export async function documentOf(file: string, source: ImportSource): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const part of textOf(file, source)) {
    length += part.length;
    if (length > DOCUMENT_LENGTH_MAX) throw unreadable(file, `it is longer than ${DOCUMENT_LENGTH_MAX} characters`);
    parts.push(part);
  }
  return parts.join('');
}

/** A file's bytes as they were before somebody gzipped them. */
export async function* inflatedBytes(file: string, source: ImportSource): AsyncGenerator<Uint8Array> {
  try {
    yield* inflated(source.open(file));
  } catch (error) {
    if (isUnreadable(error)) throw unreadable(file, error.message);
    throw error;
  }
}

async function* textOf(file: string, source: ImportSource): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const bytes of inflated(source.open(file))) yield decoder.decode(bytes, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (isUnreadable(error)) throw unreadable(file, error.message);
    throw error;
  }
}

/** Broken gzip (zlib's codes) and bytes that are no UTF-8 are faults of the file; everything else is passed on. */
function isUnreadable(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('Z_') || code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
}

async function* inflated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let head = Buffer.alloc(0);
  while (head.length < GZIP_MAGIC.length) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    head = Buffer.concat([head, next.value.subarray(0, GZIP_MAGIC.length)]);
  }
  const whole = resumed(chunks, iterator);
  if (!GZIP_MAGIC.every((byte, index) => head[index] === byte)) return yield* whole;
  const from = Readable.from(whole, { objectMode: false });
  const gunzip = createGunzip();
  from.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of from.pipe(gunzip)) yield chunk as Uint8Array;
  } finally {
    from.destroy();
    gunzip.destroy();
  }
}

async function* resumed(first: readonly Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
