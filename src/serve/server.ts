/** The server: every door of the house behind one gate. */

import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import helmet from 'helmet';
import type { RecordedEvent } from '../../schemas/event.ts';
import type { Position, StreamName } from '../../schemas/ids.ts';
import type { Accept } from '../accept/accept.ts';
import type { Clock, NewId, Timer } from '../clock.ts';
import { MusterbookError } from '../errors.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Link } from '../link.ts';
import type { Views } from '../project/views.ts';
import { createSignInLimit, type TokenTable } from './auth.ts';
import { BUNDLE_FOLDER, readBundle } from './doors/bundle.ts';
import { eventRoutes } from './doors/event-page.ts';
import { explorerRoutes } from './doors/explorer.ts';
import { healthRoutes } from './doors/health.ts';
import { createMetrics } from './doors/metrics.ts';
import { recordRoutes } from './doors/records.ts';
import { schemaRoutes } from './doors/schemas.ts';
import { signInRoutes } from './doors/sign-in.ts';
import { createAnswerCache } from './graphql/answer-cache.ts';
import type { Log } from './graphql/errors.ts';
import { createFeed } from './graphql/feed.ts';
import { createGraph } from './graphql/graph.ts';
import { GRAPHIQL_POLICY, graphiqlPage } from './graphql/graphiql.ts';
import { createGraphDoor, type GraphDoor, isForPage } from './graphql/http-door.ts';
import { DEFAULT_LIMITS, type Limits } from './graphql/limits.ts';
import { createEventStreams } from './graphql/sse.ts';
import { createYogaDoor } from './graphql/yoga.ts';
import { createGate, type Gate, ORIGIN_FAULTS } from './http/gate.ts';
import { problem, problemOf, sendProblem } from './http/problem.ts';
import { type Route, serveRoute } from './http/route.ts';
import { createUpgrades } from './http/upgrade.ts';
import { createStatusAnswers } from './status/answers.ts';
import { createStatusDoor } from './status/door.ts';
import { DEFAULT_STATUS, type StatusSettings } from './status/settings.ts';

export interface ServerOptions {
  readonly views: Views;
  readonly ledger: Ledger;
  readonly accept: Accept;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  /** The backend's name, as `Ledger.store` shows it. */
  readonly store: string;
  /** MUSTERBOOK_HOST: bound to, and accepted as `Host`. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** MUSTERBOOK_PUBLIC_URL; null when not set. */
  readonly publicUrl: URL | null;
  /** Null: no tokens; everyone may everything. */
  readonly tokens: TokenTable | null;
  /** Connections to what lies outside the process; absent: none. */
  readonly links?: readonly Link[];
  /** Doors of other parts of the house, such as those of src/ingest/http. */
  readonly routes: readonly Route[];
  /** The status page's; absent: the defaults. */
  readonly status?: StatusSettings;
  /** How the record is exported (src/egress/export.ts). */
  readonly exported: {
    line(event: RecordedEvent): string;
    pages(query: { readonly after: Position; readonly stream: StreamName | null }): AsyncIterable<string>;
  };
  readonly limits?: Limits;
  /** Paces replays; absent: the system's. */
  readonly timer?: Timer;
  /** Keeps printed answers while the views stand still; default true. */
  readonly answerCache?: boolean;
  /** Where the explorer's files are; absent: where `npm run build:web` puts them. */
  readonly webFolder?: string;
}

export interface RunningServer {
  readonly port: number;
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Takes no more requests, ends subscriptions, waits for answers under way (at most 5 s). */
  close(): Promise<void>;
}

