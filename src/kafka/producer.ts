/**
 * What Kafka-out writes with: records and the place they were read from go out in one transaction, so that both are there or
 * neither. Whoever opens a writer ends every earlier one of the same name, and what that had not committed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, type Producer, type Transaction } from 'kafkajs';
import { type ConnectOptions, connectKafka, type KafkaSettings } from './connection.ts';

export interface OutRecord {
  /** Records with one key stay in order. */
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the records that were written came from: a number that rises, and a text of the writer's own beside it. */
export interface OutPlace {
  readonly at: number;
  /** Empty where someone set the place by hand. */
  readonly note: string;
}

export interface OutTopic {
  readonly topic: string;
  /** Of the group whose offset for partition 0 is the place. */
  readonly group: string;
  /** Names the one who may write: Kafka lets the newest of a name through and no other. */
  readonly writer: string;
}

/** What is known of a topic from outside a transaction. */
export interface OutState {
  /** Null: none was ever committed, or it was forgotten. */
  readonly place: OutPlace | null;
  /** Whether anything was ever written to the topic, still there or not. */
  readonly isUsed: boolean;
}

export interface OutReader {
  /** Throws what `faultOf` reads: topic missing, refused, unreachable. */
  state(): Promise<OutState>;
  close(): Promise<void>;
}

export interface OutWriter {
  /** All records and the place, or nothing. When it throws the outcome is unknown, and this writer is of no more use. */
  write(records: readonly OutRecord[], place: OutPlace): Promise<void>;
  close(): Promise<void>;
}

/** After this time Kafka takes back by itself what a dead writer left open, in ms; a new writer does so at once. */
const TRANSACTION_MS_MAX = 30_000;
/** How long the end of the transaction before may keep the next one waiting, and how often it is looked at, in ms. */
const TURN_MS_MAX = 15_000;
const TURN_LOOK_MS = 5;

/** A way to one topic, for one who writes in turn with others. */
export interface OutConnection {
  openReader(): Promise<OutReader>;
  /** Resolves once no earlier writer of the name can write any more, and what it left open is taken back. */
  openWriter(): Promise<OutWriter>;
}

export function outConnection(settings: KafkaSettings, out: OutTopic, options: ConnectOptions): OutConnection {
  // A client for each: files of certificates are read anew, and what is left of a lost connection goes with it.
  return {
    openReader: async () => openOutReader(connectKafka(settings, options), out),
    openWriter: async () => openOutWriter(connectKafka(settings, options), out),
  };
}

async function openOutReader(kafka: Kafka, { topic, group }: OutTopic): Promise<OutReader> {
  const admin = kafka.admin();
  try {
    await admin.connect();
  } catch (error) {
    await quietly(admin);
    throw error;
  }
  return {
    async state() {
      const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const first = committed?.partitions.find(({ partition }) => partition === 0);
      const at = Number(first?.offset ?? -1);
      const ends = await admin.fetchTopicOffsets(topic);
      return {
        place: at < 0 ? null : { at, note: first?.metadata ?? '' },
        isUsed: ends.some(({ high }) => Number(high) > 0),
      };
    },
    close: () => quietly(admin),
  };
}

async function openOutWriter(kafka: Kafka, { topic, group, writer }: OutTopic): Promise<OutWriter> {
  const producer = kafka.producer({
    transactionalId: writer,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: TRANSACTION_MS_MAX,
    allowAutoTopicCreation: false,
    // The one that Java's clients have: other producers put the same key into the same partition.
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  try {
    await producer.connect();
    // The first transaction of a producer draws its number, which ends the earlier ones; it is ended unused.
    await (await producer.transaction()).abort();
  } catch (error) {
    await quietly(producer);
    throw error;
  }
  return {
    async write(records, place) {
      const transaction = await producer.transaction();
      // The place first: it is what the end of the transaction before may keep waiting, and can be asked again without doubling anything.
      await sendPlace(transaction, { topic, group, place });
      if (records.length > 0) {
        const messages = records.map(({ key, value, headers }) => ({ key, value, headers: { ...headers } }));
        await transaction.send({ topic, messages, compression: kafkajs.CompressionTypes.GZIP });
      }
      await transaction.commit();
    },
    close: () => quietly(producer),
  };
}

async function sendPlace(
  transaction: Transaction,
  { topic, group, place }: { readonly topic: string; readonly group: string; readonly place: OutPlace },
): Promise<void> {
  // The note goes along as the offset's metadata, which the types do not know of.
  const partitions = [{ partition: 0, offset: String(place.at), metadata: place.note }];
  for (let waited = 0; ; waited += TURN_LOOK_MS) {
    try {
      return await transaction.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions }] });
    } catch (error) {
      if (typeOf(error) !== 'CONCURRENT_TRANSACTIONS' || waited >= TURN_MS_MAX) throw error;
      await delay(TURN_LOOK_MS);
    }
  }
}

/** Whether a newer writer of the same name was opened. */
export function isReplaced(error: unknown): boolean {
  return ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING'].includes(typeOf(error));
}

/** Kafka's own name for the failure, of it or of what caused it; empty when it has none. */
function typeOf(error: unknown): string {
  let one: unknown = error;
  for (let depth = 0; typeof one === 'object' && one !== null && depth < 10; depth += 1) {
    const { type, cause } = one as { readonly type?: unknown; readonly cause?: unknown };
    if (typeof type === 'string') return type;
    one = cause;
  }
  return '';
}

/** A connection that is lost cannot be ended in order, and needs not. */
async function quietly(client: Admin | Producer): Promise<void> {
  try {
    await client.disconnect();
  } catch {
    // It is gone either way.
  }
}
