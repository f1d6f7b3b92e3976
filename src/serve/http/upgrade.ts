/** WebSocket upgrades of `/graphql`, under the same checks as every other request. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { ERRORS, type ErrorCode } from '../../errors.ts';
import { type SocketParts, SUBPROTOCOL, serveSocket } from '../graphql/websocket.ts';
import type { Gate } from './gate.ts';
import { sessionOf } from './session.ts';

export interface Upgrades {
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  count(): number;
  close(): void;
}

const MESSAGE_BYTES_MAX = 1024 * 1024;
const SOCKETS_MAX = 5_000;

export function createUpgrades(gate: Gate, parts: Omit<SocketParts, 'signIn'>): Upgrades {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  return {
    handle(request, socket, head) {
      socket.on('error', () => socket.destroy());
      const fault = gate.fault(request);
      if (fault) return refuse(socket, fault);
      if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/graphql') return refuse(socket, 'NOT_FOUND');
      if (sockets.clients.size >= SOCKETS_MAX) return refuse(socket, 'LEDGER_CLOSED');
      const address = request.socket.remoteAddress ?? '';
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('error', () => webSocket.terminate());
        if (webSocket.protocol !== SUBPROTOCOL) return webSocket.close(4406, 'Subprotocol not acceptable');
        serveSocket(
          webSocket,
          { ...parts, signIn: (authorization) => gate.signIn(authorization, address) },
          request.headers.authorization ?? sessionOf(request.headers.cookie),
        );
      });
    },
    count: () => sockets.clients.size,
    close() {
      for (const client of sockets.clients) client.close(1001, 'Going away');
      setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, 500).unref();
      sockets.close();
    },
  };
}

function refuse(socket: Duplex, code: ErrorCode): void {
  const { status, hint } = ERRORS[code];
  const body = JSON.stringify({
    type: 'about:blank',
    title: code,
    status,
    detail: 'the upgrade is refused',
    code,
    hint,
  });
  socket.end(
    `HTTP/1.1 ${status} ${code}\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
