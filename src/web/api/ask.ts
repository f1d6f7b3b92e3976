/** Questions and commands over GraphQL. */
import { Client, type CombinedError, fetchExchange } from '@urql/core';
import { useEffect, useState } from 'preact/hooks';
import { signedOut } from './connection.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** Why there is no answer, in words for the reader. */
export interface Failure {
  /** `signed-out`: a token is needed; `forbidden`: this one may not; `unreachable`: no server; `refused`: the server says why. */
  readonly kind: 'signed-out' | 'forbidden' | 'unreachable' | 'refused';
  /** `extensions.code` of the answer, such as `NOT_YET`; empty where there is none. */
  readonly code: string;
  readonly message: string;
}

class AskError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

const client = new Client({ url: '/graphql', exchanges: [fetchExchange], preferGetMethod: false });

/**
 * Sends a query. Rejects with `AskError`; once the signal is aborted the request is called off and it rejects with the signal's reason.
 * An answered question is left: the client keeps the last answer to every one that is still listened to.
 */
export function ask<Answer>(query: string, variables: Variables = {}, signal?: AbortSignal): Promise<Answer> {
  const asked = client.query<Answer>(query, variables);
  if (signal === undefined) return settled<Answer>(asked.toPromise());
  return settled<Answer>(
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = (): void => {
        unsubscribe();
        reject(signal.reason as Error);
      };
      const { unsubscribe } = asked.subscribe((answer) => {
        signal.removeEventListener('abort', onAbort);
        resolve(answer);
        // Else whoever asks the same again gets this answer first. Later, for it may come before there is what unsubscribes.
        queueMicrotask(() => unsubscribe());
      });
      signal.addEventListener('abort', onAbort);
    }),
  );
}

/** Sends a mutation; refusals of deciders are members of its answer. Rejects with `AskError`. */
export function command<Answer>(mutation: string, variables: Variables = {}): Promise<Answer> {
  return settled<Answer>(client.mutation<Answer>(mutation, variables).toPromise());
}

async function settled<Answer>(asked: Promise<{ data?: Answer; error?: CombinedError }>): Promise<Answer> {
  const { data, error } = await asked;
  if (error !== undefined) throw new AskError(failureOf(error));
  return data as Answer;
}

function failureOf({ graphQLErrors, response }: CombinedError): Failure {
  const status = (response as Response | undefined)?.status;
  if (status === 401) {
    signedOut.value = true;
    return { kind: 'signed-out', code: 'UNAUTHENTICATED', message: 'The server wants a token.' };
  }
  const [first] = graphQLErrors;
  const code = String(first?.extensions['code'] ?? '');
  if (status === 403 || code === 'FORBIDDEN') {
    return { kind: 'forbidden', code: 'FORBIDDEN', message: first?.message ?? 'This token may not do that.' };
  }
  if (first !== undefined) return { kind: 'refused', code, message: first.message };
  if (status !== undefined) return { kind: 'refused', code: '', message: `The server answered ${status}.` };
  return { kind: 'unreachable', code: '', message: 'The server cannot be reached.' };
}

export type Answer<Data> =
  | { readonly state: 'loading' }
  | {
      readonly state: 'ready';
      readonly data: Data;
      /** A newer answer is on its way. */
      readonly stale: boolean;
      /** Why there is none newer: what is shown is what was known. */
      readonly failure: Failure | null;
    }
  | { readonly state: 'failed'; readonly failure: Failure };

/** An answer, and how to ask again. */
export type Asked<Data> = Answer<Data> & { again(): void };

/** Asks when the component appears and whenever the variables change; the old answer stays until the new one is there. */
export function useAnswer<Data>(query: string, variables: Variables = {}): Asked<Data> {
  const [answer, setAnswer] = useState<Answer<Data>>({ state: 'loading' });
  const [round, setRound] = useState(0);
  const key = JSON.stringify(variables);
  useEffect(() => {
    let isWanted = true;
    setAnswer((before) => (before.state === 'ready' ? { ...before, stale: true } : { state: 'loading' }));
    ask<Data>(query, JSON.parse(key) as Variables).then(
      (data) => isWanted && setAnswer({ state: 'ready', data, stale: false, failure: null }),
      (error: unknown) => isWanted && setAnswer((before) => failed(before, failureIn(error))),
    );
    return () => {
      isWanted = false;
    };
  }, [query, key, round]);
  return { ...answer, again: () => setRound((before) => before + 1) };
}

/** A server that is away for a while takes nothing away that was known; any other failure stands in its place. */
function failed<Data>(before: Answer<Data>, failure: Failure): Answer<Data> {
  if (before.state === 'ready' && failure.kind === 'unreachable') return { ...before, stale: false, failure };
  return { state: 'failed', failure };
}

export function failureIn(error: unknown): Failure {
  if (error instanceof AskError) return error.failure;
  return { kind: 'refused', code: '', message: error instanceof Error ? error.message : String(error) };
}
