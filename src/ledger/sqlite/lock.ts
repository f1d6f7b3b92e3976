/** The lock on a data folder: an open exclusive transaction on a file of its own, which the system frees with the process. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MusterbookError } from '../../errors.ts';
import { operatingError } from './failure.ts';

const SQLITE_BUSY = 5;

// A connection that nobody refers to is collected, and its lock with it: held ones stay reachable.
const held = new Set<DatabaseSync>();

export interface HeldLock {
  release(): void;
}

/**
 * Takes the lock of a data folder, which must exist. Whoever writes to its ledger holds it for as long; a `kill -9` frees
 * it. Throws `LEDGER_HELD` at once when another process (or this one) holds it, `STORAGE_FAILED` when it cannot be made.
 */
export function holdLock(dataFolder: string): HeldLock {
  const path = join(dataFolder, 'lock.sqlite');
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    const locked = database;
    held.add(locked);
    return {
      release: () => {
        if (held.delete(locked)) locked.close();
      },
    };
  } catch (failure) {
    database?.close();
    if (failure instanceof Error && 'errcode' in failure && (Number(failure.errcode) & 0xff) === SQLITE_BUSY) {
      throw new MusterbookError(
        'LEDGER_HELD',
        `${dataFolder} is in use by another Musterbook`,
        { dataFolder },
        failure,
      );
    }
    throw operatingError(path, failure);
  }
}
