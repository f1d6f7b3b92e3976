/** A bundle of one incident, as `export --incident` writes it. Nothing is taken of one that does not prove itself. */
import { MusterbookError } from '../../errors.ts';
import { inflatedBytes, linesOf } from './bytes.ts';
import { merged } from './cloudevents.ts';
import { type ImportedRecord, type ImportFormat, type ImportSource, unreadable } from './format.ts';

/** The first thing that is wrong with a bundle; null where nothing is. `main.ts` hands in the ledger's proof. */
export type BundleCheck = (
  bytes: AsyncIterable<Uint8Array>,
  publicKey: string | undefined,
) => Promise<BundleFault | null>;

export interface BundleFault {
  /** From 1; null where it is not about one line. */
  readonly line: number | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly message: string;
}

/** What a bundle from stdin, which can be read only once, may weigh. */
const STDIN_BYTES_MAX = 256 * 1024 * 1024;

/** An event without its data, at the end of whose line an export says so. */
const WITHHELD = /,"withheld":true,"datahash":"[0-9a-f]{64}"\}$/;

export function bundleFormat(check: BundleCheck): ImportFormat {
  return {
    name: 'bundle',
    description:
      'bundles of `export --incident`; all are proved before anything is taken, events without data are left out',
    async *read(files, given): AsyncGenerator<ImportedRecord> {
      const source = files.includes('-') ? await holdingStdin(given) : given;
      for (const file of files) {
        const fault = await check(inflatedBytes(file, source), given.publicKey);
        if (fault) throw notVerified(file, fault);
      }
      const readers = files.map((file) => eventLines(file, source));
      try {
        yield* merged(readers);
      } finally {
        await Promise.all(readers.map((reader) => reader.return(undefined)));
      }
    },
  };
}

async function* eventLines(file: string, source: ImportSource): AsyncGenerator<string> {
  for await (const line of linesOf(file, source)) {
    if (line.startsWith('{"specversion":') && !WITHHELD.test(line)) yield line;
  }
}

function notVerified(file: string, { line, stream, revision, message }: BundleFault): MusterbookError {
  const place = [line === null ? null : `line ${line}`, stream, revision === null ? null : `revision ${revision}`];
  const at = [file, ...place.filter((part) => part !== null)].join(', ');
  return new MusterbookError('BUNDLE_NOT_VERIFIED', `${at}: ${message}`, { file, line, stream, revision });
}

async function holdingStdin(given: ImportSource): Promise<ImportSource> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of given.open('-')) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > STDIN_BYTES_MAX)
      throw unreadable('-', 'a bundle of this size must be named as a file: it is read twice');
  }
  return {
    ...given,
    async *open(file) {
      yield* file === '-' ? chunks : given.open(file);
    },
  };
}
