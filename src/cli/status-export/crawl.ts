/** Reads the whole status page from whoever answers for it, page by page, as it links to itself. */
import type { Client, StatusFile } from '../client/client.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { filePathOf, linkedPaths, staticPage, staticText } from './static-files.ts';

export interface CrawlOptions {
  /** RFC 3339; null: the present. */
  readonly asOf: string | null;
  readonly baseUrl: string | null;
  readonly signal: AbortSignal;
  readonly onFile: (count: number) => void;
}

/** By file path in the folder. */
export type StaticFiles = ReadonlyMap<string, Uint8Array>;

const LISTS = ['summary', 'status', 'components', 'incidents', 'incidents/unresolved'];
const MAINTENANCES = ['scheduled-maintenances', 'scheduled-maintenances/upcoming', 'scheduled-maintenances/active'];
const ROOTS = [
  '/status',
  '/history.atom',
  '/history.rss',
  '/status/badge.svg',
  ...[...LISTS, ...MAINTENANCES].map((name) => `/api/v2/${name}.json`),
];
const TRIES_MAX = 5;

/** Every file from one state of the record: what changed meanwhile is read again. */
export async function crawl(client: Pick<Client, 'statusFile'>, options: CrawlOptions): Promise<StaticFiles> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const found = await crawlOnce(client, options);
    if (found !== null) return found;
  }
  throw new CommandFailure(EXIT.unreachable, {
    code: 'NOT_YET',
    message: 'the status page changes faster than it can be read',
    hint: 'Try again, or ask for a moment that has passed with --known-at.',
  });
}

async function crawlOnce(
  client: Pick<Client, 'statusFile'>,
  { asOf, baseUrl, signal, onFile }: CrawlOptions,
): Promise<StaticFiles | null> {
  const query = asOf === null ? '' : `?as_of=${encodeURIComponent(asOf)}`;
  const base = baseOf(await client.statusFile(`/api/v2/status.json${query}`));
  const prefix = new URL(base).pathname.replace(/\/$/, '');
  const files = new Map<string, Uint8Array>();
  const known = new Set(ROOTS);
  const positions = new Set<string>();
  for (const path of known) {
    signal.throwIfAborted();
    const file = filePathOf(path);
    if (file === null) continue;
    const { body, type, position } = await client.statusFile(`${path}${query}`);
    if (position !== null) positions.add(position);
    if (positions.size > 1) return null;
    if (type.startsWith('text/html')) {
      const page = textOf(body);
      for (const linked of linkedPaths(page, prefix)) known.add(linked);
      files.set(file, bytesOf(staticPage(page, { file, prefix })));
    } else if (/json|xml;|atom|rss/.test(type)) {
      files.set(file, bytesOf(staticText(textOf(body), { file, base, baseUrl })));
    } else files.set(file, body);
    onFile(files.size);
  }
  return files;
}

/** Where the server says that it is reached: its page stands there under `/status`. */
function baseOf({ body }: StatusFile): string {
  const { page } = JSON.parse(textOf(body)) as { readonly page: { readonly url: string } };
  return page.url.replace(/\/status$/, '');
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
