/**
 * `/graphql` over HTTP. Queries and mutations go to Yoga, subscriptions to the hub (GraphQL over SSE, distinct
 * connections mode), a query that was answered since the views last moved is answered from memory. POST takes
 * `application/json` only: the body types a page may send without asking first are not read. GET never mutates.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzip } from 'node:zlib';
import type { Position } from '../../../schemas/ids.ts';
import type { Caller } from '../../accept/accept.ts';
import { MusterbookError } from '../../errors.ts';
import type { Views } from '../../project/views.ts';
import { readBody } from '../http/body.ts';
import { takes } from '../http/encoding.ts';
import { problem, problemOf, sendProblem } from '../http/problem.ts';
import type { AnswerCache } from './answer-cache.ts';
import type { GraphContext } from './context.ts';
import type { GraphRequest, Prepared } from './documents.ts';
import { type Executor, isMutation, isSubscription, type Ready } from './executor.ts';
import type { Hub } from './hub.ts';
import { readPosition } from './scalars.ts';
import { type EventStreams, openEventStream } from './sse.ts';
import { type Asking, hindranceOf, type YogaDoor } from './yoga.ts';

export interface GraphDoorParts {
  readonly executor: Executor;
  readonly hub: Hub;
  readonly yoga: YogaDoor;
  readonly streams: EventStreams;
  /** Null: every query is executed. */
  readonly cache: AnswerCache | null;
  readonly views: Views;
  contextFor(caller: Caller, at?: Position): GraphContext;
  /** The page that a browser gets. */
  graphiql(): Promise<string>;
}

export type GraphDoor = (request: IncomingMessage, response: ServerResponse, caller: Caller) => Promise<void>;

const BODY_LIMITS = { bytesMax: 16 * 1024 * 1024, timeMsMax: 60_000 };
/** Long timelines take megabytes, a tenth of that packed; what is shorter is sent sooner as it is. */
const PACKED_FROM_BYTES = 64 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json';
const HEADER_AT_LEAST = 'musterbook-at-least';
/** Where the views are folded from the beginning, so that what is answered is of before anything was: how far. */
const HEADER_BUILDING = 'musterbook-building';

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** The body's text, or the URL of a GET. */
  readonly text: string;
  readonly graph: GraphRequest;
}

export function createGraphDoor(parts: GraphDoorParts): GraphDoor {
  return async (request, response, caller) => {
    const building = parts.views.building();
    if (building) response.setHeader(HEADER_BUILDING, `${building.position}/${building.of}`);
    if (request.method === 'GET' || request.method === 'HEAD') return get(parts, request, response, caller);
    if (request.method !== 'POST') {
      return sendProblem(response, problem('METHOD_NOT_ALLOWED', 'GraphQL takes GET and POST'), { allow: 'GET, POST' });
    }
    if (!/^application\/json *(;|$)/i.test(request.headers['content-type'] ?? '')) {
      return sendProblem(response, problem('UNSUPPORTED_MEDIA_TYPE', 'GraphQL is sent as application/json'));
    }
    let text: string;
    try {
      text = await readBody(request, BODY_LIMITS);
    } catch (error) {
      if (!(error instanceof MusterbookError)) throw error;
      return sendProblem(response, problemOf(error), { connection: 'close' });
    }
    if (answerFromCache(parts, request, response, caller, text)) return;
    const graph = requestOf(text);
    if (typeof graph === 'string') return sendJson(request, response, 400, badRequest(graph));
    return answer(parts, { request, response, caller, text, graph });
  };
}

async function get(
  parts: GraphDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
): Promise<void> {
  if (isForPage(request)) {
    const page = await parts.graphiql();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(page) });
    response.end(page);
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const query = url.searchParams.get('query');
  if (query === null) return sendJson(request, response, 400, badRequest('no query'));
  const variables = url.searchParams.get('variables');
  const text = JSON.stringify({ query, operationName: url.searchParams.get('operationName') });
  const graph = requestOf(variables === null ? text : `${text.slice(0, -1)},"variables":${variables}}`);
  if (typeof graph === 'string') return sendJson(request, response, 400, badRequest(graph));
  return answer(parts, { request, response, caller, text: request.url ?? '', graph });
}

async function answer(parts: GraphDoorParts, asked: Asked): Promise<void> {
  const prepared = parts.executor.prepare(asked.graph);
  if (prepared.kind === 'ready') {
    if (isMutation(prepared) && asked.request.method !== 'POST') {
      return sendProblem(asked.response, problem('METHOD_NOT_ALLOWED', 'a GET never changes anything'), {
        allow: 'POST',
      });
    }
    if (isSubscription(prepared)) return subscribe(parts, asked, prepared);
  }
  return answerByYoga(parts, asked, prepared);
}

