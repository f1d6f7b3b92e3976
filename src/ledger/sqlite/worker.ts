/** The writer's thread: commits messages together with those that come meanwhile, and answers each call. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { failureOf, type ToWriter } from './messages.ts';
import { SqliteWriter } from './writer.ts';

export type ToThread = ToWriter | { readonly kind: 'close' };
export interface ThreadOptions {
  readonly path: string;
  readonly maxPageCount: number | null;
}

const port = parentPort;
if (!port) throw new Error('worker.ts runs as a worker thread only');
const { path, maxPageCount } = workerData as ThreadOptions;

try {
  const writer = new SqliteWriter(path);
  if (maxPageCount !== null) writer.limitPages(maxPageCount);
  let isClosing = false;
  const next = (): ToWriter | null => {
    const message = (receiveMessageOnPort(port) as { readonly message: ToThread } | undefined)?.message ?? null;
    if (message?.kind !== 'close') return message;
    isClosing = true;
    return null;
  };
  port.on('message', (message: ToThread) => {
    if (message.kind === 'close') isClosing = true;
    else port.postMessage(writer.handle(message, next));
    if (!isClosing) return;
    writer.close();
    port.close();
  });
  port.postMessage({ opened: true });
} catch (failure) {
  port.postMessage({ failure: failureOf(failure) });
  port.close();
}
