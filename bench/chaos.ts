/**
 * Twenty blows on two replicas, their store and their broker under load: how much was acknowledged meanwhile, that all of it
 * was recorded once, and how long they took to agree afterwards. Fails when anything is lost, doubled or different.
 */
import { runChaos } from '../test/support/chaos/chaos.ts';
import { kafkaMissing } from '../test/support/kafka/jars.ts';
import { print } from './support/figure.ts';

const ROUNDS = 20;
const SEED = Number(process.env['MUSTERBOOK_SEED'] ?? 5);

const missing = kafkaMissing();
const started = performance.now();
const { acknowledged, recorded, settledMs } = await runChaos({
  ...{ replicas: 2, withBroker: missing === false, rounds: ROUNDS, seed: SEED },
  log: (line) => process.stderr.write(`${line}\n`),
});
const note = `${ROUNDS} blows on replicas, store and lines, ${missing === false ? 'and the broker' : `no broker: ${missing}`}; seed ${SEED}`;
const seconds = (performance.now() - started) / 1_000;
print({ name: 'chaos: acknowledged, all of it recorded once', value: acknowledged, unit: 'events', note });
print({ name: 'chaos: recorded, those whose answer was lost included', value: recorded, unit: 'events' });
print({ name: 'chaos: until all replicas agreed', value: settledMs, unit: 'ms' });
print({ name: 'chaos: whole run', value: seconds, unit: 's' });
