/** Errors outside GraphQL: `application/problem+json` (RFC 9457) with our code and what to do about it. */
import type { ServerResponse } from 'node:http';
import { ERRORS, type ErrorCode, type MusterbookError } from '../../errors.ts';

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint: string;
}

export function problem(code: ErrorCode, detail: string): Problem {
  const { status, hint } = ERRORS[code];
  return { status, code, detail, hint };
}

export function problemOf(error: MusterbookError): Problem {
  return { status: error.status, code: error.code, detail: error.message, hint: error.hint };
}

/** Answers with a problem; closes the connection where nothing can be answered any more. */
export function sendProblem(
  response: ServerResponse,
  { status, code, detail, hint }: Problem,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = JSON.stringify({ type: 'about:blank', title: code, status, detail, code, hint });
  response.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 503 ? { 'retry-after': '1' } : {}),
    ...headers,
  });
  response.end(body);
}
