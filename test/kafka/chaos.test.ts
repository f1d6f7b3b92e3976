/** As test/chaos.test.ts, with a real broker: events come in by Kafka too, and every recorded one goes out. Invariants L1, L4, L5, P6. */
import { test } from 'node:test';
import { runChaos } from '../support/chaos/chaos.ts';
import { kafkaMissing } from '../support/kafka/jars.ts';

const ROUNDS = Number(process.env['MUSTERBOOK_CHAOS_ROUNDS'] ?? 6);
const SEED = Number(process.env['MUSTERBOOK_SEED'] ?? Date.now() % 1_000_000);

test(`${ROUNDS} blows on two replicas, their store and their broker, seed ${SEED}`, {
  skip: kafkaMissing(),
}, async (t) => {
  const { acknowledged, recorded, settledMs } = await runChaos({
    ...{ replicas: 2, withBroker: true, rounds: ROUNDS, seed: SEED },
    log: (line) => t.diagnostic(line),
  });
  t.diagnostic(`${acknowledged} acknowledged, ${recorded} recorded, settled in ${Math.round(settledMs)} ms`);
});
