import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { ledgerConformance } from './conformance.ts';

ledgerConformance({ name: 'memory', open: async (_test, clock) => openMemoryLedger({ clock }), reopen: null });
