/** Rows of the file as events. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { CATALOGUE, type EventName } from '../../../schemas/catalogue.ts';
import type { FoldEvent, RecordedEvent } from '../../../schemas/event.ts';
import {
  type Position,
  type Revision,
  type StreamCategory,
  type StreamName,
  splitStream,
} from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { hasVersions, presentData } from '../../../schemas/upcast.ts';
import { MusterbookError } from '../../errors.ts';
import { digestData, toHex } from '../chain.ts';
import { effectiveTime } from '../judge.ts';
import type { Place, StoredEvent } from '../port.ts';

export const PLACE_COLUMNS = 'position, revision, type_id, recorded_at, occurred_at';
export const FOLD_COLUMNS =
  'position, stream_id, revision, type_id, source_id, actor_id, synthetic, recorded_at, occurred_at, not_before, id, data';
export const STORED_COLUMNS = `${FOLD_COLUMNS}, envelope, salt, hash, data_hash`;

type PlaceRow = [Position, Revision, number, number, number | null];
type FoldRow = [
  Position,
  number,
  Revision,
  number,
  number,
  number | null,
  number,
  Micros,
  Micros | null,
  Micros | null,
  string,
  string | null,
];
type StoredRow = [...FoldRow, string, Uint8Array | null, Uint8Array, Uint8Array | null];

interface NamedStream {
  readonly name: StreamName;
  readonly category: StreamCategory;
  readonly subject: string;
}

/** Names remembered at most, of each kind; beyond it all are dropped and looked up again. */
const REMEMBERED_MAX = 100_000;

/** Turns rows, given as arrays in the order of the columns above, into events. */
export class Rows {
  readonly #path: string;
  readonly #streams: Lookup<NamedStream>;
  readonly #types: Lookup<EventName>;
  readonly #sources: Lookup<string>;
  readonly #actors: Lookup<string>;
  readonly #envelopeAt: StatementSync;
  readonly #database: DatabaseSync;
  #erasureAt: StatementSync | null = null;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    const itself = (name: string): string => name;
    this.#streams = new Lookup(database, 'stream', namedStream);
    this.#types = new Lookup(database, 'type', (name) => (Object.hasOwn(CATALOGUE, name) ? (name as EventName) : null));
    this.#sources = new Lookup(database, 'source', itself);
    this.#actors = new Lookup(database, 'actor', itself);
    this.#database = database;
    this.#envelopeAt = database.prepare('SELECT envelope FROM event WHERE position = ?');
  }

  place(row: unknown): Place {
    const [position, revision, type, recordedAt, occurredAt] = row as PlaceRow;
    return {
      position,
      revision,
      effectiveAt: effectiveTime(occurredAt, recordedAt),
      type: this.#found(this.#types, type, position),
    };
  }

  /** `erased` is to be said where the row comes without its data. */
  fold(row: unknown, erased?: boolean): FoldEvent {
    const columns = row as FoldRow;
    const position = columns[0];
    const stream = this.#found(this.#streams, columns[1], position);
    const type = this.#found(this.#types, columns[3], position);
    const recordedAt = columns[7];
    const occurredAt = columns[8];
    const dataText = columns[11];
    return {
      position,
      stream: stream.name,
      category: stream.category,
      subject: stream.subject,
      revision: columns[2],
      type,
      source: this.#found(this.#sources, columns[4], position),
      id: columns[10],
      occurredAt: occurredAt ?? recordedAt,
      occurredAtKnown: occurredAt !== null,
      recordedAt,
      effectiveAt: effectiveTime(occurredAt, recordedAt),
      notBefore: columns[9],
      synthetic: columns[6] === 1,
      actor: columns[5] === null ? null : this.#found(this.#actors, columns[5], position),
      erased: erased ?? dataText === null,
      data: this.#data(type, dataText, position),
    };
  }

  streamName(number: number, position: Position): StreamName {
    return this.#found(this.#streams, number, position).name;
  }

  stored(row: unknown): StoredEvent {
    const columns = row as StoredRow;
    const [dataText, envelope, salt, hash, keptHash] = [
      columns[11],
      columns[12],
      columns[13],
      columns[14],
      columns[15],
    ];
    const dataHash =
      salt && dataText !== null ? digestData(salt, dataText) : (keptHash ?? this.#erasedHash(columns[0]));
    const { data: _, ...event } = this.fold(columns.with(11, null));
    return {
      ...event,
      erased: dataText === null,
      envelope,
      dataText,
      salt: salt && toHex(salt),
      dataHash: dataHash ? toHex(dataHash) : '',
      hash: toHex(hash),
    };
  }

  /** null where there is none: then something is missing. */
  #erasedHash(position: Position): Uint8Array | null {
    // A file that only an older version has written to has no such table.
    const hasErasures =
      this.#database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'erasure'`).get() !== undefined;
    if (hasErasures) this.#erasureAt ??= this.#database.prepare('SELECT data_hash FROM erasure WHERE position = ?');
    return (this.#erasureAt?.get(position)?.['data_hash'] as Uint8Array | undefined) ?? null;
  }

  recorded(row: unknown): RecordedEvent {
    const stored = this.stored(row);
    return { ...stored, data: this.#data(stored.type, stored.dataText, stored.position) };
  }

  #data(type: EventName, dataText: string | null, position: Position): FoldEvent['data'] {
    if (dataText === null) return {} as FoldEvent['data'];
    let data: Record<string, unknown>;
    try {
      data = JSON.parse(dataText) as Record<string, unknown>;
    } catch (failure) {
      throw this.#damaged(position, 'its data is not JSON', failure);
    }
    if (!hasVersions(type)) return data as FoldEvent['data'];
    const envelope = String(this.#envelopeAt.get(position)?.['envelope']);
    return presentData(CATALOGUE[type], data, envelope) as FoldEvent['data'];
  }

  #found<Value>(lookup: Lookup<Value>, number: number, position: Position): Value {
    const value = lookup.get(number);
    if (value === null) throw this.#damaged(position, `its ${lookup.table} is unknown`);
    return value;
  }

  #damaged(position: Position, what: string, cause?: unknown): MusterbookError {
    const facts = { path: this.#path, position };
    return new MusterbookError('LEDGER_CORRUPT', `The event at position ${position} is damaged: ${what}`, facts, cause);
  }
}

/** What the numbers in `event` stand for. A number never changes its meaning. */
class Lookup<Value> {
  readonly table: string;
  readonly #select: StatementSync;
  readonly #read: (name: string) => Value | null;
  readonly #values = new Map<number, Value>();

  constructor(
    database: DatabaseSync,
    table: 'stream' | 'type' | 'source' | 'actor',
    read: (name: string) => Value | null,
  ) {
    this.table = table;
    this.#read = read;
    this.#select = database.prepare(`SELECT name FROM ${table} WHERE id = ?`);
  }

  get(number: number): Value | null {
    const known = this.#values.get(number);
    if (known !== undefined) return known;
    const name = this.#select.get(number)?.['name'];
    const value = typeof name === 'string' ? this.#read(name) : null;
    if (this.#values.size > REMEMBERED_MAX) this.#values.clear();
    if (value !== null) this.#values.set(number, value);
    return value;
  }
}

function namedStream(name: string): NamedStream | null {
  const parts = splitStream(name);
  return parts && { name: name as StreamName, ...parts };
}
