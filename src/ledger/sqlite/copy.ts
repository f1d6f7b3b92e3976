/** A consistent copy of a ledger's file, or a mirror's, beside the process that writes it. */
import { basename } from 'node:path';
import { backup } from 'node:sqlite';
import type { Position } from '../../../schemas/ids.ts';
import type { EmptyFolder } from '../../whole-files.ts';
import { operatingError } from './failure.ts';
import { openForReading } from './schema.ts';

export interface CopyOptions {
  /** `ledger.sqlite` or `mirror.sqlite`. */
  readonly from: string;
  /** Gets a file of the same name. */
  readonly to: EmptyFolder;
  /** Ends it early, by throwing its reason; checked every few MiB. */
  readonly signal?: AbortSignal;
  /** Pages copied so far, and those there are. */
  readonly onProgress?: (done: number, all: number) => void;
}

export interface Copied {
  /** The head of the copy. */
  readonly position: Position;
  readonly bytes: number;
}

/** Pages between two looks at the signal: 8 MiB. */
const PAGES_PER_STEP = 1024;

/**
 * Copies the file as it is at one moment, page by page. Meanwhile the writer's log is not emptied: it grows, and an
 * erasure waits (`ERASURE_INCOMPLETE`). The copy holds what was not erased by then. Throws as `openSqliteReader`, and
 * `STORAGE_FULL` or `STORAGE_FAILED` of the target; then nothing of the copy stays.
 */
export async function copyLedgerFile({ from, to, signal, onProgress }: CopyOptions): Promise<Copied> {
  const database = openForReading(from);
  let target = from;
  try {
    // One read transaction: without it every append would begin the copy anew.
    database.exec('BEGIN');
    const { position } = database.prepare('SELECT position FROM ledger').get() as { position: Position };
    const bytes = await to.place(basename(from), async (temporary) => {
      target = temporary;
      await backup(database, temporary, {
        rate: PAGES_PER_STEP,
        progress: ({ totalPages, remainingPages }) => {
          signal?.throwIfAborted();
          onProgress?.(totalPages - remainingPages, totalPages);
        },
      });
      signal?.throwIfAborted();
    });
    return { position, bytes };
  } catch (failure) {
    throw operatingError(target, failure);
  } finally {
    database.close();
  }
}
