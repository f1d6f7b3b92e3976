/** What the tests of this door share: events in short, senders, and the door on its own. */
import assert from 'node:assert/strict';
import { type IncomingHttpHeaders, request } from 'node:http';
import { Readable } from 'node:stream';
import type { Caller } from '../../../src/accept/accept.ts';
import { createAccept } from '../../../src/accept/create.ts';
import { uuidV7 } from '../../../src/clock.ts';
import { type BodyLimits, DEFAULT_BODY_LIMITS } from '../../../src/ingest/http/body.ts';
import { eventsRoute } from '../../../src/ingest/http/events.ts';
import { openMemoryLedger } from '../../../src/ledger/memory/ledger.ts';
import type { Ledger } from '../../../src/ledger/port.ts';
import { micros } from '../../support/events.ts';

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';
export const NDJSON = 'application/x-ndjson';

/** A good event; `over` replaces attributes. */
export function event(id: string, over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    specversion: '1.0',
    id,
    source: '/test',
    type: 'io.musterbook.LeaderElected',
    subject: 'payments',
    time: '2022-12-13T20:14:00Z',
    data: { leaderId: 'node-1', term: 7 },
    ...over,
  };
}

export function ndjson(...records: readonly unknown[]): string {
  return records.map((record) => `${typeof record === 'string' ? record : JSON.stringify(record)}\n`).join('');
}

const EVERYTHING: Caller = {
  name: null,
  authType: 'unauthenticated',
  roles: new Set(['read', 'ingest', 'operate', 'admin']),
  door: 'http',
};

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
}
/** Of an answer with counts or of a problem. */
export interface AnswerBody {
  readonly appended: number;
  readonly duplicates: number;
  readonly rejectedCount: number;
  readonly rejected: readonly {
    readonly index: number;
    readonly id: string | null;
    readonly code: string;
    readonly path: string | null;
    readonly hint: string;
  }[];
  readonly position: number;
  readonly code: string;
  readonly hint: string;
  readonly detail: string;
}

export interface Door {
  readonly ledger: Ledger;
  send(
    body: string | Uint8Array | AsyncIterable<Uint8Array>,
    headers?: Readonly<Record<string, string>>,
    caller?: Caller,
  ): Promise<Answered>;
}

/** The door without a server around it. */
export function openDoor({ ledger = memoryLedger(), limits = {} as Partial<BodyLimits> } = {}): Door {
  const accept = createAccept({ ledger, clock: () => micros(100_000), newId: uuidV7, source: 'musterbook' });
  const route = eventsRoute(accept, { ...DEFAULT_BODY_LIMITS, ...limits });
  return {
    ledger,
    async send(body, headers = { 'content-type': STRUCTURED }, caller = EVERYTHING) {
      const bytes =
        typeof body === 'string' || body instanceof Uint8Array
          ? Readable.from([typeof body === 'string' ? Buffer.from(body) : body])
          : body;
      const answer = await route.handle({ headers, body: bytes, caller });
      assert.match(answer.headers['content-type'] ?? '', /^application\/(problem\+)?json; charset=utf-8$/);
      return { ...answer, body: JSON.parse(answer.body) as AnswerBody };
    },
  };
}

export function memoryLedger(): Ledger {
  return openMemoryLedger({ clock: () => micros(100_000) });
}

export interface Sent {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: AnswerBody;
}

/** Posts with any header there is, Host and Origin too, which `fetch` keeps to itself. */
export function post(url: string, body: string | Uint8Array, headers: Readonly<Record<string, string>>): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) as AnswerBody });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
