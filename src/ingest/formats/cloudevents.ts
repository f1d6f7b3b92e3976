/** CloudEvents in JSON, one a line: an export of a ledger, or a story written by hand. */
import { parseTime } from '../../../schemas/time.ts';
import { linesOf } from './bytes.ts';
import type { ImportedRecord, ImportFormat } from './format.ts';

export const cloudevents: ImportFormat = {
  name: 'cloudevents',
  description: 'CloudEvents, one JSON object a line; several files are merged by recordedat',
  async *read(files, source) {
    const readers = files.map((file) => linesOf(file, source));
    try {
      yield* merged(readers);
    } finally {
      await Promise.all(readers.map((reader) => reader.return(undefined)));
    }
  },
};

interface Head {
  readonly reader: AsyncIterator<string>;
  readonly line: string;
  /** Its `recordedat`; −∞ where it has none, so that it stays where it stands in its file. */
  readonly at: number;
}

/** Always the line recorded first among the next of each file; on a tie the file named first. Holds one line a file. */
export async function* merged(readers: readonly AsyncIterator<string>[]): AsyncGenerator<ImportedRecord> {
  const isSingle = readers.length === 1;
  const heads: (Head | null)[] = [];
  for (const reader of readers) heads.push(await nextHead(reader, isSingle));
  for (;;) {
    let first: Head | null = null;
    for (const head of heads) {
      if (head !== null && (first === null || head.at < first.at)) first = head;
    }
    if (first === null) return;
    yield { text: first.line };
    heads[heads.indexOf(first)] = await nextHead(first.reader, isSingle);
  }
}

/** The next line that is not blank. What is not readable is passed on: the door says what is wrong with it. */
async function nextHead(reader: AsyncIterator<string>, isSingle: boolean): Promise<Head | null> {
  for (let next = await reader.next(); next.done !== true; next = await reader.next()) {
    const line = next.value;
    if (line.trim() !== '') return { reader, line, at: isSingle ? 0 : recordedAtOf(line) };
  }
  return null;
}

function recordedAtOf(line: string): number {
  let recordedAt: unknown;
  try {
    recordedAt = (JSON.parse(line) as { recordedat?: unknown } | null)?.recordedat;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
  const at = typeof recordedAt === 'string' ? parseTime(recordedAt) : null;
  return typeof at === 'number' ? at : Number.NEGATIVE_INFINITY;
}
