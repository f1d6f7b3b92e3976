/** What someone with the file and SQLite did to a ledger: the browser finds it where the server's own proof does. */
import { deepEqual, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { openSqliteReader } from '../../../src/ledger/sqlite/reader.ts';
import { verifyLedger } from '../../../src/ledger/verify.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { exportOf, history, statedOf, verified } from './exported.ts';

/** Of each its place, for findings that have one and that an export can show. */
function placed(
  findings: readonly {
    readonly kind: string;
    readonly stream: string | null;
    readonly revision: number | null;
    readonly position: number | null;
  }[],
): readonly unknown[] {
  return findings
    .filter(({ kind, position }) => position !== null && kind !== 'envelope')
    .map(({ kind, stream, revision, position }) => ({ kind, stream, revision, position }));
}

const CHANGES: readonly (readonly [what: string, sql: string])[] = [
  ['data', `UPDATE event SET data = replace(data, 'n21', 'n22') WHERE position = 22`],
  ['an envelope', `UPDATE event SET envelope = replace(envelope, 'e22', 'e23') WHERE position = 22`],
  ['a salt', 'UPDATE event SET salt = zeroblob(16) WHERE position = 22'],
  ['a hash', 'UPDATE event SET hash = zeroblob(32) WHERE position = 22'],
  ['a time to a later one', 'UPDATE event SET recorded_at = recorded_at + 1 WHERE position = 22'],
  ['a time to an earlier one', 'UPDATE event SET recorded_at = recorded_at - 300000000 WHERE position = 22'],
  ['the digest of erased data', 'UPDATE erasure SET data_hash = zeroblob(32)'],
  ['the stream of an event', 'UPDATE event SET stream_id = 1, revision = 77 WHERE position = 22'],
  ['a stream by an event less', 'DELETE FROM event WHERE position = 22'],
  [
    'the order of two events',
    `UPDATE event SET position = 1000 WHERE position = 22; UPDATE event SET position = 22 WHERE position = 26;
     UPDATE event SET position = 26 WHERE position = 1000`,
  ],
];

for (const [what, sql] of CHANGES) {
  test(`${what} changed in the file is found as the server's own proof finds it`, async (context) => {
    const path = join(temporaryFolder(context), 'ledger.sqlite');
    await (await history(context, path)).close();
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    const reader = openSqliteReader(path);
    context.after(() => reader.close());
    const theirs = placed((await verifyLedger(reader)).findings);
    ok(theirs.length > 0);
    const open = async (after: number) => new Blob([await exportOf(reader, after as never)]).stream();
    const { findings } = await verified(open, await statedOf(reader));
    deepEqual(placed(findings), theirs);
  });
}
