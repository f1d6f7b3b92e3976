import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Checkpoint } from '../../src/project/fold.ts';
import type { History } from '../../src/project/history.ts';
import { recentCheckpoints } from '../../src/project/recent.ts';
import { RecentEventsPool, withRecent } from '../../src/project/recent-events.ts';

function checkpoint(position: number, effectiveAt = position, text = `at ${position}`): Checkpoint {
  return { position, resume: position, frontier: { effectiveAt, position }, text: () => text };
}

const positions = (checkpoints: readonly Checkpoint[]) => checkpoints.map(({ position }) => position);

test('recent checkpoints are dense near the head and ever sparser before it', () => {
  const recent = recentCheckpoints();
  for (let position = 1; position <= 1_000; position += 1) recent.add(checkpoint(position), 10);
  const kept = positions(recent.all());
  assert.ok(kept.length <= 8 && recent.bytes() === kept.length * 10);
  const ages = kept.map((position) => 1_000 - position);
  assert.deepEqual(ages.slice(0, 3), [0, 1, 2]);
  assert.ok((ages.at(-1) as number) >= 12, `${ages}`);
});

test('what was overtaken comes back in its place with its state of now, the rest is gone', () => {
  const recent = recentCheckpoints();
  for (const position of [10, 20, 30]) recent.add(checkpoint(position), 5);
  const overtaken = recent.overtaken({ effectiveAt: 15, position: 40 });
  assert.deepEqual(positions(overtaken), [20, 30], 'the earliest first');
  assert.deepEqual(positions(recent.all()), [10]);
  const [first] = overtaken as [Checkpoint];
  assert.equal(recent.again(first, { ...first, position: 40, text: () => 'with the late one' }, 7), true);
  assert.equal(recent.again(checkpoint(5), checkpoint(5), 7), false, 'it was none of these');
  recent.add(checkpoint(40, 40), 5);
  assert.deepEqual(
    recent.all().map(({ frontier, text }) => [frontier.position, text()]),
    [
      [40, 'at 40'],
      [20, 'with the late one'],
      [10, 'at 10'],
    ],
  );
  assert.equal(recent.bytes(), 17);
});

/** Event p stands at position 10 p, revision p. */
const event = (revision: number, text = '') =>
  ({ position: revision * 10, revision, type: 'NodeJoined', data: { text } }) as unknown as AnyFoldEvent;

/** A history of fifty events that says what was read of it. */
function history() {
  const read: string[] = [];
  const events = Array.from({ length: 50 }, (_, index) => event(index));
  const whole: History = {
    folds: () => true,
    resumeAfter: ({ revision }) => revision,
    async *eventsAfter(start, upTo) {
      read.push(`after ${start?.resume ?? -1} to ${upTo}`);
      yield events.filter(({ revision, position }) => revision > (start?.resume ?? -1) && position <= upTo);
    },
    async factsAt(asked) {
      read.push(`at ${asked}`);
      return events.filter(({ position }) => asked.includes(position));
    },
  };
  return { whole, read };
}

async function revisions(of: History, resume: number | null, upTo: number): Promise<number[]> {
  const found: number[] = [];
  const start = resume === null ? null : { position: 0, resume };
  for await (const page of of.eventsAfter(start, upTo as Position)) found.push(...page.map(({ revision }) => revision));
  return found;
}

test('what is at hand is not read, what came before it is, and nothing comes twice', async () => {
  const recent = new RecentEventsPool(1_000_000).open();
  recent.push([30, 31, 32, 33].map((revision) => event(revision)));
  const { whole, read } = history();
  const history30 = withRecent(whole, recent);
  assert.deepEqual(await revisions(history30, 29, 320), [30, 31, 32]);
  assert.deepEqual(await revisions(history30, 31, 330), [32, 33]);
  assert.deepEqual(read, [], 'nothing was read');
  assert.deepEqual(await revisions(history30, 27, 310), [28, 29, 30, 31]);
  assert.deepEqual(await revisions(history30, 20, 240), [21, 22, 23, 24]);
  assert.equal((await revisions(history30, null, 330)).length, 34);
  assert.deepEqual(read, ['after 27 to 299', 'after 20 to 240', 'after -1 to 299']);
  const facts = await history30.factsAt([310, 50]);
  assert.deepEqual(
    facts.map(({ position }) => position),
    [50, 310],
  );
  assert.equal(read.at(-1), 'at 50');
});

test('streams that together take too much let go of their oldest halves', async () => {
  const pool = new RecentEventsPool(10_000);
  const [one, other] = [pool.open(), pool.open()];
  one.push([1, 2, 3, 4].map((revision) => event(revision, 'x'.repeat(1_000))));
  pool.shrink();
  assert.equal(one.first()?.revision, 1, 'there is room');
  other.push([1, 2, 3, 4].map((revision) => event(revision, 'x'.repeat(1_000))));
  pool.shrink();
  assert.deepEqual([one.first()?.revision, other.first()?.revision], [3, 3]);
  pool.close(one);
  other.push([event(5, 'x'.repeat(6_000))]);
  pool.shrink();
  assert.equal(other.first()?.revision, 3, 'what was closed takes nothing');
});
