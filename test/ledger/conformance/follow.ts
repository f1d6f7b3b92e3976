// Holds L6 of docs/invariants.md.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Position } from '../../../schemas/ids.ts';
import type { Gate } from '../../../src/ledger/port.ts';
import type { OpenLedger } from '../conformance.ts';
import { facts, position, sample } from '../sample.ts';

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
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

export function followCases(open: OpenLedger): void {
  test('from the past into the present, without gap or duplicate, while others append', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 600)));
    const events = ledger.follow({ after: position(100) });
    const appending = (async () => {
      for (let at = 600; at < 1000; at += 7) await ledger.append(facts(many(at, Math.min(1000, at + 7))));
    })();
    deepEqual(await take(events, 900), range(101, 1000));
    await appending;
    const next = events.next();
    await ledger.append(facts(many(1000, 1001)));
    equal((await next).value?.position, 1001);
    await events.return();
  });

  test('only what is asked for, also when it is rare, and the cursor passes what is not', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 300)));
    const joined = (id: string) => sample(id, { type: 'NodeJoined', data: { nodeId: 'n1' } });
    const events = ledger.follow({ after: position(0), types: ['NodeJoined'] });
    const first = events.next();
    await ledger.append(facts([joined('a'), sample('b'), joined('c')]));
    equal((await first).value?.position, 301);
    deepEqual(await take(events, 1), [303]);
    await events.return();
  });

  test('an abort ends it without an error, asleep or awake', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 10)));
    const asleep = new AbortController();
    const events = ledger.follow({ after: position(10), signal: asleep.signal });
    const next = events.next();
    asleep.abort();
    deepEqual(await next, { value: undefined, done: true });
    const awake = new AbortController();
    const busy = ledger.follow({ after: position(0), signal: awake.signal });
    equal((await busy.next()).value?.position, 1);
    awake.abort();
    deepEqual(await busy.next(), { value: undefined, done: true });
    deepEqual(await ledger.follow({ after: position(0), signal: awake.signal }).next(), {
      value: undefined,
      done: true,
    });
  });

  test('a gate holds it back until it rises', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 10)));
    let limit = 4;
    const listeners = new Set<() => void>();
    const gate: Gate = {
      limit: () => position(limit),
      onRise: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    };
    const events = ledger.follow({ after: position(0), gate });
    deepEqual(await take(events, 4), [1, 2, 3, 4]);
    const next = events.next();
    limit = 6;
    for (const listener of listeners) listener();
    equal((await next).value?.position, 5);
    deepEqual(await take(events, 1), [6]);
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
    const events = ledger.follow({ after: position(0) });
    await take(events, 200);
    isDone = true;
    await events.return();
    equal(turns >= 3, true, `${turns} turns`);
  });

  test('listeners hear of every rise of the head, and no more once they stopped', async (context) => {
    const ledger = await open(context);
    const heard: number[] = [];
    const stop = ledger.onAppend((head) => heard.push(head));
    await ledger.append(facts(many(0, 3)));
    await ledger.append(facts(many(0, 3)));
    await ledger.append(facts(many(3, 4)));
    stop();
    await ledger.append(facts(many(4, 5)));
    deepEqual(heard, [3, 4]);
  });

  test('recorded events can be followed too', async (context) => {
    const ledger = await open(context);
    await ledger.append(facts(many(0, 1)));
    const events = ledger.follow({ after: position(0), read: (page) => ledger.readAllRecorded(page) });
    equal((await events.next()).value?.hash.length, 64);
    await events.return();
  });
}
