/** `musterbook import`: records from elsewhere, oldest first, through the same door as everyone else. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CommandFailure, EXIT, usageFailure } from './failure.ts';
import { settingsOf, withOutput, withSettings } from './options.ts';
import { type Format, type ItemShape, printItem } from './print/format.ts';
import { plain } from './print/text.ts';
import { count, showProgress } from './progress.ts';
import { textOption } from './read-text.ts';
import type { FactsAnswer, ImportSource, Runtime } from './runtime.ts';

interface ImportOptions {
  readonly output: Format;
  readonly from: string;
  readonly restore?: boolean;
  readonly publicKey?: string;
}

interface Imported {
  readonly appended: number;
  readonly duplicates: number;
  readonly rejectedCount: number;
  /** The first 1,000; `index` counts records from 0 over all files. */
  readonly rejected: readonly FactsAnswer['rejected'][number][];
  readonly position: number;
}

/** Events in one batch at most, and the characters at which it is sent earlier. */
const BATCH_EVENTS_MAX = 1_000;
const BATCH_LENGTH_MAX = 4 * 1024 * 1024;
const REJECTED_KEPT_MAX = 1_000;
const REJECTED_SHOWN_MAX = 20;

const SHAPE: ItemShape<Imported> = {
  name: ({ position }) => `position/${position}`,
  draw: ({ appended, duplicates, rejectedCount, position }, { paint }) => {
    const rejected = `${count(rejectedCount)} rejected`;
    return `${count(appended)} appended, ${count(duplicates)} known already, ${rejectedCount > 0 ? paint(rejected, 'red') : rejected}; position ${position}\n`;
  },
};

export function addImport(program: Command, runtime: Runtime): void {
  const names = runtime.importFormats.map(({ name }) => name);
  const formats = runtime.importFormats.map(({ name, description }) => `  ${name.padEnd(18)}${description}`).join('\n');
  withSettings(withOutput(program.command('import <file...>')))
    .description('records from elsewhere, oldest first (- = stdin); again has no second effect')
    .addOption(new Option('--from <format>', names.join(', ')).choices(names).default('cloudevents'))
    .option('--public-key <file>', 'take only a bundle whose checkpoint was signed by this Ed25519 key (PEM)')
    .option('--restore', 'fill an empty ledger and keep recordedat, so that what was known when can be asked')
    .addHelpText('after', `\nFormats:\n${formats}`)
    .action((files: string[], options: ImportOptions) => runImport(runtime, files, options));
}

async function runImport(runtime: Runtime, named: readonly string[], options: ImportOptions): Promise<void> {
  const format = runtime.importFormats.find(({ name }) => name === options.from);
  if (!format) throw usageFailure(`--from ${options.from}: there is no such format`);
  const settings = settingsOf(runtime, options);
  if (options.restore && settings.url !== null) {
    throw usageFailure(
      '--restore fills an empty ledger under DATA, not a server',
      'Unset MUSTERBOOK_URL and name an empty folder with MUSTERBOOK_DATA.',
    );
  }
  if (options.publicKey !== undefined && format.name !== 'bundle') {
    throw usageFailure('--public-key goes with --from bundle: other formats carry no signature');
  }
  const publicKey = await textOption('--public-key', options.publicKey, runtime.terminal);
  const files = await filesOf(named);
  const bytesAll = await sizeOf(files);
  const door = await runtime.openForImport(settings, { restore: options.restore === true });
  const progress = showProgress(runtime.terminal, 'read bytes');
  const tally = new Tally();
  try {
    // A bundle is read twice: first proved, then taken.
    const counting = countingSource(runtime, (bytes) =>
      progress.step(Math.min(bytes, bytesAll ?? bytes), bytesAll, tally.soFar()),
    );
    const source = publicKey === null ? counting : { ...counting, publicKey };
    // One batch is read while the one before it is written; never more, so that memory stays flat.
    let writing: Promise<void> = Promise.resolve();
    for await (const lines of batches(format.read(files, source))) {
      await writing;
      if (runtime.signal.aborted) throw interrupted(tally.result());
      writing = door.take(lines).then((answer) => tally.add(answer, lines.length));
      // Whoever awaits `writing` sees the failure.
      writing.catch(() => {});
    }
    await writing;
  } finally {
    progress.end();
    await door.close();
  }
  await report(runtime, tally.result(), options.output);
}

