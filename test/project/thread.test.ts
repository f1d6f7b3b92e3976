import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import type { Position } from '../../schemas/ids.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { startProjecting } from '../../src/project/start.ts';
import { arbitrarySteps, journal, plainViews, startTelling, type Telling, TOYS } from './toys.ts';

const module = new URL('./toys.ts', import.meta.url).href;

async function begin(context: TestContext, folder = mkdtempSync(join(tmpdir(), 'musterbook-'))) {
  const ledgerPath = join(folder, 'ledger.sqlite');
  let clock = () => 0 as never;
  const ledger = await openSqliteLedger({ path: ledgerPath, thread: 'here', clock: () => clock() });
  const telling = startTelling((told) => {
    clock = told as never;
    return ledger;
  });
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const project = () =>
    startProjecting({ ledger, projections: TOYS, keep: { folder, ledgerPath, module }, onTrouble: assert.ifError });
  return { folder, ledger, telling, project };
}

async function assertEqual(telling: Telling, projecting: Awaited<ReturnType<typeof startProjecting>>, told: number) {
  assert.equal(await projecting.views.reached(told as Position, 10_000), true);
  const plain = await plainViews(telling);
  const now = projecting.views.now();
  for (const projection of TOYS) {
    for (const key of ['', 'subject-0', 'subject-1', 'subject-2']) {
      const view = now.get(projection, key);
      assert.equal(view === null ? undefined : JSON.stringify(view.state), plain.get(`${projection.name} ${key}`));
    }
  }
}

const samples = (seed: number) => fc.sample(arbitrarySteps, { seed, numRuns: 6 });

test('a thread beside the SQLite ledger keeps views as a fold of all events would be', async (context) => {
  const { ledger, telling, project } = await begin(context);
  const projecting = await project();
  let told = 0;
  for (const steps of samples(7)) {
    await telling.tell(steps);
    told += steps.length;
    await assertEqual(telling, projecting, told);
  }
  assert.deepEqual(
    projecting.views.statuses().map(({ state, error }) => [state, error]),
    TOYS.map(() => ['LIVE', null]),
  );
  await projecting.close();
  await ledger.close();
});

test('a restart answers at once with what was written, and a views file that is damaged or gone is rebuilt', async (context) => {
  const { folder, ledger, telling, project } = await begin(context);
  let told = 0;
  const spoil = [
    () => {},
    () => rmSync(join(folder, 'views.sqlite')),
    () =>
      writeFileSync(
        join(folder, 'views.sqlite'),
        'this is no database, but long enough to look like a file of some kind',
      ),
    () => writeFileSync(join(folder, 'views.sqlite'), ''),
  ];
  for (const [index, steps] of samples(8).entries()) {
    const projecting = await project();
    if (index === 1) assert.equal(projecting.views.position(), told);
    await telling.tell(steps);
    told += steps.length;
    await assertEqual(telling, projecting, told);
    await projecting.close();
    spoil[index]?.();
  }
  await ledger.close();
});

test('rebuilding beside swaps in the same states while the old ones answer', async (context) => {
  const { ledger, telling, project } = await begin(context);
  const projecting = await project();
  const [first = [], second = []] = samples(9);
  await telling.tell(first);
  await assertEqual(telling, projecting, first.length);
  const before = projecting.views
    .now()
    .list(journal, { limit: 10 })
    .map(({ state }) => JSON.stringify(state));
  await projecting.rebuild();
  assert.deepEqual(
    projecting.views
      .now()
      .list(journal, { limit: 10 })
      .map(({ state }) => JSON.stringify(state)),
    before,
  );
  await telling.tell(second);
  await assertEqual(telling, projecting, first.length + second.length);
  await projecting.close();
  await ledger.close();
});

test('a views file that shows damage while it is in use says so, and is made anew at the next start', async (context) => {
  const { folder, ledger, telling } = await begin(context);
  const ledgerPath = join(folder, 'ledger.sqlite');
  const troubles: unknown[] = [];
  const project = () =>
    startProjecting({
      ledger,
      projections: TOYS,
      keep: { folder, ledgerPath, module },
      onTrouble: (error) => void troubles.push(error),
    });
  const [first = [], second = []] = samples(11);
  const before = await project();
  await telling.tell(first);
  await assertEqual(telling, before, first.length);
  await before.close();
  // An index that is not looked at when the file is opened.
  const path = join(folder, 'views.sqlite');
  const database = new DatabaseSync(path);
  const page = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'checkpoints_key'").get() ?? {};
  const views = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'views_position'").get() ?? {};
  database.close();
  const bytes = readFileSync(path);
  for (const { rootpage } of [page, views]) bytes.fill(0xff, (Number(rootpage) - 1) * 4_096, Number(rootpage) * 4_096);
  writeFileSync(path, bytes);
  const spoilt = await project();
  await telling.tell(second);
  await spoilt.views.reached((first.length + second.length) as Position, 700);
  await spoilt.close();
  assert.ok(troubles.length > 0);
  const after = await project();
  await assertEqual(telling, after, first.length + second.length);
  await after.close();
  await ledger.close();
});
