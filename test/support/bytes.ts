/** Looks for a text in the bytes of every file of a folder, as whoever stole the disk would. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of the files under the folder that hold the text, in UTF-8. */
export function filesWith(folder: string, text: string): readonly string[] {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) => readFileSync(join(entry.parentPath, entry.name)).includes(text));
  return found.map(({ name }) => name).sort();
}
