/** Reading views on a connection. Pinned, it keeps one read transaction open, so that all it says is of one commit. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Checkpoint } from '../fold.ts';
import type { RowQuery, Slot, StoreReader, ViewRow } from '../store.ts';
import { digestReader } from './digests.ts';

/** Opens the views of another thread or process for reading. */
export function openSqliteStoreReader(path: string): StoreReader {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  try {
    database.exec('PRAGMA cache_size=-16000');
    return sqliteStoreReader(database, { pinned: true });
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Checkpoints looked at together, without their states: the first is mostly the one. */
const CHECKPOINTS_AT_ONCE = 8;
/** Statements of lists that are kept: one for each number of tags, each way, with and without a cursor. */
const LISTS_MAX = 64;
/** Later than every effective time, in µs. */
const LATEST_AT = Number.MAX_SAFE_INTEGER;

type Raw = Record<string, number | string>;
const COLUMNS =
  'slot, key, position, resume, frontier_at, frontier_position, high_at, high_position, sort, tags, state';

export function sqliteStoreReader(database: DatabaseSync, { pinned }: { pinned: boolean }): StoreReader {
  const allSlots = database.prepare('SELECT slot, name, version, position, answering FROM slots ORDER BY slot');
  const oneRow = database.prepare(`SELECT ${COLUMNS} FROM views WHERE slot = ? AND key = ?`);
  const allKeys = database.prepare('SELECT key FROM views WHERE slot = ? ORDER BY key');
  const changed = database.prepare('SELECT key FROM views WHERE slot = ? AND position > ?');
  const checkpointsBefore = database.prepare(`
    SELECT id, position, resume, frontier_at, frontier_position FROM checkpoints
    WHERE slot = ? AND key = ? AND (frontier_at, frontier_position, position) < (?, ?, ?) AND position <= ?
    ORDER BY frontier_at DESC, frontier_position DESC, position DESC LIMIT ${CHECKPOINTS_AT_ONCE}`);
  const checkpointText = database.prepare('SELECT state FROM checkpoints WHERE id = ?');
  const reaches = database.prepare(`
    SELECT 1 FROM displaced WHERE slot = ? AND key = ? AND (place_at, place_position) <= (?, ?) AND position > ? AND position <= ?
    ORDER BY place_at DESC, place_position DESC LIMIT 1`);
  const between = database.prepare(`
    SELECT position, place_at, place_position FROM displaced
    WHERE slot = ? AND key = ? AND (place_at, place_position) > (?, ?) AND place_at <= ? AND position <= ?
    ORDER BY place_at, place_position, position`);
  const lists = new Map<string, StatementSync>();
  /** Lists differ in few ways, and to prepare one takes longer than to run it. */
  const listing = (sql: string): StatementSync => {
    const known = lists.get(sql);
    if (known !== undefined) return known;
    if (lists.size >= LISTS_MAX) lists.clear();
    const statement = database.prepare(sql);
    lists.set(sql, statement);
    return statement;
  };
  const pin = () => {
    if (!pinned) return;
    if (database.isTransaction) database.exec('COMMIT');
    database.exec('BEGIN');
    // A read transaction begins with its first read.
    allSlots.all();
  };
  pin();
  return {
    slots: () =>
      (allSlots.all() as Raw[]).map((row) => ({ ...row, answering: row['answering'] === 1 }) as unknown as Slot),
    row(slot, key) {
      const row = oneRow.get(slot, key) as Raw | undefined;
      return row === undefined ? null : readRow(row);
    },
    rows(slot, query) {
      const { sql, values } = listStatement(slot, query);
      return (listing(sql).all(...values) as Raw[]).map(readRow);
    },
    digest: digestReader(database),
    keys: (slot) => (allKeys.all(slot) as { key: string }[]).map(({ key }) => key),
    changedAfter: (slot, position) => (changed.all(slot, position) as { key: string }[]).map(({ key }) => key),
    *checkpoints(slot, key, { position: upTo, happenedAt }): Iterable<Checkpoint> {
      // Exclusive, so one beyond the latest place at that time.
      let before = [happenedAt ?? LATEST_AT, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER] as const;
      for (;;) {
        const rows = checkpointsBefore.all(slot, key, ...before, upTo) as Record<string, number>[];
        for (const row of rows) {
          const { id, position, resume } = row as { id: number; position: number; resume: number };
          const frontier = readFrontier(row);
          yield { position, resume, frontier, text: () => (checkpointText.get(id) as { state: string }).state };
          before = [frontier.effectiveAt, frontier.position, position];
        }
        if (rows.length < CHECKPOINTS_AT_ONCE) return;
      }
    },
    displacedReaches: (slot, key, { place, after, upTo }) =>
      reaches.get(slot, key, place.effectiveAt, place.position, after, upTo) !== undefined,
    displacedBetween: (slot, key, { after, set }) =>
      (
        between.all(slot, key, after.effectiveAt, after.position, set.happenedAt ?? LATEST_AT, set.position) as Raw[]
      ).map((row) => ({
        position: row['position'] as number,
        place: { effectiveAt: row['place_at'] as number, position: row['place_position'] as number },
      })),
    renew: pin,
    close() {
      if (!pinned) return;
      if (database.isTransaction) database.exec('COMMIT');
      database.close();
    },
  };
}

function readRow(row: Raw): ViewRow {
  return {
    slot: row['slot'] as number,
    key: row['key'] as string,
    position: row['position'] as number,
    resume: row['resume'] as number,
    high: { effectiveAt: row['high_at'] as number, position: row['high_position'] as number },
    frontier: readFrontier(row),
    sort: row['sort'] as string,
    tags: JSON.parse(row['tags'] as string) as string[],
    text: row['state'] as string,
  };
}

function readFrontier(row: Raw) {
  return { effectiveAt: row['frontier_at'] as number, position: row['frontier_position'] as number };
}

/** Lists by a tag run along the tag's own order; lists without one along the views' order. */
function listStatement(slot: number, query: RowQuery): { sql: string; values: SQLInputValue[] } {
  const { anyTag, after, limit, descending } = query;
  const [firstOfAll, ...restOfAll] = query.allTags ?? [];
  const values: SQLInputValue[] = [slot];
  const conditions = ['l.slot = ?'];
  const drivingTags = firstOfAll !== undefined ? [firstOfAll] : anyTag;
  if (drivingTags !== undefined) {
    conditions.push(`l.tag IN (${drivingTags.map(() => '?').join(', ')})`);
    values.push(...drivingTags);
  }
  if (after !== undefined) {
    conditions.push(`(l.sort, l.key) ${descending ? '<' : '>'} (?, ?)`);
    values.push(after.sort, after.key);
  }
  const tagged = 'EXISTS (SELECT 1 FROM tags t WHERE t.slot = l.slot AND t.sort = l.sort AND t.key = l.key AND t.tag';
  for (const tag of restOfAll) {
    conditions.push(`${tagged} = ?)`);
    values.push(tag);
  }
  if (firstOfAll !== undefined && anyTag !== undefined) {
    conditions.push(`${tagged} IN (${anyTag.map(() => '?').join(', ')}))`);
    values.push(...anyTag);
  }
  const way = descending ? 'DESC' : 'ASC';
  const from = drivingTags === undefined ? 'views' : 'tags';
  const found = `SELECT DISTINCT l.slot, l.sort, l.key FROM ${from} l WHERE ${conditions.join(' AND ')} ORDER BY l.sort ${way}, l.key ${way} LIMIT ?`;
  values.push(limit);
  const columns = COLUMNS.split(', ').map((column) => `v.${column}`);
  return {
    sql: `SELECT ${columns.join(', ')} FROM (${found}) f JOIN views v ON v.slot = f.slot AND v.key = f.key ORDER BY v.sort ${way}, v.key ${way}`,
    values,
  };
}
