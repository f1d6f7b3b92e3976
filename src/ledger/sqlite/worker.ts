/** The writer's thread: commits messages together with those that come meanwhile, and answers each call. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { failureOf, type Message, type Writer } from './messages.ts';
import { MirrorWriter } from './mirror-writer.ts';
import type { FileKind } from './schema.ts';
import { SqliteWriter } from './writer.ts';

export interface ThreadOptions {
  readonly path: string;
  readonly kind: FileKind;
  readonly maxPageCount: number | null;
}

/** How often it is tried to be rid of erased text that a reader keeps in the log, in ms. */
const SCRUB_RETRY_MS = 1_000;

const port = parentPort;
if (!port) throw new Error('worker.ts runs as a worker thread only');
const { path, kind, maxPageCount } = workerData as ThreadOptions;

try {
  const writer = (kind === 'mirror' ? new MirrorWriter(path) : new SqliteWriter(path)) as Writer<Message>;
  if (maxPageCount !== null) writer.limitPages(maxPageCount);
  let isClosing = false;
  const next = (): Message | null => {
    const message = (receiveMessageOnPort(port) as { readonly message: Message } | undefined)?.message ?? null;
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
  port.on('message', (message: Message) => {
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
