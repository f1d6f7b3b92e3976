/** Takes views that other files hold over into the one that answers: copied by SQLite, row by row, in one transaction. */
import type { DatabaseSync } from 'node:sqlite';
import { digestText, NO_VIEWS, readDigest, replaceInDigest } from '../digest.ts';

export interface Adoption {
  /** Files of the same format, that nobody writes any more. */
  readonly files: readonly string[];
  /** The projections taken over, each with the empty slot that it goes to. */
  readonly slots: ReadonlyMap<string, number>;
  /** Where the files stand. */
  readonly position: number;
  /** See `Commit.tip`. */
  readonly tip: string | null;
}

/** What belongs to a slot, and how it is read so that it is written in the order of the target's main index. */
const TABLES = [
  { table: 'views', order: 'key' },
  { table: 'tags', order: 'tag, sort, key' },
  { table: 'checkpoints', order: 'key, frontier_at' },
  { table: 'displaced', order: 'key, place_at' },
  { table: 'digests', order: 'key' },
];

/** `transact` runs its work in one transaction. */
export function adoptViews(database: DatabaseSync, adoption: Adoption, transact: (work: () => void) => void): void {
  const { files, slots, position, tip } = adoption;
  const schemas = files.map((_, index) => `built${index}`);
  for (const [index, path] of files.entries()) {
    database.prepare(`ATTACH ? AS built${index}`).run(path);
  }
  try {
    transact(() => {
      for (const [name, slot] of slots) {
        let digest = NO_VIEWS;
        for (const schema of schemas) {
          const from = database.prepare(`SELECT slot, digest FROM ${schema}.slots WHERE name = ?`).get(name);
          if (from === undefined) continue;
          const own = from as { slot: number; digest: string };
          for (const table of TABLES) copyRows(database, { ...table, schema, from: own.slot, to: slot });
          digest = replaceInDigest(digest, { before: NO_VIEWS, now: readDigest(own.digest) });
        }
        const place = database.prepare('UPDATE slots SET position = ?, digest = ? WHERE slot = ?');
        place.run(position, digestText(digest), slot);
      }
      if (tip !== null) database.prepare('INSERT OR REPLACE INTO tip (one, tip) VALUES (1, ?)').run(tip);
    });
  } finally {
    for (const schema of schemas) database.exec(`DETACH ${schema}`);
  }
}

function copyRows(
  database: DatabaseSync,
  { schema, table, order, from, to }: { schema: string; table: string; order: string; from: number; to: number },
): void {
  const columns = (database.prepare(`PRAGMA main.table_info(${table})`).all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => name !== 'id' && name !== 'slot')
    .join(', ');
  database
    .prepare(
      `INSERT INTO main.${table} (slot, ${columns}) SELECT ?, ${columns} FROM ${schema}.${table} WHERE slot = ? ORDER BY ${order}`,
    )
    .run(to, from);
}
