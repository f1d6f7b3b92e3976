// Holds L4 of docs/invariants.md.
/** Events in from a real Kafka while things break: nothing is lost, nothing is doubled, and what is wrong can be seen. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { MusterbookError } from '../../src/errors.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { verifyLedger } from '../../src/ledger/verify.ts';
import { type Broker, startBroker } from '../support/kafka/broker.ts';
import { kcatMissing, produceWithKcat } from '../support/kafka/kcat.ts';
import { USER } from '../support/kafka/properties.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { createTopic, eventLine, eventLines, openWayIn, settingsFor, type WayIn } from './way-in.ts';

test('Kafka in, in trouble', { skip: kcatMissing(), timeout: 600_000 }, async (context) => {
  const broker = await startBroker(context, { listeners: ['SASL_SSL'] });
  const case_ = (name: string, run: (it: TestContext, broker: Broker) => Promise<void>) =>
    context.test(name, (it) => run(it, broker));
  await case_('two replicas share the partitions, one comes and goes: nothing is lost or doubled', rebalance);
  await case_('a full disk holds a partition back, visibly, until there is room: nothing is skipped', fullDisk);
  await case_('a process that is killed in a batch is followed by one that takes the rest, each once', killedProcess);
  await case_('a topic that is not there is said to be missing, and read once it is there', wrongTopic);
  await case_('wrong credentials and a certificate that nobody trusts are refused; right ones work', credentials);
  await case_('brokers that are not there are said to be, and nothing else stops', wrongPort);
  await case_('a broker that is killed and comes back is read on', killedBroker);
});

async function ids(ledger: Ledger): Promise<string[]> {
  const events = await ledger.readAllStored({ limit: 100_000 });
  return events.map(({ id }) => id).sort();
}

async function produceInto(broker: Broker, topic: string, prefix: string): Promise<string[]> {
  const sent: string[] = [];
  for (const partition of [0, 1, 2]) {
    const lines = eventLines(`${prefix}-${partition}-`, 400);
    await produceWithKcat({ brokers: broker.brokers, topic, partition, lines });
    sent.push(...lines.map((line) => (JSON.parse(line) as { id: string }).id));
  }
  return sent;
}

const partsOf = (way: WayIn): number => way.status().parts.length;

async function rebalance(it: TestContext, broker: Broker): Promise<void> {
  const topic = 'rebalance';
  await createTopic(broker.brokers, topic, { partitions: 3 });
  const settings = settingsFor(broker.brokers, topic);
  const ledger = openMemoryLedger();
  const sent = await produceInto(broker, topic, 'one');
  const first = openWayIn(it, settings, { ledger });
  await until('the first reads all partitions', () => partsOf(first) === 3);
  const second = openWayIn(it, settings, { ledger });
  sent.push(...(await produceInto(broker, topic, 'two')));
  await until(
    'both read some',
    () => partsOf(first) > 0 && partsOf(second) > 0 && partsOf(first) + partsOf(second) === 3,
  );
  sent.push(...(await produceInto(broker, topic, 'three')));
  await first.kafkaIn.close();
  sent.push(...(await produceInto(broker, topic, 'four')));
  await until('the second reads all partitions', () => partsOf(second) === 3);
  await second.holds(sent.length);
  assert.deepEqual(await ids(ledger), sent.sort());
  assert.equal(first.status().counts['gaps'], 0);
  assert.equal(second.status().counts['gaps'], 0);
}

async function fullDisk(it: TestContext, broker: Broker): Promise<void> {
  const topic = 'full';
  await createTopic(broker.brokers, topic);
  const ledger = openMemoryLedger();
  let isFull = true;
  const append: Ledger['append'] = async (requests) => {
    if (isFull) throw new MusterbookError('STORAGE_FULL', 'the disk is full');
    return ledger.append(requests);
  };
  const full = new Proxy(ledger, {
    get: (of, name) => (name === 'append' ? append : Reflect.get(of, name).bind?.(of)),
  });
  await produceWithKcat({ brokers: broker.brokers, topic, lines: eventLines('f', 50) });
  const way = openWayIn(it, settingsFor(broker.brokers, topic), { ledger: full });
  const held = await until('it is held back', () => way.status().parts[0]?.isPaused && way.status());
  assert.equal(held.state, 'retrying');
  assert.equal(held.fault?.code, 'STORAGE_FULL');
  await until('it was tried again', () => (way.status().counts['pauses'] ?? 0) >= 2);
  isFull = false;
  await way.holds(50);
  await until('it is up again', () => way.status().state === 'up');
  assert.deepEqual(way.status().parts, [{ name: 'full/0', at: 49, lag: 0, isPaused: false }]);
}

async function killedProcess(it: TestContext, broker: Broker): Promise<void> {
  const topic = 'killed';
  await createTopic(broker.brokers, topic);
  const folder = temporaryFolder(it);
  const count = 6_000;
  await produceWithKcat({ brokers: broker.brokers, topic, lines: eventLines('k', count) });
  const settings = settingsFor(broker.brokers, topic);
  for (let kill = 0; kill < 3; kill += 1) await killInBatch(folder, JSON.stringify(settings));
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), thread: 'worker' });
  it.after(() => ledger.close());
  const already = (await ledger.head()).events;
  assert.ok(already > 0 && already < count, `${already} of ${count} were taken before the last kill`);
  const way = openWayIn({ after() {} }, settings, { ledger });
  await way.holds(count);
  await until('all is confirmed', () => way.status().parts[0]?.at === count - 1);
  await way.kafkaIn.close();
  assert.ok((way.status().counts['duplicates'] ?? 0) >= already, 'what was not confirmed came again');
  assert.deepEqual(await ids(ledger), Array.from({ length: count }, (_, index) => `k${index}`).sort());
  const verified = await verifyLedger(ledger);
  assert.deepEqual(verified.findings, []);
}

/** Runs a process until it has taken something more, and kills it at once. */
async function killInBatch(folder: string, settings: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'in-process.ts'), folder, settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  child.kill('SIGKILL');
  await ended;
}

