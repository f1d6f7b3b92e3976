/** Two ways to the writer: in a thread of its own, or right here. */
import { Worker } from 'node:worker_threads';
import { MusterbookError } from '../../errors.ts';
import { errorOf, type Failure, type FromWriter, type Message, type Writer } from './messages.ts';
import type { ThreadOptions } from './worker.ts';

/** The way to a writer. `send` resolves when the message's calls are committed or failed. */
export interface Channel<Sent extends Message> {
  send(message: Sent): Promise<FromWriter>;
  close(): Promise<void>;
}

/** A writer in this thread: every send blocks it until the commit. */
export function channelHere<Sent extends Message>(writer: Writer<Sent>): Channel<Sent> {
  return {
    send: async (message) => writer.handle(message, () => null),
    close: async () => writer.close(),
  };
}

interface Waiting {
  readonly calls: number;
  readonly resolve: (answer: FromWriter) => void;
  readonly reject: (reason: unknown) => void;
}

/** A writer in a thread of its own. Rejects with what the writer threw when it cannot open the file. */
export async function channelToThread<Sent extends Message>(options: ThreadOptions): Promise<Channel<Sent>> {
  // In the packed package this file is JavaScript, and so is the worker.
  const script = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(script, import.meta.url), { workerData: options });
  const closed = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: { readonly failure?: Failure }) => {
      worker.off('error', reject);
      if (answer.failure) reject(errorOf(answer.failure));
      else resolve();
    });
  });
  const waiting: Waiting[] = [];
  let broken: MusterbookError | null = null;
  worker.on('error', (failure) => {
    const facts = { path: options.path, outcome: 'unknown' };
    broken = new MusterbookError(
      'STORAGE_FAILED',
      'The writer of the ledger ended; restart the server',
      facts,
      failure,
    );
    for (const { reject } of waiting.splice(0)) reject(broken);
  });
  worker.on('message', (answer: FromWriter) => distribute(answer, waiting));
  return {
    send: (message) => {
      if (broken) return Promise.reject(broken);
      return new Promise((resolve, reject) => {
        waiting.push({ calls: message.calls ?? 1, resolve, reject });
        worker.postMessage(message, transferred(message));
      });
    },
    close: () => {
      worker.postMessage({ kind: 'close' } satisfies Message);
      return closed;
    },
  };
}

/** One answer holds the replies of all the messages that were committed together, in their order. */
function distribute(answer: FromWriter, waiting: Waiting[]): void {
  let at = 0;
  while (at < answer.replies.length) {
    const { calls, resolve } = waiting.shift() as Waiting;
    resolve({ ...answer, replies: answer.replies.slice(at, at + calls) });
    at += calls;
  }
}

function transferred({ packed }: Message): ArrayBuffer[] {
  return packed ? [packed.numbers.buffer, packed.seals.buffer] : [];
}
