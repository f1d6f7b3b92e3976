/** A copy made beside a running writer is a ledger of its own; one that was not finished is nothing. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openMemoryLedger } from '../../../src/ledger/memory/ledger.ts';
import { copyLedgerFile } from '../../../src/ledger/sqlite/copy.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { openMirror } from '../../../src/ledger/sqlite/mirror.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { fillEmptyFolder } from '../../../src/whole-files.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { facts, nth, placed, sample } from '../sample.ts';
import { batch, recordOf, shifted } from './mirrored.ts';

/** A ledger of some 12 MiB: more than one step of a copy. */
async function large(context: TestContext) {
  const folder = temporaryFolder(context);
  const path = join(folder, 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path, thread: 'worker' });
  context.after(() => ledger.close());
  const events = Array.from({ length: 60 }, (_, index) =>
    sample(`large ${index}`, { data: { leaderId: 'x'.repeat(200_000) } }),
  );
  const positions = await placed(ledger, events);
  return { ledger, path, to: join(folder, 'copy'), head: nth(positions, -1) };
}

test('a copy made while others append holds all that was acknowledged before it, verifies, and goes on', async (context) => {
  const { ledger, path, to, head } = await large(context);
  let isCopying = true;
  let turn = 0;
  const appending = (async () => {
    while (isCopying) await ledger.append(facts([sample(`meanwhile ${turn++}`, { subject: `c${turn % 3}` })]));
  })();
  const copied = await fillEmptyFolder(to, (target) => copyLedgerFile({ from: path, to: target }));
  isCopying = false;
  await appending;
  ok(copied.position >= head, 'what was there is in the copy');
  ok((await ledger.head()).position > copied.position, 'others appended meanwhile');
  deepEqual(readdirSync(to), ['ledger.sqlite']);
  equal(readFileSync(join(to, 'ledger.sqlite')).length, copied.bytes);
  const copy = await openSqliteLedger({ path: join(to, 'ledger.sqlite'), thread: 'here' });
  context.after(() => copy.close());
  equal((await copy.head()).position, copied.position);
  const { ok: proved, findings } = await verifyLedger(copy);
  deepEqual([proved, findings], [true, []]);
  const page = { upTo: copied.position, limit: 10_000 };
  deepEqual(
    (await copy.readAll(page)).map(({ id }) => id),
    (await ledger.readAll(page)).map(({ id }) => id),
  );
  deepEqual(await placed(copy, [sample('after the copy')]), [copied.position + 1]);
});

test('a copy that is ended early leaves an empty folder, and the next one is whole', async (context) => {
  const { path, to, head } = await large(context);
  const ending = new AbortController();
  const progress: number[] = [];
  const onProgress = (done: number, all: number): void => {
    progress.push(done / all);
    ending.abort();
  };
  const copying = fillEmptyFolder(to, (target) =>
    copyLedgerFile({ from: path, to: target, signal: ending.signal, onProgress }),
  );
  await rejects(copying, { name: 'AbortError' });
  ok(progress.length === 1 && nth(progress as never, 0) < 1, String(progress));
  deepEqual(readdirSync(to), []);
  equal((await fillEmptyFolder(to, (target) => copyLedgerFile({ from: path, to: target }))).position, head);
});

test('what was placed before a failure is removed; a folder that holds anything is refused and not touched', async (context) => {
  const folder = temporaryFolder(context);
  const from = join(folder, 'ledger.sqlite');
  await (await openSqliteLedger({ path: from, thread: 'here' })).close();
  const to = join(folder, 'deep', 'copy');
  const failing = fillEmptyFolder(to, async (target) => {
    await copyLedgerFile({ from, to: target });
    await copyLedgerFile({ from: join(folder, 'absent.sqlite'), to: target });
  });
  await rejects(failing, { code: 'LEDGER_MISSING' });
  deepEqual(readdirSync(to), []);
  const full = join(folder, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'mine'), 'mine');
  for (const target of [full, from, folder]) {
    const refused = fillEmptyFolder(target, (given) => copyLedgerFile({ from, to: given }));
    await rejects(refused, { code: 'FOLDER_NOT_EMPTY' });
  }
  deepEqual(readdirSync(full), ['mine']);
});

test('a copied mirror goes on at its cursor', async (context) => {
  const folder = temporaryFolder(context);
  const store = openMemoryLedger();
  await store.append(facts([sample('a'), sample('b'), sample('c')]));
  const record = await recordOf(store);
  const mirror = await openMirror({ path: join(folder, 'mirror.sqlite'), thread: 'here' });
  context.after(() => mirror.close());
  await mirror.adopt('record-1');
  await mirror.take(batch(record.slice(0, 2)));
  const to = join(folder, 'replica');
  const from = join(folder, 'mirror.sqlite');
  const { position } = await fillEmptyFolder(to, (target) => copyLedgerFile({ from, to: target }));
  equal(position, shifted(2));
  const replica = await openMirror({ path: join(to, 'mirror.sqlite'), thread: 'here' });
  context.after(() => replica.close());
  deepEqual([replica.recordId, replica.cursor], ['record-1', `after ${shifted(2)}`]);
  await replica.take(batch(record.slice(2)));
  ok((await verifyLedger(replica)).ok);
});
