/** Real records that stand beside the project, not in it. Tests that read them skip where they are absent, and fail where they must not be. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = new URL('../../../shared/data/', import.meta.url).pathname;
const REQUIRED = process.env['MUSTERBOOK_REQUIRE_SHARED_DATA'] === '1';

/** The path of a file or folder of the shared data; it may be absent. */
export function sharedPath(...parts: readonly string[]): string {
  return join(FOLDER, ...parts);
}

/**
 * For a test's options: `{ skip: sharedMissing('k8s-ha-dump') }`. False where the data is there, or where it must be (then the test
 * fails on reading it); else the reason to skip.
 */
export function sharedMissing(...parts: readonly string[]): string | false {
  if (REQUIRED || existsSync(sharedPath(...parts))) return false;
  return `no real records beside the project (${parts.join('/')})`;
}
