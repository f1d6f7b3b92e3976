/** Every page: its address, its name, and where it is loaded from. The first that fits is shown. */
import type { ComponentType } from 'preact';
import { matchPath, type Params } from './routes.ts';

export interface PageProps {
  readonly params: Params;
}

export interface Page {
  readonly pattern: string;
  /** The document's title, before the product's name. */
  title(params: Params): string;
  load(): Promise<ComponentType<PageProps>>;
}

const PAGES: readonly Page[] = [
  {
    pattern: '/',
    title: () => 'Overview',
    load: () => import('./overview/page.tsx').then(({ OverviewPage }) => OverviewPage),
  },
  {
    pattern: '/clusters/:id',
    title: ({ id }) => String(id),
    load: () => import('./cluster/page.tsx').then(({ ClusterPage }) => ClusterPage),
  },
  {
    pattern: '/incidents',
    title: () => 'Incidents',
    load: () => import('./incidents/list-page.tsx').then(({ IncidentsPage }) => IncidentsPage),
  },
  {
    pattern: '/incidents/:id',
    title: ({ id }) => `Incident ${id}`,
    load: () => import('./incidents/incident-page.tsx').then(({ IncidentPage }) => IncidentPage),
  },
  {
    pattern: '/clusters/:id/compare',
    title: ({ id }) => `Compare ${id}`,
    load: () => import('./compare/page.tsx').then(({ ComparePage }) => ComparePage),
  },
  {
    pattern: '/events',
    title: () => 'Events',
    load: () => import('./events/tail-page.tsx').then(({ TailPage }) => TailPage),
  },
  {
    pattern: '/events/:position',
    title: ({ position }) => `Event ${position}`,
    load: () => import('./events/event-page.tsx').then(({ EventPage }) => EventPage),
  },
  {
    pattern: '/ledger',
    title: () => 'Ledger',
    load: () => import('./ledger/page.tsx').then(({ LedgerPage }) => LedgerPage),
  },
];

export interface Found {
  readonly page: Page;
  readonly params: Params;
}

export function findPage(path: string): Found | null {
  for (const page of PAGES) {
    const params = matchPath(page.pattern, path);
    if (params !== null) return { page, params };
  }
  return null;
}
