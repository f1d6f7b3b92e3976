/** Several replicas on one store, and many appends at once. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { AppendOutcome } from '../../../src/ledger/port.ts';
import { eventStoreFor } from '../../support/eventstoredb/server.ts';
import { chanceFrom } from '../../support/random.ts';
import { facts, nth, placed, request, sample } from '../sample.ts';
import { areEqual, holdsOnce, until } from './faults.ts';
import { openEsdb, openReplica } from './opening.ts';

test('replicas that append to the same streams at once, over links that break: nothing lost, nothing doubled', async (context) => {
  const seed = 5;
  context.diagnostic(`seed ${seed}`);
  const chance = chanceFrom(seed);
  const server = await eventStoreFor(context);
  const options = { url: server.connectionString, callMsMax: 1_000 };
  const first = await openEsdb(context, options);
  const replicas = [first, await openReplica(context, first), await openReplica(context, first)];
  for (const [index, kind] of (['drop-after', 'drop-before', 'drop-after', 'timeout'] as const).entries()) {
    const fault = kind === 'timeout' ? ({ kind, written: true } as const) : ({ kind } as const);
    server.faults.appends.inject(fault, { skip: 10 + index * 12 });
  }
  server.faults.subscriptions.inject({ kind: 'end' }, { skip: 40 });
  server.faults.subscriptions.inject({ kind: 'drop' }, { skip: 80 });
  const acknowledged: string[] = [];
  const callers = Array.from({ length: 24 }, async (_, caller) => {
    for (let turn = 0; turn < 6; turn += 1) {
      const events = Array.from({ length: 1 + chance.below(3) }, (_unused, part) =>
        sample(`${caller}-${turn}-${part}`, { subject: `c${chance.below(3)}` }),
      );
      const replica = chance.pick(replicas);
      const outcomes = await replica.append(facts(events));
      for (const [index, { kind }] of outcomes.entries()) {
        equal(kind, 'appended');
        acknowledged.push(events[index]?.id ?? '');
      }
    }
  });
  await Promise.all(callers);
  await until('all have followed', async () => {
    const heads = await Promise.all(replicas.map((replica) => replica.head()));
    return heads.every(({ events }) => events === acknowledged.length);
  });
  for (const replica of replicas) await holdsOnce(replica, acknowledged);
  await areEqual(replicas);
});

test('of replicas that believe the same revision, one is right', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString });
  const second = await openReplica(context, first);
  for (let turn = 0; turn < 20; turn += 1) {
    const expected = turn === 0 ? 'none' : ((turn - 1) as never);
    const outcomes = await Promise.all(
      [first, second].map((replica, index) => replica.append([request([sample(`${turn}-${index}`)], expected)])),
    );
    deepEqual(
      outcomes
        .flat()
        .map(({ kind }) => kind)
        .sort(),
      ['appended', 'wrong-revision'],
    );
    const refused = outcomes.flat().find((outcome) => outcome.kind === 'wrong-revision');
    equal(refused?.actual, turn);
  }
});

test('the same event by two replicas at once is one event, and both hear where it is', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString });
  const second = await openReplica(context, first);
  const outcomes: AppendOutcome[] = [];
  for (const replica of [first, second, first, second]) outcomes.push(...(await replica.append(facts([sample('a')]))));
  const both = await Promise.all([first, second].map((replica) => replica.append(facts([sample('b')]))));
  deepEqual(
    outcomes.map(({ kind }) => kind),
    ['appended', 'duplicate', 'duplicate', 'duplicate'],
  );
  deepEqual(
    both
      .flat()
      .map(({ kind }) => kind)
      .sort(),
    ['appended', 'duplicate'],
  );
  const positions = both.flat().map((outcome) => ('positions' in outcome ? outcome.positions[0] : null));
  equal(positions[0], positions[1]);
  await holdsOnce(first, ['a', 'b']);
});

test('at least twenty appends are under way at once, and each stream keeps its order', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await placed(ledger, [sample('first')]);
  const held = Array.from({ length: 40 }, () => server.faults.appends.inject({ kind: 'late' }));
  const appending = Array.from({ length: 40 }, async (_, stream) => {
    const call = (turn: number) => ledger.append(facts([sample(`${stream}-${turn}`, { subject: `s${stream}` })]));
    return Promise.all([call(0), call(1), call(2)]);
  });
  // None was answered, and all forty are with the store.
  await Promise.all(held.map(({ fired }) => fired));
  equal(ledger.status().counts['appends_at_once'], 40);
  for (const one of held) one.release();
  await Promise.all(appending);
  for (let stream = 0; stream < 40; stream += 1) {
    const events = await ledger.readStream(`cluster-s${stream}` as never, { limit: 9 });
    deepEqual(
      events.map(({ id }) => id),
      [0, 1, 2].map((turn) => `${stream}-${turn}`),
    );
  }
});

test('a call over many streams is appended in its order', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const events = Array.from({ length: 200 }, (_, index) => sample(`e${index}`, { subject: `s${(index * 7) % 23}` }));
  const positions = await placed(ledger, events);
  deepEqual(
    positions,
    [...positions].sort((left, right) => left - right),
  );
  const read = await ledger.readAll({ limit: 999 });
  deepEqual(
    read.map(({ id }) => id),
    events.map(({ id }) => id),
  );
});

test('what waits for a stream while an append is under way goes into one', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const held = server.faults.appends.inject({ kind: 'late' }, { when: ({ stream }) => stream.endsWith('cluster-web') });
  const first = placed(ledger, [sample('first')]);
  await held.fired;
  const rest = Array.from({ length: 300 }, (_, index) => placed(ledger, [sample(`e${index}`)]));
  held.release();
  const positions = [nth(await first, 0), ...(await Promise.all(rest)).flat()];
  deepEqual(
    positions,
    [...positions].sort((left, right) => left - right),
  );
  ok(Number(ledger.status().counts['appends']) <= 3);
});
