/** The explorer: one shell for all its addresses, and its files. Whoever asks for no page is told what doors there are. */
import { MusterbookError } from '../../errors.ts';
import type { Route, RouteRequest, RouteResponse } from '../http/route.ts';
import type { Bundle } from './bundle.ts';
import { DOORS, doorsAsHtml, doorsAsText } from './home.ts';
import { pageResponse, wantsPage } from './page.ts';

/** Addresses that the explorer shows (src/web/pages.ts). `/events/:position` has a page of its own (event-page.ts). */
const EXPLORER_PATHS: readonly string[] = ['/clusters/*rest', '/incidents', '/incidents/*rest', '/events', '/ledger'];

const NO_SCRIPT = `<main id="content" class="page"><noscript>
<h1>Musterbook</h1>
<p>The explorer needs JavaScript. Without it: a single event at /events/&lt;position&gt;, and these doors.</p>
${doorsAsHtml()}
</noscript></main>`;

const NOT_BUILT = `<main id="content" class="page">
<h1>Musterbook</h1>
<p>The ledger of who led, who followed, what ran where, and what was known when.</p>
<p>The explorer's files are not here: they are made by <code>npm run build:web</code> (and by <code>npm ci</code>, unless it runs with <code>--ignore-scripts</code> or without development dependencies). Everything else works:</p>
${doorsAsHtml()}
</main>`;

export function explorerRoutes(bundle: Bundle | null): Route[] {
  const shell = (request: RouteRequest): RouteResponse =>
    pageResponse(bundle, request, { title: 'Explorer', html: bundle === null ? NOT_BUILT : NO_SCRIPT });
  return [
    {
      method: 'GET',
      path: '/',
      role: null,
      handle: (request) => (wantsPage(request) ? shell(request) : doors(request)),
    },
    ...EXPLORER_PATHS.map((path): Route => ({ method: 'GET', path, role: null, handle: shell })),
    { method: 'GET', path: '/assets/:name', role: null, handle: (request) => assetOf(bundle, request) },
  ];
}

/** For curl and programs. */
function doors({ headers }: RouteRequest): RouteResponse {
  const isJson = (headers.accept ?? '').includes('json');
  return {
    status: 200,
    headers: { 'content-type': `${isJson ? 'application/json' : 'text/plain'}; charset=utf-8`, vary: 'accept' },
    body: isJson ? JSON.stringify({ name: 'musterbook', doors: Object.fromEntries(DOORS) }, null, 2) : doorsAsText(),
  };
}

async function assetOf(bundle: Bundle | null, { path, headers }: RouteRequest): Promise<RouteResponse> {
  const asset = bundle?.assets.get(path.slice('/assets/'.length));
  if (asset === undefined) throw new MusterbookError('NOT_FOUND', `there is nothing at ${path}`);
  const kept = {
    etag: asset.etag,
    // The name changes with the content.
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  };
  if (headers['if-none-match'] === asset.etag) return { status: 304, headers: kept, body: '' };
  const encoded = await asset.encoded(headers);
  return {
    status: 200,
    headers: {
      ...kept,
      'content-type': asset.type,
      ...(encoded && { 'content-encoding': encoded.encoding }),
    },
    body: encoded?.bytes ?? asset.bytes,
  };
}
