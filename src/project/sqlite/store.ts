/**
 * Views in a SQLite file of their own, so that they never wait for the ledger's writer nor it for them. The file may be
 * deleted at any time the server is down; one that is unknown or damaged is deleted and rebuilt.
 */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { digestText, NO_VIEWS } from '../digest.ts';
import type { Commit, Erased, KeptCheckpoint, Slot, Store, ViewRow } from '../store.ts';
import { type Adoption, adoptViews } from './adopt.ts';
import { DIGEST_TABLES, Digests } from './digests.ts';
import { sqliteStoreReader } from './reader.ts';

/** "MBvw": marks the file as ours. */
const APPLICATION_ID = 0x4d_42_76_77;
/** Rises with every change of the tables below; a file of another format is rebuilt. */
const FORMAT = 6;

const BUSY_TIMEOUT_MS = 5_000;
/** Beside the file: it was found damaged. */
const CONDEMNED = '-damaged';

const TABLES = `
CREATE TABLE tip (one INTEGER PRIMARY KEY CHECK (one = 1), tip TEXT) STRICT;
CREATE TABLE owed (one INTEGER PRIMARY KEY CHECK (one = 1)) STRICT;
CREATE TABLE slots (
  slot INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version INTEGER NOT NULL,
  position INTEGER NOT NULL, answering INTEGER NOT NULL, digest TEXT NOT NULL
) STRICT;
CREATE TABLE views (
  id INTEGER PRIMARY KEY, slot INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, resume INTEGER NOT NULL,
  frontier_at REAL NOT NULL, frontier_position INTEGER NOT NULL, high_at REAL NOT NULL, high_position INTEGER NOT NULL,
  sort TEXT NOT NULL, tags TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX views_key ON views (slot, key);
CREATE INDEX views_sort ON views (slot, sort, key);
CREATE INDEX views_position ON views (slot, position);
CREATE TABLE tags (
  slot INTEGER NOT NULL, tag TEXT NOT NULL, sort TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (slot, tag, sort, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY, slot INTEGER NOT NULL, key TEXT NOT NULL, position INTEGER NOT NULL, resume INTEGER NOT NULL,
  frontier_at REAL NOT NULL, frontier_position INTEGER NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX checkpoints_key ON checkpoints (slot, key, frontier_at, frontier_position, position);
CREATE TABLE displaced (
  slot INTEGER NOT NULL, key TEXT NOT NULL, place_at REAL NOT NULL, place_position INTEGER NOT NULL, position INTEGER NOT NULL,
  PRIMARY KEY (slot, key, place_at, place_position, position)
) STRICT, WITHOUT ROWID;
${DIGEST_TABLES}`;

/** Opens the file for its one writer, making it new where it is absent, unknown or damaged. */
export function openSqliteStore(path: string): AdoptingStore {
  const opened = openKnown(path) ?? createAnew(path);
  return new SqliteStore(opened, path);
}

/** A new file for views that are worth nothing before they are whole: nothing is done for the case of a kill or a power cut. */
export function openScratchStore(path: string): Store {
  const database = createAnew(path);
  database.exec('PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;');
  return new SqliteStore(database, path);
}

/** A store that can take over what others folded. */
export interface AdoptingStore extends Store {
  /** One transaction: afterwards the slots hold what the files hold of their projections. */
  adopt(adoption: Adoption): void;
}

