/** A real server on a free port for the tests of this folder: memory ledger, every projection, the one door. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { PROJECTIONS } from '../../projections/list.ts';
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import { type Position, START } from '../../schemas/ids.ts';
import { type Micros, microsFromMs } from '../../schemas/time.ts';
import type { Accept, Caller } from '../../src/accept/accept.ts';
import { createAccept } from '../../src/accept/create.ts';
import { uuidV7 } from '../../src/clock.ts';
import { exportPages } from '../../src/egress/export.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../src/ledger/port.ts';
import { startProjecting } from '../../src/project/start.ts';
import type { Views } from '../../src/project/views.ts';
import { ROLES } from '../../src/serve/auth.ts';
import { type RunningServer, type ServerOptions, startServer } from '../../src/serve/server.ts';

export interface Serving {
  readonly server: RunningServer;
  readonly url: string;
  readonly ledger: Ledger;
  readonly views: Views;
  readonly accept: Accept;
  /** What was logged as errors. */
  readonly errors: readonly object[];
  /** Appends events given in short; resolves with the position once the views have come that far. */
  tell(...events: readonly Told[]): Promise<Position>;
  /** Posts a GraphQL request and gives the parsed answer. */
  ask(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

/** [type, subject, payload, minutes past 2022-12-13T20:00Z] */
export type Told = readonly [type: string, subject: string, data?: object, minute?: number, more?: object];

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared as a whole.
  readonly data: any;
  readonly errors: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

export const CALLER: Caller = { name: null, authType: 'unauthenticated', roles: new Set(ROLES), door: 'graphql' };
const STORY_MS = Date.UTC(2022, 11, 13, 20);

/** Minutes past 20:00, as the tests tell time. */
function minute(at: number): string {
  return new Date(STORY_MS + at * 60_000).toISOString();
}

export async function serve(context: TestContext | null, overrides: Partial<ServerOptions> = {}): Promise<Serving> {
  let now = STORY_MS + 24 * 3_600_000;
  const clock = (): Micros => {
    now += 1;
    return microsFromMs(now);
  };
  const ledger = overrides.ledger ?? openMemoryLedger({ clock });
  const errors: object[] = [];
  const onTrouble = (error: unknown) => void errors.push({ err: error });
  const projecting = overrides.views
    ? null
    : await startProjecting({ ledger, projections: PROJECTIONS, keep: 'memory', onTrouble });
  const views = overrides.views ?? projecting?.views;
  assert.ok(views);
  const accept = createAccept({ ledger, clock, newId: uuidV7, source: 'musterbook' });
  const server = await startServer({
    views,
    ledger,
    accept,
    clock,
    newId: uuidV7,
    log: { info: () => {}, warn: () => {}, error: (facts) => errors.push(facts) },
    store: 'memory',
    host: '127.0.0.1',
    port: 0,
    publicUrl: null,
    tokens: null,
    routes: [],
    exported: { line: recordedLine, pages: (query) => exportPages(ledger, query) },
    ...overrides,
  });
  context?.after(async () => {
    await server.close();
    await projecting?.close();
    await ledger.close();
  });
  let told = 0;
  return {
    server,
    url: server.url,
    ledger,
    views,
    accept,
    errors,
    async tell(...events) {
      const records = events.map(([type, subject, data = {}, at, more = {}]) => {
        told += 1;
        const time = at === undefined ? {} : { time: minute(at) };
        return {
          value: { specversion: '1.0', id: `t${told}`, source: '/tests', type, subject, ...time, data, ...more },
        };
      });
      const result = await accept.facts(records, CALLER);
      assert.deepEqual(result.rejected, []);
      assert.ok(await views.reached(result.position, 5_000), 'the views did not come that far');
      return result.position;
    },
    async ask(query, variables = {}, headers = {}) {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const { data = null, errors: found = [] } = (await response.json()) as Partial<Answer>;
      return { status: response.status, data, errors: found };
    },
  };
}

/** Views of a record that is being folded from its beginning, until `finish` is called. */
export function unfinished(views: Views): { readonly views: Views; finish(): void } {
  let isFinished = false;
  const of = 1_000 as Position;
  const whileBuilding: Partial<Views> = {
    position: () => (isFinished ? views.position() : START),
    statuses: () =>
      views.statuses().map((status) => (isFinished ? status : { ...status, position: START, state: 'CATCHING_UP' })),
    building: () => (isFinished ? null : { position: 250 as Position, of }),
  };
  return {
    views: new Proxy(views, {
      get(target, name: keyof Views) {
        const method = whileBuilding[name] ?? target[name];
        return method.bind(target);
      },
    }),
    finish() {
      isFinished = true;
    },
  };
}
