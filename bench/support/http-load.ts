/** Load on plain sockets, as cheap as it can be: the client must not be what is measured. */
import { connect, type Socket } from 'node:net';

/** A request as it stands on the wire. */
export function requestText(port: number, body: string, accept: string): string {
  return [
    'POST /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Sends the request over and over on this many connections for a time; gives how many answers came. Throws at an answer that is not 200. */
export async function hammer(
  port: number,
  request: string,
  { connections, ms }: { readonly connections: number; readonly ms: number },
): Promise<number> {
  let answers = 0;
  const until = performance.now() + ms;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = await open(port);
      await new Promise<void>((resolve, reject) => {
        let pending: Buffer = Buffer.alloc(0);
        socket.on('error', reject);
        socket.on('data', (chunk: Buffer) => {
          pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
          const size = answerSize(pending);
          if (size === null || pending.length < size) return;
          if (pending.toString('latin1', 9, 12) !== '200') reject(new Error(pending.toString('utf8', 0, 500)));
          pending = pending.subarray(size);
          answers += 1;
          if (performance.now() < until) socket.write(request);
          else resolve();
        });
        socket.write(request);
      });
      socket.destroy();
    }),
  );
  return answers;
}

/** Bytes of the answer at the front, once its head is there. */
function answerSize(bytes: Buffer): number | null {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return null;
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1];
  if (length === undefined) throw new Error('an answer without its length');
  return end + HEAD_END.length + Number(length);
}

export function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.on('error', reject);
  });
}
