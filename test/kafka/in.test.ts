/** Events in from a real Kafka: what is taken from records of every form, and what is said of those that are missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EachBatchPayload } from 'kafkajs';
import type { KafkaInSettings } from '../../src/ingest/kafka/kafka-in.ts';
import { type Broker, startBroker } from '../support/kafka/broker.ts';
import { kcat, kcatMissing, produceWithKcat } from '../support/kafka/kcat.ts';
import { until } from '../support/until.ts';
import { clientOf, createTopic, eventLine, eventLines, openWayIn, settingsFor } from './way-in.ts';

const STRUCTURED = ['content-type=application/cloudevents+json'];
const BINARY = [
  ...['ce_specversion=1.0', 'ce_id=b1', 'ce_source=/test/ü', 'ce_type=io.musterbook.LeaderElected'],
  ...['ce_subject=payments', 'ce_time=2022-12-13T20:14:00Z', 'ce_synthetic=true', 'content-type=application/json'],
];

test('Kafka in', { skip: kcatMissing(), timeout: 600_000 }, async (context) => {
  const broker = await startBroker(context, { properties: { 'log.cleaner.backoff.ms': '100' } });
  await context.test('takes structured, binary and plain JSON from a client that is not ours, each once', (it) =>
    forms(it, broker),
  );
  await context.test('reads gzip, zstd, Snappy and LZ4, from this client and as the broker packs them', (it) =>
    compressed(it, broker),
  );
  await context.test('keeps what it cannot read with topic, partition and offset, and takes the rest', (it) =>
    poison(it, broker),
  );
  await context.test('says which records were gone before they were read, once, with the clusters seen there', (it) =>
    gap(it, broker),
  );
  await context.test('says which records a compacted log has lost in its middle', (it) => compaction(it, broker));
  await context.test('takes markers and aborted records of transactions for no gap', (it) => transactions(it, broker));
  await context.test('tells how far behind it is', (it) => lag(it, broker));
});

type It = Parameters<typeof openWayIn>[0];

async function forms(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'forms';
  await createTopic(brokers, topic);
  const line = eventLine('s1');
  await produceWithKcat({ brokers, topic, lines: [`payments\t${line}`], isKeyed: true, headers: STRUCTURED });
  await produceWithKcat({
    brokers,
    topic,
    lines: ['another key\t{"leaderId":"node-2"}'],
    isKeyed: true,
    headers: BINARY,
  });
  await produceWithKcat({ brokers, topic, lines: [eventLine('p1'), line] });
  const way = openWayIn(it, settingsFor(brokers, topic));
  await way.took(4);
  const events = await way.holds(3);
  assert.deepEqual(
    events.map(({ id, source, dataText }) => [id, source, dataText]),
    [
      ['s1', '/test', '{"leaderId":"node-1"}'],
      ['b1', '/test/ü', '{"leaderId":"node-2"}'],
      ['p1', '/test', '{"leaderId":"node-1"}'],
    ],
  );
  assert.ok(events[1]?.envelope.includes('"synthetic":true'), 'a boolean attribute of a header is a boolean');
  assert.ok(events.every(({ envelope }) => envelope.includes('"authtype":"service_account","authid":"kafka"')));
  assert.equal(way.status().counts['duplicates'], 1);
}

async function compressed(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'compressed';
  await createTopic(brokers, topic);
  const codecs = ['gzip', 'zstd', 'snappy', 'lz4'] as const;
  for (const compression of codecs) {
    await produceWithKcat({ brokers, topic, lines: eventLines(`${compression}-`, 300), compression });
  }
  const way = openWayIn(it, settingsFor(brokers, topic));
  const events = await way.holds(1_200);
  const want = codecs.flatMap((codec) => Array.from({ length: 300 }, (_, index) => `${codec}-${index}`));
  assert.deepEqual(
    events.map(({ id }) => id),
    want,
  );
  // The Java libraries frame Snappy and LZ4 in other ways than librdkafka.
  for (const compression of codecs) {
    const packed = `packed-${compression}`;
    await createTopic(brokers, packed, { configs: { 'compression.type': compression } });
    await produceWithKcat({ brokers, topic: packed, lines: eventLines('x', 1_000) });
    const through = openWayIn(it, settingsFor(brokers, packed));
    const ids = (await through.holds(1_000)).map(({ id }) => id);
    assert.deepEqual(
      ids,
      Array.from({ length: 1_000 }, (_, index) => `x${index}`),
      compression,
    );
    await through.kafkaIn.close();
  }
}

async function poison(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'poison';
  await createTopic(brokers, topic);
  await produceWithKcat({ brokers, topic, lines: [eventLine('g1'), '{broken', '[]', eventLine('g2')] });
  const producer = clientOf(brokers).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const batch = { 'content-type': 'application/cloudevents-batch+json' };
  await producer.send({
    topic,
    messages: [
      { key: 'payments', value: null },
      { value: Buffer.from([0xff, 0xfe]) },
      { value: '[]', headers: batch },
      { value: 'text', headers: { ce_specversion: '1.0', ce_id: 'x', ce_source: 's', 'content-type': 'text/plain' } },
      { value: eventLine('g3') },
    ],
  });
  await producer.disconnect();
  const way = openWayIn(it, settingsFor(brokers, topic));
  await way.took(9);
  assert.deepEqual(
    (await way.holds(3)).map(({ id }) => id),
    ['g1', 'g2', 'g3'],
  );
  const { rejections } = await way.ledger.rejections({ limit: 100 });
  const kept = rejections.toReversed().map(({ door, code, message, record }) => {
    const [, partition, offset] = /\(kafka poison\/(\d+) offset (\d+)\)$/.exec(message) ?? [];
    return [door, code, Number(partition), Number(offset), record];
  });
  assert.deepEqual(kept, [
    ['kafka', 'JSON_UNREADABLE', 0, 1, '{broken'],
    ['kafka', 'ENVELOPE_INVALID', 0, 2, '[]'],
    ['kafka', 'ENVELOPE_INVALID', 0, 4, ''],
    ['kafka', 'JSON_UNREADABLE', 0, 5, '\uFFFD\uFFFD'],
    ['kafka', 'ENVELOPE_INVALID', 0, 6, '[]'],
    ['kafka', 'ID_INVALID', 0, 7, kept[5]?.[4]],
  ]);
  assert.equal(way.status().counts['rejected'], 6);
}

async function gap(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'gone';
  const settings = settingsFor(brokers, topic);
  await createTopic(brokers, topic);
  await produceWithKcat({ brokers, topic, lines: eventLines('before-', 10) });
  const first = openWayIn(it, settings);
  await first.holds(10);
  await until('the group has confirmed them', () => first.status().parts[0]?.at === 9);
  await first.kafkaIn.close();
  await produceWithKcat({ brokers, topic, lines: eventLines('gone-', 5) });
  const admin = clientOf(brokers).admin();
  await admin.connect();
  // kafkajs deletes only where it happens to know the leaders already.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '15' }] });
  await produceWithKcat({ brokers, topic, lines: eventLines('after-', 3) });
  // A new process: what it knows of the clusters is what was kept with the offset.
  const second = openWayIn(it, settings);
  const events = await second.holds(4);
  const [statement] = events;
  assert.deepEqual(
    events.map(({ stream, source }) => [stream, source]),
    [
      ['collector-kafka:gone/0', 'kafka:gone/0'],
      ...['c0', 'c1', 'c2'].map((cluster) => [`cluster-${cluster}`, '/test']),
    ],
  );
  const data = JSON.parse(statement?.dataText ?? '') as Record<string, unknown>;
  assert.deepEqual(data['clusterIds'], ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  assert.match(String(data['reason']), /offsets 10 to 14 /);
  assert.ok(Date.parse(String(data['from'])) < Date.parse(String(data['to'])));
  await until('the group has confirmed them', () => second.status().parts[0]?.at === 17);
  await second.kafkaIn.close();
  // Read again from before the gap, as after a kill before the confirmation: the statement is the same, and a duplicate.
  const mark = JSON.stringify({ at: Date.parse(String(data['from'])), clusters: data['clusterIds'] });
  await produceWithKcat({ brokers, topic, lines: [eventLine('after-3')] });
  await confirm(settings, { partition: 0, offset: '10', metadata: mark });
  await admin.disconnect();
  const third = openWayIn(it, settings, { ledger: second.ledger });
  await third.holds(5);
  assert.equal(third.status().counts['duplicates'], 4);
  assert.equal((await third.ledger.rejections({ limit: 1 })).total, 0);
}

interface Confirmed {
  readonly partition: number;
  readonly offset: string;
  readonly metadata: string;
}

/** As a member of the group would: kafkajs's own way of setting offsets has no metadata. Needs a record that is not confirmed. */
async function confirm({ kafkaBrokers, kafkaGroup, kafkaTopic }: KafkaInSettings, offset: Confirmed): Promise<void> {
  const consumer = clientOf(kafkaBrokers).consumer({ groupId: kafkaGroup, retry: {} });
  await consumer.connect();
  await consumer.subscribe({ topics: [kafkaTopic] });
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({ commitOffsetsIfNecessary }: EachBatchPayload): Promise<void> => {
      await commitOffsetsIfNecessary({ topics: [{ topic: kafkaTopic, partitions: [offset] }] });
      resolve();
    };
    consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
}

