/**
 * Digests of slots, where views are written often and digests are asked for seldom: a written view is only marked, and
 * hashed when there is time, or by whoever asks before that.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { digestOfView, digestText, NO_VIEWS, readDigest, replaceInDigest } from '../digest.ts';

/** `slots.digest` is the sum over the views that have a digest here; null: written since. */
export const DIGEST_TABLES = `
CREATE TABLE digests (slot INTEGER NOT NULL, key TEXT NOT NULL, digest TEXT, PRIMARY KEY (slot, key)) STRICT, WITHOUT ROWID;
CREATE INDEX digests_open ON digests (slot, key) WHERE digest IS NULL;
`;

/** Views hashed in one transaction. */
const SETTLED_AT_ONCE = 256;

type Open = { readonly slot: number; readonly key: string; readonly state: string };

/** Reads the digest of a slot as the connection sees it. */
export function digestReader(database: DatabaseSync): (slot: number) => string {
  const settled = database.prepare('SELECT digest FROM slots WHERE slot = ?');
  const open = database.prepare(
    'SELECT key, state FROM digests JOIN views USING (slot, key) WHERE slot = ? AND digest IS NULL',
  );
  return (slot) => {
    const kept = settled.get(slot) as { digest: string } | undefined;
    let sum = kept === undefined ? NO_VIEWS : readDigest(kept.digest);
    for (const { key, state } of open.iterate(slot) as Iterable<Open>)
      sum = replaceInDigest(sum, { before: NO_VIEWS, now: digestOfView(key, state) });
    return digestText(sum);
  };
}

/** For the one writer, within its transactions. */
export class Digests {
  readonly #known: StatementSync;
  readonly #mark: StatementSync;
  readonly #open: StatementSync;
  readonly #settle: StatementSync;
  readonly #sumOf: StatementSync;
  readonly #putSum: StatementSync;

  constructor(database: DatabaseSync) {
    this.#known = database.prepare('SELECT digest FROM digests WHERE slot = ? AND key = ?');
    this.#mark = database.prepare('INSERT OR REPLACE INTO digests (slot, key, digest) VALUES (?, ?, NULL)');
    this.#open = database.prepare(
      `SELECT slot, key, state FROM digests JOIN views USING (slot, key) WHERE digest IS NULL LIMIT ${SETTLED_AT_ONCE}`,
    );
    this.#settle = database.prepare('UPDATE digests SET digest = ? WHERE slot = ? AND key = ?');
    this.#sumOf = database.prepare('SELECT digest FROM slots WHERE slot = ?');
    this.#putSum = database.prepare('UPDATE slots SET digest = ? WHERE slot = ?');
  }

  /** Notes that a view was written. */
  written(slot: number, key: string): void {
    const known = this.#known.get(slot, key) as { digest: string | null } | undefined;
    if (known?.digest === null) return;
    if (known !== undefined) this.#move(slot, { before: readDigest(known.digest), now: NO_VIEWS });
    this.#mark.run(slot, key);
  }

  /** Hashes some of what was written. False when nothing is left. */
  settle(): boolean {
    const open = this.#open.all() as Open[];
    for (const { slot, key, state } of open) {
      const now = digestOfView(key, state);
      this.#settle.run(digestText(now), slot, key);
      this.#move(slot, { before: NO_VIEWS, now });
    }
    return open.length === SETTLED_AT_ONCE;
  }

  #move(slot: number, change: { readonly before: bigint; readonly now: bigint }): void {
    const { digest } = this.#sumOf.get(slot) as { digest: string };
    this.#putSum.run(digestText(replaceInDigest(readDigest(digest), change)), slot);
  }
}