async function wrongTopic(it: TestContext, broker: Broker): Promise<void> {
  const topic = 'not-yet';
  const way = openWayIn(it, settingsFor(broker.brokers, topic));
  const status = await until('the topic is missed', () => way.status().fault && way.status());
  assert.deepEqual([status.state, status.fault?.code], ['retrying', 'KAFKA_TOPIC_MISSING']);
  assert.match(status.fault?.message ?? '', /not-yet/);
  await createTopic(broker.brokers, topic);
  await produceWithKcat({ brokers: broker.brokers, topic, lines: [eventLine('a')] });
  await way.holds(1);
  await until('it is up', () => way.status().state === 'up');
}

async function credentials(it: TestContext, broker: Broker): Promise<void> {
  const topic = 'secured';
  await createTopic(broker.brokers, topic);
  await produceWithKcat({ brokers: broker.brokers, topic, lines: [eventLine('a')] });
  const secured = {
    kafkaTls: true,
    kafkaCa: broker.certificates?.ca ?? '',
    kafkaSasl: 'scram-sha-512',
    kafkaUsername: USER.username,
  } as const;
  const brokers = broker.listener('SASL_SSL');
  const faultOf = async (more: Partial<Parameters<typeof settingsFor>[2]>) => {
    const way = openWayIn(it, settingsFor(brokers, topic, { ...secured, ...more }));
    const fault = await until('it is refused', () => way.status().fault);
    await way.kafkaIn.close();
    return fault;
  };
  const wrong = await faultOf({ kafkaPassword: 'wrong-password' });
  assert.equal(wrong.code, 'KAFKA_REFUSED', wrong.message);
  assert.doesNotMatch(wrong.message, /wrong-password/);
  const untrusted = await faultOf({ kafkaPassword: USER.password, kafkaCa: null });
  assert.equal(untrusted.code, 'KAFKA_REFUSED', untrusted.message);
  const unread = await faultOf({ kafkaPassword: USER.password, kafkaCa: '/nowhere/ca.pem' });
  assert.equal(unread.code, 'KAFKA_REFUSED', unread.message);
  assert.match(unread.message, /MUSTERBOOK_KAFKA_CA cannot be read \(ENOENT\)/);
  for (const kafkaSasl of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
    const more = { ...secured, kafkaSasl, kafkaPassword: USER.password, kafkaGroup: kafkaSasl };
    const way = openWayIn(it, settingsFor(brokers, topic, more));
    await way.holds(1);
    await way.kafkaIn.close();
  }
}

async function wrongPort(it: TestContext): Promise<void> {
  const way = openWayIn(it, settingsFor(['127.0.0.1:1'], 'any'));
  const status = await until('it is said', () => way.status().fault && way.status());
  assert.deepEqual([status.state, status.fault?.code], ['retrying', 'KAFKA_UNREACHABLE']);
  assert.match(status.fault?.message ?? '', /127\.0\.0\.1:1/);
  await way.kafkaIn.close();
}

async function killedBroker(it: TestContext, broker: Broker): Promise<void> {
  const topic = 'back';
  await createTopic(broker.brokers, topic);
  const way = openWayIn(it, settingsFor(broker.brokers, topic));
  await produceWithKcat({ brokers: broker.brokers, topic, lines: eventLines('before', 100) });
  await way.holds(100);
  await broker.kill();
  await until('the loss is seen', () => way.status().fault?.code === 'KAFKA_UNREACHABLE');
  await broker.start();
  await produceWithKcat({ brokers: broker.brokers, topic, lines: eventLines('after', 100) });
  await way.holds(200);
  await until('it is up again', () => way.status().state === 'up' && way.status().parts[0]?.lag === 0);
  assert.equal((await way.ledger.head()).events, 200);
}
