/** A client of a running server, over HTTP. */
import { setTimeout as pause } from 'node:timers/promises';
import { CommandFailure, EXIT, exitOfCode } from '../failure.ts';
import type { FactsAnswer } from '../runtime.ts';
import { readAnswer } from './answer.ts';
import type { Client, Subscription, Variables } from './client.ts';
import { readServerSentEvents } from './sse.ts';

export interface HttpClientOptions {
  readonly url: URL;
  readonly token: string | null;
  /** Hears that a connection broke and is being taken up again. */
  readonly onReconnect?: (reason: string) => void;
  /** Hears once that the server's views are being built, so that its answers lack what is recorded: `<position>/<of>`. */
  readonly onBuilding?: (howFar: string) => void;
}

const RETRY_DELAY_MS = 500;
const RETRY_DELAY_MS_MAX = 10_000;

export function httpClient({ url, token, onReconnect = () => {}, onBuilding = () => {} }: HttpClientOptions): Client {
  let isToldOfBuilding = false;
  const base = url.href.replace(/\/$/, '');
  const send = (path: string, init: RequestInit): Promise<Response> => request(base, path, withToken(init, token));

  /** Payloads as they come; null where the server says that there are no more. */
  async function* payloads(
    { document, variables }: Subscription,
    resumed: Variables,
    signal: AbortSignal,
  ): AsyncGenerator<string | null> {
    const response = await send('/graphql', {
      ...jsonBody({ query: document, variables: { ...variables, ...resumed } }),
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      signal,
    });
    if (!response.body) return;
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      readAnswer(await response.json());
      return;
    }
    for await (const { event, data } of readServerSentEvents(response.body)) {
      if (event === 'next') yield data;
      if (event === 'complete') {
        yield null;
        return;
      }
    }
  }

  return {
    place: base,
    async ask<Answer>(document: string, variables: Variables = {}) {
      const response = await send('/graphql', {
        ...jsonBody({ query: document, variables }),
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      });
      const building = response.headers.get('musterbook-building');
      if (building !== null && !isToldOfBuilding) onBuilding(building);
      isToldOfBuilding ||= building !== null;
      return readAnswer<Answer>(await readJson(response));
    },
    async *watch<Change>(subscription: Subscription, signal: AbortSignal): AsyncGenerator<Change> {
      let resumed: Variables = {};
      let last = (subscription.variables['after'] as string | undefined) ?? null;
      let delayMs = RETRY_DELAY_MS;
      let resumedFrom: string | null = null;
      let isFirst = true;
      while (!signal.aborted) {
        try {
          for await (const data of payloads(subscription, resumed, signal)) {
            if (data === null && subscription.ends) return;
            if (data === null) break;
            const change = readAnswer<Record<string, { cursor: string }>>(JSON.parse(data))[subscription.field];
            if (!change) continue;
            last = change.cursor;
            resumed = { after: last, ...subscription.resumeWith?.(change as never) };
            delayMs = RETRY_DELAY_MS;
            isFirst = false;
            // A subscription that is taken up again shows the state at its cursor first: that was seen already.
            if (change.cursor !== resumedFrom) yield change as Change;
          }
          if (signal.aborted) return;
          onReconnect('the server ended the stream');
        } catch (error) {
          if (signal.aborted) return;
          const isBroken = !(error instanceof CommandFailure) || error.exit === EXIT.unreachable;
          if (!isBroken || isFirst) throw error;
          onReconnect(error instanceof Error ? error.message : String(error));
        }
        resumedFrom = last;
        await pause(delayMs, undefined, { signal }).catch(() => {});
        delayMs = Math.min(delayMs * 2, RETRY_DELAY_MS_MAX);
      }
    },
    async *exportLines({ after, stream }) {
      const query = new URLSearchParams({ after: String(after), ...(stream !== null && { stream }) });
      const response = await send(`/export.jsonl?${query}`, {});
      if (response.body) yield* response.body;
    },
    async takeFacts(lines) {
      const response = await send('/v1/events', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: `${lines.join('\n')}\n`,
      });
      return (await readJson(response)) as FactsAnswer;
    },
    async statusFile(path) {
      const response = await send(path, {});
      return {
        type: response.headers.get('content-type') ?? '',
        body: new Uint8Array(await response.arrayBuffer()),
        position: /^"(\d+)-/.exec(response.headers.get('etag') ?? '')?.[1] ?? null,
      };
    },
    close: async () => {},
  };
}

function jsonBody(value: unknown): { method: 'POST'; body: string } {
  return { method: 'POST', body: JSON.stringify(value) };
}

function withToken(init: RequestInit, token: string | null): RequestInit {
  if (token === null) return init;
  return { ...init, headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` } };
}

/** Sends a request. Throws a failure for what is no answer: no connection, or a problem (RFC 9457). */
async function request(base: string, path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`${base}${path}`, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw unreachable(base, error);
  }
  const type = response.headers.get('content-type') ?? '';
  if (response.ok || /json/.test(type) === false) {
    if (response.ok) return response;
    throw new CommandFailure(exitOfStatus(response.status), {
      code: `HTTP_${response.status}`,
      message: `${base}${path} answered ${response.status}`,
      hint: 'Is MUSTERBOOK_URL the address of a Musterbook server?',
    });
  }
  if (!type.startsWith('application/problem+json')) return response;
  const problem = (await response.json()) as { code?: string; detail?: string; title?: string; hint?: string };
  const code = problem.code ?? `HTTP_${response.status}`;
  const known = exitOfCode(code);
  throw new CommandFailure(known === EXIT.error ? exitOfStatus(response.status) : known, {
    code,
    message: problem.detail ?? problem.title ?? `${base}${path} answered ${response.status}`,
    hint: problem.hint ?? null,
  });
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new CommandFailure(EXIT.error, {
      code: 'NOT_MUSTERBOOK',
      message: `${response.url} answered something that is no JSON`,
      hint: 'Is MUSTERBOOK_URL the address of a Musterbook server?',
    });
  }
}

function exitOfStatus(status: number): (typeof EXIT)[keyof typeof EXIT] {
  if (status === 401 || status === 403 || status === 421) return EXIT.auth;
  if (status === 404) return EXIT.notFound;
  if (status === 409) return EXIT.conflict;
  if (status === 429 || status >= 502) return EXIT.unreachable;
  return EXIT.error;
}

function unreachable(base: string, error: unknown): CommandFailure {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason =
    cause instanceof Error ? cause.message || (cause as { code?: string }).code || cause.name : String(cause);
  return new CommandFailure(EXIT.unreachable, {
    code: 'UNREACHABLE',
    message: `no answer from ${base}: ${reason}`,
    hint: 'Start it with `musterbook serve`, or unset MUSTERBOOK_URL to read the ledger under MUSTERBOOK_DATA.',
  });
}
