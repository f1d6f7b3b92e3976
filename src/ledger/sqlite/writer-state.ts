/**
 * What the writer knows of the file without asking it: heads, counters and the numbers of names, each loaded once and
 * dropped whenever a transaction is rolled back. Only `flush` writes heads and counters, once per transaction.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from '../../../schemas/ids.ts';
import { splitStream } from '../../../schemas/ids.ts';
import { FIRST_PREVIOUS } from '../chain.ts';
import { keyOfRecord, withoutText } from '../erasure.ts';
import { type Named, namedBy } from '../judge.ts';
import type { KeptRejection, NewRejection } from '../port.ts';
import { Erasing } from './erasing.ts';
import type { IncomingEvent } from './messages.ts';
import { Names } from './names.ts';
import { CATEGORY_CODES, type FileKind } from './schema.ts';
import type { Recorded } from './writer.ts';

/** The end of one stream. It has a row in the file once it has an event. */
export interface StreamState {
  readonly id: number;
  readonly name: string;
  readonly category: number;
  /** -1 without events. */
  revision: number;
  position: Position;
  hash: Uint8Array;
  /** Since the last commit. */
  isChanged: boolean;
  /** Whether it has no row yet. */
  isNew: boolean;
}

interface Savepoint {
  readonly position: number;
  readonly recordedAt: number;
  readonly events: number;
  readonly stream: Pick<StreamState, 'revision' | 'position' | 'hash' | 'isChanged'>;
}

export interface KnownEvent {
  readonly position: Position;
  readonly stream: string;
  readonly type: string;
  readonly time: number | null;
  readonly dataText: string | null;
}

/** Streams remembered at most; beyond it all are dropped and looked up again. */
const REMEMBERED_MAX = 100_000;

/** What an event's identity is unique by: stores that hold records promise it for each stream only. */
const IDENTITY: Readonly<Record<FileKind, string>> = { ledger: 'source_id, id', mirror: 'source_id, id, stream_id' };

export class WriterState {
  position = 0 as Position;
  /** Of the head; 0 in an empty ledger. */
  recordedAt = 0;
  restoredUpTo: number | null = null;
  #events = 0;
  #streamCount = 0;
  #nextStream = 1;
  readonly erasing: Erasing;
  readonly #database: DatabaseSync;
  readonly #streams = new Map<string, StreamState>();
  readonly #changed = new Set<StreamState>();
  readonly #sources: Names;
  readonly #types: Names;
  readonly #actors: Names;
  readonly #insert: StatementSync;
  readonly #selectStream: StatementSync;
  readonly #selectKey: StatementSync;
  readonly #selectTarget: StatementSync;
  readonly #selectErased: StatementSync;
  readonly #putChained: StatementSync;
  readonly #putStream: StatementSync;
  readonly #putLedger: StatementSync;
  readonly #putRetraction: StatementSync;
  readonly #putRejection: StatementSync;

