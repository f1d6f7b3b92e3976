/** Waiting until views hold nothing any more of what was erased. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Position } from '../../schemas/ids.ts';
import { MusterbookError } from '../errors.ts';
import { type ProjectingOptions, startProjecting, VIEWS_FILE } from './start.ts';
import type { Views } from './views.ts';

/** How long an erasure may take before its sender hears that it is not done yet, in ms: views of 500 MB take some 10 s. */
const WAIT_MS = 30_000;
const NO_LIMIT_MS = 2 ** 31 - 1;

/** Resolves once nothing is left of what was erased at or below a position; throws `ERASURE_INCOMPLETE`. */
export function forgottenBy(views: Views): (upTo: Position) => Promise<void> {
  return async (upTo) => {
    if (await views.scrubbed(upTo, WAIT_MS)) return;
    throw new MusterbookError('ERASURE_INCOMPLETE', 'the views still hold erased text', { position: upTo });
  };
}

type InFolder = Omit<ProjectingOptions, 'keep'> & { readonly keep: Exclude<ProjectingOptions['keep'], 'memory'> };

/** As `forgottenBy`, of views that a folder keeps and nobody runs. */
export async function forgetInFolder(options: InFolder, upTo: Position): Promise<void> {
  if (!existsSync(join(options.keep.folder, VIEWS_FILE))) return;
  const { views, close } = await startProjecting(options);
  try {
    await views.reached(upTo, NO_LIMIT_MS);
    await forgottenBy(views)(upTo);
  } finally {
    await close();
  }
}
