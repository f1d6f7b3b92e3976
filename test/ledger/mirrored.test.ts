/** The whole suite, read from a mirror: positions with gaps, and nothing that is read comes from the record itself. */
import { join } from 'node:path';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { ledgerConformance } from './conformance.ts';
import { openMirroredLedger } from './sqlite/mirrored-ledger.ts';

interface Place {
  readonly path: string;
  readonly store: Ledger;
  readonly set: (now: () => ReturnType<Parameters<typeof openMirroredLedger>[0]['clock']>) => void;
}

for (const thread of ['here', 'worker'] as const) {
  const places = new WeakMap<Ledger, Place>();
  ledgerConformance({
    timeoutMs: 60_000,
    name: `a mirror that is filled ${thread === 'here' ? 'in the same thread' : 'in a thread of its own'}`,
    open: async (test, given) => {
      let clock = given;
      const path = join(temporaryFolder(test), 'mirror.sqlite');
      const store = openMemoryLedger({ clock: () => clock() });
      const ledger = await openMirroredLedger({ path, clock: given, thread, store });
      places.set(ledger, {
        path,
        store,
        set: (now) => {
          clock = now;
        },
      });
      test.after(() => ledger.close());
      return ledger;
    },
    reopen: async (test, ledger, clock) => {
      await ledger.close();
      const { path, store, set } = places.get(ledger) as Place;
      set(clock);
      const again = await openMirroredLedger({ path, clock, thread, store });
      test.after(() => again.close());
      return again;
    },
  });
}
