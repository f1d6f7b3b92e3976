/** Opening a ledger, whichever backend the settings name: for the process that writes to it, or beside that one. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Link } from '../link.ts';
import { openMemoryLedger } from './memory/ledger.ts';
import type { Ledger } from './port.ts';
import { openLedgerBeside } from './sqlite/beside.ts';
import { openSqliteLedger } from './sqlite/ledger.ts';
import { holdLock } from './sqlite/lock.ts';

/** Where a ledger is: the settings that say so. */
export interface LedgerPlace {
  /** `sqlite`, `memory`, or the connection string of an EventStoreDB. */
  readonly store: string;
  /** The folder of its files. */
  readonly data: string;
}

/** A ledger that this process may write to, with the lock on its folder. */
export interface HeldLedger {
  readonly ledger: Ledger;
  /** Its connections to what lies outside the process. */
  readonly links: readonly Link[];
  /** Closes the ledger and frees the folder. */
  close(): Promise<void>;
}

/** The backend's name, without credentials. */
export function storeName({ store }: Pick<LedgerPlace, 'store'>): 'sqlite' | 'memory' | 'eventstoredb' {
  return store === 'sqlite' || store === 'memory' ? store : 'eventstoredb';
}

/** The file under `data` that reading is served from; a ledger in memory has none. */
export function ledgerFile({ data }: LedgerPlace): string {
  return join(data, 'ledger.sqlite');
}

/** Throws `LEDGER_HELD` where another process has the folder, and what the backend's opening throws. */
export async function openHeldLedger(place: LedgerPlace, { clock }: { readonly clock?: Clock }): Promise<HeldLedger> {
  const withClock = clock ? { clock } : {};
  if (place.store === 'memory') {
    const ledger = openMemoryLedger(withClock);
    return { ledger, links: [], close: () => ledger.close() };
  }
  mkdirSync(place.data, { recursive: true });
  const lock = holdLock(place.data);
  try {
    const ledger = await openSqliteLedger({ path: ledgerFile(place), thread: 'worker', ...withClock });
    return {
      ledger,
      links: [],
      async close() {
        try {
          await ledger.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** For reading only, beside the process that writes to it, or without one. The caller owes `close()`. */
export async function openReadLedger(place: LedgerPlace): Promise<Ledger> {
  return openLedgerBeside(ledgerFile(place));
}
