/** Subscriptions as server-sent events: GraphQL over SSE, distinct connections mode. */
import type { ServerResponse } from 'node:http';
import type { Frame, Sink, Subscriber } from './fan-out.ts';

/** All open event streams, for keep-alives and for closing. */
export interface EventStreams {
  readonly open: Set<EventStream>;
  close(): void;
}

export interface EventStream {
  /** Begins: `subscribe` is given the stream as a sink. */
  follow(subscribe: (sink: Sink) => Subscriber): void;
  keepAlive(nowMs: number): void;
  destroy(): void;
}

const KEEP_ALIVE_MS = 15_000;
/** A connection that takes nothing for this long is closed: its reader resumes by its cursor. */
const STALLED_MS_MAX = 5 * 60_000;
const COMMENT = Buffer.from(':\n\n');

export function createEventStreams(): EventStreams {
  const open = new Set<EventStream>();
  const timer = setInterval(() => {
    for (const stream of open) stream.keepAlive(performance.now());
  }, KEEP_ALIVE_MS);
  timer.unref();
  return {
    open,
    close() {
      clearInterval(timer);
      for (const stream of [...open]) stream.destroy();
    },
  };
}

/** Sends the head of a stream and makes the response a sink. */
export function openEventStream(streams: EventStreams, response: ServerResponse): EventStream {
  let subscriber: Subscriber | null = null;
  let blockedSince: number | null = null;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  response.write(COMMENT);

  const sink: Sink = {
    write(frame: Frame) {
      const takesMore = response.write(frame.sse());
      if (!takesMore) blockedSince ??= performance.now();
      return takesMore;
    },
    end(failure) {
      if (failure === null) response.end('event: complete\ndata: \n\n');
      // Cut off, so that the reader comes back with its cursor instead of taking this for the end.
      else response.destroy();
    },
  };
  const stream: EventStream = {
    follow(subscribe) {
      if (response.destroyed) return;
      subscriber = subscribe(sink);
    },
    keepAlive(nowMs) {
      if (blockedSince === null) response.write(COMMENT);
      else if (nowMs - blockedSince > STALLED_MS_MAX) response.destroy();
    },
    destroy: () => response.destroy(),
  };
  streams.open.add(stream);
  response.on('drain', () => {
    blockedSince = null;
    subscriber?.drained();
  });
  response.on('error', () => response.destroy());
  response.on('close', () => {
    streams.open.delete(stream);
    subscriber?.stop();
  });
  return stream;
}
