// Holds P2 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Position } from '../../schemas/ids.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { Projector } from '../../src/project/projector.ts';
import type { Store } from '../../src/project/store.ts';
import { arbitrarySteps, plainViews, startTelling, type Telling, TOYS } from './toys.ts';

function keptViews(store: Store): Map<string, string> {
  const views = new Map<string, string>();
  for (const { slot, name, answering } of store.reader.slots()) {
    if (answering)
      for (const row of store.reader.rows(slot, { limit: 1_000 })) views.set(`${name} ${row.key}`, row.text);
  }
  return views;
}

function sorted(views: ReadonlyMap<string, string>): [string, string][] {
  return [...views].sort(([a], [b]) => (a < b ? -1 : 1));
}

const open = (telling: Telling, store: Store, pageEvents = 7) =>
  Projector.open({ projections: TOYS, reader: telling.ledger, store, onProgress() {}, pageEvents });

test('live views equal the plain fold of all events, however the history arrived in pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitrarySteps, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9 }),
      async (pieces, page) => {
        const telling = startTelling();
        const store = memoryStore();
        const projector = await open(telling, store, page);
        for (const piece of pieces) {
          await telling.tell(piece);
          await projector.run();
          assert.deepEqual(sorted(keptViews(store)), sorted(await plainViews(telling)));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('the size of a page makes no difference to any view, its position, tags or order', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySteps, fc.integer({ min: 1, max: 20 }), async (steps, page) => {
      const telling = startTelling();
      await telling.tell(steps);
      const rows = [];
      for (const pageEvents of [page, 10_000]) {
        const store = memoryStore();
        await (await open(telling, store, pageEvents)).run();
        const slots = store.reader.slots();
        rows.push(
          slots.map(({ slot }) =>
            store.reader
              .rows(slot, { limit: 1_000 })
              .map(({ key, position, sort, tags, text }) => [key, position, sort, tags, text]),
          ),
        );
      }
      assert.deepEqual(rows[0], rows[1]);
    }),
    { numRuns: 100 },
  );
});

test('a restart continues from the store, with nothing folded twice or left out', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySteps, arbitrarySteps, async (before, after) => {
      const telling = startTelling();
      const store = memoryStore();
      await telling.tell(before);
      await (await open(telling, store)).run();
      const reader = telling.ledger;
      await telling.tell(after);
      const asked: number[] = [];
      const watched = new Proxy(reader, {
        get(target, name) {
          if (name !== 'readAll') return Reflect.get(target, name).bind(target);
          return (query: Parameters<typeof target.readAll>[0]) => {
            if (query.categories === undefined) asked.push(query.after ?? 0);
            return target.readAll(query);
          };
        },
      });
      const projector = await Projector.open({
        projections: TOYS,
        reader: watched,
        store,
        onProgress() {},
        pageEvents: 1_000,
      });
      await projector.run();
      assert.equal(asked[0], before.length, 'the scan begins where the store stands');
      assert.equal(projector.position(), (before.length + after.length) as Position);
      assert.deepEqual(sorted(keptViews(store)), sorted(await plainViews(telling)));
    }),
    { numRuns: 60 },
  );
});
