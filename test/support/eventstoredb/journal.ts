/** A store's log in a file, for a server that is a process of its own: written before an append is acknowledged, read at the next start. */
import { closeSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import type { Journal, Recorded } from './store.ts';

/** What a line holds of an event: bytes as base64, big integers as text. */
type Line = readonly (readonly [
  id: string,
  type: string,
  json: boolean,
  data: string,
  metadata: string,
  stream: string,
  revision: string,
  position: string,
  created: number,
])[];

/**
 * Opens or makes the file. A batch is one line, so a line that a kill cut short is a batch that was never acknowledged: it is cut off.
 * Nothing is synced to the disk: the file outlives the process, not the machine.
 */
export function openJournal(path: string): {
  readonly journal: Journal;
  readonly recorded: readonly Recorded[];
  close(): void;
} {
  const file = openSync(path, 'a+');
  const bytes = readFileSync(path);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) truncateSync(path, whole);
  const lines = bytes.subarray(0, whole).toString().split('\n').slice(0, -1);
  return {
    recorded: lines.flatMap((line) => (JSON.parse(line) as Line).map(fromLine)),
    journal: { write: (events) => void writeWhole(file, Buffer.from(`${JSON.stringify(events.map(toLine))}\n`)) },
    close: () => closeSync(file),
  };
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}

function toLine(event: Recorded): Line[number] {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const { id, type, json, data, metadata, stream, revision, position, created } = event;
  return [id, type, json, base64(data), base64(metadata), stream, `${revision}`, `${position}`, created];
}

function fromLine([id, type, json, data, metadata, stream, revision, position, created]: Line[number]): Recorded {
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');
  const places = { stream, revision: BigInt(revision), position: BigInt(position), created };
  return { id, type, json, data: bytes(data), metadata: bytes(metadata), ...places };
}
