/** Which erased events of another ledger were left out lately: the retractions that erased them name nothing here. */
import type { EventKey } from '../ledger/port.ts';

/** An export brings a retraction some time after its event, in a later request perhaps. */
const KEYS_MAX = 10_000;

export class LeftOut {
  /** Oldest first. */
  readonly #keys = new Set<string>();

  add(key: EventKey): void {
    const text = keyText(key);
    this.#keys.delete(text);
    this.#keys.add(text);
    const oldest = this.#keys.values().next();
    if (this.#keys.size > KEYS_MAX && !oldest.done) this.#keys.delete(oldest.value);
  }

  has(key: EventKey): boolean {
    return this.#keys.size > 0 && this.#keys.has(keyText(key));
  }
}

function keyText({ source, id }: EventKey): string {
  return JSON.stringify([source, id]);
}
