import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { ReadAll } from '../../src/ledger/port.ts';
import { eventsBehind } from '../../src/serve/lag.ts';

/** A record with an event at every hundredth position. */
function gapped(events: number) {
  const reads: ReadAll[] = [];
  return {
    head: { position: (events * 100) as Position, events },
    reads,
    async readAll(query: ReadAll): Promise<readonly FoldEvent[]> {
      reads.push(query);
      const from = Math.floor((query.after ?? 0) / 100);
      const positions = Array.from({ length: events - from }, (_, index) => ({ position: (from + index + 1) * 100 }));
      return positions.slice(0, query.limit) as unknown as readonly FoldEvent[];
    },
  };
}

test('where positions have gaps, events are counted and not positions', async () => {
  const record = gapped(500);
  assert.equal(await eventsBehind(record, record.head, 49_000 as Position), 10);
  assert.equal(await eventsBehind(record, record.head, 50_000 as Position), 0);
});

test('a long way behind is reckoned, with one bounded look', async () => {
  const record = gapped(20_000);
  assert.equal(await eventsBehind(record, record.head, 0 as Position), 20_000);
  assert.equal(await eventsBehind(record, record.head, 1_000_000 as Position), 10_000);
  assert.ok(record.reads.every(({ limit }) => limit <= 1_000));
});

test('where positions are dense nothing is read', async () => {
  const dense = { readAll: () => Promise.reject(new Error('read')) };
  assert.equal(await eventsBehind(dense, { position: 9 as Position, events: 9 }, 4 as Position), 5);
});
