/** Kafka-out whose process is killed in the middle of a batch, again and again, and one that stops for a while and comes back. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { type Broker, makeBroker } from '../support/kafka/broker.ts';
import { kcatMissing } from '../support/kafka/kcat.ts';
import { chanceFrom } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { until } from '../support/until.ts';
import { assertWhole, createTopic, received, record, sentAll, settingsFor, startOut } from './out.ts';

const EVENTS = 12_000;
const KILLS = 4;
const SEED = Number(process.env['MUSTERBOOK_SEED'] ?? 7);

describe('Kafka out of a process that ends without a word', { skip: kcatMissing() }, () => {
  let broker: Broker;
  before(async () => {
    broker = await makeBroker();
    await broker.start();
  });
  after(() => broker.remove());

  test('killed in the middle of its batches, the next one doubles nothing and leaves nothing out', async (t) => {
    t.diagnostic(`seed ${SEED}`);
    const chance = chanceFrom(SEED);
    const ledgerPath = join(temporaryFolder(t), 'ledger.sqlite');
    const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
    t.after(() => ledger.close());
    await record(ledger, [0, EVENTS], 'x'.repeat(400));
    await createTopic(broker.brokers, 'killed');
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = publisher(t, ledgerPath, broker, 'killed');
      // The first dies in its very first batch.
      const from = kill === 0 ? 0 : ((kill + chance.next()) * EVENTS) / (KILLS + 1);
      await isInBatch(child, from);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const last = startOut(ledger, settingsFor(broker.brokers, 'killed'));
    t.after(() => last.close());
    await sentAll(ledger, [last]);
    await assertWhole(ledger, broker.brokers, 'killed');
    // What a killed process had sent and not committed lies in the topic too, for those who want to see it.
    const all = await received(broker.brokers, 'killed', 'read_uncommitted');
    t.diagnostic(`${all.length - EVENTS} records of batches that were cut off`);
    assert.ok(all.length > EVENTS, 'no kill met a batch under way');
  });

  test('one that stood still while another took over writes nothing any more when it wakes', async (t) => {
    const ledgerPath = join(temporaryFolder(t), 'ledger.sqlite');
    const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
    t.after(() => ledger.close());
    await record(ledger, [0, EVENTS], 'x'.repeat(400));
    await createTopic(broker.brokers, 'asleep');
    const child = publisher(t, ledgerPath, broker, 'asleep');
    await isInBatch(child, 500);
    child.kill('SIGSTOP');
    const other = startOut(ledger, settingsFor(broker.brokers, 'asleep'));
    t.after(() => other.close());
    await sentAll(ledger, [other]);
    child.kill('SIGCONT');
    await record(ledger, [EVENTS, 2_000], 'x'.repeat(400));
    await until('one of them sends the rest', async () => {
      const [{ position }, says] = [await ledger.head(), other.link.status().parts[0]?.at];
      return says === position || saidBy(child).at === position;
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    await assertWhole(ledger, broker.brokers, 'asleep');
  });
});

interface Heard {
  /** How far it says it is. */
  at: number;
  /** Batches that it says were sent and are to be committed. */
  sent: number;
}
const heard = new WeakMap<ChildProcess, Heard>();

function publisher(t: TestContext, ledgerPath: string, { brokers }: Broker, topic: string): ChildProcess {
  const script = join(import.meta.dirname, 'out-process.ts');
  const child = spawn(process.execPath, [script, ledgerPath, brokers[0] ?? '', topic], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const says: Heard = { at: 0, sent: 0 };
  heard.set(child, says);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      if (line === 'sent') says.sent += 1;
      else if (line !== '') says.at = Number(line);
    }
  });
  return child;
}

function saidBy(child: ChildProcess): Heard {
  return heard.get(child) ?? { at: 0, sent: 0 };
}

/** Resolves once the process has committed up to there, and has since sent a batch that it has not committed. */
async function isInBatch(child: ChildProcess, position: number): Promise<void> {
  const isAlive = (): boolean => {
    if (child.exitCode !== null) throw new Error(`the process ended: ${child.exitCode}`);
    return true;
  };
  await until(`it passes ${position}`, () => isAlive() && saidBy(child).at >= position);
  const { sent } = saidBy(child);
  await until('it has sent a batch', () => isAlive() && saidBy(child).sent > sent, { everyMs: 1 });
}
