// Holds L1 of docs/invariants.md.
/** What was acknowledged is there: after a kill in the middle of appends, and around a full disk. */
import { deepEqual, equal, ok, rejects } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { MusterbookError } from '../../../src/errors.ts';
import { openSqliteLedger } from '../../../src/ledger/sqlite/ledger.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { facts, request, sample } from '../sample.ts';

for (const acknowledgements of [1, 40, 300]) {
  test(`killed after ${acknowledgements} acknowledgements: every acknowledged event is there once`, async (context) => {
    const path = join(temporaryFolder(context), 'ledger.sqlite');
    const loader = spawn(process.execPath, [join(import.meta.dirname, 'loader.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    context.after(() => loader.kill('SIGKILL'));
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: loader.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === acknowledgements) loader.kill('SIGKILL');
    }
    if (loader.exitCode === null && loader.signalCode === null) await once(loader, 'exit');
    const ledger = await openSqliteLedger({ path, thread: 'here' });
    context.after(() => ledger.close());
    const events = await ledger.readAll({ limit: 1_000_000 });
    const ids = new Set(events.map((event) => event.id));
    equal(ids.size, events.length);
    ok(acknowledged.length >= acknowledgements);
    deepEqual(
      acknowledged.filter((id) => !ids.has(id)),
      [],
    );
    ok((await verifyLedger(ledger)).ok);
    const [next] = await ledger.append(facts([sample('after the kill')]));
    equal(next?.kind, 'appended');
  });
}

for (const thread of ['here', 'worker'] as const) {
  test(`a full disk refuses with STORAGE_FULL, loses nothing, and goes on once there is room (${thread})`, async (context) => {
    const path = join(temporaryFolder(context), 'ledger.sqlite');
    const large = (id: string) => sample(id, { data: { leaderId: 'x'.repeat(20_000) } });
    const full = await openSqliteLedger({ path, thread, maxPageCount: 40 });
    const acknowledged: string[] = [];
    const fill = async (): Promise<void> => {
      for (let at = 0; at < 100; at += 1) {
        await full.append([request([large(`${at}-a`), large(`${at}-b`)])]);
        acknowledged.push(`${at}-a`, `${at}-b`);
      }
    };
    await rejects(fill(), { code: 'STORAGE_FULL' });
    ok(acknowledged.length >= 4);
    // A small one still fits beside a large one that does not, in the same commit.
    const [small, big] = await Promise.allSettled([
      full.append(facts([sample('small')])),
      full.append(facts(Array.from({ length: 40 }, (_, index) => large(`big-${index}`)))),
    ]);
    equal(small.status, 'fulfilled');
    equal(big.status === 'rejected' && (big.reason as MusterbookError).code, 'STORAGE_FULL');
    acknowledged.push('small');
    const ids = (await full.readAll({ limit: 1000 })).map((event) => event.id);
    deepEqual(ids, acknowledged);
    await full.close();
    const ledger = await openSqliteLedger({ path, thread });
    context.after(() => ledger.close());
    const outcomes = await ledger.append(
      facts([...acknowledged, 'more'].map((id) => (id === 'small' || id === 'more' ? sample(id) : large(id)))),
    );
    deepEqual(
      outcomes.map((outcome) => outcome.kind),
      [...acknowledged.map(() => 'duplicate'), 'appended'],
    );
    ok((await verifyLedger(ledger)).ok);
  });
}
