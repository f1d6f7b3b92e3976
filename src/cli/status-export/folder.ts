/**
 * Puts files into a folder so that whoever serves it meets no half of them: into an empty one all at once, into one made
 * before file by file, each whole, the front page last. A folder of anything else is left alone.
 */
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { usageFailure } from '../failure.ts';
import type { StaticFiles } from './crawl.ts';

/** Says that the folder is ours, and which files of it are. */
const LIST = '.musterbook-status.json';

/** Returns how many files were written and removed. Throws a usage failure for a folder that holds something else. */
export async function fillFolder(
  folder: string,
  files: StaticFiles,
): Promise<{ readonly written: number; readonly removed: number }> {
  const target = resolve(folder);
  const before = await filesBefore(target);
  const list = JSON.stringify({ files: [...files.keys()].sort() }, null, 1);
  const all = new Map([...files, [LIST, new TextEncoder().encode(`${list}\n`)]]);
  await mkdir(dirname(target), { recursive: true });
  if (before === null) {
    const fresh = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      await writeAll(fresh, all);
      // A temporary folder is closed to everyone else; this one is to be served.
      await chmod(fresh, 0o755);
      await rmdir(target).catch(ignoreMissing);
      await rename(fresh, target);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
    return { written: files.size, removed: 0 };
  }
  const stage = await mkdtemp(join(target, '.new-'));
  try {
    await writeAll(stage, all);
    for (const file of lastFirst(all.keys())) {
      await mkdir(dirname(join(target, file)), { recursive: true });
      await rename(join(stage, file), join(target, file));
    }
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  const gone = before.filter((file) => !files.has(file));
  for (const file of gone) await rm(join(target, file), { force: true });
  return { written: files.size, removed: gone.length };
}

/** The files that an earlier export put there; null for a folder that is empty or not there. */
async function filesBefore(target: string): Promise<readonly string[] | null> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return null;
  if (!names.includes(LIST)) {
    throw usageFailure(
      `${target} holds files that are no export of a status page`,
      'Name an empty folder, or a new one.',
    );
  }
  const { files } = JSON.parse(await readFile(join(target, LIST), 'utf8')) as { readonly files: unknown };
  // Nothing outside the folder is ever removed, whatever stands in its list.
  return Array.isArray(files)
    ? files.filter((file) => typeof file === 'string' && /^[a-z0-9]/.test(file) && !file.includes('..'))
    : [];
}

async function writeAll(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [file, bytes] of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), bytes);
  }
}

/** What pages lead to comes before them: the front page, then the list, end. */
function lastFirst(files: Iterable<string>): readonly string[] {
  const rank = (file: string): number =>
    file === LIST ? 3 : file === 'index.html' ? 2 : file.endsWith('.html') ? 1 : 0;
  return [...files].sort((first, second) => rank(first) - rank(second));
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
