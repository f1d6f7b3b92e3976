// Holds E1 of docs/invariants.md.
/** After an erasure the text is in no byte of the ledger's files: not in its log, its free pages or the middles of pages. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { NewEvent } from '../../../schemas/event.ts';
import type { Ledger } from '../../../src/ledger/port.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { openForWriting } from '../../../src/ledger/sqlite/schema.ts';
import { WriterState } from '../../../src/ledger/sqlite/writer-state.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { filesWith } from '../../support/bytes.ts';
import { chanceFrom } from '../../support/random.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { at, erasure, facts, sample } from '../sample.ts';

const open = async (context: TestContext, path: string, thread: 'here' | 'worker'): Promise<Ledger> => {
  const ledger = await openSqliteLedger({ path, thread });
  context.after(() => ledger.close());
  return ledger;
};
const place = (context: TestContext): string => join(temporaryFolder(context), 'ledger.sqlite');
/** `text` again and again, so that no remnant goes unseen. */
const telling = (id: string, text: string, bytes: number): NewEvent =>
  sample(id, { data: { leaderId: text.repeat(Math.max(1, Math.ceil(bytes / text.length))) } });
const refusal = (record: string) => ({
  ...{ at: at(0), door: 'http', code: 'EVENT_ID_REUSED', message: 'x', path: null },
  ...{ record, truncated: false },
});

for (const thread of ['here', 'worker'] as const) {
  test(`the text is gone while the ledger is open, and after it was closed (${thread})`, async (context) => {
    const path = place(context);
    const ledger = await open(context, path, thread);
    const [small, large] = [telling('small', 'hunter2', 20), telling('large', 'hunter2', 60_000)];
    await ledger.append(facts([sample('a'), small, large, sample('b')]));
    await ledger.keepRejections([refusal(JSON.stringify(small)), refusal('{"id":"c"}')]);
    ok(filesWith(dirname(path), 'hunter2').length > 0);
    await ledger.append(facts([erasure('r1', small), erasure('r2', large)]));
    await ledger.scrub();
    deepEqual(filesWith(dirname(path), 'hunter2'), []);
    equal((await verifyLedger(ledger)).ok, true);
    await ledger.close();
    deepEqual(filesWith(dirname(path), 'hunter2'), []);
  });
}

test('events of every size, erased one after another in any order among their neighbours, leave nothing', async (context) => {
  const path = place(context);
  const chance = chanceFrom(7);
  const ledger = await open(context, path, 'here');
  const sizes = [0, 5, 40, 600, 3_000, 9_000, 30_000];
  const events = Array.from({ length: 600 }, (_, index) => {
    const bytes = chance.pick(sizes);
    const parts = bytes === 0 ? { data: {} } : { data: { text: `<secret ${index}>`.repeat(Math.ceil(bytes / 12)) } };
    return sample(`e${index}`, parts);
  });
  for (let from = 0; from < events.length; from += 50) await ledger.append(facts(events.slice(from, from + 50)));
  const order = events.map((event) => ({ event, at: chance.next() })).sort((left, right) => left.at - right.at);
  const erased = order.slice(0, 400).map(({ event }) => event);
  for (let from = 0; from < erased.length; from += 20) {
    await ledger.append(facts(erased.slice(from, from + 20).map((event) => erasure(`r-${event.id}`, event))));
  }
  await ledger.scrub();
  const found = new Set([...readFileSync(path, 'latin1').matchAll(/<secret (\d+)>/g)].map(([, index]) => `e${index}`));
  deepEqual(filesWith(dirname(path), '<secret'), ['ledger.sqlite']);
  deepEqual(
    erased.filter(({ id }) => found.has(id)),
    [],
  );
  equal((await verifyLedger(ledger)).ok, true);
});

test('rejections that were moved about when the oldest were dropped leave nothing', async (context) => {
  const path = place(context);
  const chance = chanceFrom(11);
  const record = (index: number): string => {
    const id = `e${index % 40}`;
    const data = `<${id}>`.repeat(1 + chance.below(chance.happens(0.3) ? 3_000 : 100));
    return JSON.stringify({ source: 'test://collector', id, data });
  };
  // As the writer keeps them, with room for 60 instead of 100,000.
  const database = openForWriting(path);
  const state = new WriterState(database);
  for (let from = 0; from < 1_400; from += 7) {
    database.exec('BEGIN IMMEDIATE');
    const rejections = Array.from({ length: 7 }, (_, index) => refusal(record(from + index)));
    state.keepRejections(rejections, 60);
    database.exec('COMMIT');
  }
  database.close();
  const ledger = await open(context, path, 'here');
  const secrets = Array.from({ length: 20 }, (_, index) => sample(`e${index}`));
  await ledger.append(facts([...secrets, ...secrets.map((event) => erasure(`r-${event.id}`, event))]));
  await ledger.scrub();
  deepEqual(
    secrets.filter(({ id }) => filesWith(dirname(path), `<${id}>`).length > 0),
    [],
  );
  const { rejections, total } = await ledger.rejections({ limit: 60 });
  equal(total, 60);
  ok(rejections.some(({ record: text }) => text.includes('<e30>')));
});

test('a reader in the way is told of, and the debt is paid when it has gone', async (context) => {
  const path = place(context);
  const ledger = await open(context, path, 'here');
  const secret = telling('secret', 'hunter2', 100);
  await ledger.append(facts([secret]));
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM ledger').get();
  const [outcome] = await ledger.append(facts([erasure('r', secret)]));
  equal(outcome?.kind, 'appended');
  await rejects(ledger.scrub(), { code: 'ERASURE_INCOMPLETE' });
  ok(filesWith(dirname(path), 'hunter2').length > 0);
  reader.close();
  await ledger.append(facts([sample('next')]));
  deepEqual(filesWith(dirname(path), 'hunter2'), []);
  await ledger.scrub();
});

test('killed between the blanking and the emptying of the log: the next opening empties it', async (context) => {
  const path = place(context);
  const ledger = await open(context, path, 'here');
  const secret = telling('secret', 'hunter2', 100);
  await ledger.append(facts([secret]));
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM ledger').get();
  await ledger.append(facts([erasure('r', secret)]));
  // What a kill leaves behind: the files as they are now.
  const left = temporaryFolder(context);
  for (const suffix of ['', '-wal']) cpSync(path + suffix, join(left, `ledger.sqlite${suffix}`));
  reader.close();
  ok(filesWith(left, 'hunter2').length > 0);
  const again = await open(context, join(left, 'ledger.sqlite'), 'here');
  deepEqual(filesWith(left, 'hunter2'), []);
  const { ok: proved, erased } = await verifyLedger(again);
  deepEqual([proved, erased], [true, [1]]);
});

test('what an older version wrote can be read, and erased in', async (context) => {
  const path = place(context);
  const first = await openSqliteLedger({ path, thread: 'here' });
  const secret = telling('secret', 'hunter2', 100);
  await first.append(facts([secret]));
  await first.close();
  const database = new DatabaseSync(path);
  database.exec('DROP TABLE erasure; DROP TABLE chained; PRAGMA user_version = 1');
  database.close();
  const ledger = await open(context, path, 'here');
  equal((await ledger.eventByKey(secret))?.erased, false);
  await ledger.append(facts([erasure('r', secret)]));
  deepEqual(filesWith(dirname(path), 'hunter2'), []);
  equal((await verifyLedger(ledger)).ok, true);
});
