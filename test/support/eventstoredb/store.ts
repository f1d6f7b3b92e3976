/**
 * What an EventStoreDB keeps: one log, its streams, and the judgement of an append. No network; it outlives the server that serves it.
 *
 * Modelled after the server's own source, versions 22 to 24 (EventStore/EventStore on GitHub): `IndexWriter.CheckCommit` for expected
 * revisions and idempotency, `StorageWriterService` for what a failed check is answered with and for deletes, `StreamMetadata` for
 * what hides events from a reader of a stream.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import {
  DELETED,
  isMetastream,
  isSoftDeleted,
  metastreamOf,
  originalOf,
  type Rules,
  rulesOf,
  truncatedBefore,
} from './stream-metadata.ts';

/** An event as a client sends it. */
export interface Proposed {
  /** A UUID in lower case. */
  readonly id: string;
  readonly type: string;
  readonly json: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event in the log. */
export interface Recorded extends Proposed {
  readonly stream: string;
  /** Counts from 0 in its stream; a tombstone's is 2^63 - 1. */
  readonly revision: bigint;
  /** Commit and prepare position: they differ only for explicit transactions, which gRPC clients cannot write. */
  readonly position: bigint;
  /** Milliseconds since 1970. */
  readonly created: number;
}

export type Expected = bigint | 'any' | 'no_stream' | 'stream_exists';

export interface Append {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: readonly Proposed[];
}

/** What an append came to. `revision` is -1 for a stream without events; `position` is absent when nothing was ever written. */
export type Outcome =
  | { readonly kind: 'appended'; readonly revision: bigint; readonly position: bigint | undefined }
  | { readonly kind: 'wrong-version'; readonly current: bigint }
  | { readonly kind: 'deleted' };

/** Where a store writes its events before it acknowledges them: one call, one batch, whole or not at all. */
export interface Journal {
  write(events: readonly Recorded[]): void;
}

interface Stream {
  /** Places in the log. */
  readonly places: number[];
  tombstoned: boolean;
}

/** The cache of recent ids has 8 MB in the server, some hundred thousand ids. */
const RECENT_IDS_MAX = 100_000;
const NO_BYTES = new Uint8Array();

export class Store {
  readonly #log: Recorded[] = [];
  readonly #streams = new Map<string, Stream>();
  /** By `stream/id`, the revision: all that makes appends with `any` idempotent; a restarted server has forgotten it. */
  readonly #recent = new Map<string, bigint>();
  readonly #appended = new EventEmitter().setMaxListeners(0);
  readonly #now: () => number;
  readonly #journal: Journal | undefined;
  #end = 0n;