/** The file as it is, if it is ours, of this format and sound; else null. */
function openKnown(path: string): DatabaseSync | null {
  let database: DatabaseSync | null = null;
  try {
    if (!existsSync(path)) return null;
    database = open(path);
    if (isOurs(path, database)) return database;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  database?.close();
  return null;
}

/** Whether an open file is one of views, of this format, and not known to be damaged. Throws what says that it is. */
export function isOurs(path: string, database: DatabaseSync): boolean {
  if (existsSync(`${path}${CONDEMNED}`)) return false;
  const application = pragma(database, 'application_id');
  const format = pragma(database, 'user_version');
  // Not quick_check: it reads the whole file. A page that is damaged shows itself when it is read, and then here.
  database.prepare('SELECT count(*) FROM slots').get();
  database.prepare('SELECT key FROM views ORDER BY id DESC LIMIT 1').get();
  return application === APPLICATION_ID && format === FORMAT;
}

function createAnew(path: string): DatabaseSync {
  deleteViews(path);
  const database = open(path);
  database.exec(
    `BEGIN IMMEDIATE; ${TABLES} PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${FORMAT}; COMMIT;`,
  );
  return database;
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // NORMAL: a power cut may lose the last commits, never the file's soundness; the ledger has the events.
  database.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-16000;',
  );
  return database;
}

/** Has the file made anew at the next start: damage that shows itself while others have it open cannot be mended at once. */
export function condemnViews(path: string): void {
  writeFileSync(`${path}${CONDEMNED}`, '');
}

/** Removes the file and what is kept beside it. */
export function deleteViews(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal', CONDEMNED]) rmSync(`${path}${suffix}`, { force: true });
}

/** Whether SQLite says that the file is damaged or none of its own (codes 11 and 26), or lacks what ours have (1). */
export function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code !== undefined && [1, 11, 26].includes(code & 0xff);
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

class SqliteStore implements AdoptingStore {
  readonly reader;
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #putRow: StatementSync;
  readonly #putCheckpoint: StatementSync;
  readonly #putDisplaced: StatementSync;
  readonly #dropTags: StatementSync;
  readonly #putTag: StatementSync;
  readonly #listed: StatementSync;
  readonly #move: StatementSync;
  readonly #digests: Digests;
  readonly #putTip: StatementSync;
  #isScrubOwed: boolean;
  /** Since the last erasure. */
  #isWrittenAnew = false;

  constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.reader = sqliteStoreReader(database, { pinned: false });
    this.#putRow = database.prepare(`
      INSERT INTO views (slot, key, position, resume, frontier_at, frontier_position, high_at, high_position, sort, tags, state)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (slot, key) DO UPDATE SET position = excluded.position, resume = excluded.resume,
        frontier_at = excluded.frontier_at, frontier_position = excluded.frontier_position, high_at = excluded.high_at,
        high_position = excluded.high_position, sort = excluded.sort, tags = excluded.tags, state = excluded.state`);
    this.#putCheckpoint = database.prepare(`
      INSERT OR REPLACE INTO checkpoints (slot, key, position, resume, frontier_at, frontier_position, state)
      VALUES (?, ?, ?, ?, ?, ?, ?)`);
    this.#putDisplaced = database.prepare('INSERT OR IGNORE INTO displaced VALUES (?, ?, ?, ?, ?)');
    this.#listed = database.prepare('SELECT sort, tags FROM views WHERE slot = ? AND key = ?');
    this.#dropTags = database.prepare('DELETE FROM tags WHERE slot = ? AND tag = ? AND sort = ? AND key = ?');
    this.#putTag = database.prepare('INSERT OR IGNORE INTO tags (slot, tag, sort, key) VALUES (?, ?, ?, ?)');
    this.#move = database.prepare('UPDATE slots SET position = ? WHERE slot = ?');
    this.#isScrubOwed = database.prepare('SELECT one FROM owed').get() !== undefined;
    this.#digests = new Digests(database);
    this.#putTip = database.prepare('INSERT OR REPLACE INTO tip (one, tip) VALUES (1, ?)');
  }

  tip(): string | null {
    return (this.#database.prepare('SELECT tip FROM tip').get() as { tip: string | null } | undefined)?.tip ?? null;
  }

  createSlot(name: string, version: number, answering: boolean): Slot {
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO slots (name, version, position, answering, digest) VALUES (?, ?, 0, ?, ?)')
      .run(name, version, answering ? 1 : 0, digestText(NO_VIEWS));
    return { slot: Number(lastInsertRowid), name, version, position: 0, answering };
  }

  commit(commit: Commit): void {
    this.#transact(() => {
      if (commit.erased !== null) this.#erase(commit.erased);
      for (const row of commit.rows) this.#writeRow(row);
      for (const checkpoint of commit.checkpoints) this.#writeCheckpoint(checkpoint);
      for (const { slot, key, place, position } of commit.displaced)
        this.#putDisplaced.run(slot, key, place.effectiveAt, place.position, position);
      for (const [slot, position] of commit.positions) this.#move.run(position, slot);
      if (commit.tip !== null) this.#putTip.run(commit.tip);
    });
    if (commit.erased === null) return;
    this.#isScrubOwed = true;
    this.#isWrittenAnew = false;
  }

  swap(slot: number): void {
    this.#transact(() => {
      const rows = this.#database
        .prepare('SELECT slot FROM slots WHERE name = (SELECT name FROM slots WHERE slot = ?)')
        .all(slot);
      for (const row of rows as { slot: number }[]) if (row.slot !== slot) this.#drop(row.slot);
      this.#database.prepare('UPDATE slots SET answering = 1 WHERE slot = ?').run(slot);
    });
  }

  deleteSlot(slot: number): void {
    this.#transact(() => this.#drop(slot));
  }

  owesScrub(): boolean {
    return this.#isScrubOwed;
  }

  // Deleting is not enough, nor is secure_delete: SQLite leaves copies of rows in the free middles of pages that it has
  // divided. Only a file written anew holds nothing but what is alive.
  scrub(): boolean {
    if (!this.#isScrubOwed) return true;
    if (!this.#isWrittenAnew) this.#database.exec('VACUUM');
    this.#isWrittenAnew = true;
    this.#database.exec('PRAGMA busy_timeout = 0');
    const { busy } = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
    this.#database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (busy !== 0) return false;
    this.#database.exec('DELETE FROM owed');
    this.#isScrubOwed = false;
    return true;
  }

  settleDigests(): void {
    for (let isMore = true; isMore; )
      this.#transact(() => {
        isMore = this.#digests.settle();
      });
  }

  adopt(adoption: Adoption): void {
    adoptViews(this.#database, adoption, (work) => this.#transact(work));
  }

  logBytes(): number {
    return statSync(`${this.#path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  foldLog(): void {
    this.#database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
  }

