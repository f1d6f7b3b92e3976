/** Reads what went out by Kafka, as anyone would who reads committed records only. */
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { Broker } from '../kafka/broker.ts';

export interface RecordedOut {
  /** `source id` of each record, in the order of reading. */
  readonly keys: readonly string[];
  /** Events whose revision is not the next one of their stream. */
  readonly misplaced: readonly string[];
}

const LOOK_MS = 100;
/** How long to read on after the last one that is expected: a double would come then. */
const AFTERWARDS_MS = 1_000;

export async function recordedOut(
  { brokers }: Broker,
  { topic, count, withinMs }: { readonly topic: string; readonly count: number; readonly withinMs: number },
): Promise<RecordedOut> {
  const { Kafka, logLevel } = kafkajs;
  const kafka = new Kafka({ clientId: 'chaos-reader', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `chaos-reader-${process.pid}` });
  const keys: string[] = [];
  const misplaced: string[] = [];
  const next = new Map<string, number>();
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      async eachMessage({ message }) {
        const event = JSON.parse(String(message.value)) as {
          source: string;
          id: string;
          stream: string;
          revision: number;
        };
        keys.push(`${event.source} ${event.id}`);
        if (Number(event.revision) !== (next.get(event.stream) ?? 0))
          misplaced.push(`${event.stream} ${event.revision}`);
        next.set(event.stream, Number(event.revision) + 1);
      },
    });
    const deadline = performance.now() + withinMs;
    while (keys.length < count && performance.now() < deadline) await delay(LOOK_MS);
    await delay(AFTERWARDS_MS);
  } finally {
    await consumer.disconnect();
  }
  return { keys, misplaced };
}
