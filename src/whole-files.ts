/** Files that are there whole or not at all: written under another name, made durable, then named. */
import { mkdirSync, readdirSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterbookError } from './errors.ts';

/** A folder that was empty, while it is filled. */
export interface EmptyFolder {
  /**
   * Makes a file in it: `write` writes it under the name that it is given, beside which it may leave SQLite's own files.
   * Gives its size in bytes. Where anything fails nothing of it stays.
   */
  place(name: string, write: (temporary: string) => Promise<void>): Promise<number>;
}

/** What SQLite puts beside a file. */
const BESIDE = ['-journal', '-wal', '-shm'] as const;

/**
 * Has a folder filled, made where there is none. Throws `FOLDER_NOT_EMPTY` with nothing written, and what `fill` throws:
 * then what was placed is removed again.
 */
export async function fillEmptyFolder<T>(folder: string, fill: (target: EmptyFolder) => Promise<T>): Promise<T> {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length > 0) throw notEmpty(folder);
  } catch (failure) {
    // A file of that name.
    if ((failure as NodeJS.ErrnoException).code === 'EEXIST') throw notEmpty(folder);
    throw failure;
  }
  const placed: string[] = [];
  try {
    const result = await fill({
      place: async (name, write) => {
        const path = join(folder, name);
        const bytes = await placeWhole(path, write);
        placed.push(path);
        return bytes;
      },
    });
    return result;
  } catch (failure) {
    for (const path of placed) await rm(path, { force: true });
    throw failure;
  }
}

async function placeWhole(path: string, write: (temporary: string) => Promise<void>): Promise<number> {
  const temporary = `${path}.part`;
  try {
    await write(temporary);
    await synced(temporary);
    const { size } = await stat(temporary);
    await rename(temporary, path);
    await synced(join(path, '..'));
    return size;
  } catch (failure) {
    await rm(temporary, { force: true });
    throw failure;
  } finally {
    for (const suffix of BESIDE) await rm(`${temporary}${suffix}`, { force: true });
  }
}

/** A file's bytes, or a folder's names, on the disk. */
async function synced(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function notEmpty(folder: string): MusterbookError {
  return new MusterbookError('FOLDER_NOT_EMPTY', `${folder} is not an empty folder`, { folder });
}
