/**
 * The server's end of the graphql-transport-ws protocol
 * (https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md), written here so that a payload is printed once for
 * all its readers and a slow socket is left alone.
 */

import type { RawData, WebSocket } from 'ws';
import type { Position } from '../../../schemas/ids.ts';
import type { Caller } from '../../accept/accept.ts';
import type { Views } from '../../project/views.ts';
import type { GraphContext } from './context.ts';
import { codedError, type Log } from './errors.ts';
import { type Executor, isSubscription, type Ready } from './executor.ts';
import type { Frame, Sink, Subscriber } from './fan-out.ts';
import { graphRequest } from './http-door.ts';
import type { Hub } from './hub.ts';

export const SUBPROTOCOL = 'graphql-transport-ws';

export interface SocketParts {
  readonly executor: Executor;
  readonly hub: Hub;
  readonly views: Views;
  readonly log: Log;
  contextFor(caller: Caller, at?: Position): GraphContext;
  /** The caller that an `authorization` proves, `TOO_MANY` after too many failures; null when it proves nobody. */
  signIn(authorization: string | undefined): Caller | 'TOO_MANY' | null;
}

const INIT_WAIT_MS = 10_000;
const PING_MS = 30_000;
const OPERATIONS_MAX = 100;
/** Bytes waiting in a socket from which on its subscriptions pause. */
const WAITING_BYTES_PAUSE = 64 * 1024;
/** Bytes waiting from which on a socket is cut: its client asks without reading. */
const WAITING_BYTES_MAX = 32 * 1024 * 1024;

/** Close codes of the protocol. */
const CLOSE = {
  malformed: [4400, 'Malformed message'],
  unauthorized: [4401, 'Unauthorized'],
  forbidden: [4403, 'Forbidden'],
  initTimeout: [4408, 'Connection initialisation timeout'],
  tooManyInits: [4429, 'Too many initialisation requests'],
  tooManySignIns: [4429, 'Too many failed sign-ins'],
  tooManyOperations: [4429, 'Too many operations'],
} as const;

type Message = Readonly<Record<string, unknown>>;

/** Serves one socket until it closes. `authorization` is that of the upgrade request, used when the client's first message has none. */
export function serveSocket(socket: WebSocket, parts: SocketParts, authorization: string | undefined): void {
  new Connection(socket, parts, authorization).begin();
}

class Connection {
  readonly #socket: WebSocket;
  readonly #parts: SocketParts;
  readonly #authorization: string | undefined;
  /** Running operations by id; null while one is being opened. */
  readonly #operations = new Map<string, { subscriber: Subscriber | null }>();
  #caller: Caller | null = null;
  #isInitialised = false;
  #isAlive = true;

  constructor(socket: WebSocket, parts: SocketParts, authorization: string | undefined) {
    this.#socket = socket;
    this.#parts = parts;
    this.#authorization = authorization;
  }

