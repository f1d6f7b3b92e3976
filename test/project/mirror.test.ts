/** Projections over a mirror, whose positions have gaps, are what a fold of its events is. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECTIONS } from '../../projections/list.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { startProjecting } from '../../src/project/start.ts';
import type { Views } from '../../src/project/views.ts';
import { openMirroredLedger } from '../ledger/sqlite/mirrored-ledger.ts';
import { foldSet } from '../support/fold.ts';
import { historyOf } from '../support/histories.ts';
import { restorable } from '../support/restorable.ts';
import { temporaryFolder } from '../support/temporary.ts';

async function assertFolds(ledger: Ledger, views: Views): Promise<void> {
  const { position } = await ledger.head();
  assert.ok(await views.reached(position, 30_000));
  const events = (await ledger.readAll({ limit: 10_000 })) as readonly AnyFoldEvent[];
  // The newest set, and two earlier ones, whose positions stand for what was recorded up to there.
  for (const at of [events.length, 2 * (events.length / 3), events.length / 3].map(Math.floor)) {
    const set = events.slice(0, at);
    const upTo = (set.at(-1)?.position ?? 0) as Position;
    const moment = at === events.length ? views.now() : views.at(upTo);
    let found = 0;
    for (const projection of PROJECTIONS) {
      for (const { key, state } of await moment.list(projection, { limit: 1_000 })) {
        assert.equal(JSON.stringify(state), JSON.stringify(foldSet(projection, set, key)), `${projection.name} ${key}`);
        found += 1;
      }
    }
    assert.ok(found > PROJECTIONS.length, `${found} views`);
  }
}

for (const threadsFromEvents of [1, 100_000]) {
  const how = threadsFromEvents === 1 ? 'by threads' : 'by one projector';
  test(`a mirror is projected ${how}, then live as it is filled, and rebuilt`, async (context) => {
    const folder = temporaryFolder(context);
    const ledgerPath = join(folder, 'mirror.sqlite');
    const clock = () => 0 as never;
    const ledger = await openMirroredLedger({ path: ledgerPath, clock, thread: 'worker', store: openMemoryLedger() });
    context.after(() => ledger.close());
    const history = historyOf({ seed: 31, events: 500, subjects: 4 });
    await ledger.restore(history.slice(0, 300).map(restorable));
    const projecting = await startProjecting({
      ledger,
      projections: PROJECTIONS,
      keep: { folder, ledgerPath, rebuilds: { threads: 2, threadsFromEvents } },
      onTrouble: assert.ifError,
    });
    context.after(() => projecting.close());
    await assertFolds(ledger, projecting.views);
    for (let from = 300; from < 500; from += 40) await ledger.restore(history.slice(from, from + 40).map(restorable));
    await assertFolds(ledger, projecting.views);
    await projecting.rebuild();
    await assertFolds(ledger, projecting.views);
  });
}
