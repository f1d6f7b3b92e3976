import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { type Backend, ledgerConformance } from './conformance.ts';
import { densePositions } from './dense.ts';

const memory: Backend = {
  name: 'memory',
  open: async (_test, clock) => openMemoryLedger({ clock }),
  reopen: null,
};
ledgerConformance(memory);
densePositions(memory);
