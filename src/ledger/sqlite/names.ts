/** Numbering names: each distinct source, type and actor is stored once. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** Names remembered at most; beyond it all are dropped and looked up again. */
const REMEMBERED_MAX = 100_000;

/** The numbers that stand for names in `event`. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #select: StatementSync;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync, table: 'source' | 'type' | 'actor') {
    this.#select = database.prepare(`SELECT id FROM ${table} WHERE name = ?`);
    this.#insert = database.prepare(`INSERT INTO ${table} (name) VALUES (?)`);
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const found = this.#select.get(name)?.['id'] ?? this.#insert.run(name).lastInsertRowid;
    if (this.#numbers.size > REMEMBERED_MAX) this.#numbers.clear();
    this.#numbers.set(name, Number(found));
    return Number(found);
  }

  forget(): void {
    this.#numbers.clear();
  }
}
