// Holds L7 of docs/invariants.md.
/** What is refused before anything in a file is touched, and who may hold a folder. */
import { deepEqual, equal, rejects, throws } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { holdLock } from '../../../src/ledger/sqlite/lock.ts';
import { openSqliteReader } from '../../../src/ledger/sqlite/reader.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { facts, sample } from '../sample.ts';

async function ledgerFile(context: TestContext, count = 3): Promise<string> {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  await ledger.append(facts(Array.from({ length: count }, (_, index) => sample(`e${index}`))));
  await ledger.close();
  return path;
}

/** Refused by writer and reader alike, in both threads, the file and its folder untouched. */
async function refused(path: string, code: string): Promise<void> {
  const before = readFileSync(path);
  for (const thread of ['here', 'worker'] as const) await rejects(openSqliteLedger({ path, thread }), { code });
  throws(() => openSqliteReader(path), { code });
  deepEqual(readFileSync(path), before);
  for (const suffix of ['-wal', '-shm', '-journal']) equal(existsSync(path + suffix), false, suffix);
}

test('a ledger of a newer Musterbook is refused', async (context) => {
  const path = await ledgerFile(context);
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99; PRAGMA journal_mode = DELETE');
  database.close();
  await refused(path, 'LEDGER_NEWER');
});

test('what is no database, another one, or a cut one is refused', async (context) => {
  const folder = temporaryFolder(context);
  const text = join(folder, 'text');
  writeFileSync(text, 'not a database, but long enough to be mistaken for the head of one. '.repeat(9));
  await refused(text, 'LEDGER_CORRUPT');
  const short = join(folder, 'short');
  writeFileSync(short, 'SQLite format 3\0');
  await refused(short, 'LEDGER_CORRUPT');
  const other = join(folder, 'other');
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE customers (name TEXT)');
  database.close();
  await refused(other, 'LEDGER_CORRUPT');
  const cut = await ledgerFile(context, 100);
  truncateSync(cut, 8192);
  await refused(cut, 'LEDGER_CORRUPT');
});

test('a file whose pages are overwritten is refused or its reads fail, by name', async (context) => {
  const path = await ledgerFile(context, 100);
  const bytes = readFileSync(path);
  bytes.fill(0xa5, 4096);
  writeFileSync(path, bytes);
  await rejects(openSqliteLedger({ path, thread: 'here' }), { code: 'LEDGER_CORRUPT' });
  deepEqual(readFileSync(path), bytes);
});

test('an empty file, as a creation that was killed leaves, becomes a ledger', async (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  writeFileSync(path, '');
  const ledger = await openSqliteLedger({ path, thread: 'here' });
  equal((await ledger.head()).position, 0);
  await ledger.close();
});

test('reading a ledger that is not there makes none', (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  throws(() => openSqliteReader(path), { code: 'LEDGER_MISSING' });
  equal(existsSync(path), false);
});

test('a reader beside the writer sees what is acknowledged, at once', async (context) => {
  const path = join(temporaryFolder(context), 'ledger.sqlite');
  const ledger = await openSqliteLedger({ path, thread: 'worker' });
  const reader = openSqliteReader(path);
  for (let turn = 1; turn <= 20; turn += 1) {
    await ledger.append(facts([sample(`e${turn}`)]));
    equal((await reader.head()).position, turn);
    equal((await reader.readAll({ limit: 100 })).length, turn);
  }
  await reader.close();
  await ledger.close();
});

test('one holder of a folder; a killed one frees it', async (context) => {
  const folder = temporaryFolder(context);
  const held = holdLock(folder);
  throws(() => holdLock(folder), { code: 'LEDGER_HELD' });
  held.release();
  holdLock(folder).release();
  const lock = new URL('../../../src/ledger/sqlite/lock.ts', import.meta.url).href;
  const script = `(await import('${lock}')).holdLock(${JSON.stringify(folder)}); process.send('held'); setInterval(() => {}, 60000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  context.after(() => holder.kill('SIGKILL'));
  await once(holder, 'message');
  throws(() => holdLock(folder), { code: 'LEDGER_HELD' });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  holdLock(folder).release();
});
