// Holds P3 of docs/invariants.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Position } from '../../schemas/ids.ts';
import { projectHere } from '../../src/project/here.ts';
import type { ViewReader } from '../../src/project/views.ts';
import { arbitrarySteps, journal, plainViews, type Step, startTelling, TOYS } from './toys.ts';

async function start(pieces: readonly (readonly Step[])[]) {
  const telling = startTelling();
  const projecting = await projectHere({ ledger: telling.ledger, projections: TOYS, onTrouble: assert.ifError });
  let told = 0;
  for (const piece of pieces) {
    await telling.tell(piece);
    told += piece.length;
    assert.equal(await projecting.views.reached(told as Position, 5_000), true);
  }
  return { telling, projecting, told };
}

async function viewsOf(reader: ViewReader): Promise<Map<string, string>> {
  const views = new Map<string, string>();
  for (const projection of TOYS) {
    for (const { key, state } of await reader.list(projection, { limit: 1_000 }))
      views.set(`${projection.name} ${key}`, JSON.stringify(state));
  }
  return views;
}

const sorted = (views: ReadonlyMap<string, string>) => [...views].sort(([a], [b]) => (a < b ? -1 : 1));

test('at(p) is the fold from zero of the events at or below p, for every p', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitrarySteps, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (pieces, backwards) => {
        const { telling, projecting, told } = await start(pieces);
        const positions = Array.from({ length: told + 1 }, (_, index) => (backwards ? told - index : index));
        for (const position of positions) {
          const reader = projecting.views.at(position as Position);
          const plain = await plainViews(telling, position);
          assert.deepEqual(sorted(await viewsOf(reader)), sorted(plain), `at ${position}`);
          for (const projection of TOYS) {
            for (const key of ['', 'subject-0', 'subject-1', 'subject-2']) {
              const view = await reader.get(projection, key);
              assert.equal(
                view === null ? undefined : JSON.stringify(view.state),
                plain.get(`${projection.name} ${key}`),
              );
              assert.ok(view === null || view.position <= position);
            }
          }
        }
        await projecting.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('lists at p hold exactly what carried the tag at p, in the order of then, and cursors walk through them', async () => {
  await fc.assert(
    fc.asyncProperty(arbitrarySteps, fc.boolean(), fc.nat({ max: 60 }), async (steps, descending, where) => {
      const { telling, projecting, told } = await start([steps]);
      const position = Math.min(told, where);
      const states = [];
      for (const [name, text] of await plainViews(telling, position)) {
        if (name.startsWith('journal ')) states.push(JSON.parse(text));
      }
      const expected = states
        .filter(({ positions }) => positions.length % 2 === 0)
        .sort((a, b) => a.positions.length - b.positions.length || (a.key < b.key ? -1 : 1))
        .map(({ key }) => key);
      if (descending) expected.reverse();
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await projecting.views
          .at(position as Position)
          .list(journal, { anyTag: ['even'], limit: 1, descending, ...(after === undefined ? {} : { after }) });
        if (page[0] === undefined) break;
        found.push(page[0].key);
        after = page[0].cursor;
      }
      assert.deepEqual(found, expected);
      await projecting.close();
    }),
    { numRuns: 60 },
  );
});

test('a position beyond the views is refused', async () => {
  const { projecting } = await start([[]]);
  assert.throws(() => projecting.views.at(1 as Position), RangeError);
  assert.equal(await projecting.views.reached(1 as Position, 1), false);
  await projecting.close();
});
