/** GraphQL without a transport: operations run in this process, by the same executor, limits and fan-out as behind every door. */
import EventEmitter, { once } from 'node:events';
import type { Caller } from '../accept/accept.ts';
import { isSubscription } from './graphql/executor.ts';
import type { Sink } from './graphql/fan-out.ts';
import type { Graph } from './graphql/graph.ts';
import { createStatusAnswers, type StatusParts } from './status/answers.ts';

export interface LocalGraph {
  /** A query's or mutation's result, as JSON. */
  run(document: string, variables: Readonly<Record<string, unknown>>): Promise<string>;
  /** A subscription's results, as JSON, until the signal. Ends with errors as its only result where it cannot begin. */
  watch(document: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): AsyncIterable<string>;
}

/** The status page's files without a server, by path and query; `close` once no more are wanted. */
export function localStatusPage(parts: StatusParts, publicUrl: URL | null) {
  const answers = createStatusAnswers(parts);
  const base = (publicUrl?.href ?? 'http://localhost').replace(/[?#].*$/, '').replace(/\/+$/, '');
  return {
    async file(url: string): Promise<{ type: string; body: Uint8Array; position: string } | null> {
      const { pathname: path, searchParams: query } = new URL(url, 'http://localhost');
      const answer = await answers.answer({ path, query, base });
      if (answer === null || answer.status !== 200) return null;
      return { type: answer.type, body: answer.body, position: answer.etag?.slice(1, answer.etag.indexOf('-')) ?? '' };
    },
    close: () => answers.close(),
  };
}

/** Frames that wait for a slow reader; beyond, the hub holds its place. */
const WAITING_MAX = 64;

export function localGraph({ executor, hub, views, contextFor }: Graph, caller: Caller): LocalGraph {
  const requestOf = (document: string, variables: Readonly<Record<string, unknown>>) => ({
    query: document,
    variables: variables as Record<string, unknown>,
    operationName: null,
  });
  return {
    async run(document, variables) {
      const request = requestOf(document, variables);
      const ready = executor.prepare(request);
      if (ready.kind === 'refused') return executor.print({ errors: ready.errors });
      return (await executor.answer(ready, request, contextFor(caller))).json;
    },
    async *watch(document, variables, signal) {
      const request = requestOf(document, variables);
      const ready = executor.prepare(request);
      if (ready.kind === 'refused' || !isSubscription(ready)) {
        yield executor.print({ errors: ready.kind === 'refused' ? ready.errors : [] });
        return;
      }
      const opened = await executor.open(ready, request, (at) => contextFor(caller, at));
      if (opened.kind === 'errors') {
        yield opened.json;
        return;
      }
      const frames = new Frames(signal);
      const subscriber = hub.begin(opened, views.position(), frames.sink);
      try {
        yield* frames.taken(() => subscriber.drained());
      } finally {
        subscriber.stop();
      }
    },
  };
}

/** A sink whose other end is read at its reader's pace. */
class Frames {
  readonly sink: Sink;
  readonly #waiting: string[] = [];
  readonly #moves = new EventEmitter();
  readonly #signal: AbortSignal;
  #isOver = false;
  #failure: unknown = null;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.sink = {
      write: ({ json }) => {
        this.#waiting.push(json);
        this.#moves.emit('move');
        return this.#waiting.length < WAITING_MAX;
      },
      end: (failure) => {
        this.#isOver = true;
        this.#failure = failure;
        this.#moves.emit('move');
      },
    };
  }

  async *taken(onDrained: () => void): AsyncGenerator<string> {
    while (!this.#signal.aborted) {
      const json = this.#waiting.shift();
      if (json !== undefined) {
        yield json;
        if (this.#waiting.length === 0) onDrained();
      } else if (this.#isOver) {
        if (this.#failure !== null) throw this.#failure;
        return;
      } else await once(this.#moves, 'move', { signal: this.#signal }).catch(() => {});
    }
  }
}