  constructor(database: DatabaseSync, kind: FileKind = 'ledger') {
    this.#database = database;
    this.erasing = new Erasing(database);
    this.#sources = new Names(database, 'source');
    this.#types = new Names(database, 'type');
    this.#actors = new Names(database, 'actor');
    this.#insert = database.prepare(
      `INSERT INTO event (position, stream_id, revision, category, type_id, source_id, actor_id, synthetic, recorded_at,
         occurred_at, not_before, id, envelope, data, salt, data_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (${IDENTITY[kind]}) DO NOTHING`,
    );
    this.#selectStream = database.prepare('SELECT id, revision, position, hash FROM stream WHERE name = ?');
    this.#selectKey = database.prepare(
      `SELECT event.position, event.stream_id AS streamId, stream.name AS stream, type.name AS type, occurred_at AS time, data AS dataText
       FROM source JOIN event ON event.source_id = source.id AND event.id = ?
         JOIN type ON type.id = event.type_id LEFT JOIN stream ON stream.id = event.stream_id WHERE source.name = ?`,
    );
    this.#selectTarget = database.prepare(
      `SELECT event.position, type.name AS type FROM source JOIN event ON event.source_id = source.id AND event.id = ?
         AND event.stream_id = ? JOIN type ON type.id = event.type_id WHERE source.name = ?`,
    );
    this.#selectErased = database.prepare(
      `SELECT 1 FROM source JOIN event ON event.source_id = source.id AND event.id = ?
       WHERE source.name = ? AND data IS NULL`,
    );
    this.#putChained = database.prepare('INSERT INTO chained VALUES (?, ?)');
    this.#putStream = database.prepare(
      `INSERT INTO stream VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, position = excluded.position, hash = excluded.hash`,
    );
    this.#putLedger = database.prepare(
      'UPDATE ledger SET position = ?, recorded_at = ?, events = ?, streams = ?, restored_up_to = ?',
    );
    this.#putRetraction = database.prepare('INSERT OR IGNORE INTO retraction VALUES (?, ?, ?)');
    this.#putRejection = database.prepare('INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
    this.forget();
  }

  /** Reads everything anew: after a rollback nothing remembered can be trusted. */
  forget(): void {
    const row = this.#database.prepare('SELECT * FROM ledger').get() as Record<string, number | null>;
    this.position = row['position'] as Position;
    this.recordedAt = row['recorded_at'] ?? 0;
    this.restoredUpTo = row['restored_up_to'] ?? null;
    this.#events = row['events'] ?? 0;
    this.#streamCount = row['streams'] ?? 0;
    const last = this.#database.prepare('SELECT max(id) AS id FROM stream').get();
    this.#nextStream = Number(last?.['id'] ?? 0) + 1;
    this.#streams.clear();
    this.#changed.clear();
    this.erasing.forget();
    for (const names of [this.#sources, this.#types, this.#actors]) names.forget();
  }

  stream(name: string): StreamState {
    const known = this.#streams.get(name);
    if (known) return known;
    const parts = splitStream(name);
    if (!parts) throw new Error(`${name} is no stream of ours`);
    const row = this.#selectStream.get(name) as
      | { id: number; revision: number; position: Position; hash: Uint8Array }
      | undefined;
    const stream: StreamState = {
      id: row?.id ?? this.#nextStream++,
      name,
      category: CATEGORY_CODES[parts.category],
      revision: row?.revision ?? -1,
      position: row?.position ?? (0 as Position),
      hash: row?.hash ?? FIRST_PREVIOUS,
      isChanged: false,
      isNew: row === undefined,
    };
    this.#streams.set(name, stream);
    return stream;
  }

  /** Inserts the stream's next event; false when its (source, id) is known, and then nothing has changed. */
  insert(stream: StreamState, event: IncomingEvent, recorded: Recorded): boolean {
    const position = recorded.position ?? this.position + 1;
    const { changes } = this.#insert.run(
      position,
      stream.id,
      stream.revision + 1,
      stream.category,
      this.#types.numberOf(event.type),
      this.#sources.numberOf(event.source),
      event.actor === null ? null : this.#actors.numberOf(event.actor),
      event.synthetic ? 1 : 0,
      recorded.recordedAt,
      event.time,
      event.notBefore,
      event.id,
      event.envelope,
      recorded.salt === null ? null : event.dataText,
      recorded.salt,
      recorded.dataHash,
      recorded.hash,
    );
    if (changes === 0) return false;
    if (recorded.chainedAt !== null) this.#putChained.run(position, recorded.chainedAt);
    this.position = position as Position;
    this.recordedAt = recorded.recordedAt;
    this.#events += 1;
    stream.revision += 1;
    stream.position = this.position;
    stream.hash = recorded.hash;
    if (!stream.isChanged) {
      stream.isChanged = true;
      this.#changed.add(stream);
    }
    return true;
  }

  /**
   * Notes that the event at the head retracts the one it names, if that is in the same stream and no retraction itself;
   * and blanks that one where it is to be erased.
   */
  recordRetraction(stream: StreamState, named: Named): void {
    const target = this.#selectTarget.get(named.id, stream.id, named.source) as
      | { position: Position; type: string }
      | undefined;
    if (!target || target.type === 'EventRetracted') return;
    this.#putRetraction.run(target.position, this.position, stream.id);
    if (named.erase) this.erasing.blank(target.position, named);
  }

  eventByKey(source: string, id: string): KnownEvent | null {
    const row = this.#selectKey.get(id, source) as (KnownEvent & { streamId: number }) | undefined;
    if (!row) return null;
    return { ...row, stream: this.#nameOf(row.streamId, row.stream) };
  }

  /** The stream of the event that a retraction's data names; null when there is none. */
  streamOfNamed(dataText: string): string | null {
    const { source, id } = namedBy(dataText);
    return this.eventByKey(source, id)?.stream ?? null;
  }

  savepoint(stream: StreamState): Savepoint {
    this.#database.exec('SAVEPOINT request');
    const { revision, position, hash, isChanged } = stream;
    return { ...this.#counters(), stream: { revision, position, hash, isChanged } };
  }

  release(): void {
    this.#database.exec('RELEASE request');
  }

  rollback(before: Savepoint, stream: StreamState): void {
    this.#database.exec('ROLLBACK TO request; RELEASE request');
    this.position = before.position as Position;
    this.recordedAt = before.recordedAt;
    this.#events = before.events;
    Object.assign(stream, before.stream);
    if (!stream.isChanged) this.#changed.delete(stream);
    for (const names of [this.#sources, this.#types, this.#actors]) names.forget();
  }

  /** Writes heads and counters, right before the commit. */
  flush(): void {
    for (const stream of this.#changed) {
      this.#putStream.run(stream.id, stream.name, stream.revision, stream.position, stream.hash);
      if (stream.isNew) this.#streamCount += 1;
      stream.isNew = false;
      stream.isChanged = false;
    }
    this.#changed.clear();
    const recordedAt = this.position === 0 ? null : this.recordedAt;
    this.#putLedger.run(this.position, recordedAt, this.#events, this.#streamCount, this.restoredUpTo);
    this.erasing.flush();
    if (this.#streams.size > REMEMBERED_MAX) this.#streams.clear();
  }

  keepRejections(rejections: readonly NewRejection[], keep: number): void {
    let seq = Math.max(0, this.#lastRejection());
    for (const rejection of rejections) this.#putOne({ ...this.#allowed(rejection), seq: ++seq });
    const { changes } = this.#database.prepare('DELETE FROM rejection WHERE seq <= ?').run(seq - keep);
    if (changes === 0) return;
    this.#database.prepare('UPDATE ledger SET rejections_dropped = rejections_dropped + ?').run(changes);
  }

  /** Keeps rejections that the record has counted, but for those known already. */
  mirrorRejections(rejections: readonly KeptRejection[], keep: number): void {
    const first = this.#lastRejection() + 1;
    for (const rejection of rejections) if (rejection.seq >= first) this.#putOne(this.#allowed(rejection));
    this.#database.prepare('DELETE FROM rejection WHERE seq <= ?').run(this.#lastRejection() - keep);
    // The record counts from 0: what is below the lowest was dropped there, or here.
    this.#database.exec(
      'UPDATE ledger SET rejections_dropped = coalesce((SELECT min(seq) FROM rejection), rejections_dropped)',
    );
  }

  #putOne({ seq, at, door, code, message, path, record, truncated }: KeptRejection): void {
    this.#putRejection.run(seq, at, door, code, message, path, record, truncated ? 1 : 0);
  }

  /** -1 without any. */
  #lastRejection(): number {
    return Number(this.#database.prepare('SELECT max(seq) AS last FROM rejection').get()?.['last'] ?? -1);
  }

  /** Without its text where it is of an erased event, whose text must not come back this way. */
  #allowed<R extends NewRejection>(rejection: R): R {
    const key = keyOfRecord(rejection);
    const isErased = key !== null && this.#selectErased.get(key.id, key.source) !== undefined;
    return isErased ? withoutText(rejection) : rejection;
  }

  #counters() {
    return { position: this.position, recordedAt: this.recordedAt, events: this.#events };
  }

  /** A stream that began in this transaction has no row yet. */
  #nameOf(id: number, name: string | null): string {
    if (name !== null) return name;
    for (const stream of this.#changed) if (stream.id === id) return stream.name;
    throw new Error(`Stream ${id} has no name`);
  }
}
