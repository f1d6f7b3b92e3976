/** Reading a ledger file, page by page, on a connection of its own. No statement stays open between pages. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { FoldEvent, RecordedEvent } from '../../../schemas/event.ts';
import { CATEGORIES, type Position, type Revision, type StreamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { digestEnds, toHex } from '../chain.ts';
import { sortedPositions } from '../judge.ts';
import type {
  DigestAt,
  EventKey,
  Head,
  KeptRejection,
  OwnReader,
  Place,
  ReadAll,
  ReadStream,
  RejectionPage,
  Retraction,
  StoredEvent,
} from '../port.ts';
import { translated } from './failure.ts';
import { FOLD_COLUMNS, PLACE_COLUMNS, Rows } from './rows.ts';
import { CATEGORY_CODES, openForReading } from './schema.ts';

/**
 * Opens a ledger file for reading, beside its writer or without one, in any thread. The caller owes `close()`. Throws
 * `LEDGER_MISSING`, `LEDGER_NEWER`, `LEDGER_CORRUPT`, `STORAGE_FAILED`.
 */
export function openSqliteReader(path: string): OwnReader {
  return new SqliteReader(path);
}

/** How many events, about, one statement walks through when it may have to skip most of them: some 10 ms. */
const WINDOW_EVENTS = 20_000;
const STATEMENTS_MAX = 200;

interface Shape<T> {
  readonly columns: () => string;
  readonly build: (row: unknown) => T;
}
type Bound = number | string | null;

export class SqliteReader implements OwnReader {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #folds: Shape<FoldEvent>;
  readonly #recorded: Shape<RecordedEvent>;
  readonly #stored: Shape<StoredEvent>;
  readonly #places: Shape<Place>;

