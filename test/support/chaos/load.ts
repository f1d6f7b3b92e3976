/** Load on replicas: events over HTTP to any of them, and to the broker where there is one. Keeps what was acknowledged. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Producer } from 'kafkajs';
import type { Chance } from '../random.ts';
import { type Cast, TOPIC } from './cast.ts';

const SENDERS = 4;
const BATCH = 20;
/** Few clusters, so that replicas meet in their streams. */
const CLUSTERS = 6;
/** After a refusal, so that a dead replica is not knocked at without end. */
const PAUSE_MS = 50;
const END_MS_MAX = 120_000;

export interface Load {
  /** `source id` of what some answer acknowledged. */
  readonly acknowledged: ReadonlySet<string>;
  /** Ends it; resolves once every batch was answered, by whoever answers by then. Rejects where one is not in two minutes. */
  end(): Promise<void>;
}

export function startLoad(cast: Cast, chance: Chance): Load {
  const acknowledged = new Set<string>();
  const ending = new AbortController();
  let made = 0;
  const senders = Array.from({ length: SENDERS }, (_, index) => sendOverHttp(`/http-${index}`));
  if (cast.broker) senders.push(sendOverKafka('/kafka', cast.broker.brokers));
  return {
    acknowledged,
    async end() {
      ending.abort();
      const late = AbortSignal.timeout(END_MS_MAX);
      const lateness = once(late, 'abort').then(() => {
        throw new Error('batches stay unanswered');
      });
      await Promise.race([Promise.all(senders), lateness]);
    },
  };

  function batch(source: string): readonly string[] {
    return Array.from({ length: BATCH }, () => {
      made += 1;
      const subject = `c${chance.below(CLUSTERS)}`;
      const time = new Date(Date.UTC(2024, 0, 1) + made * 1_000 - (chance.happens(0.2) ? chance.below(120_000) : 0));
      const event = { specversion: '1.0', id: `${made}`, source, subject, time: time.toISOString(), ...fact(made) };
      return JSON.stringify(event);
    });
  }

  function acknowledge(lines: readonly string[]): void {
    for (const line of lines) {
      const { source, id } = JSON.parse(line) as { source: string; id: string };
      acknowledged.add(`${source} ${id}`);
    }
  }

  /** A batch is sent, to one replica after another, until one has taken all of it: also when it was told to end. */
  async function sendOverHttp(source: string): Promise<void> {
    while (!ending.signal.aborted) {
      const lines = batch(source);
      while (!(await isTaken(lines))) await delay(PAUSE_MS);
      acknowledge(lines);
    }
  }

  async function isTaken(lines: readonly string[]): Promise<boolean> {
    const { url } = chance.pick(cast.replicas);
    if (url === null) return false;
    try {
      const answer = await fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: lines.join('\n'),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await answer.text();
      if (answer.status === 200) return true;
      // What an answer refuses for good is a mistake; 503 says that it may be sent again.
      if (answer.status !== 503) throw new Refused(`${answer.status} ${text}`);
      return false;
    } catch (error) {
      if (error instanceof Refused) throw error;
      return false;
    }
  }

  async function sendOverKafka(source: string, brokers: readonly string[]): Promise<void> {
    const { Kafka, logLevel } = kafkajs;
    const kafka = new Kafka({
      clientId: 'chaos',
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 30 },
    });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      while (!ending.signal.aborted) {
        const lines = batch(source);
        while (!(await isProduced(producer, lines))) await delay(PAUSE_MS);
        acknowledge(lines);
        // A broker takes far more than replicas on the same two cores append; what is to be seen is not a backlog.
        await delay(PAUSE_MS);
      }
    } finally {
      await producer.disconnect();
    }
  }
}

class Refused extends Error {}

async function isProduced(producer: Producer, lines: readonly string[]): Promise<boolean> {
  const messages = lines.map((value) => ({
    key: (JSON.parse(value) as { subject: string }).subject,
    value,
    headers: { 'content-type': 'application/cloudevents+json' },
  }));
  try {
    await producer.send({ topic: TOPIC, acks: -1, messages });
    return true;
  } catch {
    return false;
  }
}

function fact(made: number): object {
  const nodeId = `n${made % 7}`;
  switch (made % 5) {
    case 0:
      return { type: 'NodeJoined', data: { nodeId } };
    case 1:
      return { type: 'LeaderElected', data: { leaderId: nodeId, term: Math.floor(made / 50) } };
    case 2:
      return { type: 'JobAssigned', data: { jobId: `j${made % 23}`, nodeId } };
    case 3:
      return { type: 'JobStarted', data: { jobId: `j${made % 23}`, nodeId } };
    default:
      return { type: made % 2 ? 'HeartbeatLost' : 'HeartbeatRestored', data: { nodeId } };
  }
}
