/**
 * Kafka-out of a ledger file in a process of its own, which may be killed: `node out-process.ts LEDGER BROKER TOPIC`. Prints how far
 * it is, and before each commit that everything of the batch is sent; it commits a little later, so that a kill can come in between.
 */
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { openLedgerBeside } from '../../src/ledger/sqlite/beside.ts';
import { settingsFor, startOut } from './out.ts';

const BEFORE_COMMIT_MS = 30;

const [ledgerPath = '', broker = '', topic = ''] = process.argv.slice(2);
const { producer: makeProducer } = kafkajs.Kafka.prototype;
kafkajs.Kafka.prototype.producer = function producerThatTells(...args) {
  const producer = makeProducer.apply(this, args);
  const transaction = async () => {
    const one = await producer.transaction();
    const commit = async (): Promise<void> => {
      process.stdout.write('sent\n');
      await delay(BEFORE_COMMIT_MS);
      await one.commit();
    };
    return { ...one, commit };
  };
  return { ...producer, transaction };
};
const ledger = openLedgerBeside(ledgerPath);
const out = startOut(ledger, settingsFor([broker], topic), { patienceMs: 150 });
setInterval(() => {
  const [part] = out.link.status().parts;
  process.stdout.write(`${part?.at ?? 0}\n`);
}, 5);
