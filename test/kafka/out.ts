/** What the tests of Kafka-out share: a ledger that is written to, servers that send it out, and what a reader gets. */
import assert from 'node:assert/strict';
import kafkajs from 'kafkajs';
import type { NewEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import { type StreamCategory, streamName } from '../../schemas/ids.ts';
import { systemClock, systemTimer } from '../../src/clock.ts';
import { exportPages } from '../../src/egress/export.ts';
import { type KafkaOut, type KafkaOutPace, type KafkaOutSettings, startKafkaOut } from '../../src/egress/kafka.ts';
import type { Ledger, LedgerReader } from '../../src/ledger/port.ts';
import type { LinkStatus } from '../../src/link.ts';
import { kcat } from '../support/kafka/kcat.ts';
import { until } from '../support/until.ts';

const ACTOR = { authType: 'unauthenticated', authId: null };

/** Short, so that nothing waits for luck, and no shorter than a broker takes to answer. */
export const PACE: Partial<KafkaOutPace> = {
  ...{ firstMs: 50, patienceMs: 300, patienceMaxMs: 2_000, lookMs: 25, beyondMs: 200 },
  ...{ retryMinMs: 50, retryMaxMs: 500 },
};

export function settingsFor(
  brokers: readonly string[],
  topic: string,
  more: Partial<KafkaOutSettings> = {},
): KafkaOutSettings {
  return {
    ...{ kafkaBrokers: brokers, kafkaOut: topic, kafkaGroup: `group-${topic}` },
    ...{ kafkaTls: false, kafkaCa: null, kafkaCert: null, kafkaKey: null },
    ...{ kafkaSasl: null, kafkaUsername: null, kafkaPassword: null },
    ...more,
  };
}

const quiet = (): void => {};
export const SILENT = { error: quiet, warn: quiet, info: quiet, debug: quiet };

export function startOut(ledger: Ledger, settings: KafkaOutSettings, pace: Partial<KafkaOutPace> = {}): KafkaOut {
  return startKafkaOut({
    ledger,
    settings,
    clock: systemClock,
    timer: systemTimer,
    log: SILENT,
    pace: { ...PACE, ...pace },
  });
}

export async function createTopic(brokers: readonly string[], topic: string, numPartitions = 3): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor: 1 }] });
  await admin.disconnect();
}

/** So many events, numbered from `from`, over seven streams; `padding` is in the data of each. */
export async function record(
  ledger: Ledger,
  [from, count]: readonly [from: number, count: number],
  padding = '',
): Promise<void> {
  const requests = Array.from({ length: count }, (_, index) => {
    const number = from + index;
    const [category, subject]: [StreamCategory, string] = ['cluster', `c${number % 7}`];
    const event = {
      ...{ id: `e${number}`, source: '/out', type: 'NodeJoined', subject, time: null, notBefore: null },
      ...{ synthetic: false, extensions: {}, data: { nodeId: `n${number}${padding}` } },
    } as unknown as NewEvent;
    return { stream: streamName(category, subject), expected: 'any' as const, events: [event], actor: ACTOR };
  });
  for (let at = 0; at < requests.length; at += 500) await ledger.append(requests.slice(at, at + 500));
}

export async function exportLines(ledger: LedgerReader): Promise<readonly string[]> {
  let text = '';
  for await (const page of exportPages(ledger, { after: 0 as Position, stream: null })) text += page;
  return text.split('\n').slice(0, -1);
}

export interface Received {
  readonly partition: number;
  readonly key: string;
  readonly headers: string;
  readonly value: string;
}

/** Everything that is committed (or all there is), by a client that is not ours, in the order of each partition. */
export async function received(
  brokers: readonly string[],
  topic: string,
  level: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<readonly Received[]> {
  const format = ['-f', '%p\t%k\t%h\t%s\n'];
  const text = await kcat([
    '-C',
    '-q',
    '-e',
    '-b',
    brokers.join(),
    '-t',
    topic,
    '-X',
    `isolation.level=${level}`,
    ...format,
  ]);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [partition = '', key = '', headers = '', value = ''] = line.split('\t');
      return { partition: Number(partition), key, headers, value };
    });
}

/** Holds what was received to the ledger: each event once, byte for byte as in an export, in order within its stream. */
export async function assertWhole(ledger: LedgerReader, brokers: readonly string[], topic: string): Promise<void> {
  const expected = byStream((await exportLines(ledger)).map((value) => ({ key: streamOf(value), value })));
  const found = byStream(await received(brokers, topic));
  assert.deepEqual([...found.keys()].sort(), [...expected.keys()].sort());
  for (const [stream, lines] of expected) assert.deepEqual(found.get(stream), lines, stream);
}

function byStream(
  all: readonly { readonly key: string; readonly value: string }[],
): ReadonlyMap<string, readonly string[]> {
  const streams = new Map<string, string[]>();
  for (const { key, value } of all) {
    const lines = streams.get(key) ?? [];
    lines.push(value);
    streams.set(key, lines);
  }
  return streams;
}

function streamOf(line: string): string {
  return (JSON.parse(line) as { readonly stream: string }).stream;
}

/** Resolves once one of these has written up to the ledger's end. */
export async function sentAll(ledger: LedgerReader, outs: readonly KafkaOut[]): Promise<void> {
  await until('everything is sent', async () => {
    const { position } = await ledger.head();
    return outs.some(({ link }) => link.status().parts.some(({ at }) => at === position));
  }).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(outs.map(({ link }) => link.status()))}`);
  });
}

export async function reaches(
  out: KafkaOut,
  holds: (status: LinkStatus) => boolean,
  what: string,
): Promise<LinkStatus> {
  await until(what, () => holds(out.link.status())).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(out.link.status())}`);
  });
  return out.link.status();
}
