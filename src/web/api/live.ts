/**
 * Subscriptions that go on: over a server that was killed, a network that went away, a tab that was hidden. Each payload
 * carries its cursor; whoever comes back asks for what came after the last one, so nothing is missed and nothing doubled.
 */
import { type Client, createClient, NetworkError } from 'graphql-sse';
import { useEffect, useRef } from 'preact/hooks';
import type { Failure, Variables } from './ask.ts';
import { delayBefore } from './backoff.ts';
import { hangUp, heard, retry, say, signedOut } from './connection.ts';

export interface Payload {
  readonly cursor: string;
}

export interface FollowOptions<Change extends Payload> {
  /** A subscription with the variable `$after: Position`. */
  readonly query: string;
  /** Its root field. */
  readonly field: string;
  readonly variables?: Variables;
  /** Begin after this position; absent: with the present. */
  readonly after?: string;
  onChange(change: Change): void;
  /** The server will not have this subscription: it is not tried again. */
  onFailure?(failure: Failure): void;
}

/** The server says something at least every 15 s. */
const SILENCE_MS_MAX = 40_000;
/** A hidden tab gives its connection back: a browser has six of them for all tabs of a server. */
const HIDDEN_MS = 20_000;

type Ended =
  | { readonly kind: 'lost' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'refused'; readonly failure: Failure };

/** Follows until the returned function is called. */
export function follow<Change extends Payload>(options: FollowOptions<Change>): () => void {
  const line = Symbol(options.field);
  const stop = new AbortController();
  void keepFollowing(options, line, stop.signal).finally(() => hangUp(line));
  return () => stop.abort();
}

/** Follows while the component is there and its variables stay the same. */
export function useLive<Change extends Payload>(options: FollowOptions<Change>): void {
  const newest = useRef(options);
  newest.current = options;
  const key = JSON.stringify([options.query, options.variables ?? {}, options.after ?? null]);
  useEffect(
    () =>
      follow<Change>({
        ...newest.current,
        onChange: (change) => newest.current.onChange(change),
        onFailure: (failure) => newest.current.onFailure?.(failure),
      }),
    [key],
  );
}

async function keepFollowing<Change extends Payload>(
  options: FollowOptions<Change>,
  line: symbol,
  signal: AbortSignal,
): Promise<void> {
  let after = options.after ?? null;
  let attempt = 0;
  let heardAtMs = Date.now();
  const onChange = (change: Change): void => {
    after = change.cursor;
    heard(change.cursor);
    options.onChange(change);
  };
  const onSign = (): void => {
    attempt = 0;
    heardAtMs = Date.now();
    say(line, null);
  };
  while (!signal.aborted) {
    await shown(signal);
    const variables = { ...options.variables, after };
    const ended = await once<Change>({ ...options, variables, onChange }, { onSign, signal });
    if (signal.aborted) return;
    if (ended.kind === 'complete') return;
    if (ended.kind === 'refused') {
      options.onFailure?.(ended.failure);
      return;
    }
    if (document.hidden) continue;
    const waitMs = delayBefore(attempt, Math.random());
    attempt += 1;
    say(line, { sinceMs: heardAtMs, againAtMs: Date.now() + waitMs });
    await pause(waitMs, signal);
  }
}

interface Connection {
  /** Anything was heard: the head of the answer, a payload, a sign of life. */
  onSign(): void;
  readonly signal: AbortSignal;
}

/** One connection, from its beginning to its end. */
function once<Change extends Payload>(options: FollowOptions<Change>, { onSign, signal }: Connection): Promise<Ended> {
  return new Promise((resolve) => {
    let watch: ReturnType<typeof setTimeout> | undefined;
    let hidden: ReturnType<typeof setTimeout> | undefined;
    const client: Client = createClient({
      url: '/graphql',
      retryAttempts: 0,
      fetchFn: async (url: string, init: RequestInit) => watched(await fetch(url, init), sign),
    });
    const end = (ended: Ended): void => {
      clearTimeout(watch);
      clearTimeout(hidden);
      document.removeEventListener('visibilitychange', onHidden);
      signal.removeEventListener('abort', lost);
      resolve(ended);
      client.dispose();
    };
    const lost = (): void => end({ kind: 'lost' });
    const sign = (): void => {
      clearTimeout(watch);
      watch = setTimeout(lost, SILENCE_MS_MAX);
      onSign();
    };
    const onHidden = (): void => {
      clearTimeout(hidden);
      if (document.hidden) hidden = setTimeout(lost, HIDDEN_MS);
    };
    document.addEventListener('visibilitychange', onHidden);
    signal.addEventListener('abort', lost);
    watch = setTimeout(lost, SILENCE_MS_MAX);
    client.subscribe<Record<string, Change>>(
      { query: options.query, variables: { ...options.variables } },
      {
        next({ data, errors }) {
          const change = data?.[options.field];
          if (change !== undefined && change !== null) options.onChange(change);
          else if (errors?.[0]) end(endOf(errors));
        },
        error: (error) => end(endOf(error)),
        complete: () => end({ kind: 'complete' }),
      },
    );
  });
}

/** The same response, telling of every piece that comes. */
function watched(response: Response, onPiece: () => void): Response {
  if (!response.ok || response.body === null) return response;
  onPiece();
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      onPiece();
      controller.enqueue(piece);
    },
  });
  return new Response(response.body.pipeThrough(tap), response);
}

function endOf(error: unknown): Ended {
  const status =
    error instanceof NetworkError ? (error.response as { status?: number } | undefined)?.status : undefined;
  if (status === 401) {
    signedOut.value = true;
    return {
      kind: 'refused',
      failure: { kind: 'signed-out', code: 'UNAUTHENTICATED', message: 'The server wants a token.' },
    };
  }
  if (status === 403) {
    return { kind: 'refused', failure: { kind: 'forbidden', code: 'FORBIDDEN', message: 'This token may not read.' } };
  }
  const [first] = Array.isArray(error) ? (error as readonly Refusal[]) : [];
  // Views that have yet to come as far as the cursor, as after a restart.
  if (first?.extensions?.['retryable'] === true) return { kind: 'lost' };
  if (first) return { kind: 'refused', failure: refusal(first) };
  return { kind: 'lost' };
}

interface Refusal {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

function refusal({ message, extensions }: Refusal): Failure {
  const code = String(extensions?.['code'] ?? '');
  return { kind: code === 'FORBIDDEN' ? 'forbidden' : 'refused', code, message };
}

/** Resolves once the tab is seen. */
function shown(signal: AbortSignal): Promise<void> | undefined {
  if (!document.hidden) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    document.addEventListener('visibilitychange', done);
    signal.addEventListener('abort', done);
  });
}

/** Resolves after `ms`, or as soon as there is a reason to try now. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      retry.removeEventListener('now', done);
      removeEventListener('online', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    retry.addEventListener('now', done);
    addEventListener('online', done);
    signal.addEventListener('abort', done);
  });
}
