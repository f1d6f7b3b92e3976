/** A ledger with Kafka's way in, as the server assembles it. */
import type { TestContext } from 'node:test';
import type { Kafka } from 'kafkajs';
import { createAccept } from '../../src/accept/create.ts';
import { systemClock, uuidV7 } from '../../src/clock.ts';
import { type KafkaIn, type KafkaInSettings, startKafkaIn } from '../../src/ingest/kafka/kafka-in.ts';
import { connectKafka, type KafkaLog } from '../../src/kafka/connection.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger, StoredEvent } from '../../src/ledger/port.ts';
import type { LinkStatus } from '../../src/link.ts';
import { until } from '../support/until.ts';

const SILENT: KafkaLog = { error() {}, warn() {}, info() {}, debug() {} };

export const PLAIN = {
  kafkaTls: false,
  kafkaCa: null,
  kafkaCert: null,
  kafkaKey: null,
  kafkaSasl: null,
  kafkaUsername: null,
  kafkaPassword: null,
} as const;

export function settingsFor(
  brokers: readonly string[],
  topic: string,
  more: Partial<KafkaInSettings> = {},
): KafkaInSettings {
  return {
    ...{ kafkaBrokers: brokers, kafkaTopic: topic, kafkaGroup: `group-of-${topic}`, kafkaRole: 'operate' },
    ...PLAIN,
    ...more,
  };
}

export interface WayIn {
  readonly ledger: Ledger;
  readonly kafkaIn: KafkaIn;
  status(): LinkStatus;
  /** Waits until this many events are in the ledger. */
  holds(count: number): Promise<readonly StoredEvent[]>;
  /** Waits until so many records have been taken for good since the start. */
  took(records: number): Promise<void>;
}

export interface WayInOptions {
  /** Whoever opened it closes it. Absent: one in memory. */
  readonly ledger?: Ledger;
  /** How long a member that was killed keeps its partitions. */
  readonly sessionMs?: number;
}

/** Goes with the test, unless it was closed before. */
export function openWayIn(
  test: Pick<TestContext, 'after'>,
  settings: KafkaInSettings,
  { ledger = openMemoryLedger(), sessionMs = 6_000 }: WayInOptions = {},
): WayIn {
  const accept = createAccept({ ledger, clock: systemClock, newId: uuidV7, source: 'test' });
  const kafkaIn = startKafkaIn({ settings, accept, clock: systemClock, log: SILENT, sessionMs });
  test.after(() => kafkaIn.close());
  const status = (): LinkStatus => kafkaIn.link.status();
  return {
    ledger,
    kafkaIn,
    status,
    holds: (count) =>
      until(`the ledger holds ${count} events (${settings.kafkaTopic})`, async () => {
        const events = await ledger.readAllStored({ limit: count + 1 });
        return events.length >= count && events;
      }),
    async took(records) {
      await until(`${records} records are taken`, () => (status().counts['records'] ?? 0) >= records);
    },
  };
}

/** A client of ours for what kcat cannot do: topics, transactions, deleting records. */
export function clientOf(brokers: readonly string[]): Kafka {
  return connectKafka({ kafkaBrokers: brokers, ...PLAIN }, { clientId: 'test', log: SILENT });
}

export async function createTopic(
  brokers: readonly string[],
  topic: string,
  {
    partitions = 1,
    configs = {},
  }: { readonly partitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  try {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
}

/** One CloudEvent of a cluster, as a line of JSON. */
export function eventLine(id: string, { cluster = 'payments', leader = 'node-1' } = {}): string {
  return JSON.stringify({
    ...{ specversion: '1.0', id, source: '/test', type: 'io.musterbook.LeaderElected', subject: cluster },
    ...{ time: '2022-12-13T20:14:00Z', data: { leaderId: leader } },
  });
}

export function eventLines(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => eventLine(`${prefix}${index}`, { cluster: `c${index % 7}` }));
}
