/** What we rely on in subscriptions to an EventStoreDB: for any server, see behaviour.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excludeSystemEvents, streamNameFilter } from '@eventstore/db-client';
import type { Begin, Case } from './behaviour.ts';
import { all, event, Told } from './client.ts';

export function subscriptions(begin: Begin): void {
  const toAll = ({ client, s }: Case, from?: bigint): Told => {
    const fromPosition = from === undefined ? 'start' : { commit: from, prepare: from };
    return new Told(client.subscribeToAll({ filter: streamNameFilter({ prefixes: [s] }), fromPosition }));
  };

  test('is confirmed, tells the past, says that it caught up and tells the present', async (t) => {
    const one = await begin(t);
    const { client, s } = one;
    await client.appendToStream(s, [event(), event()]);
    await client.appendToStream(`other-${s}`, event());
    const told = toAll(one);
    await told.until('caught up');
    await client.appendToStream(`other-${s}`, event());
    await client.appendToStream(`${s}-b`, event());
    await told.until(`${s}-b 0`);
    assert.deepEqual(told.seen, ['confirmation', `${s} 0`, `${s} 1`, 'caught up', `${s}-b 0`]);
    await told.stop();
  });

  test('begins behind the position that it is given', async (t) => {
    const one = await begin(t);
    await one.client.appendToStream(one.s, [event(), event(), event()]);
    const [, second] = await all(one.client.readStream(one.s));
    const told = toAll(one, second!.event!.position!.commit);
    await told.until('caught up');
    assert.deepEqual(told.seen, ['confirmation', `${one.s} 2`, 'caught up']);
    await told.stop();
  });

  test('from the end tells the present only', async (t) => {
    const { client, s } = await begin(t);
    await client.appendToStream(s, event());
    const filter = streamNameFilter({ prefixes: [s] });
    const told = new Told(client.subscribeToAll({ fromPosition: 'end', filter }));
    await told.until('caught up');
    await client.appendToStream(s, event());
    await told.until(`${s} 1`);
    assert.deepEqual(told.seen, ['confirmation', 'caught up', `${s} 1`]);
    await told.stop();
  });

  test('filters by the type of events, too', async (t) => {
    const { client, s } = await begin(t);
    await client.setStreamMetadata(s, { owner: 'us' });
    await client.appendToStream(s, event());
    const told = new Told(client.subscribeToAll({ filter: excludeSystemEvents() }));
    await told.until(`${s} 0`);
    assert.ok(!told.seen.includes(`$$${s} 0`));
    await told.stop();
  });

  test('loses nothing of what is written faster than it reads', async (t) => {
    const one = await begin(t);
    const told = toAll(one);
    await told.until('caught up');
    for (let batch = 0; batch < 5; batch += 1) {
      await one.client.appendToStream(
        one.s,
        Array.from({ length: 100 }, (_, n) => event({ n })),
      );
    }
    await told.until(`${one.s} 499`);
    assert.deepEqual(
      told.seen.filter((text) => text.startsWith(one.s)),
      Array.from({ length: 500 }, (_, n) => `${one.s} ${n}`),
    );
    await told.stop();
  });

  test('to one stream begins behind its revision and waits for a stream that does not exist yet', async (t) => {
    const { client, s } = await begin(t);
    const early = new Told(client.subscribeToStream(s));
    await early.until('caught up');
    await client.appendToStream(s, [event(), event()]);
    await early.until(`${s} 1`);
    const late = new Told(client.subscribeToStream(s, { fromRevision: 0n }));
    await late.until('caught up');
    assert.deepEqual(late.seen, ['confirmation', `${s} 1`, 'caught up']);
    await Promise.all([early.stop(), late.stop()]);
  });
}
