// Holds P6 of docs/invariants.md.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { digestOfView, digestText } from '../../src/project/digest.ts';
import { memoryStore } from '../../src/project/memory/store.ts';
import { Projector } from '../../src/project/projector.ts';
import { openSqliteStore } from '../../src/project/sqlite/store.ts';
import type { Store } from '../../src/project/store.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { arbitrarySteps, startTelling, type Telling, TOYS } from './toys.ts';

async function bringUp(telling: Telling, store: Store, pageEvents: number): Promise<Record<string, string>> {
  const options = { projections: TOYS, reader: telling.ledger, store, onProgress() {}, pageEvents };
  await (await Projector.open(options)).run();
  return digestsOf(store);
}

function digestsOf({ reader }: Store): Record<string, string> {
  return Object.fromEntries(reader.slots().map(({ slot, name }) => [name, reader.digest(slot)]));
}

function sqliteStore(context: TestContext): Store {
  const store = openSqliteStore(join(temporaryFolder(context), 'views.sqlite'));
  context.after(() => store.close());
  return store;
}

/** By its definition, from the views as they are. */
function digestsAnew({ reader }: Store): Record<string, string> {
  return Object.fromEntries(
    reader.slots().map(({ slot, name }) => {
      const rows = reader.rows(slot, { limit: 1_000 });
      const sum = rows.reduce((sofar, { key, text }) => sofar + digestOfView(key, text), 0n);
      return [name, digestText(sum % 2n ** 256n)];
    }),
  );
}

test('replicas that stand at one position have one digest, however they came there', async (context) => {
  await fc.assert(
    fc.asyncProperty(fc.array(arbitrarySteps, { minLength: 1, maxLength: 3 }), async (pieces) => {
      const telling = startTelling();
      const live = memoryStore();
      for (const piece of pieces) {
        await telling.tell(piece);
        await bringUp(telling, live, 5);
      }
      const digests = digestsOf(live);
      assert.deepEqual(digests, digestsAnew(live));
      assert.deepEqual(await bringUp(telling, memoryStore(), 10_000), digests);
    }),
    { numRuns: 60, seed: 41 },
  );
  for (const steps of fc.sample(arbitrarySteps, { seed: 42, numRuns: 5 })) {
    const telling = startTelling();
    await telling.tell(steps);
    const kept = sqliteStore(context);
    assert.deepEqual(await bringUp(telling, kept, 3), await bringUp(telling, memoryStore(), 100));
    assert.deepEqual(digestsOf(kept), digestsAnew(kept));
    kept.settleDigests();
    assert.deepEqual(digestsOf(kept), digestsAnew(kept), 'settled');
    await telling.tell(fc.sample(arbitrarySteps, { seed: 43, numRuns: 1 })[0] ?? []);
    assert.deepEqual(await bringUp(telling, kept, 3), digestsAnew(kept), 'written again');
  }
});

test('a view that differs in its key or its state gives another digest', () => {
  const digests = [
    ['a', '1'],
    ['a', '2'],
    ['b', '1'],
    ['', 'a1'],
    ['a1', ''],
  ].map(([key = '', text = '']) => digestOfView(key, text));
  assert.equal(new Set(digests).size, digests.length);
});
