/**
 * The ledger's file: its tables, how it is made, and what is refused before anything in it is touched.
 *
 * Everything that a hash covers is in `event`, but for the data digests of erased events, which are in `erasure`, and
 * hashed times that are not recordedAt, which are in `chained`; the other tables can be derived. `verify` compares them.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MusterbookError } from '../../errors.ts';
import { translated } from './failure.ts';

/** A ledger, or the local copy of one that lies in a store: the same tables, but nobody appends to a copy. */
export type FileKind = 'ledger' | 'mirror';
/** 'Mstr' and 'Mstm': what `file` and we know the files by. */
const APPLICATION_IDS: Readonly<Record<FileKind, number>> = { ledger: 0x4d737472, mirror: 0x4d73746d };
/** SQLite before it can lose data in WAL mode when a checkpoint races a write. */
const SQLITE_OLDEST = '3.51.3';
/** Events are some 700 bytes: pages of 8 KiB write them with a sixth less work than 4 KiB, and single appends as fast. */
const PAGE_BYTES = 8192;

/** One entry per version of the file, from nothing up; `user_version` counts those applied. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE ledger (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL,
    recorded_at INTEGER,
    events INTEGER NOT NULL,
    streams INTEGER NOT NULL,
    restored_up_to INTEGER,
    rejections_dropped INTEGER NOT NULL
  ) STRICT;
  INSERT INTO ledger VALUES (1, 0, NULL, 0, 0, NULL, 0);

  CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE actor (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE event (
    position INTEGER PRIMARY KEY,
    stream_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    category INTEGER NOT NULL,
    type_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    actor_id INTEGER,
    synthetic INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    occurred_at INTEGER,
    not_before INTEGER,
    id TEXT NOT NULL,
    envelope TEXT NOT NULL,
    data TEXT,
    salt BLOB,
    data_hash BLOB,
    hash BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX event_by_stream ON event (stream_id, revision);
  CREATE UNIQUE INDEX event_by_key ON event (source_id, id);
  -- Cluster events are nearly all events: what reads other categories must not walk through them.
  CREATE INDEX event_beside_cluster ON event (position, category) WHERE category > 0;

  CREATE TABLE retraction (
    target INTEGER PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    stream_id INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE rejection (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    door TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    path TEXT,
    record TEXT NOT NULL,
    truncated INTEGER NOT NULL
  ) STRICT;
  `,
  // Not a column of `event`: a row that never grows never pushes its neighbours into other pages, where SQLite would
  // leave copies of them behind that secure_delete does not reach.
  `
  CREATE TABLE erasure (
    position INTEGER PRIMARY KEY,
    data_hash BLOB NOT NULL
  ) STRICT;
  `,
  // Of few events, and not a column of `event`: adding one would read a whole ledger.
  `
  CREATE TABLE chained (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT;
  `,
];
/** What a mirror has beside, or otherwise than, a ledger. */
const MIRROR_TABLES = `
  DROP INDEX event_by_key;
  CREATE UNIQUE INDEX event_by_key ON event (source_id, id, stream_id);
  CREATE TABLE mirror (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    record_id TEXT,
    cursor TEXT
  ) STRICT;
  INSERT INTO mirror VALUES (1, NULL, NULL);
`;
const FILE_VERSION = MIGRATIONS.length;

/** `event.category`: cluster is 0, so that the partial index holds all others. */
export const CATEGORY_CODES = { cluster: 0, collector: 1, incident: 2, component: 3, maintenance: 4 } as const;

/** How many pages the WAL may grow by before a commit copies them into the file: 16 MiB. */
const CHECKPOINT_PAGES = 2048;

/**
 * Opens the file for writing, made anew where there is none. Throws `LEDGER_NEWER`, `LEDGER_CORRUPT` (also for a file
 * that is not a ledger) and `LEDGER_FOREIGN` (a file of the other kind) having changed nothing, `STORAGE_FULL` or
 * `STORAGE_FAILED`. One writer per file: hold the lock.
 */
export function openForWriting(path: string, kind: FileKind = 'ledger'): DatabaseSync {
  checkSqlite();
  const found = inspectFile(path);
  if (found !== null && found !== kind) throw otherKind(path, found);
  return translated(path, () => {
    const database = new DatabaseSync(path, { timeout: 5000 });
    try {
      if (found === null) create(database, kind);
      checkVersion(path, database);
      checkEnd(path, database);
      // The order matters: secure_delete and synchronous hold for the connection, journal_mode for the file.
      database.exec(
        `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}; PRAGMA journal_size_limit = ${4 * CHECKPOINT_PAGES * PAGE_BYTES};`,
      );
      migrate(database);
      return database;
    } catch (failure) {
      database.close();
      throw failure;
    }
  });
}

