/** The writer's thread: takes all messages that wait, commits them together, answers each. */
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
  port.on('message', (first: ToThread) => {
    const waiting = [first];
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) waiting.push(next.message);
    const asked = waiting.filter((message) => message.kind !== 'close');
    if (asked.length > 0) port.postMessage(writer.handle(asked));
    if (asked.length === waiting.length) return;
    writer.close();
    port.close();
  });
  port.postMessage({ opened: true });
} catch (failure) {
  port.postMessage({ failure: failureOf(failure) });
  port.close();
}