async function compaction(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'compacted';
  const compact = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.01', 'segment.ms': '100' };
  await createTopic(brokers, topic, { configs: compact });
  const keyed = (key: string, id: string): string => `${key}\t${eventLine(id)}`;
  const lines = ['first', 'again', 'again', 'again', 'last'].map((key, index) => keyed(key, `${key}-${index}`));
  await produceWithKcat({ brokers, topic, lines, isKeyed: true });
  // Kafka compacts a segment once a later record has opened the next.
  const offsets = await until('the log is compacted', async () => {
    await produceWithKcat({ brokers, topic, lines: [keyed('end', 'end')], isKeyed: true });
    const found = await kcat(['-C', '-b', brokers.join(), '-t', topic, '-o', 'beginning', '-e', '-q', '-f', '%o\n']);
    const left = found.trim().split('\n').map(Number);
    return !left.includes(1) && !left.includes(2) && left;
  });
  assert.deepEqual(offsets.slice(0, 3), [0, 3, 4]);
  const way = openWayIn(it, settingsFor(brokers, topic));
  await until('they are read', () => (way.status().parts[0]?.at ?? 0) >= (offsets.at(-1) ?? 0));
  const events = await way.ledger.readAllStored({ limit: 3 });
  assert.deepEqual(
    events.map(({ id, type }) => [type, id.split(' ').slice(0, 3).join(' ')]),
    [
      ['LeaderElected', 'first-0'],
      ['CollectorGapRecorded', 'gap 1 3'],
      ['LeaderElected', 'again-3'],
    ],
  );
}

