/**
 * From Kafka into the ledger with every projection live, against a bare kafkajs consumer that parses each record and inserts the
 * same rows, hashes included, in the same batches; the broker runs on the same machine. Then the delay from the producer to
 * the ledger, and to the views, at 5,000 events a second.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import { pino } from 'pino';
import { formatTime, type Micros, parseTime } from '../schemas/time.ts';
import { systemClock, uuidV7 } from '../src/clock.ts';
import { readConfig } from '../src/config.ts';
import { type KafkaIn, startKafkaIn } from '../src/ingest/kafka/kafka-in.ts';
import { connectKafka } from '../src/kafka/connection.ts';
import { type Assembly, assemble } from '../src/main.ts';
import { type Broker, makeBroker } from '../test/support/kafka/broker.ts';
import { kafkaMissing } from '../test/support/kafka/jars.ts';
import { until } from '../test/support/until.ts';
import { newAssignment } from './support/assignments.ts';
import { openBareRows } from './support/bare-rows.ts';
import { type Contender, median, medianRatio, print, skip, takeTurns } from './support/figure.ts';

const EVENTS = 100_000;
const ROUNDS = 5;
/** Rows in a transaction of the bare loop: what the way in appends at once. */
const BATCH = 500;
const PACED = { perSecond: 5_000, everyMs: 20, seconds: 10 } as const;
const NAME = 'kafka in, views live';

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
const log = pino({ level: 'silent' });
const topic = 'events';
let names = 0;
/** A group that has read nothing yet, and a folder that holds nothing. */
const newName = (): string => `round-${++names}`;

function settings(broker: Broker, kafkaTopic: string) {
  const { kafkaBrokers: _, ...defaults } = readConfig({ env: {}, folder });
  return { ...defaults, kafkaBrokers: broker.brokers, kafkaTopic, kafkaGroup: newName() };
}

function line(): string {
  const { id, source, type, subject, time, data } = newAssignment(uuidV7);
  const at = formatTime(time as Micros);
  return JSON.stringify({ specversion: '1.0', id, source, type: `io.musterbook.${type}`, subject, time: at, data });
}

async function createTopic(kafka: Kafka, name: string): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: name, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
}

async function fill(kafka: Kafka): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  for (let sent = 0; sent < EVENTS; sent += 1_000) {
    await producer.send({ topic, messages: Array.from({ length: 1_000 }, () => ({ value: line() })) });
  }
  await producer.disconnect();
}

interface Reading {
  readonly assembly: Assembly;
  readonly kafkaIn: KafkaIn;
  close(): Promise<void>;
}

async function startReading(broker: Broker, kafkaTopic: string): Promise<Reading> {
  const config = settings(broker, kafkaTopic);
  const data = join(folder, newName());
  const assembly = await assemble({ ...config, kafkaBrokers: null, port: 0, data }, { log });
  const kafkaIn = startKafkaIn({ settings: config, accept: assembly.accept, clock: systemClock, log });
  const close = async (): Promise<void> => {
    await kafkaIn.close();
    await assembly.close();
    rmSync(data, { recursive: true, force: true });
  };
  return { assembly, kafkaIn, close };
}

/** From joining the group to the last confirmation. */
function throughLedger(broker: Broker, lags: number[]): Contender {
  return {
    name: 'ledger',
    async run() {
      const { assembly, kafkaIn, close } = await startReading(broker, topic);
      await until('it has joined', () => kafkaIn.link.status().parts.length > 0);
      const begun = performance.now();
      await until('all is confirmed', () => kafkaIn.link.status().parts[0]?.at === EVENTS - 1);
      const ms = performance.now() - begun;
      const { position, events } = await assembly.ledger.head();
      if (events !== EVENTS) throw new Error(`${events} events are in the ledger`);
      await assembly.views.reached(position, 60_000);
      lags.push(performance.now() - begun - ms);
      await close();
      return { units: EVENTS, ms };
    },
  };
}

function bareConsumer(kafka: Kafka, name: string, { hashes }: { readonly hashes: boolean }): Contender {
  return {
    name,
    async run() {
      const path = join(folder, `${newName()}.sqlite`);
      const rows = openBareRows(path, { hashes });
      const consumer = kafka.consumer({ groupId: newName(), maxWaitTimeInMs: 500, retry: {} });
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      let begun = 0;
      const done = Promise.withResolvers<number>();
      consumer.on('consumer.group_join', () => {
        begun = performance.now();
      });
      consumer.on('consumer.crash', ({ payload: { error } }) => done.reject(error));
      let count = 0;
      const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
        const { batch, heartbeat, resolveOffset, commitOffsetsIfNecessary } = payload;
        for (let at = 0; at < batch.messages.length; at += BATCH) {
          rows.insert(batch.messages.slice(at, at + BATCH).map(({ value }) => parsedTexts(value as Buffer)));
          await heartbeat();
        }
        const last = Number(batch.lastOffset());
        await commitOffsetsIfNecessary({
          topics: [{ topic, partitions: [{ partition: 0, offset: String(last + 1) }] }],
        });
        resolveOffset(String(last));
        count += batch.messages.length;
        if (count === EVENTS) done.resolve(performance.now() - begun);
      };
      await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
      const ms = await done.promise;
      await consumer.disconnect();
      rows.close();
      rmSync(path, { force: true });
      return { units: EVENTS, ms };
    },
  };
}

