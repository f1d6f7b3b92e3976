// Holds P7 of docs/invariants.md.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROJECTIONS } from '../../../projections/list.ts';
import type { Position } from '../../../schemas/ids.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { openSqliteReader } from '../../../src/ledger/sqlite/reader.ts';
import { openSqliteScan } from '../../../src/ledger/sqlite/scan.ts';
import { buildShare } from '../../../src/project/anew/build.ts';
import { LiveViews } from '../../../src/project/live-views.ts';
import { memoryStore } from '../../../src/project/memory/store.ts';
import { Projector } from '../../../src/project/projector.ts';
import { openScratchStore, openSqliteStore } from '../../../src/project/sqlite/store.ts';
import { startProjecting } from '../../../src/project/start.ts';
import type { Store } from '../../../src/project/store.ts';
import { foldSet } from '../../support/fold.ts';
import { historyOf } from '../../support/histories.ts';
import { restorable } from '../../support/restorable.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** All that answers: each view's bytes and what lists and places it; without what depends on how it was folded. */
function viewsIn(stores: readonly Store[]): string[] {
  return stores
    .flatMap(({ reader }) =>
      reader.slots().flatMap(({ slot, name, answering }) =>
        answering
          ? reader.rows(slot, { limit: 10_000 }).map(({ key, text, position, sort, tags, high }) =>
              // One line a view, so that a difference names it.
              JSON.stringify([name, key, text, position, sort, tags, high]),
            )
          : [],
      ),
    )
    .sort();
}

async function told(context: TestContext, { seed, events }: { seed: number; events: number }) {
  const folder = temporaryFolder(context);
  const ledgerPath = join(folder, 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here' });
  context.after(() => ledger.close());
  const history = historyOf({ seed, events, subjects: 4 });
  await ledger.restore(history.map(restorable));
  return { folder, ledgerPath, ledger, history, end: history.length as Position };
}

async function alone(ledger: Awaited<ReturnType<typeof told>>['ledger']): Promise<Store> {
  const store = memoryStore();
  await (await Projector.open({ projections: PROJECTIONS, reader: ledger, store, onProgress() {} })).run();
  return store;
}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  test(`shares of a history, folded each by itself, are together what one projector folds (seed ${seed})`, async (t) => {
    const { folder, ledgerPath, ledger, end } = await told(t, { seed, events: 400 });
    const stores: Store[] = [];
    const bounds = [0, 1, 3, 8];
    for (const [index, from] of bounds.slice(0, -1).entries()) {
      const reader = openSqliteReader(ledgerPath);
      const scan = openSqliteScan(ledgerPath);
      const store = openScratchStore(join(folder, `share-${index}.sqlite`));
      const share = { of: 8, from, to: bounds[index + 1] ?? 8 };
      const options = { projections: PROJECTIONS, reader, scan, store, share, withWhole: index === 0 };
      assert.equal((await buildShare({ ...options, upTo: end, pageEvents: 7 * seed })).size, 0);
      stores.push(store);
      t.after(async () => {
        scan.close();
        await reader.close();
        store.close();
      });
    }
    assert.deepEqual(viewsIn(stores), viewsIn([await alone(ledger)]));
  });
}

test('checkpoints kept on the way answer any earlier position', async (t) => {
  for (const seed of [21, 22, 23]) {
    const { folder, ledgerPath, ledger, history, end } = await told(t, { seed, events: 250 });
    const reader = openSqliteReader(ledgerPath);
    const scan = openSqliteScan(ledgerPath);
    const store = openScratchStore(join(folder, 'all.sqlite'));
    const share = { of: 1, from: 0, to: 1 };
    const options = { projections: PROJECTIONS, reader, scan, store, share, withWhole: true, upTo: end };
    await buildShare({ ...options, pageEvents: 9, checkpointEventsMin: 3 });
    const views = new LiveViews({ reader: ledger, store: store.reader, onClose: async () => store.close() });
    const statuses = store.reader
      .slots()
      .map((slot) => ({ ...slot, position: end, state: 'LIVE', error: null }) as const);
    views.accept({ publication: { position: end, keys: 'all', erased: false }, statuses, scrubbedUpTo: end });
    for (let position = 1; position < end; position += 7) {
      const set = history.filter((event) => event.position <= position);
      for (const projection of PROJECTIONS) {
        for (const { key, state } of await views.at(position as Position).list(projection, { limit: 1_000 })) {
          const plain = JSON.stringify(foldSet(projection, set, key));
          assert.equal(JSON.stringify(state), plain, `seed ${seed}: ${projection.name} ${key} at ${position}`);
        }
      }
    }
    await views.close();
    scan.close();
    await reader.close();
  }
});

test('a long ledger without views is folded by threads at the start, and a rebuild swaps in the same bytes', async (t) => {
  const { folder, ledgerPath, ledger, end } = await told(t, { seed: 11, events: 600 });
  const rebuilds = { threads: 2, threadsFromEvents: 1 };
  const projecting = await startProjecting({
    ledger,
    projections: PROJECTIONS,
    keep: { folder, ledgerPath, rebuilds },
    onTrouble: assert.ifError,
  });
  const { views } = projecting;
  assert.ok(await views.reached(end, 30_000));
  const digests = () => PROJECTIONS.map(({ name }) => views.digest(name));
  const before = digests();
  assert.ok(before.every((digest) => digest !== null));
  const progress: number[] = [];
  await projecting.rebuild(undefined, (done) => void progress.push(done));
  await projecting.rebuild('incident');
  assert.deepEqual(digests(), before);
  assert.deepEqual(
    views.statuses().map(({ state, position }) => [state, position]),
    PROJECTIONS.map(() => ['LIVE', end]),
  );
  await projecting.close();
  const kept = openSqliteStore(join(folder, 'views.sqlite'));
  t.after(() => kept.close());
  assert.deepEqual(viewsIn([kept]), viewsIn([await alone(ledger)]));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('views-anew')),
    [],
  );
});

test('what is appended while threads rebuild is answered meanwhile, and is not lost by the swap', async (t) => {
  const { folder, ledgerPath, ledger, end } = await told(t, { seed: 12, events: 300 });
  const projecting = await startProjecting({
    ledger,
    projections: PROJECTIONS,
    keep: { folder, ledgerPath, rebuilds: { threads: 2, threadsFromEvents: 1 } },
    onTrouble: assert.ifError,
  });
  const { views } = projecting;
  assert.ok(await views.reached(end, 30_000));
  const rebuilt = projecting.rebuild();
  const more = historyOf({ seed: 13, events: 40 }).map(restorable);
  await ledger.append(
    more.map(({ event, actor, stream }, index) => ({
      stream: stream as never,
      expected: 'any' as const,
      events: [{ ...event, id: `later-${index}` }],
      actor,
    })),
  );
  const { position } = await ledger.head();
  assert.ok(position > end);
  assert.ok(await views.reached(position, 30_000));
  await rebuilt;
  assert.equal(views.position(), position);
  await projecting.close();
  const kept = openSqliteStore(join(folder, 'views.sqlite'));
  t.after(() => kept.close());
  assert.deepEqual(viewsIn([kept]), viewsIn([await alone(ledger)]));
});
