/** Proof of a ledger file, everything compared, against one scan that reads the same rows and computes the same two hashes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { openSqliteReader } from '../src/ledger/sqlite/reader.ts';
import { makeCheckpoint, verifyLedger } from '../src/ledger/verify.ts';
import { median, medianRatio, print, takeTurns } from './support/figure.ts';
import { scanAndHash } from './support/hash-scan.ts';
import { fillLedger } from './support/history.ts';

const EVENTS = Number(process.env['MUSTERBOOK_BENCH_EVENTS'] ?? 1_000_000);
const ROUNDS = 5;
const SHAPE = { seed: 11, events: EVENTS, clusters: 200, days: 90, late: { little: 0, much: 0.005 } };
const note = `${EVENTS} events, ${SHAPE.clusters} clusters, ${SHAPE.days} days; seed ${SHAPE.seed}`;

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const path = join(folder, 'ledger.sqlite');
try {
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  await fillLedger(ledger, SHAPE);
  await ledger.close();
  const reader = openSqliteReader(path);
  const checkpoint = await makeCheckpoint(reader);
  const contenders = [
    { name: 'scan', run: () => scanAndHash(path) },
    {
      name: 'verify',
      async run() {
        const found = await verifyLedger(reader, { checkpoint });
        if (!found.ok || !found.endProved) throw new Error('the ledger does not verify');
        return found.events;
      },
    },
    { name: 'checkpoint', run: async () => (await makeCheckpoint(reader)).events },
  ];
  const rates = await takeTurns(contenders, ROUNDS);
  const limit = rates.get('scan') ?? [];
  for (const name of ['verify', 'checkpoint'] as const) {
    const ours = rates.get(name) ?? [];
    const figure = { name: `verify.${name === 'verify' ? 'ledger' : name}`, value: median(ours), unit: 'events/s' };
    const target = name === 'verify' ? { target: 0.8 } : {};
    print({ ...figure, limit: median(limit), ratio: medianRatio(ours, limit), ...target, note });
  }
  await reader.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
