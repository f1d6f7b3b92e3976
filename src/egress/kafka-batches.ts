/** What goes out to Kafka of an event, how much of it at once, and how its place is told again. Pure. */
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import type { RecordedEvent } from '../../schemas/event.ts';
import type { OutPlace, OutRecord } from '../kafka/producer.ts';

/** A batch ends before its values would be more, in bytes: with what Kafka adds it stays below a topic's usual 1 MiB. */
const BATCH_BYTES_MAX = 512 * 1024;

export interface Batch {
  readonly records: readonly OutRecord[];
  readonly last: RecordedEvent;
}

/** An event as a structured CloudEvent: the line that an export has, so that whoever keeps them can verify the chains. */
export function outRecord(event: RecordedEvent): OutRecord {
  return {
    key: event.stream,
    value: recordedLine(event),
    headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8', position: String(event.position) },
  };
}

/** A page in order, cut into batches; one event that is larger than a batch goes alone. */
export function* batchesOf(page: readonly RecordedEvent[]): Generator<Batch> {
  let records: OutRecord[] = [];
  let bytes = 0;
  let last: RecordedEvent | undefined;
  for (const event of page) {
    const record = outRecord(event);
    const recordBytes = Buffer.byteLength(record.value);
    if (last !== undefined && bytes + recordBytes > BATCH_BYTES_MAX) {
      yield { records, last };
      [records, bytes] = [[], 0];
    }
    records.push(record);
    bytes += recordBytes;
    last = event;
  }
  if (last !== undefined) yield { records, last };
}

/** The place behind an event: its hash says which ledger it is of, the time makes every commit differ from the one before. */
export function placeBehind(position: number, hash: string, atMicros: number): OutPlace {
  return { at: position, note: JSON.stringify({ hash, at: atMicros }) };
}

/** The hash in a place's note; null where someone set the place by hand, without one. */
export function hashIn({ note }: OutPlace): string | null {
  try {
    const { hash } = JSON.parse(note) as { readonly hash?: unknown };
    return typeof hash === 'string' ? hash : null;
  } catch {
    return null;
  }
}