/** Opens an existing file for reading only, beside any writer. Throws as `openForWriting`, and `LEDGER_MISSING`. */
export function openForReading(path: string): DatabaseSync {
  checkSqlite();
  if (inspectFile(path) === null)
    throw new MusterbookError('LEDGER_MISSING', `There is no ledger at ${path}`, { path });
  return translated(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    try {
      checkVersion(path, database);
      database.exec('PRAGMA cache_size = -16384');
      return database;
    } catch (failure) {
      database.close();
      throw failure;
    }
  });
}

/**
 * Looks at the file's first bytes, with no SQLite on it, so that a file we refuse stays as it is, with nothing beside
 * it. Returns of which kind it is; null where there is none.
 */
function inspectFile(path: string): FileKind | null {
  if (!existsSync(path)) return null;
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    const bytes = fstatSync(file).size;
    // A creation that was killed leaves an empty file; with a WAL beside it, it is a ledger that lost its file.
    if (bytes === 0 && !existsSync(`${path}-wal`)) return null;
    if (readSync(file, header, 0, 100, 0) < 100) throw corrupt(path, 'it is too short for a database');
    if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw corrupt(path, 'it is not a SQLite database');
    const id = header.readUInt32BE(68);
    const kind = id === APPLICATION_IDS.ledger ? 'ledger' : id === APPLICATION_IDS.mirror ? 'mirror' : null;
    if (kind === null) throw corrupt(path, 'it is a database, but no ledger of Musterbook');
    checkFileVersion(path, header.readUInt32BE(60));
    if (bytes < header.readUInt32BE(28) * (header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16))) {
      throw corrupt(path, 'it is shorter than it says');
    }
    return kind;
  } finally {
    closeSync(file);
  }
}

function create(database: DatabaseSync, kind: FileKind): void {
  // Still in rollback-journal mode, so that application_id and user_version are in the file itself from the first moment.
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = NONE; BEGIN EXCLUSIVE;
    PRAGMA application_id = ${APPLICATION_IDS[kind]};`);
  database.exec(MIGRATIONS.join('\n'));
  if (kind === 'mirror') database.exec(MIRROR_TABLES);
  database.exec(`PRAGMA user_version = ${FILE_VERSION}; COMMIT;`);
}

function migrate(database: DatabaseSync): void {
  for (let version = versionOf(database); version < FILE_VERSION; version += 1) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}; COMMIT;`);
  }
}

function checkVersion(path: string, database: DatabaseSync): void {
  checkFileVersion(path, versionOf(database));
}

/** A cheap sign of a cut tail. Only writers look: `verify` must be able to read such a file and say more. */
function checkEnd(path: string, database: DatabaseSync): void {
  const counted = database.prepare('SELECT position FROM ledger').get()?.['position'];
  const last = database.prepare('SELECT max(position) AS position FROM event').get()?.['position'] ?? 0;
  if (counted !== last) throw corrupt(path, `it counts to position ${counted}, but its last event is at ${last}`);
}

function checkFileVersion(path: string, version: number): void {
  if (version > FILE_VERSION) {
    throw new MusterbookError(
      'LEDGER_NEWER',
      `${path} has format ${version}; this Musterbook knows up to ${FILE_VERSION}`,
      {
        path,
        version,
        known: FILE_VERSION,
      },
    );
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

function otherKind(path: string, found: FileKind): MusterbookError {
  const what =
    found === 'mirror'
      ? 'is the copy of a ledger that lies in a store: nothing can be appended to it'
      : 'is a ledger of its own, not the copy of one that lies in a store';
  return new MusterbookError('LEDGER_FOREIGN', `${path} ${what}`, { path, found });
}

function corrupt(path: string, reason: string): MusterbookError {
  return new MusterbookError('LEDGER_CORRUPT', `${path} cannot be used as a ledger: ${reason}`, { path });
}

function checkSqlite(): void {
  const version = process.versions.sqlite ?? '0';
  const [oldest, ours] = [SQLITE_OLDEST, version].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = oldest.findIndex((part, index) => part !== (ours[index] ?? 0));
  if (at >= 0 && (ours[at] ?? 0) < (oldest[at] ?? 0)) {
    throw new MusterbookError(
      'STORAGE_FAILED',
      `SQLite ${version} can lose data; ${SQLITE_OLDEST} or newer is needed`,
      {
        version,
      },
    );
  }
}
