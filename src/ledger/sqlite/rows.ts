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
import type { Evidence, Place, StoredEvent } from '../port.ts';

export const PLACE_COLUMNS = 'position, revision, type_id, recorded_at, occurred_at';
export const FOLD_COLUMNS =
  'position, stream_id, revision, type_id, source_id, actor_id, synthetic, recorded_at, occurred_at, not_before, id, data';
const STORED_COLUMNS = `${FOLD_COLUMNS}, envelope, salt, hash, data_hash`;
// Whether there is any is asked once in a statement, not once a row: in most ledgers there is none.
const CHAINED_COLUMN = `iif(EXISTS (SELECT 1 FROM chained),
  (SELECT at FROM chained WHERE chained.position = event.position), NULL)`;

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
type StoredRow = [...FoldRow, string, Uint8Array | null, Uint8Array, Uint8Array | null, Micros | null];

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
  #hasChained = false;

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
    return this.#stored(row as StoredRow);
  }

  /** null where there is none: then something is missing. */
  #erasedHash(position: Position): Uint8Array | null {
    if (this.#hasTable('erasure'))
      this.#erasureAt ??= this.#database.prepare('SELECT data_hash FROM erasure WHERE position = ?');
    return (this.#erasureAt?.get(position)?.['data_hash'] as Uint8Array | undefined) ?? null;
  }

  recorded(row: unknown): RecordedEvent {
    const { envelope, dataText, salt, dataHash, hash, chainedAt } = this.#stored(row as StoredRow);
    const event = { ...this.fold(row), envelope, dataText, salt, dataHash, hash };
    return chainedAt === undefined ? event : { ...event, chainedAt };
  }

  /** What `stored` and `recorded` are made of. */
  get storedColumns(): string {
    this.#hasChained ||= this.#hasTable('chained');
    return `${STORED_COLUMNS}, ${this.#hasChained ? CHAINED_COLUMN : 'NULL'}`;
  }

  /** A file that only an older version has written to lacks those that were added since. */
  #hasTable(name: 'erasure' | 'chained'): boolean {
    return this.#database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(name) !== undefined;
  }

  #stored(columns: StoredRow): SealedEvent {
    const position = columns[0];
    const stream = this.#found(this.#streams, columns[1], position);
    const type = this.#found(this.#types, columns[3], position);
    const source = this.#found(this.#sources, columns[4], position);
    const actor = columns[5] === null ? null : this.#found(this.#actors, columns[5], position);
    const dataHash = columns[15] ?? (columns[11] === null ? this.#erasedHash(position) : null);
    return new SealedEvent(columns, { stream, type, source, actor, dataHash });
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

interface Names {
  readonly stream: NamedStream;
  readonly type: EventName;
  readonly source: string;
  readonly actor: string | null;
  readonly dataHash: Uint8Array | null;
}

/** A row as it lies in the file. Hexadecimal digits are written for who asks: a proof of millions of events does not. */
class SealedEvent implements StoredEvent {
  readonly position: Position;
  readonly stream: StreamName;
  readonly category: StreamCategory;
  readonly subject: string;
  readonly revision: Revision;
  readonly type: EventName;
  readonly source: string;
  readonly id: string;
  readonly occurredAt: Micros;
  readonly occurredAtKnown: boolean;
  readonly recordedAt: Micros;
  readonly notBefore: Micros | null;
  readonly synthetic: boolean;
  readonly actor: string | null;
  readonly erased: boolean;
  readonly envelope: string;
  readonly dataText: string | null;
  readonly evidence: Evidence;
  readonly chainedAt: Micros | undefined;

  constructor(columns: StoredRow, { stream, type, source, actor, dataHash }: Names) {
    this.position = columns[0];
    this.stream = stream.name;
    this.category = stream.category;
    this.subject = stream.subject;
    this.revision = columns[2];
    this.type = type;
    this.source = source;
    this.id = columns[10];
    this.occurredAt = columns[8] ?? columns[7];
    this.occurredAtKnown = columns[8] !== null;
    this.recordedAt = columns[7];
    this.notBefore = columns[9];
    this.synthetic = columns[6] === 1;
    this.actor = actor;
    this.erased = columns[11] === null;
    this.envelope = columns[12];
    this.dataText = columns[11];
    this.evidence = { salt: columns[13], dataHash, hash: columns[14] };
    this.chainedAt = columns[16] ?? undefined;
  }

  get effectiveAt(): Micros {
    return effectiveTime(this.occurredAtKnown ? this.occurredAt : null, this.recordedAt);
  }

  get salt(): string | null {
    return this.evidence.salt && toHex(this.evidence.salt);
  }

  get hash(): string {
    return toHex(this.evidence.hash);
  }

  get dataHash(): string {
    const { salt, dataHash } = this.evidence;
    const digest = dataHash ?? (salt && this.dataText !== null ? digestData(salt, this.dataText) : null);
    return digest ? toHex(digest) : '';
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
