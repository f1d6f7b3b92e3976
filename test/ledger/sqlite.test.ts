import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock } from '../../src/clock.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Backend, ledgerConformance } from './conformance.ts';
import { densePositions } from './dense.ts';

for (const thread of ['here', 'worker'] as const) {
  const paths = new WeakMap<Ledger, string>();
  const openAt = async (test: TestContext, path: string, clock: Clock): Promise<Ledger> => {
    const ledger = await openSqliteLedger({ path, clock, thread });
    paths.set(ledger, path);
    test.after(() => ledger.close());
    return ledger;
  };
  const sqlite: Backend = {
    name: `sqlite, writing ${thread === 'here' ? 'in the same thread' : 'in a thread of its own'}`,
    open: (test, clock) => openAt(test, join(temporaryFolder(test), 'ledger.sqlite'), clock),
    reopen: async (test, ledger, clock) => {
      await ledger.close();
      return openAt(test, paths.get(ledger) ?? '', clock);
    },
  };
  ledgerConformance(sqlite);
  densePositions(sqlite);
}
