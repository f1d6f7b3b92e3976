/** A door as a plain function from request to response, so that whoever writes one needs no server. */
import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Caller, Role } from '../../accept/accept.ts';

export interface RouteRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The body's bytes as they come; reading slowly slows the sender down. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly caller: Caller;
  /** The client's network address. */
  readonly address: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface RouteResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A text or bytes at once, or parts as they come: each is asked for when the connection took the one before. */
  readonly body: string | Uint8Array | AsyncIterable<string | Uint8Array>;
  /** Sent whenever the parts have paused for 15 s. */
  readonly keepAlive?: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** A path as express writes it, such as `/schemas/:file`. */
  readonly path: string;
  /**
   * What the caller needs; null: open to everyone. `page`: the door looks at the caller's roles itself, to show a page
   * that says how to sign in.
   */
  readonly role: Role | 'page' | null;
  handle(request: RouteRequest): Promise<RouteResponse> | RouteResponse;
}

const KEEP_ALIVE_MS = 15_000;

export async function serveRoute(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  const answer = await route.handle({
    method: request.method ?? route.method,
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body: request,
    caller,
    address: request.socket.remoteAddress ?? '',
    signal: abort.signal,
  });
  if (response.destroyed) return;
  const { body } = answer;
  const isWhole = typeof body === 'string' || body instanceof Uint8Array;
  response.writeHead(answer.status, {
    'cache-control': 'no-store',
    ...answer.headers,
    // A request whose body was not read to its end would poison the connection for the next one.
    ...(request.complete ? {} : { connection: 'close' }),
    ...(isWhole && answer.status !== 304 ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
  });
  if (request.method === 'HEAD') response.end();
  else if (isWhole) response.end(body);
  else await sendParts(body, response, { keepAlive: answer.keepAlive, signal: abort.signal });
}

interface Sending {
  readonly keepAlive: string | undefined;
  readonly signal: AbortSignal;
}

async function sendParts(
  parts: AsyncIterable<string | Uint8Array>,
  response: ServerResponse,
  { keepAlive, signal }: Sending,
): Promise<void> {
  response.flushHeaders();
  const timer =
    keepAlive === undefined
      ? undefined
      : setInterval(() => {
          if (!response.writableNeedDrain) response.write(keepAlive);
        }, KEEP_ALIVE_MS);
  try {
    for await (const part of parts) {
      if (signal.aborted) return;
      if (!response.write(part)) await once(response, 'drain', { signal });
    }
    response.end();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(timer);
  }
}
