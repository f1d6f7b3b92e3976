/** `musterbook export`: the ledger as CloudEvents, one a line. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { usageFailure } from './failure.ts';
import { settingsOf, withClient, withSettings } from './options.ts';
import { showProgress } from './progress.ts';
import type { Runtime } from './runtime.ts';

interface ExportOptions {
  readonly after: number;
  readonly stream?: string;
  readonly file?: string;
}

const NEWLINE = 10;

export function addExport(program: Command, runtime: Runtime): void {
  withSettings(program.command('export'))
    .description('the ledger as CloudEvents, one a line, in order: `import --restore` elsewhere rebuilds it')
    .option('--after <position>', 'only what was recorded after this position', readPosition, 0)
    .option('--stream <name>', 'only one stream, such as cluster-payments')
    .option('-f, --file <file>', 'write here instead of stdout; the file must not exist')
    .action(async (options: ExportOptions) => {
      const { after, stream = null, file } = options;
      await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
        const progress = showProgress(runtime.terminal, 'exported');
        const target = file === undefined ? null : await openFile(file);
        let events = 0;
        try {
          for await (const lines of client.exportLines({ after, stream })) {
            if (target === null) await runtime.terminal.write(lines);
            else if (!target.write(lines)) await once(target, 'drain');
            events += countLines(lines);
            progress.step(events, null, ' events');
          }
          target?.end();
          if (target) await finished(target);
        } finally {
          progress.end();
        }
        if (file !== undefined) runtime.terminal.note(`exported ${events} events to ${file}\n`);
      });
    });
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
