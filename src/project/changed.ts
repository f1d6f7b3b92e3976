/** Which views changed since the last publication. */
import type { Publication } from './views.ts';

/** Above this many keys of a projection a publication says `all`. */
const KEYS_NAMED_MAX = 10_000;

export class ChangedKeys {
  #keys: Map<string, Set<string>> | 'all' = new Map();

  note(projection: string, key: string): void {
    if (this.#keys === 'all') return;
    const keys = this.#keys.get(projection) ?? new Set();
    this.#keys.set(projection, keys.add(key));
    if (keys.size > KEYS_NAMED_MAX) this.#keys = 'all';
  }

  noteAll(): void {
    this.#keys = 'all';
  }

  areNone(): boolean {
    return this.#keys !== 'all' && this.#keys.size === 0;
  }

  take(): Publication['keys'] {
    const keys = this.#keys;
    this.#keys = new Map();
    return keys;
  }
}
