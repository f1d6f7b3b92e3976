/** `musterbook verify` and `musterbook checkpoint`: proof that the record was not changed. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { MusterbookError } from '../errors.ts';
import { CommandFailure, EXIT, usageFailure } from './failure.ts';
import { settingsOf, withOutput, withSettings } from './options.ts';
import { type Format, type ItemShape, printItem } from './print/format.ts';
import { moment, plain } from './print/text.ts';
import { count, showProgress } from './progress.ts';
import type { LedgerCheckpoint, Runtime, Settings, Verification } from './runtime.ts';

interface VerifyOptions {
  readonly output: Format;
  readonly checkpoint?: string;
}

const VERIFICATION: ItemShape<Verification> = {
  name: ({ ok }) => (ok ? 'verified' : 'not verified'),
  draw: (found, { paint }) => {
    const verdict = found.ok
      ? paint('The ledger verifies.', 'green', 'bold')
      : paint('The ledger does not verify.', 'red', 'bold');
    const size = `${count(found.events)} events in ${count(found.streams)} streams up to position ${found.position}`;
    const end = found.endProved
      ? 'No tail and no stream is missing since the checkpoint.\n'
      : 'Its end is unproved: only a checkpoint kept elsewhere (--checkpoint) shows that nothing was cut off.\n';
    const erased = found.erased.length > 0 ? `${count(found.erased.length)} erased on purpose.\n` : '';
    const erasures = found.erasures.map(({ position, stream, by, at, retractedBy, reason }) => {
      const who = by === null ? 'without a token' : `by ${plain(by)}`;
      return `  position ${position} of ${plain(stream)}, ${who} at ${moment(at)} (position ${retractedBy}): ${plain(reason)}\n`;
    });
    const findings = found.findings.map(({ kind, stream, revision, position, message }) => {
      const place = [
        stream,
        revision === null ? null : `revision ${revision}`,
        position === null ? null : `position ${position}`,
      ];
      const at = place
        .filter((part) => part !== null)
        .map(plain)
        .join(', ');
      return `  ${paint(kind, 'red')}${at === '' ? '' : ` at ${at}`}: ${plain(message)}\n`;
    });
    const more = found.findingsOmitted > 0 ? `  and ${count(found.findingsOmitted)} more\n` : '';
    return `${verdict}  ${size}.\n${erased}${erasures.join('')}${findings.join('')}${more}${end}`;
  },
};

const CHECKPOINT: ItemShape<LedgerCheckpoint> = {
  name: ({ position }) => `checkpoint/${position}`,
  // For people too: this text is what is kept and given to --checkpoint.
  draw: (checkpoint) => `${JSON.stringify(checkpoint)}\n`,
};

export function addVerify(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('verify')))
    .description('prove that no event was changed, removed or reordered; exit 7 when it does not hold')
    .option('--checkpoint <file>', 'also prove that nothing was cut off since (- = stdin)')
    .action(async (options: VerifyOptions) => {
      const settings = localSettings(runtime, options, 'verify');
      const checkpoint = options.checkpoint === undefined ? null : await readCheckpoint(options.checkpoint, runtime);
      const progress = showProgress(runtime.terminal, 'verified');
      const found = await runtime.verify(settings, checkpoint, progress.step).catch(unreadable).finally(progress.end);
      await printItem(found, options.output, VERIFICATION, runtime.terminal);
      if (found.ok) return;
      throw new CommandFailure(EXIT.conditionFalse, {
        code: 'NOT_VERIFIED',
        message: `${count(found.findings.length + found.findingsOmitted)} findings`,
        hint: 'Keep the file as it is for whoever looks into it, and restore the ledger from a backup or an export.',
      });
    });
}

/** A file that cannot even be read is no error of `verify`, but its answer. */
function unreadable(error: unknown): never {
  if (!(error instanceof MusterbookError) || error.code !== 'LEDGER_CORRUPT') throw error;
  throw new CommandFailure(EXIT.conditionFalse, { code: 'NOT_VERIFIED', message: error.message, hint: error.hint });
}

export function addCheckpoint(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('checkpoint')))
    .description('print a digest of the ledger, to be kept where its writers cannot reach it')
    .action(async (options: VerifyOptions) => {
      const settings = localSettings(runtime, options, 'checkpoint');
      const progress = showProgress(runtime.terminal, 'read');
      const checkpoint = await runtime.checkpoint(settings, progress.step).finally(progress.end);
      await printItem(checkpoint, options.output, CHECKPOINT, runtime.terminal);
    });
}

/** Settings for a command that looks at the ledger's file: a server's word about itself would prove nothing. */
export function localSettings(runtime: Runtime, options: object, name: string): Settings {
  const settings = settingsOf(runtime, options);
  if (settings.url === null) return settings;
  throw usageFailure(
    `${name} reads the ledger's own file, not a server's word about it`,
    `Unset MUSTERBOOK_URL and name the folder with MUSTERBOOK_DATA; it works beside a running server.`,
  );
}

async function readCheckpoint(path: string, { terminal }: Runtime): Promise<LedgerCheckpoint> {
  let text: string;
  try {
    text = path === '-' ? await readAll(terminal.input) : await readFile(path, 'utf8');
  } catch (error) {
    throw usageFailure(`--checkpoint ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const found = parseCheckpoint(text);
  if (found) return found;
  throw usageFailure(`--checkpoint ${path}: expected what \`musterbook checkpoint\` printed`);
}

function parseCheckpoint(text: string): LedgerCheckpoint | null {
  try {
    const { position, events, streams, recordedAt, ends } = JSON.parse(text) as LedgerCheckpoint;
    const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
    const isTime = recordedAt === null || !Number.isNaN(Date.parse(moment(recordedAt)));
    if (![position, events, streams].every(isCount) || !isTime || !/^[0-9a-f]{64}$/.test(ends)) return null;
    return { position, events, streams, recordedAt, ends };
  } catch {
    return null;
  }
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
