/** `musterbook snapshot`: a copy of the folder that a server can start from, taken beside the one that runs. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { localSettings, withOutput, withSettings } from './options.ts';
import { type Format, type ItemShape, printItem } from './print/format.ts';
import { plain } from './print/text.ts';
import { showProgress } from './progress.ts';
import type { Runtime, Snapshot } from './runtime.ts';

const SNAPSHOT: ItemShape<Snapshot> = {
  name: ({ position }) => `snapshot/${position}`,
  draw: ({ folder, position, views, bytes }) =>
    `${plain(folder)}: the record up to position ${position}, ${
      views === null ? 'no views (they are built when it is opened)' : `views up to ${views}`
    }, ${bytes} bytes\n`,
};

export function addSnapshot(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('snapshot <folder>')))
    .description(
      'copy the record and its views into an empty folder, beside a running server: a backup, or a new replica’s start',
    )
    .action(async (folder: string, options: { readonly output: Format }) => {
      const settings = localSettings(runtime, options, 'snapshot');
      const progress = showProgress(runtime.terminal, 'copied');
      const snapshot = await runtime.snapshot(settings, resolve(folder), progress.step).finally(progress.end);
      await printItem(snapshot, options.output, SNAPSHOT, runtime.terminal);
    });
}
