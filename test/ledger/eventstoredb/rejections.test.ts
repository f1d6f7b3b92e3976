import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { NewRejection } from '../../../src/ledger/port.ts';
import { eventStoreFor } from '../../support/eventstoredb/server.ts';
import { at, erasure, placed, sample } from '../sample.ts';
import { until } from './faults.ts';
import { openEsdb, openingOf, openReplica } from './opening.ts';

const refused = (code: string, record = ''): NewRejection => ({
  ...{ at: at(0), door: 'http', code, message: 'no', path: null, record, truncated: false },
});

test('the store is told to keep the newest 100,000', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await ledger.keepRejections([refused('A')]);
  const [rules] = server.store.eventsOf(`$$${openingOf(ledger).prefix}rejections`);
  deepEqual(JSON.parse(Buffer.from(rules?.data ?? []).toString()), { $maxCount: 100_000 });
});

for (const kind of ['drop-before', 'drop-after'] as const) {
  test(`rejections whose link was lost ${kind === 'drop-before' ? 'before' : 'after'} they were written are kept once`, async (context) => {
    const server = await eventStoreFor(context);
    const ledger = await openEsdb(context, { url: server.connectionString });
    await ledger.keepRejections([refused('A')]);
    const fault = server.faults.appends.inject({ kind });
    await ledger.keepRejections([refused('B'), refused('C')]);
    equal(fault.firings, 1);
    const { rejections } = await ledger.rejections({ limit: 9 });
    deepEqual(
      rejections.map(({ code, seq }) => [code, seq]),
      [
        ['C', 2],
        ['B', 1],
        ['A', 0],
      ],
    );
  });
}

test('those of several replicas are kept in one order, and shown by each', async (context) => {
  const server = await eventStoreFor(context);
  const first = await openEsdb(context, { url: server.connectionString });
  const second = await openReplica(context, first);
  const both = Array.from({ length: 20 }, (_, index) =>
    [first, second].map((replica, which) => replica.keepRejections([refused(`${index}-${which}`)])),
  );
  await Promise.all(both.flat());
  await until('both have all', async () => {
    const pages = await Promise.all([first, second].map((replica) => replica.rejections({ limit: 99 })));
    return pages.every(({ total }) => total === 40);
  });
  deepEqual(await first.rejections({ limit: 99 }), await second.rejections({ limit: 99 }));
});

test('the text of what was erased does not come into the store once more', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  const secret = sample('secret', { data: { leaderId: 'hunter2' } });
  await placed(ledger, [secret, erasure('r', secret)]);
  await ledger.keepRejections([refused('A', JSON.stringify(secret))]);
  const [kept] = server.store.eventsOf(`${openingOf(ledger).prefix}rejections`);
  equal(
    Buffer.from(kept?.data ?? [])
      .toString()
      .includes('hunter2'),
    false,
  );
});

test('an event of others in the stream of rejections is passed over', async (context) => {
  const server = await eventStoreFor(context);
  const ledger = await openEsdb(context, { url: server.connectionString });
  await ledger.keepRejections([refused('A')]);
  server.store.appendForeign(`${openingOf(ledger).prefix}rejections`, 'Noted');
  await ledger.keepRejections([refused('B')]);
  const { rejections } = await ledger.rejections({ limit: 9 });
  deepEqual(
    rejections.map(({ code, seq }) => [code, seq]),
    [
      ['B', 2],
      ['A', 0],
    ],
  );
  equal(ledger.status().state, 'up');
});
