/** HTML pages: the shell with its theme, what stands in it before scripts run, and the policy under which it is read. */
import type { RouteRequest, RouteResponse } from '../http/route.ts';
import { type Bundle, etagOf } from './bundle.ts';

/** Scripts, styles and connections of this origin; nothing inline, nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A page without the explorer's files: readable, without their looks. */
const BARE_SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Musterbook</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
</head>
<body>
<div id="app"><!--content--></div>
</body>
</html>
`;

export interface PageContent {
  readonly status?: number;
  /** Before the product's name; text, not HTML. */
  readonly title: string;
  /** HTML that stands in the page until the explorer takes over. */
  readonly html: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `isApp` false: a page that no script touches, such as the sign-in. */
export function pageResponse(
  bundle: Bundle | null,
  request: RouteRequest,
  { status = 200, title, html, headers = {} }: PageContent,
  isApp = true,
): RouteResponse {
  const theme = themeOf(request.headers.cookie);
  // For the explorer, which cannot read the session: whom to call signed in.
  const reader = request.caller.name === null ? '' : ` data-reader="${escapeHtml(request.caller.name)}"`;
  // And what they may do, so that what the server would refuse is not offered.
  const roles = ` data-roles="${[...request.caller.roles].join(' ')}"`;
  const shell = isApp ? (bundle?.shell ?? BARE_SHELL) : withoutScripts(bundle?.shell ?? BARE_SHELL);
  const body = shell
    .replace('<html lang="en">', () => `<html lang="en"${theme}${reader}${roles}>`)
    .replace('<title>Musterbook</title>', () => `<title>${escapeHtml(title)} · Musterbook</title>`)
    .replace('<!--content-->', () => html);
  const etag = etagOf(body);
  const common = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    // Kept, but asked about: what stands in it changes with the build, the theme, and for events with the ledger.
    'cache-control': 'private, no-cache',
    vary: 'accept, cookie',
    // With no-referrer, as elsewhere, a browser would send the forms' Origin as `null`, which the gate refuses.
    'referrer-policy': 'same-origin',
    ...headers,
  };
  if (status === 200 && request.headers['if-none-match'] === etag) {
    return { status: 304, headers: { ...common, etag }, body: '' };
  }
  return { status, headers: status === 200 ? { ...common, etag } : common, body };
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Whether a browser asks for a page. */
export function wantsPage({ headers }: RouteRequest): boolean {
  return (headers.accept ?? '').includes('text/html');
}

function withoutScripts(shell: string): string {
  return shell.replace(/\s*<script\b[^>]*><\/script>/g, '').replace(/\s*<link rel="modulepreload"[^>]*>/g, '');
}

function themeOf(cookie: string | undefined): string {
  const found = /(?:^|;\s*)musterbook_theme=(light|dark)(?:;|$)/.exec(cookie ?? '')?.[1];
  return found === undefined ? '' : ` data-theme="${found}"`;
}
