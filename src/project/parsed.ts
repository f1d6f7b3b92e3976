/** Parsed states by projection and key; emptied when it grows too large, since filling it again is cheap. */
import type { View } from './views.ts';

/** A live view, and the latest effective time of all events that were taken, also of those retracted since: at a later moment it is the answer. */
export interface LiveView<State> extends View<State> {
  readonly latestAt: number;
}

/** By the bytes of the states' texts; parsed they take several times that. */
const TEXT_BYTES_MAX = 32 * 1024 * 1024;

export class ParsedViews {
  readonly #entries = new Map<string, Map<string, { readonly view: LiveView<unknown>; readonly bytes: number }>>();
  #bytes = 0;

  get(name: string, key: string): LiveView<unknown> | undefined {
    return this.#entries.get(name)?.get(key)?.view;
  }

  set(name: string, view: LiveView<unknown>, bytes: number): void {
    if (this.#bytes + bytes > TEXT_BYTES_MAX) this.clear();
    this.delete(name, view.key);
    const entries = this.#entries.get(name) ?? new Map();
    entries.set(view.key, { view, bytes });
    this.#entries.set(name, entries);
    this.#bytes += bytes;
  }

  delete(name: string, key: string): void {
    const entries = this.#entries.get(name);
    this.#bytes -= entries?.get(key)?.bytes ?? 0;
    entries?.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}
