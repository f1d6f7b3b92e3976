/** SQLite's errors in our words. */
import { MusterbookError } from '../../errors.ts';

// Primary result codes, https://sqlite.org/rescode.html; extended codes carry theirs in the low byte.
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** Does the work, and throws what SQLite throws as an operating error with its facts. */
export function translated<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (failure) {
    throw operatingError(path, failure);
  }
}

/** The operating error that an error of SQLite means; other errors as they are. */
export function operatingError(path: string, failure: unknown, facts: Record<string, unknown> = {}): unknown {
  if (isBeyondNumbers(failure)) {
    const message = `${path} is damaged: it holds a number that no ledger has`;
    return new MusterbookError('LEDGER_CORRUPT', message, { path, ...facts }, failure);
  }
  if (!(failure instanceof Error) || !('errcode' in failure)) return failure;
  const code = Number(failure.errcode);
  const all = { path, sqlite: code, ...facts };
  switch (code & 0xff) {
    case SQLITE_FULL:
      return new MusterbookError('STORAGE_FULL', `No room left to write to ${path}`, all, failure);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return new MusterbookError('LEDGER_CORRUPT', `${path} is damaged: ${failure.message}`, all, failure);
    default:
      return new MusterbookError('STORAGE_FAILED', `${path}: ${failure.message}`, all, failure);
  }
}

/** node:sqlite refuses to read integers above 2^53, which we never write. */
function isBeyondNumbers(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'ERR_OUT_OF_RANGE';
}
