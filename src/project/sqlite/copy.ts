/** A consistent copy of the views, beside the process that writes them. */
import { basename } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import type { Position } from '../../../schemas/ids.ts';
import type { EmptyFolder } from '../../whole-files.ts';
import { isDamage, isOurs } from './store.ts';

export interface CopiedViews {
  /** Up to where all that answers has come. */
  readonly position: Position;
  readonly bytes: number;
}

/** Pages between two looks at the signal: 4 MiB. */
const PAGES_PER_STEP = 1024;

/**
 * Copies the views as they are at one moment. Copy them before their ledger, so that they are not ahead of its copy. Null
 * where there are none that could be started from: they are rebuilt then. Throws what writing to the target throws.
 */
export async function copyViewsFile(options: {
  /** `views.sqlite`. */
  readonly from: string;
  /** Gets a file of the same name. */
  readonly to: EmptyFolder;
  /** Ends it early, by throwing its reason. */
  readonly signal?: AbortSignal;
}): Promise<CopiedViews | null> {
  const { from, to, signal } = options;
  const source = openSound(from);
  if (source === null) return null;
  try {
    const { database, position } = source;
    const bytes = await to.place(basename(from), async (temporary) => {
      await backup(database, temporary, { rate: PAGES_PER_STEP, progress: () => signal?.throwIfAborted() });
      signal?.throwIfAborted();
    });
    return { position, bytes };
  } finally {
    source.database.close();
  }
}

/** Inside a read transaction, without which every commit would begin the copy anew. */
function openSound(path: string): { readonly database: DatabaseSync; readonly position: Position } | null {
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    database.exec('BEGIN');
    if (isOurs(path, database)) {
      const row = database.prepare('SELECT min(position) AS position FROM slots WHERE answering = 1').get();
      return { database, position: (row?.['position'] ?? 0) as Position };
    }
  } catch (failure) {
    // 14: there is no such file.
    if (!isDamage(failure) && ((failure as { errcode?: number }).errcode ?? 0) % 256 !== 14) {
      database?.close();
      throw failure;
    }
  }
  database?.close();
  return null;
}
