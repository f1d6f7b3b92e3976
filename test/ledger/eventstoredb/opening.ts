/** Ledgers in an EventStoreDB for tests, each with a prefix of its own, so that many share one server. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  type EventStoreLedger,
  type EventStoreLedgerOptions,
  openEventStoreLedger,
} from '../../../src/ledger/eventstoredb/ledger.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { at } from '../sample.ts';

export type Opening = Pick<EventStoreLedgerOptions, 'url'> & Partial<EventStoreLedgerOptions>;

export const newPrefix = (): string => `t${randomUUID()}.`;

/** What a ledger was opened with: to open another replica, or the same again. */
const openings = new WeakMap<EventStoreLedger, EventStoreLedgerOptions>();

export function openingOf(ledger: EventStoreLedger): EventStoreLedgerOptions {
  const opening = openings.get(ledger);
  if (!opening) throw new Error('It was not opened here');
  return opening;
}

/** A ledger in a store, closed after the test; new and empty unless a prefix is given. */
export async function openEsdb(test: TestContext, opening: Opening): Promise<EventStoreLedger> {
  const options: EventStoreLedgerOptions = {
    ...{ prefix: newPrefix(), mirrorPath: join(temporaryFolder(test), 'mirror.sqlite'), thread: 'here' },
    ...{ clock: () => at(0), random: () => 0.5 },
    ...opening,
  };
  const ledger = await openEventStoreLedger(options);
  openings.set(ledger, options);
  test.after(() => ledger.close());
  return ledger;
}

/** Another replica: the same ledger with a mirror of its own. */
export function openReplica(
  test: TestContext,
  of: EventStoreLedger,
  more: Partial<Opening> = {},
): Promise<EventStoreLedger> {
  const mirrorPath = join(temporaryFolder(test), 'mirror.sqlite');
  return openEsdb(test, { ...openingOf(of), mirrorPath, ...more });
}
