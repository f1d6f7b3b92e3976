/** Reading a ledger file once from end to end, a share of its streams at a time: for several threads beside one another. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventName } from '../../../schemas/catalogue.ts';
import type { FoldEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import type { LateEvent, LedgerScan, ScanPage, Share } from '../scan.ts';
import { translated } from './failure.ts';
import { FOLD_COLUMNS, Rows } from './rows.ts';
import { openForReading } from './schema.ts';

/** Opens a ledger file for a scan, in any thread. The caller owes `close()`. Throws as `openSqliteReader`. */
export function openSqliteScan(path: string): LedgerScan {
  return new SqliteScan(path);
}

type PageQuery = Parameters<LedgerScan['page']>[0];
type LateQuery = Parameters<LedgerScan['late']>[0];

/** Columns beside those of a fold. */
const [IS_SHARED, IS_ERASED] = [12, 13];

class SqliteScan implements LedgerScan {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #rows: Rows;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#path = path;
    this.#database = openForReading(path);
    this.#rows = new Rows(path, this.#database);
  }

  page({ after, upTo, limit, share, beside }: PageQuery): ScanPage {
    const columns = FOLD_COLUMNS.replace(/id, data$/, '');
    if (beside === null) {
      const sql = `SELECT ${columns} id, data FROM event WHERE position BETWEEN ? AND ? AND ${isShared(share)} ORDER BY position LIMIT ?`;
      const shared = this.#all(sql, [after + 1, upTo, limit]).map((row) => this.#rows.fold(row));
      return { all: shared, shared };
    }
    // What SQLite does not hand over need not be parsed: of most events beside the share nothing but the place is needed.
    const isWhole = `(${isShared(share)} OR type_id IN (${this.#typeNumbers(beside)}))`;
    const sql = `SELECT ${columns} iif(${isWhole}, id, ''), iif(${isWhole}, data, NULL), ${isShared(share)}, data IS NULL
      FROM event WHERE position BETWEEN ? AND ? ORDER BY position LIMIT ?`;
    const all: FoldEvent[] = [];
    const shared: FoldEvent[] = [];
    for (const row of this.#all(sql, [after + 1, upTo, limit])) {
      const event = this.#rows.fold(row, row[IS_ERASED] === 1);
      all.push(event);
      if (row[IS_SHARED] === 1) shared.push(event);
    }
    return { all, shared };
  }

  late({ after, upTo, share, moreThan, limit }: LateQuery): readonly LateEvent[] {
    const sql = `SELECT position, stream_id, occurred_at FROM event
      WHERE position BETWEEN ? AND ? AND recorded_at - occurred_at > ? AND ${isShared(share)} ORDER BY position LIMIT ?`;
    const rows = this.#all(sql, [after + 1, upTo, moreThan, limit]) as [Position, number, Micros][];
    return rows.map(([position, stream, effectiveAt]) => ({
      position,
      stream: this.#rows.streamName(stream, position),
      effectiveAt,
    }));
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #typeNumbers(types: readonly EventName[]): string {
    const rows = this.#all('SELECT id FROM type WHERE name IN (SELECT value FROM json_each(?)) ORDER BY id', [
      JSON.stringify(types),
    ]);
    return rows.join();
  }

  #all(sql: string, bound: readonly (number | string)[]): readonly (readonly unknown[])[] {
    return translated(this.#path, () => {
      let statement = this.#statements.get(sql);
      if (!statement) {
        statement = this.#database.prepare(sql);
        statement.setReturnArrays(true);
        this.#statements.set(sql, statement);
      }
      return statement.all(...bound) as unknown as readonly (readonly unknown[])[];
    });
  }
}

function isShared({ of, from, to }: Share): string {
  return `(stream_id % ${of} BETWEEN ${from} AND ${to - 1})`;
}