  /** @param recorded a log to go on from; without one, the store begins with the system events that a new server writes for itself. */
  constructor(
    options: { readonly now?: () => number; readonly journal?: Journal; readonly recorded?: readonly Recorded[] } = {},
  ) {
    this.#now = options.now ?? Date.now;
    this.#journal = options.journal;
    for (const event of options.recorded ?? []) this.#take(event);
    if (this.#log.length === 0) this.#begin();
  }

  /** Every event in the order of the log, system events included. */
  get log(): readonly Recorded[] {
    return this.#log;
  }

  /** The position that the next event will have. */
  get end(): bigint {
    return this.#end;
  }

  /** The events of one stream as written, whatever its metadata hides. */
  eventsOf(stream: string): readonly Recorded[] {
    return (this.#streams.get(stream)?.places ?? []).map((place) => this.#log[place]!);
  }

  /** Judges and writes. Atomic: all events or none. */
  append(append: Append): Outcome {
    const { stream, events } = append;
    const judged = this.#judged(append);
    if (judged !== undefined) return judged;
    const current = this.currentRevision(stream);
    // A softly deleted stream that is appended to, or given metadata, is there again, without the events that it had.
    const touched = isMetastream(stream) ? originalOf(stream) : stream;
    const first = this.currentRevision(touched) + 1n;
    const revives = events.length > 0 && this.isSoftDeleted(touched);
    this.#write(stream, events, current);
    if (revives) this.#truncate(touched, first);
    return this.#appendedUpTo(stream, current + BigInt(events.length));
  }

  /** Appends whatever the revision is, as someone else would: for foreign events beside ours. */
  appendForeign(stream: string, type: string, data: unknown = {}, metadata: unknown = undefined): Recorded {
    const bytes = (value: unknown): Uint8Array => (value === undefined ? NO_BYTES : Buffer.from(JSON.stringify(value)));
    const event = { id: randomUUID(), type, json: true, data: bytes(data), metadata: bytes(metadata) };
    this.append({ stream, expected: 'any', events: [event] });
    return this.#log.at(-1)!;
  }

  /** Hides a stream until it is appended to again (soft), or ends it for ever (tombstone). Gives the position of what was written. */
  delete(stream: string, expected: Expected, how: 'soft' | 'tombstone'): Outcome {
    const end = systemEvent('$streamDeleted', '');
    const judged = this.#judged({ stream, expected, events: [end] });
    if (judged !== undefined) return judged;
    if (how === 'tombstone') this.#write(stream, [end], DELETED - 1n);
    else this.#truncate(stream, DELETED);
    return { kind: 'appended', revision: this.currentRevision(stream), position: this.#log.at(-1)?.position };
  }

  /** Changes a stored event, as no client can: someone with access to the files. */
  tamper(position: bigint, change: Partial<Pick<Recorded, 'id' | 'type' | 'data' | 'metadata'>>): void {
    const place = this.placeOf(position);
    const event = this.#log[place];
    if (event?.position !== position) throw new RangeError(`no event at ${position}`);
    this.#log[place] = { ...event, ...change };
  }

  /** The revision that the newest event of the stream has, also if it is hidden; -1 without any. */
  currentRevision(stream: string): bigint {
    return BigInt(this.#streams.get(stream)?.places.length ?? 0) - 1n;
  }

  isTombstoned(stream: string): boolean {
    return this.#streams.get(stream)?.tombstoned === true;
  }

  isSoftDeleted(stream: string): boolean {
    return isSoftDeleted(this.#rules(stream));
  }

  /** What a reader of the stream sees: without what its metadata hides. `$all` shows that too, until a scavenge. */
  visible(stream: string): readonly Recorded[] {
    const { maxCount, truncateBefore = 0, maxAgeSeconds } = this.#rules(stream);
    const oldest = maxAgeSeconds === undefined ? Number.NEGATIVE_INFINITY : this.#now() - maxAgeSeconds * 1000;
    const events = this.eventsOf(stream);
    const from = Math.max(truncateBefore, maxCount === undefined ? 0 : events.length - maxCount);
    return events.slice(from).filter(({ created }) => created >= oldest);
  }

  /** The place in the log of the first event at or after a position. */
  placeOf(position: bigint): number {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#log[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Calls after every write, in the same tick. Gives what stops it. */
  onAppended(listener: () => void): () => void {
    this.#appended.on('appended', listener);
    return () => this.#appended.off('appended', listener);
  }

  /** A server that starts again knows no recent ids. */
  forgetRecentIds(): void {
    this.#recent.clear();
  }

  /** `CheckCommit`. Undefined when the events are to be written. */
  #judged(append: Append): Outcome | undefined {
    const { stream, expected } = append;
    if (this.isTombstoned(stream)) return { kind: 'deleted' };
    const current = this.currentRevision(stream);
    if (expected !== 'any' && expected !== 'stream_exists') return this.#judgedExactly(append, current);
    if (expected === 'stream_exists') {
      if (this.isSoftDeleted(stream)) return { kind: 'deleted' };
      const isThere = current >= 0n || this.currentRevision(metastreamOf(stream)) >= 0n;
      if (!isThere) return { kind: 'wrong-version', current };
    }
    const known = append.events.map(({ id }) => this.#recent.get(`${stream}/${id}`));
    if (known[0] === undefined) return undefined;
    // Known in part: "corrupted idempotency", answered as a wrong version.
    if (known.includes(undefined)) return { kind: 'wrong-version', current };
    return this.#appendedUpTo(stream, known.at(-1)!);
  }

  #judgedExactly({ stream, expected, events }: Append, current: bigint): Outcome | undefined {
    const after = typeof expected === 'bigint' ? expected : -1n;
    if (after === current) return undefined;
    const wrong: Outcome = { kind: 'wrong-version', current };
    if (after > current || events.length === 0) return wrong;
    const there = this.eventsOf(stream).slice(Number(after) + 1);
    const differs = events.findIndex(({ id }, index) => there[index]?.id !== id);
    if (differs === -1) return this.#appendedUpTo(stream, after + BigInt(events.length));
    return differs === 0 && expected === 'no_stream' && this.isSoftDeleted(stream) ? undefined : wrong;
  }

  #appendedUpTo(stream: string, revision: bigint): Outcome {
    const place = this.#streams.get(stream)?.places[Number(revision)];
    return { kind: 'appended', revision, position: place === undefined ? undefined : this.#log[place]?.position };
  }

  #write(stream: string, events: readonly Proposed[], current: bigint): void {
    const created = this.#now();
    let position = this.#end;
    const recorded = events.map((event, index) => {
      const one = { ...event, stream, revision: current + 1n + BigInt(index), position, created };
      position += recordBytes(one);
      return one;
    });
    if (recorded.length === 0) return;
    this.#journal?.write(recorded);
    for (const event of recorded) this.#take(event);
    this.#appended.emit('appended');
  }

  #take(event: Recorded): void {
    const stream = this.#streams.get(event.stream) ?? { places: [], tombstoned: false };
    this.#streams.set(event.stream, stream);
    if (event.revision === DELETED) stream.tombstoned = true;
    else stream.places.push(this.#log.length);
    this.#log.push(event);
    this.#end = event.position + recordBytes(event);
    this.#recent.set(`${event.stream}/${event.id}`, event.revision);
    if (this.#recent.size > RECENT_IDS_MAX) this.#recent.delete(this.#recent.keys().next().value!);
  }

  #truncate(stream: string, before: bigint): void {
    const metastream = metastreamOf(stream);
    const text = truncatedBefore(this.#newest(metastream)?.data, before);
    this.#write(metastream, [systemEvent('$metadata', text)], this.currentRevision(metastream));
  }

  #rules(stream: string): Rules {
    return rulesOf(stream, this.#newest(metastreamOf(stream))?.data);
  }

  #newest(stream: string): Recorded | undefined {
    const place = this.#streams.get(stream)?.places.at(-1);
    return place === undefined ? undefined : this.#log[place];
  }

  #begin(): void {
    const statistics = systemEvent(
      '$metadata',
      '{"$maxAge":86400,"$acl":{"$r":["$all","$ops"],"$mr":["$all","$ops"]}}',
    );
    this.#write('$$$stats-127.0.0.1:2113', [statistics], -1n);
    this.#write('$user-admin', [systemEvent('$UserCreated', '{"LoginName":"admin","Groups":["$admins"]}')], -1n);
    this.#write('$users', [systemEvent('$User', '"admin"')], -1n);
  }
}

function systemEvent(type: string, text: string): Proposed {
  return { id: randomUUID(), type, json: true, data: Buffer.from(text), metadata: NO_BYTES };
}

/** About the bytes of a prepare record (`PrepareLogRecord.GetSizeWithLengthPrefixAndSuffix`): what positions grow by. */
function recordBytes({ stream, type, data, metadata }: Omit<Recorded, 'position'>): bigint {
  return BigInt(100 + Buffer.byteLength(stream) + Buffer.byteLength(type) + data.length + metadata.length);
}
