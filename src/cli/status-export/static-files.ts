/** The status page as static files: where each address lies in a folder, and what its text says there. Pure. */
import { createHash } from 'node:crypto';
import { dirname, relative } from 'node:path/posix';

/** The path of an address, without its query, in a folder; null where there is none of it. */
export function filePathOf(path: string): string | null {
  if (path === '/status') return 'index.html';
  if (/^\/api\/v2\/[a-z/-]+\.json$/.test(path) || /^\/history\.(atom|rss)$/.test(path)) return path.slice(1);
  const [, status, section = '', name, file, ...more] = path.split('/');
  if (status !== 'status' || more.length > 0) return null;
  if (name === undefined) return section === 'history' ? 'history.html' : plainFile(section);
  if (section === 'history') return file === undefined && /^\d{4}-\d\d$/.test(name) ? `history/${name}.html` : null;
  if (!SUBJECTS.has(section)) return null;
  const own = `${section}/${safeName(name)}`;
  if (file === undefined) return `${own}.html`;
  const plain = plainFile(file);
  return plain && `${own}/${plain}`;
}

const SUBJECTS: ReadonlySet<string> = new Set(['incidents', 'maintenances', 'components']);

function plainFile(name: string): string | null {
  return /^[a-z]+\.(css|svg|png|atom|rss)$/.test(name) ? name : null;
}

/** Ids may hold anything, and file systems not: what is not plain gets a name of its own. Two ids never share one, in any case of letters. */
function safeName(escapedId: string): string {
  const id = decodeURIComponent(escapedId);
  if (/^[a-z0-9][a-z0-9_-]{0,79}$/.test(id)) return id;
  const readable = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, 40);
  return `${readable || 'id'}.${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

export interface PageLinks {
  /** The file that the page becomes. */
  readonly file: string;
  /** The path before every address where the server is reached below one, else empty. */
  readonly prefix: string;
}

/** Addresses of the site that a page links to, without query and fragment, as they are asked for. */
export function linkedPaths(page: string, prefix: string): readonly string[] {
  const found = new Set<string>();
  for (const [, , value = ''] of withoutLive(page).matchAll(ATTRIBUTE)) {
    const path = sitePath(unescaped(value), prefix);
    if (path !== null) found.add(path);
  }
  return [...found];
}

/** The page with links that hold in a folder, and without what needs a server: forms, and ways to other moments. */
export function staticPage(page: string, { file, prefix }: PageLinks): string {
  return withoutLive(page).replace(ATTRIBUTE, (whole, name: string, value: string) => {
    const address = unescaped(value);
    const path = sitePath(address, prefix);
    const target = path === null ? null : filePathOf(path);
    if (target === null) return whole;
    const fragment = /#.*$/.exec(address)?.[0] ?? '';
    return `${name}="${between(file, target)}${fragment}"`;
  });
}

const ATTRIBUTE = /\b(href|src)="([^"]*)"/g;

function withoutLive(page: string): string {
  return page.replace(/<form\b.*?<\/form>\n?/gs, '').replace(/<a class="live".*?<\/a>/gs, '');
}

function sitePath(address: string, prefix: string): string | null {
  if (!address.startsWith(`${prefix}/`)) return null;
  return address.slice(prefix.length).replace(/[?#].*$/, '');
}

function unescaped(value: string): string {
  return value
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&');
}

function between(from: string, to: string): string {
  return relative(dirname(from), to);
}

export interface TextLinks {
  /** The file that the text becomes. */
  readonly file: string;
  /** Where the server says that it is reached. */
  readonly base: string;
  /** Where the folder will be served; null: links are relative. */
  readonly baseUrl: string | null;
}

/** A feed or JSON with its absolute addresses turned to those of the folder's files. */
export function staticText(text: string, { file, base, baseUrl }: TextLinks): string {
  return text.replaceAll(/https?:\/\/[^"<>\s\\]+/g, (address) => {
    const own = address.startsWith(`${base}/`) ? address.slice(base.length) : null;
    const target = own === null ? null : filePathOf(unescaped(own));
    if (target === null) return address;
    return baseUrl === null ? between(file, target) : `${baseUrl}/${target}`;
  });
}