/** Starts the server; resolves once it listens. Rejects when the address cannot be had. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { views, ledger, log, links = [], status = DEFAULT_STATUS } = options;
  const gate = createGate({
    origins: { host: options.host, publicUrl: options.publicUrl },
    tokens: options.tokens,
    limit: createSignInLimit(() => performance.now()),
  });
  const metrics = createMetrics({ ledger, views, links, hub: () => graph.hub.counts() });
  const graph = createGraph({
    ...options,
    links,
    limits: options.limits ?? DEFAULT_LIMITS,
    onSkipped: metrics.skipped,
  });
  const streams = createEventStreams();
  const cache = options.answerCache === false ? null : createAnswerCache();
  const yoga = createYogaDoor({ ...graph, log });
  const graphDoor = createGraphDoor({ ...graph, yoga, streams, graphiql: graphiqlPage, cache });
  const upgrades = createUpgrades(gate, { ...graph, log });
  const records = recordRoutes({
    ...options.exported,
    now: () => views.position(),
    follow: createFeed(ledger, views),
  });
  const bundle = readBundle(options.webFolder ?? BUNDLE_FOLDER);
  const routes = [
    ...explorerRoutes(bundle),
    ...eventRoutes({ ledger, bundle, line: options.exported.line }),
    ...signInRoutes({
      ...{ gate, bundle, hasTokens: options.tokens !== null },
      isSecure: options.publicUrl?.protocol === 'https:',
    }),
    ...healthRoutes(views, links),
    ...schemaRoutes(),
    ...records,
    metrics.route,
    ...options.routes,
  ];
  const answers = createStatusAnswers({ views, ledger, clock: options.clock, settings: status });
  const statusDoor = createStatusDoor({
    ...{ answers, gate, isPublic: status.isPublic, publicUrl: options.publicUrl },
    onFailure: (failure) => fail(log, failure),
  });
  const doors: Doors = { gate, graphDoor, routes, log, publicUrl: options.publicUrl };
  const app = express();
  mount(app, doors);

  const server = createHttpServer({ connectionsCheckingInterval: 5_000 }, (request, response) => {
    response.on('error', () => response.destroy());
    const begun = performance.now();
    response.on('close', () =>
      metrics.answered(doorOf(request), response.statusCode, (performance.now() - begun) / 1_000),
    );
    const isStatus = statusDoor.owns(request.url ?? '/');
    const originFault = gate.fault(request);
    const fault = isStatus ? statusDoor.fault(request, originFault) : originFault;
    if (fault) sendProblem(response, problem(fault, ORIGIN_FAULTS[fault]), { connection: 'close' });
    else if (isStatus) void statusDoor.serve(request, response);
    // The way of nearly all requests does without express and its pages' headers.
    else if (request.method === 'POST' && request.url === '/graphql') void serveGraph(doors, request, response);
    else app(request, response);
  });
  bound(server);
  server.on('upgrade', (request, socket, head) => upgrades.handle(request, socket, head));
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    port,
    url: `http://${host}:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      answers.close();
      streams.close();
      upgrades.close();
      graph.hub.close();
      metrics.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), 5_000);
      await closed;
      clearTimeout(cut);
    },
  };
}

interface Doors {
  readonly gate: Gate;
  readonly graphDoor: GraphDoor;
  readonly routes: readonly Route[];
  readonly log: Log;
  readonly publicUrl: URL | null;
}

function mount(app: express.Express, doors: Doors): void {
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(
    helmet({
      contentSecurityPolicy: {
        directives: {
          fontSrc: ["'self'", 'data:'],
          styleSrc: ["'self'", "'unsafe-inline'"],
          upgradeInsecureRequests: null,
        },
      },
      // Behind TLS only; on loopback it would lock out plain HTTP on every port of this name.
      strictTransportSecurity: doors.publicUrl?.protocol === 'https:',
    }),
  );
  app.all('/graphql', (request, response) => {
    if (isForPage(request)) response.setHeader('content-security-policy', GRAPHIQL_POLICY);
    return serveGraph(doors, request, response);
  });
  for (const route of doors.routes) {
    app[route.method === 'GET' ? 'get' : 'post'](route.path, async (request, response) => {
      const caller = doors.gate.admit(request, response, route.role);
      if (caller !== null) await serveRoute(route, request, response, caller);
    });
  }
  for (const path of new Set(doors.routes.map((route) => route.path))) {
    const allow = doors.routes
      .filter((route) => route.path === path)
      .map((route) => route.method)
      .join(', ');
    app.all(path, (request, response) => {
      sendProblem(response, problem('METHOD_NOT_ALLOWED', `${request.path} takes ${allow}`), { allow });
    });
  }
  app.use((request, response) => sendProblem(response, problem('NOT_FOUND', `there is nothing at ${request.path}`)));
  const onError: express.ErrorRequestHandler = (error, request, response, _next) => {
    fail(doors.log, { error, request, response });
  };
  app.use(onError);
}

async function serveGraph(doors: Doors, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const caller = doors.gate.admit(request, response, isForPage(request) ? null : 'any');
    if (caller !== null) await doors.graphDoor(request, response, { ...caller, door: 'graphql' });
  } catch (error) {
    fail(doors.log, { error, request, response });
  }
}

interface Failure {
  readonly error: unknown;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers?: Readonly<Record<string, string>>;
}

function fail(log: Log, { error, request, response, headers = {} }: Failure): void {
  if (error instanceof MusterbookError) {
    const closing = request.complete ? {} : { connection: 'close' };
    sendProblem(response, problemOf(error), { ...headers, ...closing });
    return;
  }
  // express gives what it could not read of a request (a broken escape in the path) a status.
  const status = (error as { readonly status?: unknown }).status;
  if (status === 400) {
    sendProblem(response, problem('BAD_REQUEST', 'the request cannot be read'), { connection: 'close' });
    return;
  }
  log.error({ err: error, url: request.url }, 'a request failed unexpectedly');
  sendProblem(response, problem('INTERNAL', 'Unexpected error.'), { connection: 'close' });
}

/** Bounds what a client may hold: time for headers, connections, idle time. Bodies are bounded where they are read. */
function bound(server: Server): void {
  server.headersTimeout = 15_000;
  // An upload of any size may take its time as long as it flows.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 30_000;
  server.maxHeadersCount = 100;
  server.maxConnections = 10_000;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

const DOORS: readonly string[] = [
  ...['/graphql', '/v1', '/export', '/schemas', '/schema', '/healthz', '/readyz', '/metrics', '/'],
  ...['/status', '/api', '/history'],
];

/** The door's name for metrics: bounded in number, whatever is asked for. */
function doorOf(request: IncomingMessage): string {
  const path = /^\/[a-z0-9]*/.exec(request.url ?? '')?.[0] ?? 'other';
  return DOORS.includes(path) ? path : 'other';
}
