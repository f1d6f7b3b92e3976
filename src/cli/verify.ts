/** `musterbook verify`: proof that the record, or a bundle of it, was not changed. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { MusterbookError } from '../errors.ts';
import { drawBundle, drawFindings, drawSignature } from './draw-proof.ts';
import { CommandFailure, EXIT, usageFailure } from './failure.ts';
import { localSettings, withOutput, withSettings } from './options.ts';
import { type Format, type ItemShape, printItem } from './print/format.ts';
import { moment, plain } from './print/text.ts';
import { count, showProgress } from './progress.ts';
import { textOption } from './read-text.ts';
import type { BundleVerification, Expectations, Runtime, Verification } from './runtime.ts';

interface VerifyOptions {
  readonly output: Format;
  readonly checkpoint?: string;
  readonly publicKey?: string;
  readonly bundle?: string;
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
    const erasedLines = `${erased}${erasures.join('')}`;
    return `${verdict}  ${size}.\n${erasedLines}${drawFindings(found, paint)}${end}${drawSignature(found.signature)}`;
  },
};

const BUNDLE: ItemShape<BundleVerification> = {
  name: ({ ok }) => (ok ? 'verified' : 'not verified'),
  draw: drawBundle,
};

export function addVerify(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('verify')))
    .description('prove that no event was changed, removed or reordered; exit 7 when it does not hold')
    .option('--checkpoint <file>', 'also prove that nothing was cut off since (- = stdin)')
    .option('--public-key <file>', 'and that the checkpoint was signed by this Ed25519 key (PEM)')
    .option('--bundle <file>', 'prove this bundle instead, with nothing but the file (- = stdin)')
    .action(async (options: VerifyOptions) => {
      const { checkpoint, publicKey, bundle } = options;
      if (publicKey !== undefined && checkpoint === undefined && bundle === undefined) {
        throw usageFailure(
          '--public-key says who signed: also give the signed --checkpoint, or a --bundle that holds one',
        );
      }
      if ([checkpoint, publicKey, bundle].filter((path) => path === '-').length > 1) {
        throw usageFailure('stdin (-) can be read once only');
      }
      const expected = {
        checkpoint: await textOption('--checkpoint', checkpoint, runtime.terminal),
        publicKey: await textOption('--public-key', publicKey, runtime.terminal),
      };
      if (bundle === undefined) await verifyLedger(runtime, options, expected);
      else await verifyBundle(runtime, { ...options, bundle }, expected);
    });
}

async function verifyLedger(runtime: Runtime, options: VerifyOptions, expected: Expectations): Promise<void> {
  const settings = localSettings(runtime, options, 'verify');
  const progress = showProgress(runtime.terminal, 'verified');
  const found = await runtime.verify(settings, expected, progress.step).catch(unreadable).finally(progress.end);
  await printItem(found, options.output, VERIFICATION, runtime.terminal);
  if (!found.ok) {
    throw notVerified(
      found,
      'Keep the file as it is for whoever looks into it, and restore the ledger from a backup or an export.',
    );
  }
}

async function verifyBundle(
  { terminal, verifyBundle: prove }: Runtime,
  { bundle, output }: VerifyOptions & { readonly bundle: string },
  expected: Expectations,
): Promise<void> {
  if (bundle !== '-') {
    const file = await stat(bundle).catch(() => null);
    if (!file?.isFile()) throw usageFailure(`--bundle ${bundle}: there is no such file`);
  }
  const bytes = bundle === '-' ? terminal.input : (createReadStream(bundle) as AsyncIterable<Uint8Array>);
  const found = await prove(bytes, expected);
  await printItem(found, output, BUNDLE, terminal);
  if (!found.ok) throw notVerified(found, 'Take another copy from whoever exported it.');
}

function notVerified({ findings, findingsOmitted }: Verification | BundleVerification, hint: string): CommandFailure {
  const message = `${count(findings.length + findingsOmitted)} findings`;
  return new CommandFailure(EXIT.conditionFalse, { code: 'NOT_VERIFIED', message, hint });
}

/** A file that cannot even be read is no error of `verify`, but its answer. */
function unreadable(error: unknown): never {
  if (!(error instanceof MusterbookError) || error.code !== 'LEDGER_CORRUPT') throw error;
  throw new CommandFailure(EXIT.conditionFalse, { code: 'NOT_VERIFIED', message: error.message, hint: error.hint });
}
