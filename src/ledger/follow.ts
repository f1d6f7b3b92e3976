/**
 * The reader behind every subscription: from a cursor through the past into the present. It holds a cursor and one page,
 * never a queue, so a slow reader costs no memory and misses nothing.
 */
import { setImmediate } from 'node:timers/promises';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { FollowQuery, Ledger, LedgerReader, ReadAll } from './port.ts';

const PAGE_EVENTS = 256;
/** A generator that is always ready would starve timers and sockets: it steps aside every so many events. */
const EVENTS_PER_TURN = 50;

/**
 * Gives every event after `after` that matches, in order of position, each once, without end: first the past by pages,
 * then the present as it becomes durable. The caller owes `signal` or a call of `return()`. What a read throws ends it.
 */
export async function* follow<Event extends { readonly position: Position } = FoldEvent>(
  ledger: LedgerReader & Pick<Ledger, 'onAppend'>,
  query: FollowQuery<Event>,
): AsyncGenerator<Event, void, undefined> {
  const { signal, categories, types } = query;
  const read =
    query.read ?? ((page: ReadAll) => ledger.readAll(page) as Promise<readonly unknown[]> as Promise<readonly Event[]>);
  const filter = { ...(categories && { categories }), ...(types && { types }), limit: PAGE_EVENTS };
  const bell = new Bell(signal);
  const stop = query.gate ? query.gate.onRise(() => bell.ring()) : ledger.onAppend(() => bell.ring());
  let cursor = query.after;
  let given = 0;
  try {
    while (!signal?.aborted) {
      // Listening before the limit is read: what rises in between rings and is not slept through.
      bell.clear();
      const upTo = query.gate ? query.gate.limit() : (await ledger.head()).position;
      if (cursor >= upTo) {
        await bell.rung();
        continue;
      }
      const page = await read({ ...filter, after: cursor, upTo });
      for (const event of page) {
        if (signal?.aborted) return;
        cursor = event.position;
        yield event;
        given += 1;
        if (given % EVENTS_PER_TURN === 0) await setImmediate();
      }
      // A short page has seen all there is up to the limit, also what did not match.
      if (page.length < PAGE_EVENTS) cursor = upTo;
    }
  } finally {
    stop();
    bell.dispose();
  }
}

/** Wakes one sleeper; a ring while nobody sleeps is remembered until `clear`. */
class Bell {
  readonly #signal: AbortSignal | undefined;
  readonly #ring = (): void => this.ring();
  #hasRung = false;
  #wake: (() => void) | null = null;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener('abort', this.#ring);
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  clear(): void {
    this.#hasRung = false;
  }

  /** Resolves at the next ring, or at once if it has rung or its signal was aborted. */
  async rung(): Promise<void> {
    if (this.#hasRung || this.#signal?.aborted) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = null;
  }

  dispose(): void {
    this.#signal?.removeEventListener('abort', this.#ring);
  }
}
