/** `musterbook status export DIR`: the status page as static files, for any web server or none. */
import { type Command, Option } from 'commander';
import { parseTime } from '../../schemas/time.ts';
import { usageFailure } from './failure.ts';
import { settingsOf, withClient, withSettings } from './options.ts';
import { showProgress } from './progress.ts';
import type { Runtime } from './runtime.ts';
import { crawl } from './status-export/crawl.ts';
import { fillFolder } from './status-export/folder.ts';

interface ExportOptions {
  readonly knownAt?: string;
  readonly baseUrl?: string;
}

export function addStatusExport(status: Command, runtime: Runtime): void {
  withSettings(status.command('export <folder>'))
    .description('the status page as static files, into an empty folder or one that this made before')
    .option('--known-at <time>', 'the page as it stood at this time (RFC 3339)', readTime)
    .addOption(
      new Option(
        '--base-url <url>',
        'where the folder will be served: feeds and JSON then have absolute links',
      ).argParser(readBaseUrl),
    )
    .action((folder: string, options: ExportOptions) => exportTo(runtime, folder, options));
}

async function exportTo(runtime: Runtime, folder: string, options: ExportOptions): Promise<void> {
  const { knownAt = null, baseUrl = null } = options;
  const progress = showProgress(runtime.terminal, 'read files');
  await withClient(runtime.openForReading(settingsOf(runtime, options)), async (client) => {
    const onFile = (count: number): void => progress.step(count, null);
    const files = await crawl(client, { asOf: knownAt, baseUrl, signal: runtime.signal, onFile });
    const { written, removed } = await fillFolder(folder, files);
    progress.end();
    const gone = removed === 0 ? '' : `, ${removed} removed`;
    await runtime.terminal.write(`${written} files written to ${folder}${gone}\n`);
  });
}

function readTime(text: string): string {
  if (typeof parseTime(text) === 'number') return text;
  throw usageFailure(`--known-at ${text}: expected an RFC 3339 time with a zone, such as 2022-12-13T20:15:00Z`);
}

function readBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url.href.replace(/[?#].*$/, '').replace(/\/+$/, '');
  throw usageFailure(`--base-url ${text}: expected an http:// or https:// URL`);
}
