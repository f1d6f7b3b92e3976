/** A ledger file as commands read it: beside the process that writes it, or without one. */

import type { FoldEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import { follow } from '../follow.ts';
import { Listeners } from '../listeners.ts';
import type { FollowQuery, Ledger, RejectionPage } from '../port.ts';
import { SqliteReader } from './reader.ts';

/** How often the file is looked at for new events while someone listens, in ms. */
const LOOK_MS = 150;

/** Opens for reading only: appends are refused as `LEDGER_HELD`. Throws what `openSqliteReader` throws. The caller owes `close()`. */
export function openLedgerBeside(path: string): Ledger {
  return new LedgerBeside(path);
}

class LedgerBeside extends SqliteReader implements Ledger {
  readonly #listeners = new Listeners();
  #timer: NodeJS.Timeout | null = null;
  #listening = 0;
  #seen = 0;

  async append(): Promise<never> {
    throw readOnly();
  }
  async restore(): Promise<never> {
    throw readOnly();
  }
  async keepRejections(): Promise<never> {
    throw readOnly();
  }
  async scrub(): Promise<never> {
    throw readOnly();
  }
  async rejections(query: { readonly before?: number; readonly limit: number }): Promise<RejectionPage> {
    return this.readRejections(query);
  }

  follow<Event extends { readonly position: Position } = FoldEvent>(query: FollowQuery<Event>): AsyncGenerator<Event> {
    return follow<Event>(this, query);
  }

  onAppend(listener: (head: Position) => void): () => void {
    const stop = this.#listeners.add(listener);
    this.#listening += 1;
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS);
    return () => {
      stop();
      this.#listening -= 1;
      if (this.#listening === 0) this.#stopLooking();
    };
  }

  override async close(): Promise<void> {
    this.#stopLooking();
    await super.close();
  }

  async #look(): Promise<void> {
    try {
      const { position } = await this.head();
      if (position === this.#seen) return;
      this.#seen = position;
      this.#listeners.call(position);
    } catch {
      // The next look tries again; whoever reads hears of what is wrong.
    }
  }

  #stopLooking(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}

function readOnly(): MusterbookError {
  return new MusterbookError('LEDGER_HELD', 'this ledger was opened for reading only');
}
