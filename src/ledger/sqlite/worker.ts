/** The writer's thread: commits messages together with those that come meanwhile, and answers each call. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { failureOf, type ToWriter } from './messages.ts';
import { SqliteWriter } from './writer.ts';

export type ToThread = ToWriter | { readonly kind: 'close' };
export interface ThreadOptions {
  readonly path: string;
  readonly maxPageCount: number | null;
}

/** How often it is tried to be rid of erased text that a reader keeps in the log, in ms. */
const SCRUB_RETRY_MS = 1_000;

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
  let retry: NodeJS.Timeout | null = null;
  const retryLater = (): void => {
    retry ??= setTimeout(() => {
      retry = null;
      if (!writer.scrub()) retryLater();
    }, SCRUB_RETRY_MS);
  };
  if (!writer.scrub()) retryLater();
  port.on('message', (message: ToThread) => {
    if (message.kind === 'close') isClosing = true;
    else {
      const answer = writer.handle(message, next);
      port.postMessage(answer);
      if (answer.isScrubOwed) retryLater();
    }
    if (!isClosing) return;
    if (retry) clearTimeout(retry);
    writer.close();
    port.close();
  });
  port.postMessage({ opened: true });
} catch (failure) {
  port.postMessage({ failure: failureOf(failure) });
  port.close();
}
