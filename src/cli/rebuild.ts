/** `musterbook rebuild`: views from zero, to replace the live ones or to be held against them. */
import type { Command } from 'commander';
import { CommandFailure, EXIT, usageFailure } from './failure.ts';
import { withOutput, withSettings } from './options.ts';
import { type Format, type ListShape, printList } from './print/format.ts';
import { plain } from './print/text.ts';
import { count, showProgress } from './progress.ts';
import type { RebuildFinding, RebuiltViews, Runtime } from './runtime.ts';
import { localSettings } from './verify.ts';

interface RebuildOptions {
  readonly output: Format;
  readonly verify?: boolean;
}

const DIGEST_SHOWN = 12;
const digest = (text: string | null) => text?.slice(0, DIGEST_SHOWN) ?? '-';

const REBUILT: ListShape<RebuiltViews> = {
  none: 'there are no projections',
  name: ({ projection }) => `projection/${projection}`,
  columns: ({ paint }) => [
    { title: 'PROJECTION', cell: ({ projection }) => projection },
    { title: 'VERSION', wide: true, alignRight: true, cell: ({ version }) => String(version) },
    { title: 'POSITION', alignRight: true, cell: ({ position }) => count(position) },
    { title: 'BEFORE', cell: ({ before }) => digest(before) },
    { title: 'AFTER', cell: ({ after }) => digest(after) },
    {
      title: 'REBUILD',
      cell({ before, after, error }) {
        if (error !== null) return paint('stopped', 'red');
        if (before === null) return 'new';
        return before === after ? paint('the same bytes', 'green') : paint('other bytes', 'red');
      },
    },
  ],
};

const COMPARED: ListShape<RebuildFinding> = {
  none: 'there are no projections',
  name: ({ projection }) => `projection/${projection}`,
  columns: ({ paint }) => [
    { title: 'PROJECTION', cell: ({ projection }) => projection },
    { title: 'VERSION', wide: true, alignRight: true, cell: ({ version }) => String(version) },
    { title: 'POSITION', alignRight: true, cell: ({ position }) => count(position) },
    { title: 'VIEWS', alignRight: true, cell: ({ keys }) => count(keys) },
    { title: 'LIVE', cell: ({ before }) => digest(before) },
    { title: 'FROM ZERO', cell: ({ after }) => digest(after) },
    {
      title: 'REBUILD',
      cell: ({ differentCount }) =>
        differentCount === 0 ? paint('the same bytes', 'green') : paint(`${count(differentCount)} differ`, 'red'),
    },
    {
      title: '',
      cell: ({ different }) =>
        different
          .slice(0, 5)
          .map((key) => plain(key) || '(whole)')
          .join(', '),
    },
  ],
};

export function addRebuild(program: Command, runtime: Runtime): void {
  withSettings(withOutput(program.command('rebuild [name]')))
    .description(
      'fold the views anew from the ledger; --verify only compares, beside a running server; exit 7 when they differ',
    )
    .option('--verify', 'compare a fold from zero with the live views, byte for byte, and change nothing')
    .action(async (name: string | undefined, options: RebuildOptions) => {
      const settings = localSettings(runtime, options, 'rebuild');
      if (name !== undefined && !runtime.projectionNames.includes(name)) {
        throw usageFailure(`there is no projection ${name}`, `There are ${runtime.projectionNames.join(', ')}.`);
      }
      const progress = showProgress(runtime.terminal, 'folded');
      if (!options.verify) {
        const rebuilt = await runtime.rebuild(settings, name ?? null, progress.step).finally(progress.end);
        await printList(rebuilt, options.output, REBUILT, runtime.terminal);
        const stopped = rebuilt.find(({ error }) => error !== null);
        if (stopped) throw stoppedFailure(stopped);
        return;
      }
      const compared = await runtime.compareRebuild(settings, name ?? null, progress.step).finally(progress.end);
      await printList(compared, options.output, COMPARED, runtime.terminal);
      const different = compared.filter(({ differentCount }) => differentCount > 0);
      if (different.length === 0) return;
      throw new CommandFailure(EXIT.conditionFalse, {
        code: 'REBUILD_DIFFERS',
        message: `${different.map(({ projection }) => projection).join(', ')}: a rebuild gives other bytes than the live views`,
        hint: 'Stop the server and run `musterbook rebuild`; the ledger itself is not touched. Please report it.',
      });
    });
}

function stoppedFailure({ projection, error }: RebuiltViews): CommandFailure {
  return new CommandFailure(EXIT.error, {
    code: 'PROJECTION_STOPPED',
    message: error ?? `projection ${projection} stopped`,
    hint: 'The other projections go on; the event stays in the ledger. Please report it.',
  });
}