  begin(): void {
    const initTimer = setTimeout(() => {
      if (this.#caller === null) this.#close('initTimeout');
    }, INIT_WAIT_MS);
    const pingTimer = setInterval(() => this.#ping(), PING_MS);
    this.#socket.on('message', (raw, isBinary) => this.#receive(raw, isBinary));
    this.#socket.on('pong', () => {
      this.#isAlive = true;
    });
    this.#socket.on('error', () => this.#socket.terminate());
    this.#socket.on('close', () => {
      clearTimeout(initTimer);
      clearInterval(pingTimer);
      for (const { subscriber } of this.#operations.values()) subscriber?.stop();
      this.#operations.clear();
    });
  }

  #ping(): void {
    if (this.#isAlive) {
      this.#isAlive = false;
      this.#socket.ping();
    } else this.#socket.terminate();
  }

  #receive(raw: RawData, isBinary: boolean): void {
    const message = isBinary ? null : messageOf(raw);
    switch (message?.['type']) {
      case 'connection_init':
        this.#init(message);
        break;
      case 'ping':
        this.#send('{"type":"pong"}');
        break;
      case 'pong':
        break;
      case 'subscribe':
        this.#subscribe(message);
        break;
      case 'complete':
        this.#stop(message['id']);
        break;
      default:
        this.#close('malformed');
    }
  }

  #init(message: Message): void {
    if (this.#isInitialised) {
      this.#close('tooManyInits');
      return;
    }
    this.#isInitialised = true;
    const caller = this.#parts.signIn(authorizationIn(message['payload']) ?? this.#authorization);
    if (caller === 'TOO_MANY') this.#close('tooManySignIns');
    else if (caller === null) this.#close('forbidden');
    else {
      this.#caller = caller;
      this.#send('{"type":"connection_ack"}');
    }
  }

  #subscribe(message: Message): void {
    const fault = this.#subscribeFault(message);
    if (fault) {
      this.#closeWith(...fault);
      return;
    }
    const { id, payload } = message as { readonly id: string; readonly payload: Message };
    const graph = graphRequest(payload);
    if (typeof graph === 'string' || this.#caller === null) {
      this.#close('malformed');
      return;
    }
    const { executor } = this.#parts;
    const prepared = executor.prepare(graph);
    const errors = prepared.kind === 'refused' ? prepared.errors : executor.forbidden(prepared, this.#caller);
    if (prepared.kind === 'refused' || errors !== null) {
      this.#refuse(id, executor.print({ errors: errors === null ? [] : [errors].flat() }));
      return;
    }
    const operation = { subscriber: null };
    this.#operations.set(id, operation);
    void this.#run({ id, ready: prepared, graph, caller: this.#caller, operation });
  }

  /** With which code and reason a `subscribe` closes the socket; null when it may go on. */
  #subscribeFault({ id, payload }: Message): readonly [number, string] | null {
    if (this.#caller === null) return CLOSE.unauthorized;
    if (typeof id !== 'string' || id === '' || typeof payload !== 'object' || payload === null) return CLOSE.malformed;
    if (this.#operations.has(id)) return [4409, `Subscriber for ${id.slice(0, 60)} already exists`];
    return this.#operations.size < OPERATIONS_MAX ? null : CLOSE.tooManyOperations;
  }

  async #run(asked: Operation): Promise<void> {
    const { id, ready, graph, caller, operation } = asked;
    const { executor, hub, views, log, contextFor } = this.#parts;
    try {
      if (!isSubscription(ready)) {
        const { json } = await executor.answer(ready, graph, contextFor(caller));
        if (this.#operations.delete(id)) {
          this.#send(`{"id":${JSON.stringify(id)},"type":"next","payload":${json}}`);
          this.#send(`{"id":${JSON.stringify(id)},"type":"complete"}`);
        }
        return;
      }
      const opened = await executor.open(ready, graph, (at) => contextFor(caller, at));
      // The client may have completed it, or gone, meanwhile.
      if (this.#operations.get(id) !== operation) return;
      if (opened.kind === 'errors') return this.#refuse(id, opened.json);
      operation.subscriber = hub.begin(opened, views.position(), this.#sink(id, operation));
    } catch (error) {
      log.error({ err: error }, 'a GraphQL operation over WebSocket failed unexpectedly');
      this.#refuse(id, executor.print({ errors: [codedError('INTERNAL', 'Unexpected error.')] }));
    }
  }

  #sink(id: string, operation: Operation['operation']): Sink {
    const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    return {
      write: (frame: Frame) => {
        this.#socket.send(`${head}${frame.json}}`, () => {
          if (this.#socket.bufferedAmount < WAITING_BYTES_PAUSE) operation.subscriber?.drained();
        });
        return this.#socket.bufferedAmount < WAITING_BYTES_PAUSE;
      },
      end: (failure) => {
        this.#operations.delete(id);
        if (failure === null) this.#send(`{"id":${JSON.stringify(id)},"type":"complete"}`);
        // Cut off, so that the reader comes back with its cursor instead of taking this for the end.
        else this.#socket.close(1012, 'Subscription interrupted');
      },
    };
  }

  #refuse(id: string, json: string): void {
    this.#operations.delete(id);
    const { errors } = JSON.parse(json) as { readonly errors: unknown };
    this.#send(JSON.stringify({ id, type: 'error', payload: errors }));
  }

  #stop(id: unknown): void {
    if (typeof id !== 'string') {
      this.#close('malformed');
      return;
    }
    this.#operations.get(id)?.subscriber?.stop();
    this.#operations.delete(id);
  }

  #send(text: string): void {
    if (this.#socket.bufferedAmount > WAITING_BYTES_MAX) this.#socket.terminate();
    else this.#socket.send(text, () => {});
  }

  #close(reason: keyof typeof CLOSE): void {
    const [code, text] = CLOSE[reason];
    this.#closeWith(code, text);
  }

  #closeWith(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }
}

interface Operation {
  readonly id: string;
  readonly ready: Ready;
  readonly graph: Exclude<ReturnType<typeof graphRequest>, string>;
  readonly caller: Caller;
  readonly operation: { subscriber: Subscriber | null };
}

function messageOf(raw: RawData): Message | null {
  try {
    const value: unknown = JSON.parse(String(raw));
    return typeof value === 'object' && value !== null ? (value as Message) : null;
  } catch {
    return null;
  }
}

function authorizationIn(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const found = Object.entries(payload).find(([key]) => key.toLowerCase() === 'authorization')?.[1];
  return typeof found === 'string' ? found : undefined;
}
