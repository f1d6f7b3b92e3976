/** What an import format is, and how it writes the events it makes. */

import type { EventData, EventName } from '../../../schemas/catalogue.ts';
import { TYPE_PREFIX } from '../../../schemas/event.ts';
import { formatTime, type Micros, parseTime } from '../../../schemas/time.ts';
import { MusterbookError } from '../../errors.ts';

/** One event on its way in: the text of a CloudEvent in JSON. The door judges it like any other. */
export interface ImportedRecord {
  readonly text: string;
}

export interface ImportSource {
  /** A file's bytes; `-` is stdin. */
  open(file: string): AsyncIterable<Uint8Array>;
  /** Whose signature a format that knows signatures must find, as text of a key; absent: anyone's, or none. */
  readonly publicKey?: string;
}

/**
 * Turns files into CloudEvents, oldest first. Ids follow from what the files say, so that importing them again has no
 * second effect. Where the record says when it was known, the event carries it as `recordedat`: `import --restore` keeps
 * it, every other door ignores it.
 */
export interface ImportFormat {
  readonly name: string;
  readonly description: string;
  /** Throws `IMPORT_UNREADABLE` where a file is not what the format reads. */
  read(files: readonly string[], source: ImportSource): AsyncIterable<ImportedRecord>;
}

/** An event that a format makes. Its times are µs. */
interface MadeEvent<N extends EventName = EventName> {
  readonly type: N;
  readonly subject: string;
  readonly source: string;
  readonly id: string;
  readonly time: Micros;
  /** It happened between this and `time`; null where `time` is exact. */
  readonly notBefore: Micros | null;
  /** When the record shows that it was known. */
  readonly recordedAt: Micros;
  readonly data: EventData[N];
}

/** `MadeEvent` as a union discriminated by `type`. */
export type AnyMadeEvent = { [N in EventName]: MadeEvent<N> }[EventName];

export function cloudEventOf(event: AnyMadeEvent): ImportedRecord {
  const { type, subject, source, id, time, notBefore, recordedAt, data } = event;
  const text = JSON.stringify({
    specversion: '1.0',
    id,
    source,
    type: `${TYPE_PREFIX}${type}`,
    subject,
    time: formatTime(time),
    ...(notBefore === null ? {} : { notbefore: formatTime(notBefore) }),
    recordedat: formatTime(recordedAt),
    data,
  });
  return { text };
}

/** Reads a time of a record; throws `IMPORT_UNREADABLE`, naming the place, where it is none. */
export function timeIn(text: unknown, place: string): Micros {
  const at = typeof text === 'string' ? parseTime(text) : 'TIME_UNREADABLE';
  if (typeof at === 'string') throw unreadable(place, `${JSON.stringify(text)} is no time (${at})`);
  return at;
}

export function unreadable(place: string, message: string): MusterbookError {
  return new MusterbookError('IMPORT_UNREADABLE', `${place}: ${message}`, { place });
}
