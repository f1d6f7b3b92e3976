/** A folder copied beside a running server starts as one that was stopped there, with no rebuild. */
import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PROJECTIONS } from '../../projections/list.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { copyLedgerFile } from '../../src/ledger/sqlite/copy.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { copyViewsFile } from '../../src/project/sqlite/copy.ts';
import { condemnViews } from '../../src/project/sqlite/store.ts';
import { startProjecting, VIEWS_FILE } from '../../src/project/start.ts';
import { fillEmptyFolder } from '../../src/whole-files.ts';
import { foldSet } from '../support/fold.ts';
import { historyOf } from '../support/histories.ts';
import { restorable } from '../support/restorable.ts';
import { temporaryFolder } from '../support/temporary.ts';

async function running(context: TestContext, folder: string) {
  const ledgerPath = join(folder, 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'worker' });
  context.after(() => ledger.close());
  const keep = { folder, ledgerPath };
  const projecting = await startProjecting({ ledger, projections: PROJECTIONS, keep, onTrouble: assert.ifError });
  context.after(() => projecting.close());
  return { ledger, projecting };
}

test('views are copied before the ledger, and the copy goes on from where they were', async (context) => {
  const folder = temporaryFolder(context);
  const to = join(folder, 'copy');
  const { ledger, projecting } = await running(context, folder);
  const history = historyOf({ seed: 41, events: 600, subjects: 4 });
  await ledger.restore(history.slice(0, 200).map(restorable));
  assert.ok(await projecting.views.reached((await ledger.head()).position, 30_000));
  let next = 200;
  let isCopying = true;
  const telling = (async () => {
    for (; isCopying && next < 600; next += 10) await ledger.restore(history.slice(next, next + 10).map(restorable));
  })();
  const [views, events] = await fillEmptyFolder(to, async (target) => [
    await copyViewsFile({ from: join(folder, VIEWS_FILE), to: target }),
    await copyLedgerFile({ from: join(folder, 'ledger.sqlite'), to: target }),
  ]);
  isCopying = false;
  await telling;
  assert.ok(views !== null && views.position >= 200 && views.position <= events.position);
  assert.deepEqual(readdirSync(to).sort(), ['ledger.sqlite', VIEWS_FILE]);

  const copy = await running(context, to);
  // Before it has folded anything: a rebuild would begin at 0.
  const begun = Math.min(...copy.projecting.views.statuses().map(({ position }) => position));
  assert.ok(begun >= views.position, `${begun}`);
  assert.ok(await copy.projecting.views.reached(events.position, 30_000));
  const set = (await copy.ledger.readAll({ limit: 10_000 })) as readonly AnyFoldEvent[];
  assert.equal(set.length, events.position);
  for (const projection of PROJECTIONS) {
    for (const { key, state } of copy.projecting.views.now().list(projection, { limit: 1_000 })) {
      assert.equal(JSON.stringify(state), JSON.stringify(foldSet(projection, set, key)), `${projection.name} ${key}`);
    }
  }
});

test('views that could not be started from are left out', async (context) => {
  const folder = temporaryFolder(context);
  const from = join(folder, VIEWS_FILE);
  const to = join(folder, 'copy');
  const copied = () => fillEmptyFolder(to, (target) => copyViewsFile({ from, to: target }));
  assert.equal(await copied(), null);
  writeFileSync(from, 'no database at all, but longer than a header would be. '.repeat(40));
  assert.equal(await copied(), null);
  assert.deepEqual(readdirSync(to), []);
  const { projecting } = await running(context, folder);
  await projecting.close();
  condemnViews(from);
  assert.equal(await copied(), null);
  const ending = AbortSignal.abort();
  const other = temporaryFolder(context);
  const { projecting: again } = await running(context, other);
  await again.close();
  const ended = fillEmptyFolder(to, (target) =>
    copyViewsFile({ from: join(other, VIEWS_FILE), to: target, signal: ending }),
  );
  await assert.rejects(ended, { name: 'AbortError' });
  assert.deepEqual(readdirSync(to), []);
});
