/**
 * The door of the status page. It stands beside express, so that a crowd costs little: what is asked again and again is
 * an answer that is kept, with headers that are made once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from '../http/gate.ts';
import type { OriginFault } from '../http/origin.ts';
import { problem, sendProblem } from '../http/problem.ts';
import type { StatusAnswer, StatusAnswers } from './answers.ts';
import { isStatusPath } from './files.ts';

export interface StatusDoor {
  owns(url: string): boolean;
  /** What of a fault of the request's origin stands here: pages of other origins may read what is public. */
  fault(request: IncomingMessage, fault: OriginFault | null): OriginFault | null;
  /** Never rejects for what a client can cause. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

export interface StatusDoorParts {
  readonly answers: StatusAnswers;
  readonly gate: Gate;
  readonly isPublic: boolean;
  /** MUSTERBOOK_PUBLIC_URL; null when not set. */
  readonly publicUrl: URL | null;
  /** Answers with what went wrong. */
  onFailure(failure: {
    readonly error: unknown;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly headers: Readonly<Record<string, string>>;
  }): void;
}

/** A minute would be long on a page that people look at while something burns. */
const PUBLIC_CACHE = 'public, max-age=10';
const PRIVATE_CACHE = 'private, no-cache';
const METHODS = 'GET, HEAD, OPTIONS';

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join(';');
/** An image that is opened as a page runs nothing and loads nothing. */
const IMAGE_POLICY = "default-src 'none';style-src 'unsafe-inline';sandbox";

export function createStatusDoor(parts: StatusDoorParts): StatusDoor {
  const { answers, gate, isPublic, publicUrl } = parts;
  const publicBase = publicUrl === null ? null : publicUrl.href.replace(/[?#].*$/, '').replace(/\/+$/, '');
  const shared = sharedHeaders(isPublic, publicUrl);
  const headersOf = new WeakMap<StatusAnswer, Record<string, string>>();

  function send(request: IncomingMessage, response: ServerResponse, answer: StatusAnswer): void {
    if (response.destroyed) return;
    let headers = headersOf.get(answer);
    if (headers === undefined) {
      headers = { ...shared, ...ownHeaders(answer) };
      headersOf.set(answer, headers);
    }
    // A body that was not read would poison the connection for the next request.
    const all =
      request.complete || request.headers['content-length'] === undefined
        ? headers
        : { ...headers, connection: 'close' };
    if (answer.etag !== null && isKnown(request.headers['if-none-match'], answer.etag)) {
      const { 'content-length': _length, 'content-type': _type, ...rest } = all;
      response.writeHead(304, rest);
      response.end();
      return;
    }
    response.writeHead(answer.status, all);
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  }

  return {
    owns: (url) => isStatusPath(pathOf(url)),
    fault(request, fault) {
      const isReading = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
      return fault === 'FOREIGN_ORIGIN' && isPublic && isReading ? null : fault;
    },
    async serve(request, response) {
      try {
        await answer(request, response);
      } catch (error) {
        parts.onFailure({ error, request, response, headers: corsHeaders(isPublic) });
      }
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/' } = request;
    if (method !== 'GET' && method !== 'HEAD') return refuseMethod(request, response, { isPublic, shared });
    if (!isPublic && gate.admit(request, response, 'read') === null) return;
    const base = publicBase ?? `http://${request.headers.host ?? 'localhost'}`;
    const known = url.includes('?') ? null : answers.kept(url, base);
    if (known !== null) return send(request, response, known);
    const path = pathOf(url);
    const query = new URLSearchParams(url.slice(path.length));
    const made = await answers.answer({ path, query, base });
    if (made !== null) send(request, response, made);
    else sendProblem(response, problem('NOT_FOUND', `there is nothing at ${path}`), corsHeaders(isPublic));
  }
}

/** Headers of a problem at this door, so that pages of other origins can read what is wrong. */
function corsHeaders(isPublic: boolean): Record<string, string> {
  return isPublic ? { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'ETag' } : {};
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

function sharedHeaders(isPublic: boolean, publicUrl: URL | null): Record<string, string> {
  return {
    ...corsHeaders(isPublic),
    ...(isPublic ? {} : { vary: 'Authorization, Cookie' }),
    'cross-origin-resource-policy': isPublic ? 'cross-origin' : 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    ...(publicUrl?.protocol === 'https:' ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
    'cache-control': isPublic ? PUBLIC_CACHE : PRIVATE_CACHE,
  };
}

function ownHeaders({ type, body, etag, status }: StatusAnswer): Record<string, string> {
  return {
    'content-type': type,
    'content-length': String(body.length),
    'content-security-policy': type.startsWith('image/') ? IMAGE_POLICY : POLICY,
    ...(etag === null ? {} : { etag }),
    ...(status === 200 ? {} : { 'cache-control': 'no-store' }),
    ...(status === 503 ? { 'retry-after': '5' } : {}),
  };
}

/** RFC 9110: a weak comparison, of any in the list. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}

interface Refusing {
  readonly isPublic: boolean;
  readonly shared: Readonly<Record<string, string>>;
}

function refuseMethod(request: IncomingMessage, response: ServerResponse, { isPublic, shared }: Refusing): void {
  if (request.method !== 'OPTIONS') {
    const headers = { allow: METHODS, connection: 'close' };
    sendProblem(response, problem('METHOD_NOT_ALLOWED', `this takes ${METHODS}`), headers);
    return;
  }
  const preflight = {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': 'If-None-Match',
    'access-control-max-age': '86400',
  };
  response.writeHead(204, { ...shared, allow: METHODS, ...(isPublic ? preflight : {}), 'content-length': '0' });
  response.end();
}
