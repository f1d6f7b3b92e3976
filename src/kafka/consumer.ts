/**
 * Reads a topic as a member of a consumer group, at least once: what was read is confirmed only after `take` has resolved. It goes
 * on by itself through rebalances, crashes and lost brokers, and begins anew where kafkajs gives up. Nothing is queued: kafkajs
 * fetches again when its batches are taken.
 */
import type { Admin, Consumer, Kafka } from 'kafkajs';
import type { Timer } from '../clock.ts';
import type { LinkFault } from '../link.ts';
import { backOff } from './back-off.ts';
import { connectKafka, faultOf, type KafkaLog, type KafkaSettings, RETRY } from './connection.ts';
import type { LinkStates } from './link-state.ts';
import { type Committed, type KafkaBatch, PartitionReader } from './partition-reader.ts';

export interface ConsumerSettings extends KafkaSettings {
  readonly kafkaTopic: string;
  readonly kafkaGroup: string;
}

export interface ConsumerParts {
  readonly settings: ConsumerSettings;
  readonly link: LinkStates;
  readonly log: KafkaLog;
  readonly timer: Timer;
  /**
   * Takes a batch for good; gives the mark to be kept with the new offset, at most 4,096 bytes (null: none). Called for
   * several partitions at once, for each in order. What it throws holds its partition back; the same records come again. `beat` is
   * to be called now and then: it throws when the group has moved on, and then goes through.
   */
  take(batch: KafkaBatch, beat: () => Promise<void>): Promise<string | null>;
  /** After so long without a sign of life a member is taken for dead. Default: 30 s. */
  readonly sessionMs?: number;
}

export interface RunningConsumer {
  /** Ends what is under way, leaves the group. */
  close(): Promise<void>;
}

const SESSION_MS = 30_000;
/** How often the ends of the partitions are asked for, to know how far behind this is. */
const ENDS_MS = 5_000;
/** Leaving in good order is not waited for longer. */
const LEAVE_MS_MAX = 10_000;
/** Partitions that are taken at once: while one waits for the disk, another is read. */
const PARTITIONS_AT_ONCE = 4;

export function startConsumer(parts: ConsumerParts): RunningConsumer {
  const ending = new AbortController();
  const running = keepReading(parts, ending.signal);
  return {
    async close() {
      ending.abort();
      await running;
    },
  };
}

/** Never rejects. */
async function keepReading(parts: ConsumerParts, signal: AbortSignal): Promise<void> {
  const { link, log, timer } = parts;
  for (let failures = 0; !signal.aborted; failures += 1) {
    const begunMs = timer.nowMs();
    try {
      await new Session(parts, signal).run();
    } catch (error) {
      if (signal.aborted) return;
      const fault = faultIn(parts.settings.kafkaTopic, error);
      link.isRetrying(fault);
      link.count('reconnects');
      log.error({ code: fault.code }, `kafka-in: ${fault.message}; trying again`);
      // What worked for a while fails anew.
      if (timer.nowMs() - begunMs > 60_000) failures = 0;
      await timer.sleep(backOff(failures), signal);
    }
  }
}

/** Brokers do not repeat the topic that they do not have. */
function faultIn(topic: string, error: unknown): LinkFault {
  const { code, message } = faultOf(error);
  if (code !== 'KAFKA_TOPIC_MISSING' || message.includes(topic)) return { code, message };
  return { code, message: `there is no topic ${topic} (${message})` };
}

/** One member's life in the group, from connecting to the crash or the end. */
class Session {
  readonly #parts: ConsumerParts;
  readonly #signal: AbortSignal;
  readonly #kafka: Kafka;
  readonly #ended = Promise.withResolvers<void>();
  #isOver = false;

  constructor(parts: ConsumerParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    const { log, link, settings } = parts;
    this.#kafka = connectKafka(settings, {
      clientId: 'musterbook-in',
      // The loop above goes on trying; what kafkajs tries by itself would keep an ending process waiting.
      connectRetries: 2,
      log,
      onTrouble: (fault) => signal.aborted || link.isRetrying(fault),
    });
    this.#ended.promise.catch(() => {});
  }

  /** Resolves once the signal is aborted, rejects with what ended it before. */
  async run(): Promise<void> {
    const { settings, sessionMs = SESSION_MS, log } = this.#parts;
    const admin = this.#kafka.admin();
    const consumer = this.#kafka.consumer({
      groupId: settings.kafkaGroup,
      sessionTimeout: sessionMs,
      heartbeatInterval: Math.min(3_000, sessionMs / 4),
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
      retry: { retries: RETRY.retries },
    });
    const onAbort = (): void => this.#ended.resolve();
    this.#signal.addEventListener('abort', onAbort);
    if (this.#signal.aborted) onAbort();
    const reading = this.#read(admin, consumer).catch((error: unknown) => this.#ended.reject(error));
    try {
      await this.#ended.promise;
    } finally {
      this.#isOver = true;
      this.#signal.removeEventListener('abort', onAbort);
      const leave = () => Promise.allSettled([consumer.disconnect(), admin.disconnect()]);
      // What was still connecting may connect after it was told to leave: it is told again.
      const left = leave().then(() => reading.then(leave));
      await within(LEAVE_MS_MAX, left, () => log.warn({}, 'kafka-in: left without waiting any longer for an answer'));
    }
  }

  async #read(admin: Admin, consumer: Consumer): Promise<void> {
    const { settings, link } = this.#parts;
    const { kafkaTopic: topic, kafkaGroup: groupId } = settings;
    await admin.connect();
    if (this.#isOver) return;
    const committed = async (): Promise<readonly Committed[]> => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      return found?.partitions ?? [];
    };
    // Read before kafkajs may reset an offset that is no longer in the log.
    const atStart = await committed();
    if (this.#isOver) return;
    const reader = new PartitionReader({ ...this.#parts, topic, committed, atStart, consumer, signal: this.#signal });
    consumer.on('consumer.crash', ({ payload: { error } }) => this.#ended.reject(error));
    consumer.on('consumer.group_join', ({ payload: { memberAssignment } }) => {
      reader.assign(memberAssignment[topic] ?? []);
      link.count('rebalances');
      link.isUp();
    });
    consumer.on('consumer.heartbeat', () => link.isUp());
    consumer.on('consumer.commit_offsets', () => link.isUp());
    consumer.on('consumer.start_batch_process', ({ payload }) => {
      if (payload.batchSize === 0) reader.passOver(payload);
    });
    await consumer.connect();
    if (this.#isOver) return;
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    if (this.#isOver) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => reader.read(payload),
    });
    await this.#watchEnds(admin, reader);
  }

  /** Asks now and then where the partitions end. That it fails is no failure of reading. */
  async #watchEnds(admin: Admin, reader: PartitionReader): Promise<void> {
    const { settings, timer, log } = this.#parts;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    void this.#ended.promise.then(end, end);
    while (!this.#isOver) {
      try {
        for (const { partition, high } of await admin.fetchTopicOffsets(settings.kafkaTopic)) {
          reader.sawEnd(partition, Number(high));
        }
      } catch (error) {
        log.debug({ code: faultOf(error).code }, 'kafka-in: the ends of the partitions could not be read');
      }
      await timer.sleep(ENDS_MS, ended.signal);
    }
  }
}

/** Waits for `work`, at most so long. Neither rejects. */
async function within(ms: number, work: Promise<unknown>, onLate: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onLate();
      resolve();
    }, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