/** Queries, mutations, and documents that are refused. */
async function answerByYoga(parts: GraphDoorParts, asked: Asked, prepared: Prepared): Promise<void> {
  const { request, response, caller, text, graph } = asked;
  const isPost = request.method === 'POST';
  const { accept } = request.headers;
  const asking: Asking = {
    ...{ caller, graph, prepared },
    atLeast: readPosition(request.headers[HEADER_AT_LEAST]),
    refusedStatus: accepts(request, RESPONSE_TYPE) ? 400 : 200,
    keepAt: null,
  };
  const answered = await parts.yoga(
    `http://localhost${isPost ? '/graphql' : text}`,
    {
      method: isPost ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', accept: accept === undefined || accept === '' ? '*/*' : accept },
      ...(isPost && { body: text }),
    },
    asking,
  );
  const body = Buffer.from(await answered.arrayBuffer());
  if (asking.keepAt !== null && isPost && !acceptsOnlyStream(request)) parts.cache?.put(text, asking.keepAt, body);
  const contentType = answered.headers.get('content-type') ?? JSON_TYPE;
  sendBody(response, body, { status: answered.status, contentType, takesGzip: takes(request.headers, 'gzip') });
}

/** Answers a text that was answered since the views last moved; false when it was not. */
function answerFromCache(
  parts: GraphDoorParts,
  request: IncomingMessage,
  response: ServerResponse,
  caller: Caller,
  text: string,
): boolean {
  if (!caller.roles.has('read') || acceptsOnlyStream(request)) return false;
  const position = parts.views.position();
  const atLeast = readPosition(request.headers[HEADER_AT_LEAST]);
  if (atLeast !== null && atLeast > position) return false;
  const kept = parts.cache?.get(text, position);
  if (kept) sendJson(request, response, 200, kept);
  return kept !== undefined;
}

async function subscribe(parts: GraphDoorParts, asked: Asked, ready: Ready): Promise<void> {
  const { request, response, caller, graph } = asked;
  const atLeast = readPosition(request.headers[HEADER_AT_LEAST]);
  const hindrance = await hindranceOf(parts, ready, { caller, atLeast });
  if (hindrance) return finish(asked, hindrance.status, hindrance.json);
  if (!accepts(request, 'text/event-stream')) {
    return sendProblem(response, problem('NOT_ACCEPTABLE', 'a subscription is answered as text/event-stream'));
  }
  const opened = await parts.executor.open(ready, graph, (at) => parts.contextFor(caller, at));
  if (opened.kind === 'errors') return finish(asked, 200, opened.json);
  const stream = openEventStream(parts.streams, response);
  stream.follow((sink) => parts.hub.begin(opened, parts.views.position(), sink));
}

/** One result of a subscription that does not begin: as JSON, or as the only event of a stream where nothing else is accepted. */
function finish(asked: Asked, status: number, json: string): void {
  const { request, response } = asked;
  if (!acceptsOnlyStream(request)) {
    sendJson(request, response, status, json);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`event: next\ndata: ${json}\n\nevent: complete\ndata: \n\n`);
}

function sendJson(request: IncomingMessage, response: ServerResponse, status: number, json: string | Buffer): void {
  const contentType = accepts(request, RESPONSE_TYPE) ? `${RESPONSE_TYPE}; charset=utf-8` : JSON_TYPE;
  sendBody(response, json, { status, contentType, takesGzip: takes(request.headers, 'gzip') });
}

interface Sending {
  readonly status: number;
  readonly contentType: string;
  readonly takesGzip: boolean;
}

function sendBody(response: ServerResponse, body: string | Buffer, { status, contentType, takesGzip }: Sending): void {
  const send = (bytes: string | Buffer, headers: Readonly<Record<string, string>>) => {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(bytes),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    });
    response.end(bytes);
  };
  if (!takesGzip || Buffer.byteLength(body) < PACKED_FROM_BYTES) {
    send(body, {});
    return;
  }
  // In another thread, at the level that costs least: about 10 ms a megabyte.
  gzip(body, { level: 1 }, (error, packed) => {
    if (error) send(body, {});
    else send(packed, { 'content-encoding': 'gzip' });
  });
}

function requestOf(text: string): GraphRequest | string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return 'the body is no JSON';
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'the body is no JSON object';
  return graphRequest(body as Record<string, unknown>);
}

/** A request's parts, checked; a text says what is wrong with them. */
export function graphRequest(body: Readonly<Record<string, unknown>>): GraphRequest | string {
  const { query, variables = null, operationName = null } = body;
  if (typeof query !== 'string') return 'query must be a text';
  if (typeof variables !== 'object' || Array.isArray(variables)) return 'variables must be an object';
  if (typeof operationName !== 'string' && operationName !== null) return 'operationName must be a text';
  return { query, variables: (variables ?? {}) as GraphRequest['variables'], operationName: operationName || null };
}

function badRequest(message: string): string {
  return JSON.stringify({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] });
}

/** Whether a browser asks for GraphiQL, which reads a query of the address by itself. */
export function isForPage({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

function accepts(request: IncomingMessage, type: string): boolean {
  return (request.headers.accept ?? '').includes(type);
}

function acceptsOnlyStream(request: IncomingMessage): boolean {
  const accept = request.headers.accept ?? '';
  return accept.includes('text/event-stream') && !/json|\*\/\*/.test(accept);
}
