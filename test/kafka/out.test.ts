/** Kafka-out against a real broker, read by a client that is not ours. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { LinkStatus } from '../../src/link.ts';
import { type Broker, makeBroker } from '../support/kafka/broker.ts';
import { kcatMissing } from '../support/kafka/kcat.ts';
import { assertWhole, createTopic, reaches, received, record, sentAll, settingsFor, startOut } from './out.ts';

describe('Kafka out', { skip: kcatMissing() }, () => {
  let broker: Broker;
  before(async () => {
    broker = await makeBroker();
    await broker.start();
  });
  after(() => broker.remove());

  async function setPlace(place: { group: string; topic: string; position: number }): Promise<void> {
    const script =
      /-e "\n([\s\S]*?)"\n```/.exec(readFileSync(join(import.meta.dirname, '../../docs/kafka-out.md'), 'utf8'))?.[1] ??
      '';
    const filled = script
      .replace('kafka:9092', broker.brokers[0] ?? '')
      .replace('musterbook-out', place.group)
      .replace('musterbook.recorded', place.topic)
      .replace('POSITION', String(place.position));
    const run = spawn(process.execPath, ['--input-type=module', '-e', filled], {
      cwd: import.meta.dirname,
      stdio: 'ignore',
    });
    assert.deepEqual(await once(run, 'exit'), [0, null]);
  }

  test('every event goes out once, as an export has it, keyed by its stream and in order there', async (t) => {
    const ledger = openMemoryLedger();
    await createTopic(broker.brokers, 'whole');
    await record(ledger, [0, 3_000]);
    const out = startOut(ledger, settingsFor(broker.brokers, 'whole'));
    t.after(() => out.close());
    await sentAll(ledger, [out]);
    await record(ledger, [3_000, 50]);
    await sentAll(ledger, [out]);
    await assertWhole(ledger, broker.brokers, 'whole');
    const all = await received(broker.brokers, 'whole');
    const [first] = all;
    const { position } = JSON.parse(first?.value ?? '') as { readonly position: number };
    assert.equal(first?.headers, `content-type=application/cloudevents+json; charset=UTF-8,position=${position}`);
    assert.ok(new Set(all.map(({ partition }) => partition)).size > 1);
    const { state, fault, parts, counts } = out.link.status();
    assert.deepEqual([state, fault, parts], ['up', null, [{ name: 'whole', at: 3_050, lag: 0, isPaused: false }]]);
    assert.equal(counts['records'], 3_050);
  });

  test('the next server goes on where the one before ended', async (t) => {
    const ledger = openMemoryLedger();
    await createTopic(broker.brokers, 'next');
    const settings = settingsFor(broker.brokers, 'next');
    for (const from of [0, 200, 400]) {
      await record(ledger, [from, 200]);
      const out = startOut(ledger, settings);
      t.after(() => out.close());
      await sentAll(ledger, [out]);
      await out.close();
    }
    await assertWhole(ledger, broker.brokers, 'next');
  });

  test('a topic that is missing is told and looked for again', async (t) => {
    const ledger = openMemoryLedger();
    await record(ledger, [0, 10]);
    const out = startOut(ledger, settingsFor(broker.brokers, 'missing'));
    t.after(() => out.close());
    // A broker whose coordinator is only just loading may be told of before.
    const isMissing = ({ fault }: LinkStatus): boolean => fault?.code === 'KAFKA_TOPIC_MISSING';
    const { state, fault } = await reaches(out, isMissing, 'the topic is missing');
    assert.equal(state, 'retrying');
    assert.match(fault?.message ?? '', /missing/);
    await createTopic(broker.brokers, 'missing');
    await sentAll(ledger, [out]);
    await assertWhole(ledger, broker.brokers, 'missing');
  });

  test('a ledger that ends before the place, or is another one, stops it and nothing is written', async (t) => {
    const [ledger, shorter, other] = [openMemoryLedger(), openMemoryLedger(), openMemoryLedger()];
    await createTopic(broker.brokers, 'other');
    const settings = settingsFor(broker.brokers, 'other');
    await record(ledger, [0, 100]);
    const first = startOut(ledger, settings);
    t.after(() => first.close());
    await sentAll(ledger, [first]);
    await first.close();
    await record(shorter, [0, 50]);
    await record(other, [1_000, 150]);
    for (const [wrong, says] of [
      [shorter, /up to position 100, and this ledger ends at 50/],
      [other, /up to position 100 of a ledger that is not this one/],
    ] as const) {
      const out = startOut(wrong, settings);
      t.after(() => out.close());
      const { fault } = await reaches(out, ({ state }) => state === 'stopped', 'it stops');
      assert.equal(fault?.code, 'KAFKA_PLACE_UNKNOWN');
      assert.match(fault?.message ?? '', says);
      await out.close();
    }
    await assertWhole(ledger, broker.brokers, 'other');
  });

  test('a topic that others wrote to stops it, since nobody could tell what of it is ours', async (t) => {
    const ledger = openMemoryLedger();
    await createTopic(broker.brokers, 'used');
    await record(ledger, [0, 10]);
    const first = startOut(ledger, settingsFor(broker.brokers, 'used'));
    t.after(() => first.close());
    await sentAll(ledger, [first]);
    await first.close();
    const out = startOut(ledger, settingsFor(broker.brokers, 'used', { kafkaGroup: 'renamed' }));
    t.after(() => out.close());
    const { fault } = await reaches(out, ({ state }) => state === 'stopped', 'it stops');
    assert.match(fault?.message ?? '', /group renamed-out does not say how far/);
    // As docs/kafka-out.md says.
    await setPlace({ group: 'renamed-out', topic: 'used', position: 8 });
    await sentAll(ledger, [out]);
    const positions = (await received(broker.brokers, 'used')).map(({ headers }) =>
      Number(/position=(\d+)/.exec(headers)?.[1]),
    );
    assert.deepEqual(
      positions.sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 10],
    );
  });

  test('two that take the turn from each other all the time double nothing and leave nothing out', async (t) => {
    const ledger = openMemoryLedger();
    await createTopic(broker.brokers, 'two');
    const settings = settingsFor(broker.brokers, 'two');
    // No patience at all: each takes over as soon as it sees that something is to be written.
    const hasty = { firstMs: 0, patienceMs: 0, patienceMaxMs: 0, lookMs: 1, retryMinMs: 1, retryMaxMs: 5 };
    const outs = [startOut(ledger, settings, hasty), startOut(ledger, settings, hasty)];
    for (const out of outs) t.after(() => out.close());
    for (let from = 0; from < 6_000; from += 200) {
      await record(ledger, [from, 200], 'x'.repeat(300));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await sentAll(ledger, outs);
    const replaced = outs.map(({ link }) => link.status().counts['replaced'] ?? 0);
    t.diagnostic(`replaced ${replaced.join(' and ')} times`);
    assert.ok(replaced.some((times) => times > 0));
    await Promise.all(outs.map((out) => out.close()));
    await assertWhole(ledger, broker.brokers, 'two');
  });

  test('while the broker is killed and back it is tried again, and nothing is doubled or lost', async (t) => {
    const ledger = openMemoryLedger();
    await createTopic(broker.brokers, 'killed');
    const out = startOut(ledger, settingsFor(broker.brokers, 'killed'));
    t.after(() => out.close());
    await record(ledger, [0, 2_000], 'x'.repeat(300));
    await reaches(out, ({ counts }) => (counts['records'] ?? 0) > 0, 'some are sent');
    await record(ledger, [2_000, 4_000], 'x'.repeat(300));
    await broker.kill();
    await reaches(out, ({ state, fault }) => state === 'retrying' && fault !== null, 'it is told');
    assert.equal(out.link.status().fault?.code, 'KAFKA_UNREACHABLE');
    await broker.start();
    await sentAll(ledger, [out]);
    await assertWhole(ledger, broker.brokers, 'killed');
  });
});
