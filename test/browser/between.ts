/** Someone between browser and server, who passes everything on but does as a test says with exports. HTTP on loopback. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the browser gets of an export, and whether that is all, or it waits for more that never comes. */
export interface Passed {
  readonly text: string;
  readonly isAll: boolean;
}

export interface Between {
  readonly url: string;
  /** The `after` of each export that was asked for, in vain too. */
  readonly asked: readonly string[];
  /** Null: exports pass as they are. */
  exported: ((text: string) => Passed) | null;
  /** Ends every connection there is, and those that come. */
  goAway(): void;
  comeBack(): void;
  close(): Promise<void>;
}

/** The caller owes `close()`. */
export async function stepBetween(target: string): Promise<Between> {
  const asked: string[] = [];
  let isAway = false;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', target);
    if (url.pathname === '/export.jsonl') asked.push(url.searchParams.get('after') ?? '');
    if (isAway) request.socket.destroy();
    else void passOn(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/', headers } = request;
    const sent = send(new URL(url, target), { method: method ?? 'GET', headers });
    request.pipe(sent);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    if (!url.startsWith('/export.jsonl')) {
      answer.pipe(response);
      return;
    }
    const text = (await buffer(answer)).toString('utf8');
    const passed = between.exported?.(text) ?? { text, isAll: true };
    response.write(passed.text);
    if (passed.isAll) response.end();
  }

  const between: Between = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    exported: null,
    goAway() {
      isAway = true;
      server.closeAllConnections();
    },
    comeBack() {
      isAway = false;
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return between;
}
