/** Subscribers for tests: GraphQL over SSE on a plain socket that can stall, and the graphql-ws client. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Payloads {
  /** The next payload's `data`; rejects when the stream ended before it. */
  // biome-ignore lint/suspicious/noExplicitAny: payloads are compared as a whole.
  next(): Promise<any>;
  /** Reads no more from the connection until `resume`. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Resolves when the other side ended it, with what its last event was called. */
  readonly ended: Promise<string>;
}

/** Subscribes over SSE. Rejects when the answer is no event stream. */
export function subscribe(url: string, query: string, variables: object = {}, headers: object = {}): Promise<Payloads> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      if (response.statusCode === 200) resolve(payloadsOf(response, () => request.destroy()));
      else reject(new Error(`answered ${response.statusCode}`));
    });
    request.end(JSON.stringify({ query, variables }));
  });
}

function payloadsOf(response: IncomingMessage, close: () => void): Payloads {
  const found: unknown[] = [];
  const waiting: PromiseWithResolvers<unknown>[] = [];
  const ended = Promise.withResolvers<string>();
  let text = '';
  let lastEvent = '';
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      if (event === undefined) continue;
      lastEvent = event;
      if (event !== 'next') continue;
      const payload = JSON.parse(block.slice(block.indexOf('data: ') + 6)) as { data?: unknown; errors?: unknown };
      const value = payload.errors === undefined ? payload.data : payload;
      const first = waiting.shift();
      if (first) first.resolve(value);
      else found.push(value);
    }
  });
  response.on('error', () => {});
  response.on('close', () => {
    ended.resolve(lastEvent);
    for (const each of waiting) each.reject(new Error('the stream ended'));
  });
  return {
    next() {
      if (found.length > 0) return Promise.resolve(found.shift());
      const each = Promise.withResolvers<unknown>();
      waiting.push(each);
      return each.promise;
    },
    pause: () => response.pause(),
    resume: () => response.resume(),
    close,
    ended: ended.promise,
  };
}

/** Subscribes over WebSocket with the graphql-ws client. */
export function subscribeWs(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  authorization?: string,
) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(authorization === undefined ? {} : { connectionParams: { authorization } }),
  });
  const payloads = client.iterate({ query, variables });
  return {
    // biome-ignore lint/suspicious/noExplicitAny: payloads are compared as a whole.
    async next(): Promise<any> {
      const { value } = await payloads.next();
      return value?.errors === undefined ? value?.data : value;
    },
    async close() {
      await payloads.return?.();
      await client.dispose();
    },
  };
}
