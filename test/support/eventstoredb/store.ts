/**
 * What an EventStoreDB keeps: one log, its streams, and the judgement of an append. No network; it outlives the server that serves it.
 *
 * Modelled after the server's own source, versions 22 to 24 (EventStore/EventStore on GitHub): `IndexWriter.CheckCommit` for expected
 * revisions and idempotency, `StorageWriterService` for what a failed check is answered with and for deletes, `StreamMetadata` for
 * what hides events from a reader of a stream.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

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

interface Rules {
  readonly maxCount: number | undefined;
  readonly truncateBefore: number | undefined;
  readonly maxAgeSeconds: number | undefined;
}

const TOMBSTONE = 2n ** 63n - 1n;
/** `$tb` of a deleted stream is 2^63 - 1, which JSON.parse rounds to this. */
const DELETED = 2 ** 63;
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
    if (this.isTombstoned(append.stream)) return { kind: 'deleted' };
    const softDeleted = this.isSoftDeleted(append.stream);
    const current = this.currentRevision(append.stream);
    if (append.expected === 'stream_exists') {
      if (softDeleted) return { kind: 'deleted' };
      if (current < 0n && this.currentRevision(metastreamOf(append.stream)) < 0n)
        return { kind: 'wrong-version', current };
    }
    const repeated = this.#repeated(append, current, softDeleted);
    if (repeated !== undefined) return repeated;
    this.#write(append.stream, append.events, current);
    // A soft-deleted stream that is appended to shows its new events only.
    if (softDeleted && append.events.length > 0) this.#truncate(append.stream, current + 1n);
    return this.#appendedUpTo(append.stream, current + BigInt(append.events.length));
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
    if (this.isTombstoned(stream)) return { kind: 'deleted' };
    const current = this.currentRevision(stream);
    const wanted = expected === 'no_stream' ? -1n : expected;
    if (typeof wanted === 'bigint' && wanted !== current) return { kind: 'wrong-version', current };
    if (expected === 'stream_exists' && current < 0n) return { kind: 'wrong-version', current };
    if (how === 'tombstone') this.#write(stream, [systemEvent('$streamDeleted', '')], TOMBSTONE - 1n);
    else this.#truncate(stream, TOMBSTONE);
    return this.#appendedUpTo(stream, current, this.#log.at(-1)!.position);
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
    return !isMetastream(stream) && (this.#rules(stream).truncateBefore ?? 0) >= DELETED;
  }

  /** What a reader of the stream sees: without what `$maxCount`, `$tb` and `$maxAge` hide. `$all` shows those until a scavenge. */
  visible(stream: string): readonly Recorded[] {
    const rules = this.#rules(stream);
    const oldest =
      rules.maxAgeSeconds === undefined ? Number.NEGATIVE_INFINITY : this.#now() - rules.maxAgeSeconds * 1000;
    const events = this.eventsOf(stream);
    const from = Math.max(rules.truncateBefore ?? 0, rules.maxCount === undefined ? 0 : events.length - rules.maxCount);
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

  /** The idempotency of `CheckCommit`: undefined when the events are to be written. */
  #repeated(append: Append, current: bigint, softDeleted: boolean): Outcome | undefined {
    const { stream, events } = append;
    const wrong: Outcome = { kind: 'wrong-version', current };
    if (append.expected === 'any' || append.expected === 'stream_exists') {
      const known = events.map(({ id }) => this.#recent.get(`${stream}/${id}`));
      if (known[0] === undefined) return undefined;
      // Known in part: "corrupted idempotency", answered as a wrong version.
      if (known.includes(undefined)) return wrong;
      return this.#appendedUpTo(stream, known.at(-1)!);
    }
    const expected = append.expected === 'no_stream' ? -1n : append.expected;
    if (expected > current) return wrong;
    if (expected === current) return undefined;
    const there = this.eventsOf(stream).slice(Number(expected) + 1);
    const differs = events.findIndex(({ id }, index) => there[index]?.id !== id);
    if (differs === 0 && append.expected === 'no_stream' && softDeleted) return undefined;
    if (differs !== -1 || events.length === 0) return wrong;
    return this.#appendedUpTo(stream, expected + BigInt(events.length));
  }

  #appendedUpTo(stream: string, revision: bigint, position?: bigint): Outcome {
    const place = this.#streams.get(stream)?.places[Number(revision)];
    return {
      kind: 'appended',
      revision,
      position: position ?? (place === undefined ? undefined : this.#log[place]?.position),
    };
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
    if (event.revision === TOMBSTONE) stream.tombstoned = true;
    else stream.places.push(this.#log.length);
    this.#log.push(event);
    this.#end = event.position + recordBytes(event);
    this.#recent.set(`${event.stream}/${event.id}`, event.revision);
    if (this.#recent.size > RECENT_IDS_MAX) this.#recent.delete(this.#recent.keys().next().value!);
  }

  #truncate(stream: string, truncateBefore: bigint): void {
    const { $tb: _, ...kept } = this.#metadata(stream);
    const text = JSON.stringify({ ...kept, $tb: 0 }).replace(/"\$tb":0\}$/, `"$tb":${truncateBefore}}`);
    this.#write(metastreamOf(stream), [systemEvent('$metadata', text)], this.currentRevision(metastreamOf(stream)));
  }

  #metadata(stream: string): Readonly<Record<string, unknown>> {
    const newest = this.eventsOf(metastreamOf(stream)).at(-1);
    if (newest === undefined) return {};
    try {
      const parsed: unknown = JSON.parse(Buffer.from(newest.data).toString());
      return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
    } catch {
      return {};
    }
  }

  #rules(stream: string): Rules {
    // A metadata stream shows its newest event unless it is told otherwise; it has no metadata stream of its own.
    if (isMetastream(stream)) return { maxCount: 1, truncateBefore: undefined, maxAgeSeconds: undefined };
    const metadata = this.#metadata(stream);
    const number = (key: string): number | undefined => {
      const value = metadata[key];
      return typeof value === 'number' ? value : undefined;
    };
    return { maxCount: number('$maxCount'), truncateBefore: number('$tb'), maxAgeSeconds: number('$maxAge') };
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

export const metastreamOf = (stream: string): string => `$$${stream}`;
const isMetastream = (stream: string): boolean => stream.startsWith('$$');

function systemEvent(type: string, text: string): Proposed {
  return { id: randomUUID(), type, json: true, data: Buffer.from(text), metadata: NO_BYTES };
}

/** About the bytes of a prepare record (`PrepareLogRecord.GetSizeWithLengthPrefixAndSuffix`): what positions grow by. */
function recordBytes({ stream, type, data, metadata }: Omit<Recorded, 'position'>): bigint {
  return BigInt(100 + Buffer.byteLength(stream) + Buffer.byteLength(type) + data.length + metadata.length);
}