/** What became of the records so far. */
class Tally {
  #appended = 0;
  #duplicates = 0;
  #rejectedCount = 0;
  readonly #rejected: FactsAnswer['rejected'][number][] = [];
  #position = 0;
  #records = 0;
  readonly #begun = performance.now();

  add(answer: FactsAnswer, records: number): void {
    for (const rejected of answer.rejected.slice(0, REJECTED_KEPT_MAX - this.#rejected.length)) {
      this.#rejected.push({ ...rejected, index: rejected.index + this.#records });
    }
    this.#records += records;
    this.#appended += answer.appended;
    this.#duplicates += answer.duplicates;
    this.#rejectedCount += answer.rejectedCount;
    this.#position = Math.max(this.#position, Number(answer.position));
  }

  soFar(): string {
    const seconds = (performance.now() - this.#begun) / 1000;
    return `; ${count(this.#records)} events, ${count(Math.round(this.#records / Math.max(seconds, 0.001)))}/s`;
  }

  result(): Imported {
    return {
      appended: this.#appended,
      duplicates: this.#duplicates,
      rejectedCount: this.#rejectedCount,
      rejected: this.#rejected,
      position: this.#position,
    };
  }
}

async function report({ terminal }: Runtime, imported: Imported, output: Format): Promise<void> {
  await printItem(imported, output, SHAPE, terminal);
  if (imported.rejectedCount === 0) return;
  for (const { index, id, code, message, path } of imported.rejected.slice(0, REJECTED_SHOWN_MAX)) {
    terminal.note(
      `record ${index}${id === null ? '' : ` (${plain(id)})`}: ${code} ${plain(message)}${path === null ? '' : ` at ${plain(path)}`}\n`,
    );
  }
  throw new CommandFailure(EXIT.error, {
    code: 'RECORDS_REJECTED',
    message: `${count(imported.rejectedCount)} records were rejected; the others are durable`,
    hint: 'The ledger keeps rejected records with their reasons: ask GraphQL for `rejections`.',
  });
}

function interrupted({ appended }: Imported): CommandFailure {
  return new CommandFailure(EXIT.error, {
    code: 'INTERRUPTED',
    message: `stopped after ${count(appended)} events, which are durable`,
    hint: 'Import the same files again: what was taken already has no second effect.',
  });
}

async function* batches(records: AsyncIterable<{ readonly text: string }>): AsyncGenerator<string[]> {
  let lines: string[] = [];
  let length = 0;
  for await (const { text } of records) {
    lines.push(text);
    length += text.length;
    if (lines.length < BATCH_EVENTS_MAX && length < BATCH_LENGTH_MAX) continue;
    yield lines;
    lines = [];
    length = 0;
  }
  if (lines.length > 0) yield lines;
}

function countingSource({ terminal }: Runtime, onBytes: (bytes: number) => void): ImportSource {
  let bytes = 0;
  return {
    async *open(file) {
      const input = file === '-' ? terminal.input : (createReadStream(file) as AsyncIterable<Uint8Array>);
      for await (const chunk of input) {
        bytes += chunk.length;
        onBytes(bytes);
        yield chunk;
      }
    },
  };
}

/** The files that are meant: a folder stands for the files in it, by name. */
async function filesOf(named: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of named) {
    const isFolder = name !== '-' && (await stat(name).catch(() => null))?.isDirectory();
    if (!isFolder) {
      files.push(name);
      continue;
    }
    const entries = await readdir(name, { withFileTypes: true });
    files.push(
      ...entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(name, entry.name))
        .sort(),
    );
  }
  return files;
}

/** Bytes of all files; null with stdin, whose end nobody knows. */
async function sizeOf(files: readonly string[]): Promise<number | null> {
  let bytes = 0;
  for (const file of files) {
    if (file === '-') return null;
    const found = await stat(file).catch(() => null);
    if (!found) throw usageFailure(`there is no file ${file}`, 'Files are read as named; `-` is stdin.');
    if (!found.isFile()) return null;
    bytes += found.size;
  }
  return bytes;
}
