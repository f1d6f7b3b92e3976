/**
 * Blanking events in the file, and seeing to it that no byte of them is left there.
 *
 * `secure_delete` overwrites what a cell leaves behind. Two things it does not reach: the log, which a truncating
 * checkpoint empties; and copies that SQLite leaves in a page's free middle when it moves cells to a neighbour. Rows of
 * `event` are never moved (they are appended, and only ever shrink); rows of `rejection` are once the oldest were dropped,
 * so then that table is written anew, and the pages of the old one are overwritten whole.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from '../../../schemas/ids.ts';
import { digestData } from '../chain.ts';
import { BLANK, ErasedKeys } from '../erasure.ts';
import type { EventKey } from '../port.ts';

/** How long a scrub that someone waits for lets readers finish their statement, in ms; a repeated one waits for none. */
const READERS_WAIT_MS = 1_000;

export class Erasing {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  readonly #keepDigest: StatementSync;
  readonly #blank: StatementSync;
  /** What this transaction blanked. */
  #blanked: { readonly position: Position; readonly key: EventKey }[] = [];
  // A log that is there at the opening may hold what was erased before a kill: that is how a debt outlives it.
  #isOwed = true;
  #isAwaited = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#select = database.prepare('SELECT data, salt FROM event WHERE position = ?');
    this.#keepDigest = database.prepare('INSERT INTO erasure VALUES (?, ?)');
    this.#blank = database.prepare('UPDATE event SET data = NULL, salt = NULL WHERE position = ?');
  }

  /** Blanks the event at a position, unless it is blank. Inside a transaction. */
  blank(position: Position, { source, id }: EventKey): void {
    const row = this.#select.get(position) as { data: string | null; salt: Uint8Array } | undefined;
    if (!row || row.data === null) return;
    this.#keepDigest.run(position, digestData(row.salt, row.data));
    this.#blank.run(position);
    this.#blanked.push({ position, key: { source, id } });
  }

  /** Blanks what refused records hold of the events blanked in this transaction; right before its commit. */
  flush(): void {
    if (this.#blanked.length === 0) return;
    // What was blanked inside a request that was rolled back is there again.
    const keys = this.#blanked.filter(({ position }) => this.#isBlank(position)).map(({ key }) => key);
    this.#blanked = [];
    if (keys.length === 0) return;
    this.#isOwed = true;
    this.#isAwaited = true;
    const erased = new ErasedKeys(keys);
    const found: number[] = [];
    for (const row of this.#database.prepare('SELECT seq, code, record FROM rejection').iterate()) {
      const { seq, code, record } = row as { seq: number; code: string; record: string };
      if (erased.holds({ code, record })) found.push(seq);
    }
    const blank = this.#database.prepare('UPDATE rejection SET message = ?, path = ?, record = ? WHERE seq = ?');
    for (const seq of found) blank.run(BLANK.message, BLANK.path, BLANK.record, seq);
    if (this.#hasDroppedRejections()) this.#rewriteRejections();
  }

  /** After a rollback. */
  forget(): void {
    this.#blanked = [];
  }

  /** Has the next scrub wait for readers. */
  ask(): void {
    this.#isAwaited = true;
  }

  /** Empties the log, outside of transactions, if that is owed; false while a reader, or a full disk, stands in the way. */
  scrub(): boolean {
    if (!this.#isOwed) return true;
    const waitMs = this.#isAwaited ? READERS_WAIT_MS : 0;
    this.#isAwaited = false;
    const timeoutMs = Number(this.#database.prepare('PRAGMA busy_timeout').get()?.['timeout']);
    try {
      this.#database.exec(`PRAGMA busy_timeout = ${waitMs}`);
      this.#isOwed = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] !== 0;
    } catch {
      // It stays owed. Whatever ails the disk, the next append says so.
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${timeoutMs}`);
    }
    return !this.#isOwed;
  }

  #isBlank(position: Position): boolean {
    return this.#select.get(position)?.['data'] === null;
  }

  #hasDroppedRejections(): boolean {
    return this.#database.prepare('SELECT rejections_dropped FROM ledger').get()?.['rejections_dropped'] !== 0;
  }

  #rewriteRejections(): void {
    const made = this.#database.prepare(`SELECT sql FROM sqlite_schema WHERE name = 'rejection'`).get()?.['sql'];
    this.#database.exec(`ALTER TABLE rejection RENAME TO rejection_before; ${String(made)};
      INSERT INTO rejection SELECT * FROM rejection_before; DROP TABLE rejection_before;`);
  }
}
