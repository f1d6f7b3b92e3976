/** The record itself: all of it as lines, or as it grows. */

import type { RecordedEvent } from '../../../schemas/event.ts';
import type { Position, StreamName } from '../../../schemas/ids.ts';
import { splitStream } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import { readPosition } from '../graphql/scalars.ts';
import type { Route, RouteRequest } from '../http/route.ts';

export interface RecordDoors {
  /** One event as an exported line, without its end. */
  line(event: RecordedEvent): string;
  /** Lines up to the head, each string whole lines. */
  pages(query: { readonly after: Position; readonly stream: StreamName | null }): AsyncIterable<string>;
  /** Events after a position, first from the past and then live, as far as the views have come. */
  follow(after: Position, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  /** The present position of the views. */
  now(): Position;
}

export function recordRoutes(doors: RecordDoors): Route[] {
  return [
    {
      method: 'GET',
      path: '/export.jsonl',
      role: 'read',
      handle: (request) => ({
        status: 200,
        headers: { 'content-type': 'application/jsonl; charset=utf-8' },
        body: doors.pages({ after: afterOf(request) ?? (0 as Position), stream: streamOf(request) }),
      }),
    },
    {
      method: 'GET',
      path: '/v1/events/stream',
      role: 'read',
      handle: (request) => ({
        status: 200,
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
        body: eventStream(doors, request),
        keepAlive: ':\n\n',
      }),
    },
  ];
}

async function* eventStream(doors: RecordDoors, request: RouteRequest): AsyncGenerator<string> {
  yield ':\n\n';
  for await (const event of doors.follow(afterOf(request) ?? doors.now(), request.signal)) {
    yield `id: ${event.position}\ndata: ${doors.line(event)}\n\n`;
  }
}

/** Where to begin: `Last-Event-ID`, which a browser sends when it comes back, goes before `after`. */
function afterOf({ query, headers }: RouteRequest): Position | null {
  const text = headers['last-event-id'] ?? query.get('after');
  if (text === null || text === undefined || text === '') return null;
  const position = readPosition(text);
  if (position === null) throw new MusterbookError('BAD_REQUEST', `after is a position, not ${JSON.stringify(text)}`);
  return position;
}

function streamOf({ query }: RouteRequest): StreamName | null {
  const name = query.get('stream');
  if (name === null || name === '') return null;
  if (splitStream(name) === null) throw new MusterbookError('BAD_REQUEST', `${JSON.stringify(name)} names no stream`);
  return name as StreamName;
}
