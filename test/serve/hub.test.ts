// Holds S1, S2 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Position } from '../../schemas/ids.ts';
import type { Frame, Payload, Sink, Source, Subscriber, Topic } from '../../src/serve/graphql/fan-out.ts';
import { createHub } from '../../src/serve/graphql/hub.ts';

/** A ledger in small: cursors that appear over time, some of them with several payloads. */
class Story {
  readonly payloads: Payload[] = [];
  readonly #listeners = new Set<() => void>();
  executed = 0;

  get now(): Position {
    return (this.payloads.at(-1)?.cursor ?? 0) as Position;
  }

  /** Appends a change that gives this many payloads. */
  append(count: number): void {
    const cursor = (this.now + 1) as Position;
    for (let part = 0; part < count; part += 1) this.payloads.push({ cursor, root: `${cursor}.${part}` });
    for (const listener of [...this.#listeners]) listener();
  }

  readonly source: Source = {
    initial: async (at) => [{ cursor: at, root: `state ${at}` }],
    changes: (after, signal) => this.#changes(after, signal),
  };

  readonly topic: Topic = {
    key: 'story',
    source: this.source,
    print: ({ root }) => {
      this.executed += 1;
      return String(root);
    },
  };

  async *#changes(after: Position, signal: AbortSignal): AsyncGenerator<Payload> {
    let read = this.payloads.findIndex(({ cursor }) => cursor > after);
    if (read < 0) read = this.payloads.length;
    while (!signal.aborted) {
      const payload = this.payloads[read];
      if (payload) {
        read += 1;
        yield payload;
      } else {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            this.#listeners.delete(wake);
            resolve();
          };
          this.#listeners.add(wake);
          signal.addEventListener('abort', wake);
        });
      }
    }
  }
}

/** A connection that takes `room` frames and then no more until it is drained. */
class FakeSink implements Sink {
  readonly got: string[] = [];
  room = Number.POSITIVE_INFINITY;
  overfilled = 0;
  failure: unknown = 'still open';
  subscriber: Subscriber | null = null;

  write(frame: Frame): boolean {
    if (this.room <= 0) this.overfilled += 1;
    this.got.push(frame.json);
    this.room -= 1;
    return this.room > 0;
  }

  end(failure: unknown): void {
    this.failure = failure;
  }

  drain(room: number): void {
    this.room = room;
    this.subscriber?.drained();
  }
}

function join(
  hub: ReturnType<typeof createHub>,
  story: Story,
  after: Position | null,
  room = Number.POSITIVE_INFINITY,
): FakeSink {
  const sink = new FakeSink();
  sink.room = room;
  sink.subscriber = hub.subscribe(story.topic, { after, now: story.now }, sink);
  return sink;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await nextTurn();
}

function expected(story: Story, after: number): string[] {
  return [`state ${after}`, ...story.payloads.filter(({ cursor }) => cursor > after).map(({ root }) => String(root))];
}

test('every subscriber gets each payload once and in order, however its connection stalls and wherever it began', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 3 }),
      times: fc.integer({ min: 1, max: 600 }),
    }),
    fc.record({
      kind: fc.constant('join' as const),
      back: fc.integer({ min: 0, max: 700 }),
      room: fc.integer({ min: 1, max: 50 }),
    }),
    fc.record({ kind: fc.constant('drain' as const), who: fc.nat(9), room: fc.integer({ min: 1, max: 900 }) }),
    fc.constant({ kind: 'wait' as const }),
    fc.constant({ kind: 'forget' as const }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const hub = createHub();
      const story = new Story();
      const sinks: { sink: FakeSink; after: number }[] = [];
      for (const each of steps) {
        if (each.kind === 'append') for (let time = 0; time < each.times; time += 1) story.append(each.count);
        if (each.kind === 'join') {
          const after = Math.max(0, story.now - each.back) as Position;
          sinks.push({ sink: join(hub, story, after, each.room), after });
        }
        const chosen = each.kind === 'drain' ? sinks[each.who % Math.max(1, sinks.length)] : undefined;
        if (each.kind === 'drain') chosen?.sink.drain(each.room);
        if (each.kind === 'wait') await settle();
        if (each.kind === 'forget') hub.forget();
      }
      for (const { sink } of sinks) sink.drain(Number.POSITIVE_INFINITY);
      while (sinks.some(({ sink, after }) => sink.got.length < expected(story, after).length)) await nextTurn();
      await settle();
      for (const { sink, after } of sinks) {
        assert.deepEqual(sink.got, expected(story, after));
        assert.equal(sink.overfilled, 0, 'nothing is handed to a connection that takes no more');
      }
      hub.close();
    }),
    { numRuns: 60 },
  );
});

test('a stalled subscriber harms nobody: the others go on, and it catches up when its connection drains', async () => {
  const hub = createHub();
  const story = new Story();
  story.append(1);
  const [brisk, stalled] = [join(hub, story, null), join(hub, story, null, 1)];
  await settle();
  for (let count = 0; count < 2_000; count += 1) {
    story.append(1);
    if (count % 100 === 0) await settle();
  }
  await settle();
  assert.equal(brisk.got.length, 2_001);
  assert.equal(stalled.got.length, 1);
  stalled.drain(Number.POSITIVE_INFINITY);
  while (stalled.got.length < 2_001) await nextTurn();
  assert.deepEqual(stalled.got, brisk.got);
});

test('frames that are forgotten are printed anew for those who have not read them', async () => {
  const hub = createHub();
  const story = new Story();
  story.append(1);
  const [brisk, stalled] = [join(hub, story, null), join(hub, story, null, 1)];
  await settle();
  for (let count = 0; count < 10; count += 1) story.append(1);
  await settle();
  assert.equal(story.executed, 11);
  hub.forget();
  stalled.drain(Number.POSITIVE_INFINITY);
  await settle();
  assert.equal(story.executed, 21);
  const late = join(hub, story, story.now);
  await settle();
  assert.equal(story.executed, 22, 'the state of the beginning too');
  assert.deepEqual(stalled.got, brisk.got);
  assert.equal(late.got.length, 1);
});

test('a change is printed once for all who keep up', async () => {
  const hub = createHub();
  const story = new Story();
  story.append(1);
  const sinks = Array.from({ length: 20 }, () => join(hub, story, null));
  await settle();
  assert.equal(story.executed, 1, 'the first state is printed once too');
  for (let count = 0; count < 10; count += 1) story.append(1);
  await settle();
  assert.equal(story.executed, 11);
  for (const sink of sinks) assert.deepEqual(sink.got, expected(story, 1));
  assert.deepEqual(hub.counts(), { topics: 1, subscribers: 20, executed: 11, delivered: 220 });
});

test('the last subscriber that leaves ends the topic, and nothing is written to those who left', async () => {
  const hub = createHub();
  const story = new Story();
  const sink = join(hub, story, null);
  await settle();
  sink.subscriber?.stop();
  story.append(1);
  await settle();
  assert.deepEqual(sink.got, ['state 0']);
  assert.deepEqual([hub.counts().topics, hub.counts().subscribers], [0, 0]);
});

test('a source that fails ends its subscribers with the failure', async () => {
  const hub = createHub();
  const failure = new Error('the disk is gone');
  const failing: Topic = {
    key: 'failing',
    source: {
      initial: async () => [],
      // biome-ignore lint/correctness/useYield: it fails before it gives anything.
      async *changes() {
        throw failure;
      },
    },
    print: () => '',
  };
  const sink = new FakeSink();
  hub.subscribe(failing, { after: null, now: 0 as Position }, sink);
  await settle();
  assert.equal(sink.failure, failure);
});
