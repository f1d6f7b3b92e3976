/**
 * Sign-in for readers with a browser: a form, a cookie, and back to where they were. Whole without scripts. What the
 * cookie is and why: docs/decisions/0008-the-session-is-the-token.md.
 */
import { text as textOf } from 'node:stream/consumers';
import { MusterbookError } from '../../errors.ts';
import type { Gate } from '../http/gate.ts';
import type { Route, RouteRequest, RouteResponse } from '../http/route.ts';
import { isToken, sessionCookie } from '../http/session.ts';
import type { Bundle } from './bundle.ts';
import { escapeHtml, pageResponse } from './page.ts';

export interface SignInDoors {
  readonly gate: Pick<Gate, 'signIn'>;
  readonly bundle: Bundle | null;
  /** Reached by https: then the cookie goes over nothing else. */
  readonly isSecure: boolean;
  /** False: there are no tokens, everyone may everything. */
  readonly hasTokens: boolean;
}

export function signInRoutes(doors: SignInDoors): Route[] {
  return [
    { method: 'GET', path: '/sign-in', role: null, handle: (request) => form(doors, request) },
    { method: 'POST', path: '/sign-in', role: null, handle: (request) => signIn(doors, request) },
    {
      method: 'POST',
      path: '/sign-out',
      role: null,
      handle: () => seeOther('/sign-in', { 'set-cookie': sessionCookie(null, doors.isSecure) }),
    },
  ];
}

/** The sign-in in place of a page that needs it; the address stays. A reader who came by a link of another site is sent once more, for browsers keep a SameSite=Strict cookie back on the first way in. */
export function signInPage(bundle: Bundle | null, request: RouteRequest): RouteResponse {
  const to = request.path + (request.query.size > 0 ? `?${request.query}` : '');
  if (request.headers['sec-fetch-site'] === 'cross-site') {
    const html = `<meta http-equiv="refresh" content="0; url=${escapeHtml(to)}"><main class="page"><p><a href="${escapeHtml(to)}">Go on</a></p></main>`;
    return pageResponse(
      bundle,
      request,
      { title: 'One moment', html, headers: { 'cache-control': 'no-store' } },
      false,
    );
  }
  return formPage(bundle, request, { to, status: 401, fault: null });
}

function form({ bundle, hasTokens }: SignInDoors, request: RouteRequest): RouteResponse {
  const to = localPath(request.query.get('to'));
  if (!hasTokens) {
    const html = `<main id="content" class="page"><div class="state center"><h1>No sign-in needed</h1><p>This server has no tokens: whoever reaches it may everything. It listens on this machine only.</p><p><a href="${escapeHtml(to)}">Go on</a></p></div></main>`;
    return pageResponse(bundle, request, { title: 'Sign in', html }, false);
  }
  if (request.caller.name !== null) return signedInPage(bundle, request, to);
  return formPage(bundle, request, { to, status: 200, fault: null });
}

function signedInPage(bundle: Bundle | null, request: RouteRequest, to: string): RouteResponse {
  const name = escapeHtml(request.caller.name ?? '');
  const roles = [...request.caller.roles].join(', ');
  const html = `<main id="content" class="page"><form class="state center" method="post" action="/sign-out"><h1>Signed in as ${name}</h1><p class="muted">May: ${roles}.</p><p class="row"><a class="button main" href="${escapeHtml(to)}">Go on</a> <button type="submit">Sign out</button></p></form></main>`;
  return pageResponse(bundle, request, { title: 'Signed in', html, headers: { 'cache-control': 'no-store' } }, false);
}

interface Shown {
  readonly to: string;
  readonly status: number;
  /** What was wrong with the last attempt. */
  readonly fault: string | null;
}

function formPage(bundle: Bundle | null, request: RouteRequest, { to, status, fault }: Shown): RouteResponse {
  const said = fault === null ? '' : `<p class="note bad" role="alert">${escapeHtml(fault)}</p>`;
  const html = `<main id="content" class="page"><form class="state center" method="post" action="/sign-in">
<h1>Sign in</h1>
<p class="muted">This server asks for a token. <code>musterbook token create NAME --role read</code> prints one, and the line for the server’s token file.</p>
${said}
<input type="hidden" name="to" value="${escapeHtml(to)}">
<label class="stack">Token <input class="field mono" type="password" name="token" required autofocus autocomplete="current-password" size="40"></label>
<button class="main" type="submit">Sign in</button>
</form></main>`;
  const headers = { 'cache-control': 'no-store', ...(status === 429 && { 'retry-after': '60' }) };
  return pageResponse(bundle, request, { status, title: 'Sign in', html, headers }, false);
}

async function signIn({ gate, bundle, isSecure }: SignInDoors, request: RouteRequest): Promise<RouteResponse> {
  const fields = await readForm(request);
  const to = localPath(fields.get('to'));
  const token = fields.get('token')?.trim() ?? '';
  const caller = gate.signIn(isToken(token) ? `Bearer ${token}` : undefined, request.address);
  if (caller === 'TOO_MANY') {
    const fault = 'Too many sign-ins failed from this address. Wait a minute.';
    return formPage(bundle, request, { to, status: 429, fault });
  }
  if (caller === null) return formPage(bundle, request, { to, status: 401, fault: 'This token is not known.' });
  if (!caller.roles.has('read')) {
    const fault = `This token may not read: it has the role ${[...caller.roles].join(', ')}.`;
    return formPage(bundle, request, { to, status: 403, fault });
  }
  return seeOther(to, { 'set-cookie': sessionCookie(token, isSecure) });
}

/** After the POST the browser asks again with GET, so that going back posts nothing. */
function seeOther(to: string, headers: Readonly<Record<string, string>>): RouteResponse {
  return { status: 303, headers: { location: to, 'content-type': 'text/plain; charset=utf-8', ...headers }, body: '' };
}

/** A path of this server and nothing that a browser would take for another's. */
function localPath(to: string | null): string {
  if (to === null || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(to)) return '/';
  return to.startsWith('/sign-') ? '/' : to;
}

const FORM_BYTES_MAX = 8 * 1024;
const FORM_MS_MAX = 10_000;

async function readForm({ headers, body }: RouteRequest): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new MusterbookError('UNSUPPORTED_MEDIA_TYPE', 'the sign-in is a form');
  }
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new MusterbookError('BODY_TOO_SLOW', `the form took longer than ${FORM_MS_MAX} ms`)),
    FORM_MS_MAX,
  );
  try {
    return new URLSearchParams(await Promise.race([textOf(bounded(body)), late.promise]));
  } finally {
    clearTimeout(timer);
  }
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > FORM_BYTES_MAX)
      throw new MusterbookError('BODY_TOO_LARGE', `the form is larger than ${FORM_BYTES_MAX} bytes`);
    yield chunk;
  }
}
