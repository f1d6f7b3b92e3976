import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UnavailableError } from '@eventstore/db-client';
import { temporaryFolder } from '../temporary.ts';
import { all, clientFor, event, onceBack, Told } from './client.ts';
import { spawnEventStore } from './spawned.ts';

describe('the server as a process', { timeout: 60_000 }, () => {
  test('killed amid appends has everything that it acknowledged when it is back', async (t) => {
    const file = join(temporaryFolder(t), 'log');
    const first = await spawnEventStore({ file });
    t.after(() => first.kill());
    const client = clientFor(t, first.connectionString);
    await client.appendToStream('s', event(), { expectedRevision: 'no_stream' });
    const enough = Promise.withResolvers<void>();
    let acknowledged = 0n;
    const flights = Array.from({ length: 200 }, async (_, n) => {
      const { nextExpectedRevision } = await client.appendToStream('s', event({ n }), { expectedRevision: BigInt(n) });
      if (nextExpectedRevision > acknowledged) acknowledged = nextExpectedRevision;
      if (acknowledged >= 50n) enough.resolve();
    });
    const settled = Promise.allSettled(flights);
    await enough.promise;
    await first.kill();
    await settled;
    // What a kill in the middle of a write leaves: a batch that was never acknowledged.
    appendFileSync(file, '[["cut sho');
    const second = await spawnEventStore({ file, port: first.port });
    t.after(() => second.kill());
    const again = clientFor(t, second.connectionString);
    const events = await onceBack(() => all(again.readStream('s')));
    assert.ok(events.length > Number(acknowledged));
    assert.deepEqual(
      events.map((resolved) => resolved.event?.revision),
      events.map((_, n) => BigInt(n)),
    );
    await again.appendToStream('s', event(), { expectedRevision: BigInt(events.length - 1) });
  });

  test('cuts its connections when it is told to, and goes on', async (t) => {
    const server = await spawnEventStore();
    t.after(() => server.kill());
    const client = clientFor(t, server.connectionString);
    await client.appendToStream('s', event());
    const told = new Told(client.subscribeToStream('s'));
    await told.until('caught up');
    server.dropConnections();
    assert.ok((await told.over) instanceof UnavailableError);
    await onceBack(() => client.appendToStream('s', event(), { expectedRevision: 0n }));
  });
});
