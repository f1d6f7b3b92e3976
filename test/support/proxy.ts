/** A line between two processes that a test can cut: TCP on loopback, passed on byte for byte. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Line {
  readonly port: number;
  /** Ends every connection at once, as a pulled cable shows after its timeout; new ones are taken again. */
  cut(): void;
  /** Refuses new connections, and ends those there are, until `mend`. */
  sever(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Passes connections on to 127.0.0.1:`target`. The caller owes `close()`. */
export async function openLine(target: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let isSevered = false;
  const server = createServer((near) => {
    if (isSevered) {
      near.destroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: target });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    sever() {
      isSevered = true;
      cut();
    },
    mend() {
      isSevered = false;
    },
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
