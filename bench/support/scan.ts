/** The limit of every projection: the file's rows in order, their data parsed, and a fold that does nothing but count. */
import { DatabaseSync } from 'node:sqlite';

const COLUMNS =
  'position, stream_id, revision, type_id, source_id, actor_id, synthetic, recorded_at, occurred_at, not_before, id, data';
const PAGE = 2_000;

/** Returns how many events it read. */
export function scanAndCount(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const page = database.prepare(`SELECT ${COLUMNS} FROM event WHERE position > ? ORDER BY position LIMIT ${PAGE}`);
  page.setReturnArrays(true);
  const counts = new Map<number, { events: number; keys: number }>();
  let read = 0;
  for (let after = 0; ; ) {
    const rows = page.all(after) as unknown as [number, number, ...unknown[]][];
    for (const row of rows) {
      const data = JSON.parse(row[11] as string) as object;
      const count = counts.get(row[1]) ?? { events: 0, keys: 0 };
      count.events += 1;
      if ('nodeId' in data) count.keys += 1;
      counts.set(row[1], count);
    }
    read += rows.length;
    if (rows.length < PAGE) break;
    after = rows.at(-1)?.[0] ?? 0;
  }
  database.close();
  return read;
}
