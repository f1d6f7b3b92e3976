/**
 * From the ledger out to Kafka, in transactions that carry their place, against a bare kafkajs producer that sends the same
 * lines in the same batches without any of that; the broker runs on the same machine. Then the delay from an append to its
 * arrival at a consumer that reads what is committed, at 1,000 events a second.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Kafka } from 'kafkajs';
import type { Position } from '../schemas/ids.ts';
import { systemClock, systemTimer, uuidV7 } from '../src/clock.ts';
import { type KafkaOut, startKafkaOut } from '../src/egress/kafka.ts';
import { batchesOf } from '../src/egress/kafka-batches.ts';
import { connectKafka } from '../src/kafka/connection.ts';
import type { Ledger } from '../src/ledger/port.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { type Broker, makeBroker } from '../test/support/kafka/broker.ts';
import { kafkaMissing } from '../test/support/kafka/jars.ts';
import { until } from '../test/support/until.ts';
import { newRequest } from './support/assignments.ts';
import { median, medianRatio, print, skip, takeTurns } from './support/figure.ts';

const EVENTS = 20_000;
const ROUNDS = 3;
const PAGE = 1_000;
const PACED = { perSecond: 1_000, everyMs: 20, seconds: 8 } as const;

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const quiet = (): void => {};
const log = { error: quiet, warn: quiet, info: quiet, debug: quiet };
let names = 0;

const missing = kafkaMissing();
if (missing !== false) skip('kafkaOut', missing);
else await measure();

async function measure(): Promise<void> {
  const broker = await makeBroker({ isFast: true });
  try {
    await broker.start();
    const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), thread: 'worker' });
    for (let done = 0; done < EVENTS; done += 500) await append(ledger, 500);
    await rate(broker, ledger);
    await delays(broker, ledger);
    await ledger.close();
  } finally {
    await broker.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function append(ledger: Ledger, count: number): Promise<void> {
  await ledger.append(Array.from({ length: count }, () => newRequest(uuidV7)));
}

async function newTopic(kafka: Kafka): Promise<string> {
  const topic = `out-${++names}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

function settings({ brokers }: Broker, topic: string) {
  const none = {
    kafkaCa: null,
    kafkaCert: null,
    kafkaKey: null,
    kafkaSasl: null,
    kafkaUsername: null,
    kafkaPassword: null,
  };
  return { ...none, kafkaBrokers: brokers, kafkaTls: false, kafkaOut: topic, kafkaGroup: topic };
}

function start(broker: Broker, ledger: Ledger, topic: string): KafkaOut {
  const pace = { firstMs: 0, lookMs: 10 };
  return startKafkaOut({
    ledger,
    settings: settings(broker, topic),
    clock: systemClock,
    timer: systemTimer,
    log,
    pace,
  });
}

async function rate(broker: Broker, ledger: Ledger): Promise<void> {
  const kafka = connectKafka(settings(broker, ''), { clientId: 'bench', log });
  const { position } = await ledger.head();
  const contenders = [
    {
      name: 'ours',
      async run() {
        const topic = await newTopic(kafka);
        const out = start(broker, ledger, topic);
        // From the first event on: whose turn it is and connecting are not what is measured.
        await until('it writes', () => (out.link.status().parts[0]?.at ?? 0) > 0);
        const [from, begun] = [out.link.status().parts[0]?.at ?? 0, performance.now()];
        await until('it has written everything', () => out.link.status().parts[0]?.at === position);
        const ms = performance.now() - begun;
        await out.close();
        return { units: position - from, ms };
      },
    },
    {
      name: 'bare',
      async run() {
        const topic = await newTopic(kafka);
        const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
        await producer.connect();
        const begun = performance.now();
        for (let after = 0; after < position; after += PAGE) {
          const page = await ledger.readAllRecorded({ after: after as Position, upTo: position, limit: PAGE });
          for (const { records } of batchesOf(page)) {
            const messages = records.map((record) => ({ ...record, headers: { ...record.headers } }));
            await producer.send({ topic, messages, compression: kafkajs.CompressionTypes.GZIP });
          }
        }
        const ms = performance.now() - begun;
        await producer.disconnect();
        return { units: position, ms };
      },
    },
  ];
  const rates = await takeTurns(contenders, ROUNDS);
  const [ours = [], bare = []] = [rates.get('ours'), rates.get('bare')];
  const note = 'transactions with their place, gzip; against a bare producer of the same batches';
  print({
    name: 'kafkaOut.rate',
    value: median(ours),
    unit: 'events/s',
    peer: median(bare),
    ratio: medianRatio(ours, bare),
    note,
  });
}

async function delays(broker: Broker, ledger: Ledger): Promise<void> {
  const kafka = connectKafka(settings(broker, ''), { clientId: 'bench', log });
  const topic = await newTopic(kafka);
  const out = start(broker, ledger, topic);
  await until('it has caught up', async () => out.link.status().parts[0]?.at === (await ledger.head()).position);
  const appended = new Map<number, number>();
  const arrived: number[] = [];
  const consumer = kafka.consumer({ groupId: `${topic}-reader`, readUncommitted: false, maxWaitTimeInMs: 5 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: false });
  await consumer.run({
    async eachMessage({ message }) {
      const begun = appended.get(Number(message.headers?.['position']));
      if (begun !== undefined) arrived.push(performance.now() - begun);
    },
  });
  await delay(1_000);
  const ticks = (PACED.seconds * 1_000) / PACED.everyMs;
  const due = performance.now();
  for (let tick = 0; tick < ticks; tick += 1) {
    await delay(Math.max(0, due + tick * PACED.everyMs - performance.now()));
    const begun = performance.now();
    const count = (PACED.perSecond * PACED.everyMs) / 1_000;
    const { position } = await ledger.head();
    for (let index = 1; index <= count; index += 1) appended.set(position + index, begun);
    await append(ledger, count);
  }
  await until('the events have arrived', () => arrived.length >= appended.size * 0.99);
  await consumer.disconnect();
  await out.close();
  arrived.sort((a, b) => a - b);
  const at = (share: number): number => arrived[Math.floor(arrived.length * share)] ?? Number.NaN;
  const note = `from the append to a consumer of what is committed, ${PACED.perSecond} events/s; p50 ${at(0.5).toFixed(0)} ms`;
  print({ name: 'kafkaOut.delayP99', value: at(0.99), unit: 'ms', note });
}