  close(): void {
    this.reader.close();
    this.#database.close();
  }

  #writeRow(row: ViewRow): void {
    const tags = JSON.stringify(row.tags);
    const before = this.#listed.get(row.slot, row.key) as { sort: string; tags: string } | undefined;
    if (before === undefined || before.tags !== tags || before.sort !== row.sort) {
      const old = before === undefined ? [] : (JSON.parse(before.tags) as string[]);
      for (const tag of old) this.#dropTags.run(row.slot, tag, before?.sort ?? '', row.key);
      for (const tag of row.tags) this.#putTag.run(row.slot, tag, row.sort, row.key);
    }
    const { slot, key, position, resume, frontier, high, sort, text } = row;
    const places = [frontier.effectiveAt, frontier.position, high.effectiveAt, high.position] as const;
    this.#putRow.run(slot, key, position, resume, ...places, sort, tags, text);
    this.#digests.written(slot, key);
  }

  #erase(erased: readonly Erased[]): void {
    this.#database.exec('INSERT OR IGNORE INTO owed VALUES (1)');
    const drop = this.#database.prepare('DELETE FROM checkpoints WHERE slot = ? AND key = ? AND position >= ?');
    for (const { slot, key, from } of erased) drop.run(slot, key, from);
  }

  #writeCheckpoint({ slot, key, position, resume, frontier, text }: KeptCheckpoint): void {
    this.#putCheckpoint.run(slot, key, position, resume, frontier.effectiveAt, frontier.position, text);
  }

  #drop(slot: number): void {
    for (const table of ['views', 'tags', 'checkpoints', 'displaced', 'digests', 'slots']) {
      this.#database.prepare(`DELETE FROM ${table} WHERE slot = ?`).run(slot);
    }
  }

  #transact(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}