  constructor(path: string) {
    this.#path = path;
    this.#database = openForReading(path);
    const rows = new Rows(path, this.#database);
    this.#folds = { columns: () => FOLD_COLUMNS, build: (row) => rows.fold(row) };
    const storedColumns = (): string => rows.storedColumns;
    this.#recorded = { columns: storedColumns, build: (row) => rows.recorded(row) };
    this.#stored = { columns: storedColumns, build: (row) => rows.stored(row) };
    this.#places = { columns: () => PLACE_COLUMNS, build: (row) => rows.place(row) };
  }

  async head(): Promise<Head> {
    const [row] = this.all('SELECT position, recorded_at, events, streams, restored_up_to FROM ledger', []);
    const [position, recordedAt, events, streams, restoredUpTo] = row as [
      Position,
      Micros | null,
      number,
      number,
      Position | null,
    ];
    return { position, recordedAt, events, streams, restoredUpTo };
  }

  async readAll(query: ReadAll): Promise<readonly FoldEvent[]> {
    return this.#readAll(query, this.#folds);
  }

  async readAllRecorded(query: ReadAll): Promise<readonly RecordedEvent[]> {
    return this.#readAll(query, this.#recorded);
  }

  async readAllStored(query: ReadAll): Promise<readonly StoredEvent[]> {
    return this.#readAll(query, this.#stored);
  }

  async readStream(stream: StreamName, query: ReadStream): Promise<readonly FoldEvent[]> {
    return this.#readStream(stream, query, this.#folds);
  }

  async readStreamRecorded(stream: StreamName, query: ReadStream): Promise<readonly RecordedEvent[]> {
    return this.#readStream(stream, query, this.#recorded);
  }

  async readPlaces(stream: StreamName, query: ReadStream): Promise<readonly Place[]> {
    return this.#readStream(stream, query, this.#places);
  }

  async eventAt(position: Position): Promise<RecordedEvent | null> {
    return this.#eventAt(position);
  }

  async eventsAt(positions: readonly Position[]): Promise<readonly FoldEvent[]> {
    const sql = `SELECT ${FOLD_COLUMNS} FROM event WHERE position IN (SELECT value FROM json_each(?)) ORDER BY position`;
    return this.all(sql, [JSON.stringify(positions)]).map(this.#folds.build);
  }

  async eventByKey({ source, id }: EventKey, within?: StreamName): Promise<RecordedEvent | null> {
    const inStream = within === undefined ? '' : 'AND stream_id = (SELECT id FROM stream WHERE name = ?)';
    const sql = `SELECT ${this.#recorded.columns()} FROM event
      WHERE source_id = (SELECT id FROM source WHERE name = ?) AND id = ? ${inStream} ORDER BY position LIMIT 1`;
    const [row] = this.all(sql, within === undefined ? [source, id] : [source, id, within]);
    return row === undefined ? null : this.#recorded.build(row);
  }

  async streamHead(stream: StreamName): Promise<{ revision: Revision; position: Position } | null> {
    const [row] = this.all('SELECT revision, position FROM stream WHERE name = ?', [stream]);
    if (row === undefined) return null;
    const [revision, position] = row as [Revision, Position];
    return { revision, position };
  }

  async digestAt({ upTo, streamsMax }: DigestAt): Promise<string | null> {
    const rows = this.all('SELECT id, name, revision, position, hash FROM stream LIMIT ?', [streamsMax + 1]);
    if (rows.length > streamsMax) return null;
    const ends = (rows as [number, StreamName, Revision, Position, Uint8Array][]).flatMap((row) => {
      const [id, stream, head, position, hash] = row;
      if (position <= upTo) return [{ stream, revision: head, hash }];
      // It went on since: its end as of then is a few events back.
      const revision = this.#lastRevision(id, head, upTo) as Revision;
      const [then] = this.all('SELECT hash FROM event WHERE stream_id = ? AND revision = ?', [id, revision]);
      return then === undefined ? [] : [{ stream, revision, hash: then[0] as Uint8Array }];
    });
    return toHex(digestEnds(ends));
  }

  async retractedBy(position: Position): Promise<RecordedEvent | null> {
    const [row] = this.all('SELECT position FROM retraction WHERE target = ?', [position]);
    return row === undefined ? null : this.#eventAt((row as [Position])[0]);
  }

  async retractedAmong(positions: readonly Position[], upTo?: Position): Promise<ReadonlyMap<Position, Position>> {
    const sorted = sortedPositions(positions);
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) return new Map();
    const known = upTo ?? Number.MAX_SAFE_INTEGER;
    // A page of the whole ledger is dense, as the ledger is: one range. Positions of one stream may lie far apart: one look-up each.
    const rows =
      last - first < sorted.length * 8 * this.#spread().spread
        ? this.all('SELECT target, position FROM retraction WHERE target BETWEEN ? AND ? AND position <= ?', [
            first,
            last,
            known,
          ])
        : this.all(
            `SELECT target, position FROM json_each(?) AS asked JOIN retraction ON target = asked.value
             WHERE position <= ? ORDER BY target`,
            [JSON.stringify(sorted), known],
          );
    if (rows.length === 0) return new Map();
    const asked = new Set(sorted);
    return new Map((rows as [Position, Position][]).filter(([target]) => asked.has(target)));
  }

  async readRetractions(query: {
    readonly after?: Position;
    readonly upTo?: Position;
    readonly limit: number;
  }): Promise<readonly Retraction[]> {
    const rows = this.all(
      `SELECT retraction.position, target, stream.name FROM retraction JOIN stream ON stream.id = stream_id
       WHERE retraction.position > ? AND retraction.position <= ? ORDER BY retraction.position LIMIT ?`,
      [query.after ?? 0, query.upTo ?? Number.MAX_SAFE_INTEGER, query.limit],
    );
    return (rows as [Position, Position, StreamName][]).map(([position, target, stream]) => ({
      position,
      target,
      stream,
    }));
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  protected readRejections({ before, limit }: { readonly before?: number; readonly limit: number }): RejectionPage {
    const rows = this.all(
      'SELECT seq, at, door, code, message, path, record, truncated FROM rejection WHERE seq < ? ORDER BY seq DESC LIMIT ?',
      [before ?? Number.MAX_SAFE_INTEGER, limit],
    );
    const [dropped] = this.all('SELECT rejections_dropped FROM ledger', [])[0] as [number];
    const [total] = this.all('SELECT count(*) FROM rejection', [])[0] as [number];
    return { rejections: rows.map(keptRejection), dropped, total };
  }

  #eventAt(position: Position): RecordedEvent | null {
    const [row] = this.all(`SELECT ${this.#recorded.columns()} FROM event WHERE position = ?`, [position]);
    return row === undefined ? null : this.#recorded.build(row);
  }

  async #readAll<T>(query: ReadAll, shape: Shape<T>): Promise<readonly T[]> {
    const filter = this.#filterOf(query);
    if (filter === null) return [];
    const first = (query.after ?? 0) + 1;
    // Bounded by the head: a sparse read walks through every window up to its end.
    const { head, spread } = this.#spread();
    const last = Math.min(query.upTo ?? head, head);
    const order = query.backwards ? 'DESC' : 'ASC';
    const sql = `SELECT ${shape.columns()} FROM event ${filter.from} WHERE ${filter.where} position BETWEEN ? AND ?
      ORDER BY position ${order} LIMIT ?`;
    const found: T[] = [];
    const width = filter.isSparse ? Math.ceil(WINDOW_EVENTS * spread) : Number.MAX_SAFE_INTEGER;
    for (let done = 0; done <= last - first && found.length < query.limit; done += width) {
      // Other work gets its turn between windows.
      if (done > 0) await setImmediate();
      const [low, high] = query.backwards
        ? [Math.max(first, last - done - width + 1), last - done]
        : [first + done, Math.min(last, first + done + width - 1)];
      for (const row of this.all(sql, [low, high, query.limit - found.length])) found.push(shape.build(row));
    }
    return found;
  }

