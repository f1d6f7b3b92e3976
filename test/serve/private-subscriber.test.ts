// Holds S2 of docs/invariants.md.
/** One subscriber's own stream: one frame under way, sent when it is due, nothing while its connection takes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from '../../schemas/ids.ts';
import { MusterbookError } from '../../src/errors.ts';
import type { Frame, Pace, PrivatePayload, PrivateSubscription, Sink } from '../../src/serve/graphql/fan-out.ts';
import { createHub } from '../../src/serve/graphql/hub.ts';
import { FakeTimer } from './replaying.ts';

/** A source of numbered payloads that are due at the given times, in ms. */
class Numbers {
  /** How many payloads were asked for. */
  asked = 0;
  isReturned = false;
  failure: Error | null = null;
  readonly #due: readonly number[];

  constructor(due: readonly number[]) {
    this.#due = due;
  }

  readonly subscription: PrivateSubscription = {
    source: { payloads: (pace) => this.#payloads(pace) },
    print: ({ root }) => String(root),
    printFailure: (error) => (error instanceof MusterbookError ? null : `failed: ${(error as Error).message}`),
  };

  async *#payloads(pace: Pace): AsyncGenerator<PrivatePayload> {
    try {
      for (const [index, dueMs] of this.#due.entries()) {
        this.asked += 1;
        await pace.until(dueMs);
        yield { cursor: (index + 1) as Position, root: index + 1, reader: null as never };
      }
      if (this.failure) throw this.failure;
    } finally {
      this.isReturned = true;
    }
  }
}

class Connection implements Sink {
  readonly got: string[] = [];
  isOpen = true;
  ended: unknown = 'open';

  write(frame: Frame): boolean {
    assert.equal(this.ended, 'open', 'nothing is written after the end');
    this.got.push(frame.json);
    return this.isOpen;
  }

  end(failure: unknown): void {
    this.ended = failure;
  }
}

function begin(due: readonly number[]) {
  const timer = new FakeTimer();
  const hub = createHub(timer);
  const numbers = new Numbers(due);
  const connection = new Connection();
  const subscriber = hub.begin({ kind: 'private', subscription: numbers.subscription }, 0 as Position, connection);
  return { timer, hub, numbers, connection, subscriber };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

test('each frame is sent when it is due, reckoned from the first, and the end completes', async () => {
  const { timer, connection, hub } = begin([0, 10, 10, 25.5]);
  assert.equal(hub.counts().subscribers, 1);
  assert.equal(await timer.slept(), 10);
  assert.deepEqual(connection.got, ['1']);
  // The timer fires late: what is due by then is sent, and the next wait is the shorter for it.
  timer.pass(13);
  assert.equal(await timer.slept(), 25.5);
  assert.deepEqual(connection.got, ['1', '2', '3']);
  timer.pass(12.5);
  await settle();
  assert.deepEqual(connection.got, ['1', '2', '3', '4']);
  assert.equal(connection.ended, null);
  assert.deepEqual(timer.asked, [10, 12.5]);
  assert.deepEqual(hub.counts(), { topics: 0, subscribers: 0, executed: 4, delivered: 4 });
});

test('a connection that takes nothing pauses the play: nothing is asked for, no timer runs, nothing is caught up', async () => {
  const { timer, connection, subscriber, numbers } = begin([0, 10, 20, 30]);
  connection.isOpen = false;
  await settle();
  assert.deepEqual(connection.got, ['1']);
  timer.pass(60_000);
  await settle();
  assert.equal(numbers.asked, 1);
  assert.equal(timer.sleeping, 0);
  connection.isOpen = true;
  subscriber.drained();
  assert.equal(await timer.slept(), 60_010);
  assert.deepEqual(connection.got, ['1']);
  timer.pass(10);
  assert.equal(await timer.slept(), 60_020);
  assert.deepEqual(connection.got, ['1', '2']);
});

test('who leaves stops everything, while waiting and while stalled', async () => {
  for (const isOpen of [true, false]) {
    const { timer, connection, subscriber, numbers, hub } = begin([0, 1_000, 2_000]);
    connection.isOpen = isOpen;
    await settle();
    subscriber.stop();
    await settle();
    assert.equal(numbers.isReturned, true);
    assert.equal(timer.sleeping, 0);
    assert.deepEqual(connection.got, ['1']);
    assert.equal(connection.ended, 'open', 'there is nobody left to tell');
    assert.equal(hub.counts().subscribers, 0);
  }
});

test('a wait of years is slept in parts that timers take', async () => {
  const year = 365 * 86_400_000;
  const { timer, connection } = begin([0, year]);
  while (timer.nowMs() < year) timer.pass((await timer.slept()) - timer.nowMs());
  await settle();
  assert.deepEqual(connection.got, ['1', '2']);
  assert.ok(timer.asked.length > 1 && timer.asked.every((ms) => ms <= 2 ** 31 - 1));
  assert.equal(
    timer.asked.reduce((sum, ms) => sum + ms, 0),
    year,
  );
});

test('a source that is always ready lets others have their turn', async () => {
  const { connection } = begin(new Array<number>(10_000).fill(0));
  let turns = 0;
  while (connection.ended === 'open') {
    turns += 1;
    await nextTurn();
  }
  assert.equal(connection.got.length, 10_000);
  assert.ok(turns >= 100, `others had ${turns} turns`);
});

test('a source that fails for good says so as the last frame; one that may recover is cut off, as by a shutdown', async () => {
  const broken = begin([0]);
  broken.numbers.failure = new Error('cannot fold');
  await settle();
  assert.deepEqual(broken.connection.got, ['1', 'failed: cannot fold']);
  assert.equal(broken.connection.ended, null);

  const passing = begin([0]);
  passing.numbers.failure = new MusterbookError('STORAGE_FAILED', 'read error');
  await settle();
  assert.deepEqual(passing.connection.got, ['1']);
  assert.equal(passing.connection.ended, passing.numbers.failure);

  const closing = begin([0, 1_000]);
  await settle();
  closing.hub.close();
  assert.equal((closing.connection.ended as MusterbookError).code, 'LEDGER_CLOSED');
  await settle();
  assert.equal(closing.numbers.isReturned, true);
});
