// Holds L6 of docs/invariants.md.
import { deepEqual, equal } from 'node:assert/strict';
import { type Position, START } from '../../../schemas/ids.ts';
import type { Gate } from '../../../src/ledger/port.ts';
import type { Suite } from '../conformance.ts';
import { facts, nth, placed, sample } from '../sample.ts';

const many = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => sample(`e${from + index}`));

async function take(events: AsyncIterator<{ position: Position }>, count: number): Promise<readonly number[]> {
  const taken: number[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done) break;
    taken.push(value.position);
  }
  return taken;
}

export function followCases({ open, test }: Suite): void {
  test('from the past into the present, without gap or duplicate, while others append', async (context) => {
    const ledger = await open(context);
    const positions = [...(await placed(ledger, many(0, 600)))];
    const events = ledger.follow({ after: nth(positions, 99) });
    const appending = (async () => {
      for (let at = 600; at < 1000; at += 7)
        positions.push(...(await placed(ledger, many(at, Math.min(1000, at + 7)))));
    })();
    const taken = await take(events, 900);
    await appending;
    deepEqual(taken, positions.slice(100));
    const next = events.next();
    const [last] = await placed(ledger, many(1000, 1001));
    equal((await next).value?.position, last);
    await events.return();
  });

  test('only what is asked for, also when it is rare, and the cursor passes what is not', async (context) => {
    const ledger = await open(context);
    await placed(ledger, many(0, 300));
    const joined = (id: string) => sample(id, { type: 'NodeJoined', data: { nodeId: 'n1' } });
    const events = ledger.follow({ after: START, types: ['NodeJoined'] });
    const first = events.next();
    const [a, , c] = await placed(ledger, [joined('a'), sample('b'), joined('c')]);
    equal((await first).value?.position, a);
    deepEqual(await take(events, 1), [c]);
    await events.return();
  });

  test('an abort ends it without an error, asleep or awake', async (context) => {
    const ledger = await open(context);
    const positions = await placed(ledger, many(0, 10));
    const asleep = new AbortController();
    const events = ledger.follow({ after: nth(positions, -1), signal: asleep.signal });
    const next = events.next();
    asleep.abort();
    deepEqual(await next, { value: undefined, done: true });
    const awake = new AbortController();
    const busy = ledger.follow({ after: START, signal: awake.signal });
    equal((await busy.next()).value?.position, positions[0]);
    awake.abort();
    deepEqual(await busy.next(), { value: undefined, done: true });
    deepEqual(await ledger.follow({ after: START, signal: awake.signal }).next(), {
      value: undefined,
      done: true,
    });
  });

  test('a gate holds it back until it rises', async (context) => {
    const ledger = await open(context);
    const positions = await placed(ledger, many(0, 10));
    let limit = nth(positions, 3);
    const listeners = new Set<() => void>();
    const gate: Gate = {
      limit: () => limit,
      onRise: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const events = ledger.follow({ after: START, gate });
    deepEqual(await take(events, 4), positions.slice(0, 4));
    const next = events.next();
    limit = nth(positions, 5);
    for (const listener of listeners) listener();
    equal((await next).value?.position, positions[4]);
    deepEqual(await take(events, 1), [positions[5]]);
    await events.return();
    equal(listeners.size, 0);
  });

  test('other work gets its turn while it is always ready', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 200)));
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const events = ledger.follow({ after: START });
    await take(events, 200);
    isDone = true;
    await events.return();
    equal(turns >= 3, true, `${turns} turns`);
  });

  test('listeners hear of every rise of the head, and no more once they stopped', async (context) => {
    const ledger = await open(context);
    const heard: number[] = [];
    const stop = ledger.onAppend((head) => heard.push(head));
    const first = await placed(ledger, many(0, 3));
    const before = heard.length;
    await ledger.append(facts(many(0, 3)));
    const second = await placed(ledger, many(3, 4));
    stop();
    await ledger.append(facts(many(4, 5)));
    // A call of several requests may become readable bit by bit; nothing is told twice, and nothing that is not there.
    equal(heard[before - 1], first.at(-1));
    deepEqual(heard.slice(before), second);
    deepEqual(
      heard,
      [...new Set(heard)].toSorted((left, right) => left - right),
    );
  });

  test('recorded events can be followed too', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 1)));
    const events = ledger.follow({ after: START, read: (page) => ledger.readAllRecorded(page) });
    equal((await events.next()).value?.hash.length, 64);
    await events.return();
  });
}
