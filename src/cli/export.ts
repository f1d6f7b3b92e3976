/** `musterbook export`: the ledger as CloudEvents, one a line. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { notFoundFailure, usageFailure } from './failure.ts';
import { localSettings, settingsOf, withClient, withSettings } from './options.ts';
import { showProgress } from './progress.ts';
import { textOption } from './read-text.ts';
import type { Runtime } from './runtime.ts';

interface ExportOptions {
  readonly after?: number;
  readonly stream?: string;
  readonly file?: string;
  readonly incident?: string;
  readonly margin?: number;
  readonly public?: boolean;
  readonly sign?: string;
  readonly checkpoint?: string;
}

const NEWLINE = 10;
const MARGIN_MINUTES = 15;
/** A year: more is not around an incident. */
const MARGIN_MINUTES_MAX = 366 * 24 * 60;

export function addExport(program: Command, runtime: Runtime): void {
  withSettings(program.command('export'))
    .description('the ledger as CloudEvents, one a line, in order: `import --restore` elsewhere rebuilds it')
    .option('--after <position>', 'only what was recorded after this position', readPosition)
    .option('--stream <name>', 'only one stream, such as cluster-payments')
    .option('--incident <id>', 'one incident and all that concerns it, as a bundle that proves itself')
    .option(
      '--margin <minutes>',
      `time around the incident that its clusters are shown in (${MARGIN_MINUTES})`,
      readMargin,
    )
    .option('--public', 'of the incident only what the status page may show, without its clusters')
    .option('--sign <keyfile>', 'with a new checkpoint, signed with this Ed25519 key, that proves its ledger')
    .option('--checkpoint <file>', 'with this checkpoint, kept before, that proves its ledger')
    .option('-f, --file <file>', 'write here instead of stdout; the file must not exist')
    .action(async (options: ExportOptions) => {
      if (options.incident !== undefined) return exportBundle(runtime, { ...options, incident: options.incident });
      const stray = (['margin', 'public', 'sign', 'checkpoint'] as const).find((name) => options[name] !== undefined);
      if (stray) throw usageFailure(`--${stray} goes with --incident ID`);
      const { after = 0, stream = null, file } = options;
      await withClient(runtime.openForReading(settingsOf(runtime, options)), (client) =>
        writeLines(runtime, client.exportLines({ after, stream }), { file, whenEmpty: true }),
      );
    });
}

async function exportBundle(runtime: Runtime, options: ExportOptions & { readonly incident: string }): Promise<void> {
  const { incident, margin: marginMinutes = MARGIN_MINUTES, file, sign, checkpoint } = options;
  if (options.after !== undefined || options.stream !== undefined) {
    throw usageFailure('--incident chooses the events itself: leave --after and --stream out');
  }
  if (sign !== undefined && checkpoint !== undefined) {
    throw usageFailure('--sign makes a checkpoint, --checkpoint gives one: a bundle holds one');
  }
  const settings = localSettings(runtime, options, 'export --incident');
  const signingKey = await textOption('--sign', sign, runtime.terminal);
  const kept = await textOption('--checkpoint', checkpoint, runtime.terminal);
  const isPublic = options.public === true;
  const pages = runtime.exportBundle(settings, { incident, marginMinutes, isPublic, signingKey, checkpoint: kept });
  const lines = await writeLines(runtime, pages, { file, whenEmpty: false });
  if (lines === 0) throw notFoundFailure(`incident ${incident}`);
}

/** Writes to the file, absent to stdout, and tells how many lines there were. `whenEmpty`: makes the file also for none. */
async function writeLines(
  { terminal }: Runtime,
  pages: AsyncIterable<string | Uint8Array>,
  { file, whenEmpty }: { readonly file: string | undefined; readonly whenEmpty: boolean },
): Promise<number> {
  const progress = showProgress(terminal, 'exported');
  let target = file !== undefined && whenEmpty ? await openFile(file) : null;
  let lines = 0;
  try {
    for await (const page of pages) {
      if (file !== undefined) target ??= await openFile(file);
      if (target === null) await terminal.write(page);
      else if (!target.write(page)) await once(target, 'drain');
      lines += countLines(page);
      progress.step(lines, null, ' lines');
    }
    target?.end();
    if (target) await finished(target);
  } finally {
    progress.end();
  }
  if (target) terminal.note(`exported ${lines} lines to ${file}\n`);
  return lines;
}

async function openFile(path: string): Promise<ReturnType<typeof createWriteStream>> {
  const target = createWriteStream(path, { flags: 'wx' });
  try {
    await once(target, 'open');
    return target;
  } catch (error) {
    throw usageFailure(`--file ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function countLines(lines: string | Uint8Array): number {
  if (typeof lines === 'string') return lines.split('\n').length - 1;
  let count = 0;
  for (const byte of lines) if (byte === NEWLINE) count += 1;
  return count;
}

function readPosition(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw usageFailure(`--after ${text}: expected a position, a whole number from 0`);
  return Number(text);
}

function readMargin(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= MARGIN_MINUTES_MAX) return Number(text);
  throw usageFailure(`--margin ${text}: expected minutes, a whole number up to ${MARGIN_MINUTES_MAX}`);
}
