/** Who is told when the head of a ledger moves. */
import type { Position } from '../../schemas/ids.ts';

export class Listeners {
  readonly #listeners = new Set<(head: Position) => void>();
  #told = 0;

  /** Each add counts by itself, also of the same function twice; returns how to stop. */
  add(listener: (head: Position) => void): () => void {
    const entry = (head: Position): void => listener(head);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Tells all, once per head. A listener that throws is not the ledger's failure: its error surfaces as an uncaught one of its own. */
  call(head: Position): void {
    if (head <= this.#told) return;
    this.#told = head;
    for (const listener of this.#listeners) {
      try {
        listener(head);
      } catch (failure) {
        queueMicrotask(() => {
          throw failure;
        });
      }
    }
  }
}
