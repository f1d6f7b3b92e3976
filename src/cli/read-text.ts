/** Small files that options name, as texts. */
import { readFile, stat } from 'node:fs/promises';
import { usageFailure } from './failure.ts';
import type { Terminal } from './runtime.ts';

/** Keys and checkpoints weigh a few hundred bytes. */
const TEXT_BYTES_MAX = 1024 * 1024;

/** A file's text, null where the option was not given; `-` is stdin. Fails as usage, naming the option. */
export async function textOption(option: string, path: string | undefined, terminal: Terminal): Promise<string | null> {
  if (path === undefined) return null;
  try {
    if (path === '-') return await textOf(terminal.input);
    if ((await stat(path)).size > TEXT_BYTES_MAX) throw new Error('it is too large to be one');
    return await readFile(path, 'utf8');
  } catch (error) {
    throw usageFailure(`${option} ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function textOf(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > TEXT_BYTES_MAX) throw new Error('it is too large to be one');
  }
  return Buffer.concat(chunks).toString('utf8');
}
