/** `musterbook checkpoint`: a digest of the ledger to be kept elsewhere, signed or not; and keys to sign with. */
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { usageFailure } from './failure.ts';
import { localSettings, withOutput, withSettings } from './options.ts';
import { type Format, type ItemShape, printItem } from './print/format.ts';
import { showProgress } from './progress.ts';
import { textOption } from './read-text.ts';
import type { LedgerCheckpoint, Runtime } from './runtime.ts';

interface CheckpointOptions {
  readonly output: Format;
  readonly sign?: string;
  readonly newKey?: string;
}

const CHECKPOINT: ItemShape<LedgerCheckpoint> = {
  name: ({ position }) => `checkpoint/${position}`,
  // For people too: this text is what is kept and given to --checkpoint.
  draw: (checkpoint) => `${JSON.stringify(checkpoint)}\n`,
};

const KEY: ItemShape<{ readonly keyId: string; readonly publicKey: string }> = {
  name: ({ keyId }) => `key/${keyId}`,
  draw: ({ publicKey }) => publicKey,
};

/** For its owner alone. */
const PRIVATE_MODE = 0o600;

export function addCheckpoint(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('checkpoint')))
    .description('print a digest of the ledger, to be kept where its writers cannot reach it')
    .option('--sign <keyfile>', 'sign it with this Ed25519 private key (PEM)')
    .option('--new-key <file>', 'make a key: the private one into this file, the public one to stdout; reads no ledger')
    .action(async (options: CheckpointOptions) => {
      if (options.newKey !== undefined) {
        if (options.sign !== undefined)
          throw usageFailure('--new-key makes a key, --sign uses one: give them one after the other');
        await makeKey(options.newKey, options.output, runtime);
        return;
      }
      const settings = localSettings(runtime, options, 'checkpoint');
      const signingKey = await textOption('--sign', options.sign, runtime.terminal);
      const progress = showProgress(runtime.terminal, 'read');
      const checkpoint = await runtime.checkpoint(settings, signingKey, progress.step).finally(progress.end);
      await printItem(checkpoint, options.output, CHECKPOINT, runtime.terminal);
    });
}

async function makeKey(path: string, output: Format, { newKeyPair, terminal }: Runtime): Promise<void> {
  const { privateKey, publicKey, keyId } = newKeyPair();
  try {
    // Never over a key that exists: what it signed could be signed no more.
    await writeFile(path, privateKey, { flag: 'wx', mode: PRIVATE_MODE });
  } catch (error) {
    throw usageFailure(`--new-key ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  await printItem({ keyId, publicKey }, output, KEY, terminal);
  terminal.note(
    `The private key is in ${path}: keep it where the ledger's writers cannot read it. Its public key, above, is key ${keyId}: give it to whoever verifies.\n`,
  );
}