async function transactions(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'transactions';
  await createTopic(brokers, topic);
  const producer = clientOf(brokers).producer({ transactionalId: 'test', idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const way = openWayIn(it, settingsFor(brokers, topic));
  for (const [index, isKept] of [true, false, true, false, true].entries()) {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: eventLines(`t${index}-`, 3).map((value) => ({ value })) });
    await (isKept ? transaction.commit() : transaction.abort());
    // Each by itself, so that batches of markers alone are met too.
    if (isKept) await way.holds(3 * (1 + index / 2));
  }
  await producer.disconnect();
  await until('all was read', () => way.status().parts[0]?.lag === 0);
  const again = openWayIn(it, settingsFor(brokers, topic, { kafkaGroup: 'another' }));
  for (const one of [way, again]) {
    const events = await one.holds(9);
    assert.deepEqual(
      events.map(({ id }) => id),
      ['t0-', 't2-', 't4-'].flatMap((prefix) => [0, 1, 2].map((index) => prefix + index)),
    );
    assert.equal(one.status().counts['gaps'], 0);
  }
}

async function lag(it: It, { brokers }: Broker): Promise<void> {
  const topic = 'lag';
  await createTopic(brokers, topic, { partitions: 2 });
  await produceWithKcat({ brokers, topic, partition: 0, lines: eventLines('a', 5) });
  await produceWithKcat({ brokers, topic, partition: 1, lines: eventLines('b', 3) });
  const way = openWayIn(it, settingsFor(brokers, topic));
  await way.holds(8);
  const parts = await until('both are confirmed', () => {
    const { parts } = way.status();
    return parts.every(({ lag }) => lag === 0) && parts.length === 2 && parts;
  });
  assert.deepEqual(
    parts.toSorted((left, right) => left.name.localeCompare(right.name)),
    [
      { name: 'lag/0', at: 4, lag: 0, isPaused: false },
      { name: 'lag/1', at: 2, lag: 0, isPaused: false },
    ],
  );
  assert.equal(way.status().state, 'up');
  assert.equal(way.status().fault, null);
}
