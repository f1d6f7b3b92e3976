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
import type { NewRejection } from '../port.ts';
import { Erasing } from './erasing.ts';
import type { IncomingEvent } from './messages.ts';
import { CATEGORY_CODES } from './schema.ts';
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

/** Names and streams remembered at most; beyond it all are dropped and looked up again. */
const REMEMBERED_MAX = 100_000;

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
  readonly #putStream: StatementSync;
  readonly #putLedger: StatementSync;
  readonly #putRetraction: StatementSync;
  readonly #putRejection: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.erasing = new Erasing(database);
    this.#sources = new Names(database, 'source');
    this.#types = new Names(database, 'type');
    this.#actors = new Names(database, 'actor');
    this.#insert = database.prepare(
      `INSERT INTO event (position, stream_id, revision, category, type_id, source_id, actor_id, synthetic, recorded_at,
         occurred_at, not_before, id, envelope, data, salt, data_hash, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source_id, id) DO NOTHING`,
    );
    this.#selectStream = database.prepare('SELECT id, revision, position, hash FROM stream WHERE name = ?');
    this.#selectKey = database.prepare(
      `SELECT event.position, event.stream_id AS streamId, stream.name AS stream, type.name AS type, occurred_at AS time, data AS dataText
       FROM source JOIN event ON event.source_id = source.id AND event.id = ?
         JOIN type ON type.id = event.type_id LEFT JOIN stream ON stream.id = event.stream_id WHERE source.name = ?`,
    );
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
    const position = this.position + 1;
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
    const target = this.#selectKey.get(named.id, named.source) as (KnownEvent & { streamId: number }) | undefined;
    if (!target || target.streamId !== stream.id || target.type === 'EventRetracted') return;
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
    const range = this.#database.prepare('SELECT min(seq) AS first, max(seq) AS last FROM rejection').get();
    let seq = Number(range?.['last'] ?? 0);
    for (const { at, door, code, message, path, record, truncated } of rejections.map((each) => this.#allowed(each))) {
      seq += 1;
      this.#putRejection.run(seq, at, door, code, message, path, record, truncated ? 1 : 0);
    }
    const { changes } = this.#database.prepare('DELETE FROM rejection WHERE seq <= ?').run(seq - keep);
    if (changes === 0) return;
    this.#database.prepare('UPDATE ledger SET rejections_dropped = rejections_dropped + ?').run(changes);
  }

  /** Without its text where it is of an erased event, whose text must not come back this way. */
  #allowed(rejection: NewRejection): NewRejection {
    const key = keyOfRecord(rejection);
    const known = key && this.#selectKey.get(key.id, key.source);
    return known && known['dataText'] === null ? withoutText(rejection) : rejection;
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

/** The numbers that stand for names in `event`. */
class Names {
  readonly #numbers = new Map<string, number>();
  readonly #select: StatementSync;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync, table: 'source' | 'type' | 'actor') {
    this.#select = database.prepare(`SELECT id FROM ${table} WHERE name = ?`);
    this.#insert = database.prepare(`INSERT INTO ${table} (name) VALUES (?)`);
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const found = this.#select.get(name)?.['id'] ?? this.#insert.run(name).lastInsertRowid;
    if (this.#numbers.size > REMEMBERED_MAX) this.#numbers.clear();
    this.#numbers.set(name, Number(found));
    return Number(found);
  }

  forget(): void {
    this.#numbers.clear();
  }
}