  /** The head, and how many positions there are to an event: 1 where there are no gaps. */
  #spread(): { readonly head: number; readonly spread: number } {
    const [position, events] = this.all('SELECT position, events FROM ledger', [])[0] as [number, number];
    return { head: position, spread: Math.max(1, position / Math.max(1, events)) };
  }

  /** The part of the statement that picks categories and types; null when nothing can match. */
  #filterOf({ categories, types }: ReadAll): { from: string; where: string; isSparse: boolean } | null {
    const codes = [...new Set(categories ?? CATEGORIES)].map((category) => CATEGORY_CODES[category]);
    if (codes.length === 0) return null;
    const byCategory = codes.length < CATEGORIES.length ? `category IN (${codes.join()}) AND` : '';
    const isBesideCluster = !codes.includes(CATEGORY_CODES.cluster);
    const from = isBesideCluster ? 'INDEXED BY event_beside_cluster' : '';
    const besideCluster = isBesideCluster ? 'category > 0 AND' : '';
    if (types === undefined) {
      return { from, where: `${besideCluster} ${byCategory}`, isSparse: byCategory !== '' && !isBesideCluster };
    }
    const named = this.all('SELECT id FROM type WHERE name IN (SELECT value FROM json_each(?)) ORDER BY id', [
      JSON.stringify(types),
    ]);
    if (named.length === 0) return null;
    return { from, where: `${besideCluster} ${byCategory} type_id IN (${named.join()}) AND`, isSparse: true };
  }

  #readStream<T>(stream: StreamName, query: ReadStream, shape: Shape<T>): readonly T[] {
    const [row] = this.all('SELECT id, revision FROM stream WHERE name = ?', [stream]);
    if (row === undefined) return [];
    const [id, head] = row as [number, number];
    const to = Math.min(query.to ?? head, head);
    const last = query.upTo === undefined ? to : this.#lastRevision(id, to, query.upTo);
    const sql = `SELECT ${shape.columns()} FROM event WHERE stream_id = ? AND revision BETWEEN ? AND ?
      ORDER BY revision ${query.backwards ? 'DESC' : 'ASC'} LIMIT ?`;
    return this.all(sql, [id, query.from ?? 0, last, query.limit]).map(shape.build);
  }

  /** The highest revision, `to` at most, whose position is at or below `upTo`; -1 for none. Revisions rise with positions. */
  #lastRevision(stream: number, to: number, upTo: Position): number {
    let [below, above] = [-1, to + 1];
    while (above - below > 1) {
      const middle = Math.floor((below + above) / 2);
      const [row] = this.all('SELECT position FROM event WHERE stream_id = ? AND revision = ?', [stream, middle]);
      if (row !== undefined && (row[0] as number) <= upTo) below = middle;
      else above = middle;
    }
    return below;
  }

  /** Rows as arrays; the statement is kept. */
  protected all(sql: string, bound: readonly Bound[]): readonly (readonly unknown[])[] {
    return translated(this.#path, () => {
      let statement = this.#statements.get(sql);
      if (!statement) {
        if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
        statement = this.#database.prepare(sql);
        statement.setReturnArrays(true);
        this.#statements.set(sql, statement);
      }
      return statement.all(...bound) as unknown as readonly (readonly unknown[])[];
    });
  }
}

function keptRejection(row: readonly unknown[]): KeptRejection {
  const [seq, at, door, code, message, path, record, truncated] = row as [
    number,
    Micros,
    string,
    string,
    string,
    string | null,
    string,
    number,
  ];
  return { seq, at, door, code, message, path, record, truncated: truncated === 1 };
}
