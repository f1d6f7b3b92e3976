/** Replicas on one store under load while processes are killed and lines cut. Invariants L1, L4, L5, P2, P6. */
import { test } from 'node:test';
import { runChaos } from './support/chaos/chaos.ts';

const ROUNDS = Number(process.env['MUSTERBOOK_CHAOS_ROUNDS'] ?? 3);
const SEED = Number(process.env['MUSTERBOOK_SEED'] ?? Date.now() % 1_000_000);

test(`${ROUNDS} blows on three replicas and their store, seed ${SEED}: all is there once, and the same everywhere`, async (t) => {
  const log = (line: string) => t.diagnostic(line);
  const { acknowledged, recorded, settledMs } = await runChaos({
    ...{ replicas: 3, withBroker: false, rounds: ROUNDS, seed: SEED, log },
  });
  t.diagnostic(`${acknowledged} acknowledged, ${recorded} recorded, settled in ${Math.round(settledMs)} ms`);
});
