/** Which file of the status page stands at which address, and what it holds. */
import type { ComponentView, DayKind } from '../../project/views.ts';
import { API } from './api.ts';
import { badge } from './badge.ts';
import { feed } from './feeds.ts';
import { historyPage } from './page/history.ts';
import { logoPath, sorry } from './page/layout.ts';
import { indicatorKind, indicatorText, overviewPage } from './page/overview.ts';
import { componentPage, incidentPage, maintenancePage } from './page/subjects.ts';
import type { Site } from './site.ts';
import { icon, style } from './style.ts';

export interface StatusFile {
  readonly status: 200 | 404;
  readonly type: string;
  readonly body: string | Uint8Array;
}

export const TYPES = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  atom: 'application/atom+xml; charset=utf-8',
  rss: 'application/rss+xml; charset=utf-8',
} as const;

/** Whether an address is one of the status page's; `path` without the query. */
export function isStatusPath(path: string): boolean {
  if (path === '/status' || path.startsWith('/status/') || path.startsWith('/api/v2/')) return true;
  return path === '/history.atom' || path === '/history.rss';
}

/** Whether people look at what stands there. */
export function isPage(path: string): boolean {
  return path.startsWith('/status') && !/\.(svg|png|css|atom|rss)$/.test(path);
}

/** The file at a path as it was asked for, escapes and all; null: there is none, and no page says so. */
export async function fileAt(site: Site, path: string): Promise<StatusFile | null> {
  const api = /^\/api\/v2\/(.+)\.json$/.exec(path)?.[1];
  if (api !== undefined) return Object.hasOwn(API, api) ? json(API[api]?.(site)) : null;
  if (path === '/history.atom') return found('atom', feed(site, { componentId: null, type: 'atom' }));
  if (path === '/history.rss') return found('rss', feed(site, { componentId: null, type: 'rss' }));
  const page = await pageAt(site, path);
  if (page !== null) return page;
  if (!isPage(path)) return null;
  const { words } = site;
  const body = sorry(site, '/status', { title: words.notFound, text: words.notFoundText });
  return { status: 404, type: TYPES.html, body };
}

function json(value: unknown): StatusFile {
  return found('json', JSON.stringify(value));
}

function found(type: keyof typeof TYPES, body: string): StatusFile {
  return { status: 200, type: TYPES[type], body };
}

/** Whether it is the same whatever is recorded. */
export function isOfSettings(path: string): boolean {
  return /^\/status\/(style\.css|icon\.svg|logo\.(png|svg))$/.test(path);
}

async function pageAt(site: Site, path: string): Promise<StatusFile | null> {
  const [, , section, name, file, ...more] = path.split('/');
  if (more.length > 0) return null;
  if (section === undefined || (section === '' && name === undefined)) return found('html', overviewPage(site));
  if (section === 'history') {
    const page = file === undefined ? historyPage(site, name || null) : null;
    return page === null ? null : found('html', page);
  }
  if (name === undefined) return assetAt(site, section);
  const id = decoded(name);
  if (id === null) return null;
  if (section === 'components') return componentFile(site, id, file);
  if (file !== undefined) return null;
  if (section === 'incidents') {
    const view = await site.record.incident(id);
    return view && found('html', incidentPage(site, view));
  }
  if (section === 'maintenances') {
    const view = await site.record.maintenance(id);
    return view && found('html', maintenancePage(site, view));
  }
  return null;
}

function assetAt(site: Site, name: string): StatusFile | null {
  const { settings, record } = site;
  switch (name) {
    case 'style.css':
      return found('css', style(settings.color));
    case 'icon.svg':
      return found('svg', icon(settings.color));
    case 'badge.svg':
      return found('svg', badge(settings.title, indicatorKind(record.page), indicatorText(site)));
    default: {
      const { logo } = settings;
      if (logo === null || `/status/${name}` !== logoPath(logo.type)) return null;
      return { status: 200, type: logo.type, body: logo.bytes };
    }
  }
}

function componentFile(site: Site, id: string, file: string | undefined): StatusFile | null {
  const component = site.record.page.components.find((each) => each.id === id);
  if (component === undefined) return null;
  const kind = kindOf(component);
  switch (file) {
    case undefined:
      return found('html', componentPage(site, component));
    case 'badge.svg':
      return found('svg', badge(component.name, kind, site.words.dayKind[kind]));
    case 'history.atom':
      return found('atom', feed(site, { componentId: id, type: 'atom' }));
    case 'history.rss':
      return found('rss', feed(site, { componentId: id, type: 'rss' }));
    default:
      return null;
  }
}

function kindOf({ noData, status }: ComponentView): DayKind {
  return noData ? 'no_data' : status;
}

/** Null for what is no escape. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
