/** The limit of `verify`: the file's rows in order, and of each the two hashes that its place in the chain takes. */
import { DatabaseSync } from 'node:sqlite';
import { FIRST_PREVIOUS, linkHolds } from '../../src/ledger/chain.ts';

// The columns that `verify` reads.
const COLUMNS = [
  ...['position', 'stream_id', 'revision', 'type_id', 'source_id', 'actor_id', 'synthetic', 'recorded_at'],
  ...['occurred_at', 'not_before', 'id', 'data', 'envelope', 'salt', 'hash', 'data_hash'],
];
const PAGE = 2_000;

type Row = [
  ...[position: number, streamId: number, revision: number, type: number, source: number, actor: number | null],
  ...[synthetic: number, recordedAt: number, occurredAt: number | null, notBefore: number | null, id: string],
  ...[dataText: string, envelope: string, salt: Uint8Array, hash: Uint8Array, dataHash: Uint8Array | null],
];

/** Reads and hashes every event; finds nothing. Returns how many there were. */
export function scanAndHash(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const names = new Map(
    database
      .prepare('SELECT id, name FROM stream')
      .all()
      .map(({ id, name }) => [id as number, name as string]),
  );
  const page = database.prepare(`SELECT ${COLUMNS} FROM event WHERE position > ? ORDER BY position LIMIT ${PAGE}`);
  page.setReturnArrays(true);
  const ends = new Map<string, Uint8Array>();
  let read = 0;
  for (let after = 0; ; ) {
    const rows = page.all(after) as unknown as Row[];
    for (const row of rows) {
      const stream = names.get(row[1]) ?? '';
      linkHolds({
        stream,
        previous: ends.get(stream) ?? FIRST_PREVIOUS,
        revision: row[2],
        recordedAt: row[7],
        dataText: row[11],
        envelope: row[12],
        salt: row[13],
        hash: row[14],
        dataHash: row[15],
      });
      ends.set(stream, row[14]);
    }
    read += rows.length;
    if (rows.length < PAGE) break;
    after = rows.at(-1)?.[0] ?? 0;
  }
  database.close();
  return read;
}
