/** Kafka-out without a broker: what goes out, whose turn it is, and that nothing is doubled or left out whatever a write comes to. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { RecordedEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import { systemClock, systemTimer } from '../../src/clock.ts';
import { type KafkaOut, startKafkaOut } from '../../src/egress/kafka.ts';
import { batchesOf, hashIn, outRecord, placeBehind } from '../../src/egress/kafka-batches.ts';
import { Turn } from '../../src/egress/kafka-turn.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { exportLines, PACE, record, SILENT, sentAll, settingsFor } from '../kafka/out.ts';
import { chanceFrom } from '../support/random.ts';
import { until } from '../support/until.ts';
import { MemoryTopic, type Outcome } from './kafka-topic.ts';

const HASTY = { ...PACE, firstMs: 0, patienceMs: 2, patienceMaxMs: 4, lookMs: 1, retryMinMs: 1, retryMaxMs: 2 };

function start(t: TestContext, ledger: Ledger, topic: MemoryTopic, pace: object = {}): KafkaOut {
  const out = startKafkaOut({
    ...{ ledger, settings: settingsFor([], 'out'), connection: topic.connection() },
    ...{ clock: systemClock, timer: systemTimer, log: SILENT, pace: { ...HASTY, ...pace } },
  });
  t.after(() => out.close());
  return out;
}

async function page(ledger: Ledger, limit = 10_000): Promise<readonly RecordedEvent[]> {
  return ledger.readAllRecorded({ after: 0 as Position, limit });
}

describe('what goes out', () => {
  test('a record is the line of an export, keyed by its stream', async () => {
    const ledger = openMemoryLedger();
    await record(ledger, [0, 3]);
    const events = await page(ledger);
    const records = events.map(outRecord);
    assert.deepEqual(
      records.map(({ value }) => value),
      await exportLines(ledger),
    );
    assert.deepEqual(
      records.map(({ key }) => key),
      events.map(({ stream }) => stream),
    );
    assert.equal(records[2]?.headers['position'], '3');
  });

  test('batches hold every event in order, and none is larger than a topic takes but a single event', async () => {
    const ledger = openMemoryLedger();
    await record(ledger, [0, 300], 'x'.repeat(5_000));
    await record(ledger, [300, 2], 'x'.repeat(200_000));
    await record(ledger, [302, 60], '€'.repeat(10_000));
    const events = await page(ledger);
    const batches = [...batchesOf(events)];
    assert.deepEqual(
      batches.flatMap(({ records }) => records),
      events.map(outRecord),
    );
    for (const { records, last } of batches) {
      assert.equal(records.at(-1)?.headers['position'], String(last.position));
      const length = records.reduce((sum, { value }) => sum + Buffer.byteLength(value), 0);
      assert.ok(length <= 512 * 1024 || records.length === 1);
    }
    assert.deepEqual([...batchesOf([])], []);
  });

  test('a place tells its hash again; one that was set by hand has none', () => {
    assert.equal(hashIn(placeBehind(7, 'abc', 1)), 'abc');
    for (const note of ['', 'by hand', '{}', '{"hash":1}', 'null']) assert.equal(hashIn({ at: 7, note }), null);
  });
});

describe('whose turn it is', () => {
  const pace = { firstMs: 10, patienceMs: 100, patienceMaxMs: 350, refreshMs: 1_000 };
  const at = (position: number, note = '') => ({ place: { at: position, note }, isUsed: true });

  test('theirs who see something to write and the place standing still', () => {
    const turn = new Turn(pace);
    assert.equal(turn.isOurs(at(5), 9, 0), false);
    assert.equal(turn.isOurs(at(5), 9, 9), false);
    assert.equal(turn.isOurs(at(6), 9, 12), false, 'it moved');
    assert.equal(turn.isOurs(at(6), 9, 22), true);
  });

  test('nobody’s who lacks what was written, nor who has nothing to write', () => {
    const turn = new Turn(pace);
    for (const nowMs of [0, 900, 1_900]) {
      assert.equal(turn.isOurs(at(10), 9, nowMs), false);
    }
    assert.equal(new Turn(pace).isOurs({ place: null, isUsed: false }, 0, 99_999), false);
  });

  test('after long quiet somebody’s, so that Kafka does not forget the place', () => {
    const turn = new Turn(pace);
    assert.equal(turn.isOurs(at(9, 'a'), 9, 0), false);
    assert.equal(turn.isOurs(at(9, 'b'), 9, 1_999), false, 'it was committed again');
    assert.equal(turn.isOurs(at(9, 'b'), 9, 3_998), false);
    assert.equal(turn.isOurs(at(9, 'b'), 9, 3_999), true);
  });

  test('patience grows with each turn that was taken away, up to a bound, and is as before once something was written', () => {
    const turn = new Turn(pace);
    const patience = (): number => {
      turn.isOurs(at(5), 9, 0);
      for (let nowMs = 0; ; nowMs += 1) if (turn.isOurs(at(5), 9, nowMs)) return nowMs;
    };
    assert.equal(patience(), 10);
    for (const expected of [100, 200, 350, 350]) {
      turn.taken();
      assert.equal(patience(), expected);
    }
    turn.wrote();
    turn.taken();
    assert.equal(patience(), 200);
  });
});

describe('Kafka out, whatever a write comes to', () => {
  for (const servers of [1, 3]) {
    test(`${servers} at work on a topic that fails at random send every event once and in order`, async (t) => {
      const seed = Number(process.env['MUSTERBOOK_SEED'] ?? Date.now() % 100_000);
      t.diagnostic(`seed ${seed}`);
      const chance = chanceFrom(seed);
      const outcomes: readonly Outcome[] = ['written', 'written', 'written', 'lost', 'unknown'];
      const topic = new MemoryTopic(() => chance.pick(outcomes));
      const ledger = openMemoryLedger();
      const outs = Array.from({ length: servers }, () => start(t, ledger, topic));
      for (let from = 0; from < 1_500; from += 50) {
        await record(ledger, [from, 50], 'x'.repeat(4_000));
        await new Promise((resolve) => setTimeout(resolve, chance.below(6)));
      }
      await until('everything is sent', async () => topic.place?.at === (await ledger.head()).position);
      await Promise.all(outs.map((out) => out.close()));
      assert.deepEqual(
        topic.records.map(({ value }) => value),
        await exportLines(ledger),
      );
    });
  }

  test('a first batch that is lost does not leave a topic whose place nobody knows', async (t) => {
    const outcomes: Outcome[] = ['written', 'lost', 'written'];
    const topic = new MemoryTopic(() => outcomes.shift() ?? 'written');
    const ledger = openMemoryLedger();
    await record(ledger, [0, 5]);
    const out = start(t, ledger, topic);
    await sentAll(ledger, [out]);
    assert.equal(topic.places[0]?.at, 0);
    assert.equal(topic.records.length, 5);
  });

  test('while nothing happens the place is committed again and again', async (t) => {
    const topic = new MemoryTopic();
    const ledger = openMemoryLedger();
    await record(ledger, [0, 5]);
    const out = start(t, ledger, topic, { refreshMs: 5 });
    await sentAll(ledger, [out]);
    await until('it is committed again', () => topic.places.length >= 5);
    assert.deepEqual(new Set(topic.places.slice(1).map(({ at }) => at)), new Set([5]));
    assert.equal(topic.records.length, 5);
    await record(ledger, [5, 1]);
    await sentAll(ledger, [out]);
    assert.equal(topic.records.length, 6);
  });

  test('a place that was set by hand is gone on from', async (t) => {
    const topic = new MemoryTopic();
    const ledger = openMemoryLedger();
    await record(ledger, [0, 10]);
    topic.place = { at: 4, note: '' };
    const out = start(t, ledger, topic);
    await sentAll(ledger, [out]);
    assert.deepEqual(
      topic.records.map(({ headers }) => headers['position']),
      ['5', '6', '7', '8', '9', '10'],
    );
  });

  test('a copy of the ledger that is behind waits until it has what was written, and goes on from there', async (t) => {
    const topic = new MemoryTopic();
    const ledger = openMemoryLedger();
    await record(ledger, [0, 10]);
    topic.place = { at: 15, note: '' };
    const out = start(t, ledger, topic, { beyondMs: 5 });
    await until('it is told', () => out.link.status().state === 'stopped');
    assert.match(out.link.status().fault?.message ?? '', /up to position 15, and this ledger ends at 10/);
    await record(ledger, [10, 7]);
    await sentAll(ledger, [out]);
    const { state, fault } = out.link.status();
    assert.deepEqual([state, fault], ['up', null]);
    assert.deepEqual(
      topic.records.map(({ headers }) => headers['position']),
      ['16', '17'],
    );
  });

  test('closed at any time, it ends and writes no more', async (t) => {
    const topic = new MemoryTopic();
    const ledger = openMemoryLedger();
    const out = start(t, ledger, topic);
    await out.close();
    await record(ledger, [0, 5]);
    await new Promise(setImmediate);
    assert.equal(topic.records.length, 0);
  });
});