function parsedTexts(value: Buffer) {
  const { data, ...attributes } = JSON.parse(value.toString('utf8')) as Record<string, unknown>;
  const event = {
    id: attributes['id'] as string,
    subject: attributes['subject'] as string,
    time: parseTime(attributes['time'] as string) as Micros,
  };
  return { event, envelope: JSON.stringify(attributes), dataText: JSON.stringify(data) };
}

/** Ms from just before an event is handed to the producer until it is durable, and until every view shows it. */
async function delays(broker: Broker, kafka: Kafka): Promise<{ readonly ledger: number[]; readonly views: number[] }> {
  const paced = 'paced';
  await createTopic(kafka, paced);
  const { assembly, kafkaIn, close } = await startReading(broker, paced);
  await until('it has joined', () => kafkaIn.link.status().parts.length > 0);
  const producer = kafka.producer();
  await producer.connect();
  const sentAt: number[] = [];
  const [ledger, views]: [number[], number[]] = [[], []];
  // One partition: the events come in the order in which they were sent, each at the next position.
  const note = (into: number[]) => (head: number) => {
    const now = performance.now();
    while (into.length < head) into.push(now - (sentAt[into.length] ?? Number.NaN));
  };
  const [noteAppended, notePublished] = [note(ledger), note(views)];
  const stop = [
    assembly.ledger.onAppend(noteAppended),
    assembly.views.onPublish(() => notePublished(assembly.views.position())),
  ];
  const ticks = (PACED.seconds * 1_000) / PACED.everyMs;
  const each = (PACED.perSecond * PACED.everyMs) / 1_000;
  const begun = performance.now();
  const sending: Promise<unknown>[] = [];
  for (let tick = 0; tick < ticks; tick += 1) {
    await delay(Math.max(0, begun + tick * PACED.everyMs - performance.now()));
    const messages = Array.from({ length: each }, () => ({ value: line() }));
    const now = performance.now();
    for (let index = 0; index < each; index += 1) sentAt.push(now);
    sending.push(producer.send({ topic: paced, messages }));
  }
  await Promise.all(sending);
  await until('all is shown', () => views.length === ticks * each);
  for (const end of stop) end();
  await producer.disconnect();
  await close();
  // The first second warms everything up.
  return { ledger: ledger.slice(PACED.perSecond), views: views.slice(PACED.perSecond) };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function measure(broker: Broker): Promise<void> {
  const { kafkaBrokers: _, ...defaults } = readConfig({ env: {}, folder });
  const kafka = connectKafka({ ...defaults, kafkaBrokers: broker.brokers }, { clientId: 'bench', log });
  await createTopic(kafka, topic);
  await fill(kafka);
  const lags: number[] = [];
  const bare = bareConsumer(kafka, 'bare', { hashes: true });
  const unhashed = bareConsumer(kafka, 'bare, no hashes', { hashes: false });
  const rates = await takeTurns([throughLedger(broker, lags), bare, unhashed], ROUNDS);
  const of = (name: string): readonly number[] => rates.get(name) ?? [];
  const figure = { value: median(of('ledger')), unit: 'events/s' };
  print({
    ...{ name: NAME, ...figure, peer: median(of('bare')), ratio: medianRatio(of('ledger'), of('bare')), target: 0.4 },
    note: 'peer: bare kafkajs, JSON.parse and the same rows with the same hashes in transactions of 500',
  });
  print({
    ...{ name: `${NAME}, against a peer that hashes nothing`, ...figure },
    ...{ peer: median(of(unhashed.name)), ratio: medianRatio(of('ledger'), of(unhashed.name)), target: 0.4 },
  });
  print({ name: 'kafka in, views behind the ledger', value: median(lags), unit: 'ms', note: `after ${EVENTS} events` });
  const { ledger, views } = await delays(broker, kafka);
  for (const [what, found] of [
    ['ledger', ledger],
    ['views', views],
  ] as const) {
    const note = `${PACED.perSecond} events/s for ${PACED.seconds} s; median ${percentile(found, 0.5).toPrecision(3)} ms`;
    print({ name: `kafka in, producer to ${what}, p99`, value: percentile(found, 0.99), unit: 'ms', note });
  }
}

const missing = kafkaMissing();
if (missing !== false) skip(NAME, missing);
else {
  const broker = await makeBroker({ isFast: true });
  try {
    await broker.start();
    await measure(broker);
  } finally {
    await broker.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
