/** Opening a ledger, whichever backend the settings name: for the process that writes to it, or beside that one. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { type ErrorCode, MusterbookError } from '../errors.ts';
import type { Link } from '../link.ts';
import { type EventStoreLedger, openEventStoreLedger } from './eventstoredb/ledger.ts';
import { openMemoryLedger } from './memory/ledger.ts';
import type { Ledger } from './port.ts';
import { openLedgerBeside } from './sqlite/beside.ts';
import { openSqliteLedger } from './sqlite/ledger.ts';
import { holdLock } from './sqlite/lock.ts';

/** Where a ledger is: the settings that say so. */
export interface LedgerPlace {
  /** `sqlite`, `memory`, or the connection string of an EventStoreDB. */
  readonly store: string;
  /** Before every stream name in an EventStoreDB. */
  readonly esdbPrefix: string;
  /** The folder of its files. */
  readonly data: string;
}

/** A ledger that this process may write to, with the lock on its folder. */
export interface HeldLedger {
  readonly ledger: Ledger;
  /** Its connections to what lies outside the process. */
  readonly links: readonly Link[];
  /** What of the settings will not do what its writer hopes. */
  readonly warnings: readonly string[];
  /** Closes the ledger and frees the folder. */
  close(): Promise<void>;
}

/** The backend's name, without credentials. */
export function storeName({ store }: Pick<LedgerPlace, 'store'>): 'sqlite' | 'memory' | 'eventstoredb' {
  return store === 'sqlite' || store === 'memory' ? store : 'eventstoredb';
}

/** The file under `data` that reading is served from; a ledger in memory has none. */
export function ledgerFile(place: LedgerPlace): string {
  return join(place.data, storeName(place) === 'eventstoredb' ? 'mirror.sqlite' : 'ledger.sqlite');
}

/**
 * Throws `LEDGER_HELD` where another process has the folder, and what the backend's opening throws. An EventStoreDB that is
 * not reached is no error: its link says so.
 */
export async function openHeldLedger(place: LedgerPlace, { clock }: { readonly clock?: Clock }): Promise<HeldLedger> {
  const withClock = clock ? { clock } : {};
  if (place.store === 'memory') {
    const ledger = openMemoryLedger(withClock);
    return { ledger, links: [], warnings: [], close: () => ledger.close() };
  }
  mkdirSync(place.data, { recursive: true });
  const lock = holdLock(place.data);
  const held = (ledger: Ledger, links: readonly Link[], warnings: readonly string[]): HeldLedger => ({
    ...{ ledger, links, warnings },
    close: () => ledger.close().finally(lock.release),
  });
  try {
    if (storeName(place) === 'sqlite') {
      return held(await openSqliteLedger({ path: ledgerFile(place), thread: 'worker', ...withClock }), [], []);
    }
    const ledger = await openRecord(place, withClock);
    return held(ledger, [ledger], ledger.warnings);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * For reading only, beside the process that writes to it, or without one. The mirror of an EventStoreDB is brought up to the
 * store's end first, by the server that runs, else here. The caller owes `close()`.
 */
export async function openReadLedger(place: LedgerPlace): Promise<Ledger> {
  if (storeName(place) === 'eventstoredb') await bringUp(place);
  return openLedgerBeside(ledgerFile(place));
}

/**
 * For proofs: what they are to prove is the record, not a copy that was kept of it. An EventStoreDB is read anew, from its
 * beginning, into a folder that goes with the ledger. Throws `CHAIN_BROKEN` with the first place that does not fit.
 */
export async function openProofLedger(place: LedgerPlace): Promise<Ledger> {
  if (storeName(place) !== 'eventstoredb') return openReadLedger(place);
  const data = mkdtempSync(join(tmpdir(), 'musterbook-proof-'));
  const remove = (): void => rmSync(data, { recursive: true, force: true });
  try {
    const ledger = await openRecord({ ...place, data }, {});
    const close = ledger.close.bind(ledger);
    ledger.close = () => close().finally(remove);
    await reachedEnd(ledger);
    return ledger;
  } catch (error) {
    remove();
    throw error;
  }
}

function openRecord(place: LedgerPlace, withClock: { readonly clock?: Clock }): Promise<EventStoreLedger> {
  const { store: url, esdbPrefix: prefix } = place;
  return openEventStoreLedger({ url, prefix, mirrorPath: ledgerFile(place), thread: 'worker', ...withClock });
}

async function bringUp(place: LedgerPlace): Promise<void> {
  let held: HeldLedger;
  try {
    held = await openHeldLedger(place, {});
  } catch (error) {
    // Then a server follows the store into this very mirror.
    if (error instanceof MusterbookError && error.code === 'LEDGER_HELD') return;
    throw error;
  }
  try {
    await reachedEnd(held.ledger as EventStoreLedger);
  } finally {
    await held.close();
  }
}

/** How often a ledger that is to reach its end is looked at, in ms. */
const LOOK_MS = 200;

/** Resolves when the ledger has what the store held at some moment since it was opened. Throws what keeps it from that. */
async function reachedEnd(ledger: EventStoreLedger): Promise<void> {
  let isThere = false;
  const there = ledger.caughtUp().then(() => {
    isThere = true;
  });
  while (!isThere) {
    const { fault } = ledger.status();
    if (fault) {
      await ledger.close();
      throw new MusterbookError(fault.code as ErrorCode, fault.message);
    }
    await Promise.race([there, delay(LOOK_MS)]);
  }
}
