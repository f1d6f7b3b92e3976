/** Bytes as lines: a line too long to be an event is cut off and skipped, so that memory stays flat whatever comes. */
import { Buffer, isUtf8 } from 'node:buffer';
import { EVENT_BYTES_MAX } from '../../../schemas/event.ts';
import type { IncomingRecord } from '../../accept/accept.ts';
import { tooLarge, unreadable } from '../../accept/read-record.ts';

/** Room for an export's own attributes and white space. */
const LINE_BYTES_MAX = 2 * EVENT_BYTES_MAX;
/** What is kept of a line that is too long, in bytes. */
const KEPT_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

export class LineReader {
  /** The beginning of a line that has not ended yet. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the line under way, where it is too long and only its beginning is kept; else 0. */
  #skippedBytes = 0;
  #isFirst = true;

  /** Bytes of the line under way. */
  get bytesUnderWay(): number {
    return this.#skippedBytes > 0 ? this.#skippedBytes : this.#rest.byteLength;
  }

  /** The records of the lines that end in these bytes; blank lines are none. */
  add(bytes: Uint8Array): IncomingRecord[] {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const records: IncomingRecord[] = [];
    let start = 0;
    if (this.#skippedBytes > 0) {
      const end = chunk.indexOf(NEWLINE);
      this.#skippedBytes += end < 0 ? chunk.byteLength : end;
      if (end < 0) return records;
      records.push(this.#endOfSkipped());
      start = end + 1;
    }
    const end = chunk.lastIndexOf(NEWLINE);
    if (end >= start) {
      records.push(...this.#whole(concat(this.#rest, chunk.subarray(start, end))));
      this.#rest = Buffer.alloc(0);
      start = end + 1;
    }
    // A copy: the chunk would be kept alive by the few bytes after its last line.
    if (start < chunk.byteLength) this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
    if (this.#rest.byteLength > LINE_BYTES_MAX) {
      this.#skippedBytes = this.#rest.byteLength;
      this.#rest = Buffer.from(this.#rest.subarray(0, KEPT_BYTES));
    }
    return records;
  }

  /** The record of the last line, which needs no newline. */
  end(): IncomingRecord[] {
    if (this.#skippedBytes > 0) return [this.#endOfSkipped()];
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return this.#whole(rest);
  }

  #whole(block: Buffer): IncomingRecord[] {
    if (block.byteLength === 0) return [];
    if (!isUtf8(block)) return this.#linesApart(block);
    let text = block.toString('utf8');
    if (this.#isFirst && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    this.#isFirst = false;
    const records: IncomingRecord[] = [];
    for (const line of text.split('\n')) if (!isBlank(line)) records.push({ text: line });
    return records;
  }

  /** Somewhere in this block are bytes that are no UTF-8: only their own lines suffer for it. */
  #linesApart(block: Buffer): IncomingRecord[] {
    const records: IncomingRecord[] = [];
    let start = 0;
    while (start <= block.byteLength) {
      const found = block.indexOf(NEWLINE, start);
      const end = found < 0 ? block.byteLength : found;
      const line = block.subarray(start, end);
      if (isUtf8(line)) records.push(...this.#whole(line));
      else records.push({ unreadable: line.toString('utf8', 0, KEPT_BYTES), fault: unreadable('it is not UTF-8') });
      start = end + 1;
    }
    return records;
  }

  #endOfSkipped(): IncomingRecord {
    const fault = tooLarge(`${this.#skippedBytes} bytes in one line`);
    const record = { unreadable: this.#rest.toString('utf8'), fault };
    this.#rest = Buffer.alloc(0);
    this.#skippedBytes = 0;
    return record;
  }
}

function concat(left: Buffer, right: Buffer): Buffer {
  return left.byteLength === 0 ? right : Buffer.concat([left, right]);
}

function isBlank(line: string): boolean {
  return line.length < 3 && line.trim() === '';
}
