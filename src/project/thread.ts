/** Projecting in a thread of its own, beside a SQLite ledger: the main thread only reads what was committed. */
import { Worker } from 'node:worker_threads';
import type { Ledger } from '../ledger/port.ts';
import { LiveViews } from './live-views.ts';
import type { Progress } from './projector.ts';
import { openSqliteStoreReader } from './sqlite/reader.ts';
import type { Projecting, RebuildListener } from './start.ts';
import type { Building } from './views.ts';

export interface ThreadOptions {
  readonly ledgerPath: string;
  readonly viewsPath: string;
  readonly module: string | null;
  /** How rebuilds run, where not as usual. */
  readonly rebuilds?: RebuildSettings;
}

export interface RebuildSettings {
  /** Threads that fold beside one another; absent: as many as the machine runs at once, four at most. */
  readonly threads?: number;
  /** In a ledger of fewer events the projector folds alone; absent: 100,000. */
  readonly threadsFromEvents?: number;
}

/**
 * Most of what a page brings dies with it: a young generation that holds a whole page keeps it out of the old one, which
 * halves the memory of a long rebuild (bench/project.ts).
 */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 768 };

export type ToProjector =
  | { readonly kind: 'wake' }
  /** One publication was taken over, so that the thread never runs far ahead of its audience. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'rebuild'; readonly call: number; readonly name: string | null }
  | { readonly kind: 'close' };

export type FromProjector =
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** The store's log was folded back; a reader that renews lets the next write start it anew. */
  | { readonly kind: 'renew' }
  /** How far the threads of a rebuild have come, as positions. */
  | { readonly kind: 'rebuilding'; readonly call: number; readonly done: number; readonly all: number }
  | { readonly kind: 'rebuilt'; readonly call: number; readonly error: string | null }
  /** How far threads have come that fold what has no views yet. */
  | { readonly kind: 'building'; readonly building: Building }
  | { readonly kind: 'trouble'; readonly error: Error };

export async function projectInThread(
  options: ThreadOptions & { readonly ledger: Ledger; readonly onTrouble: (error: unknown) => void },
): Promise<Projecting> {
  const { ledger, ledgerPath, viewsPath, module, rebuilds: settings, onTrouble } = options;
  // In the packed package this file is JavaScript, and so is the worker.
  const script = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const worker = new Worker(new URL(script, import.meta.url), {
    workerData: { ledgerPath, viewsPath, module, ...(settings && { rebuilds: settings }) } satisfies ThreadOptions,
    resourceLimits: RESOURCE_LIMITS,
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const send = (message: ToProjector) => worker.postMessage(message);
  const first = await firstProgress(worker);
  let isClosed = false;
  const rebuilds = new Map<number, PromiseWithResolvers<void> & { readonly onProgress: RebuildListener | undefined }>();
  const store = openSqliteStoreReader(viewsPath);
  const stopListening = ledger.onAppend(() => send({ kind: 'wake' }));
  const views = new LiveViews({
    reader: ledger,
    store,
    async onClose() {
      isClosed = true;
      stopListening();
      send({ kind: 'close' });
      await ended;
    },
  });
  const take = (message: FromProjector) => {
    if (message.kind === 'progress') views.accept(message.progress);
    if (message.kind === 'renew' && !isClosed) store.renew();
    if (message.kind === 'progress' || message.kind === 'renew') send({ kind: 'taken' });
    if (message.kind === 'trouble') {
      views.trouble(message.error.message);
      onTrouble(message.error);
    }
    if (message.kind === 'building') views.build(message.building);
    if (message.kind === 'rebuilding') rebuilds.get(message.call)?.onProgress?.(message.done, message.all);
    if (message.kind !== 'rebuilt') return;
    const asked = rebuilds.get(message.call);
    rebuilds.delete(message.call);
    if (message.error === null) asked?.resolve();
    else asked?.reject(new Error(message.error));
  };
  take(first);
  worker.on('message', take);
  worker.on('error', (error) => {
    const reason = error instanceof Error ? error.message : String(error);
    views.fail(`the projector's thread ended: ${reason}`);
    for (const { reject } of rebuilds.values()) reject(error);
    rebuilds.clear();
    onTrouble(error);
  });
  let calls = 0;
  return {
    views,
    rebuild(name, onProgress) {
      const done = { ...Promise.withResolvers<void>(), onProgress };
      calls += 1;
      rebuilds.set(calls, done);
      send({ kind: 'rebuild', call: calls, name: name ?? null });
      return done.promise;
    },
    close: () => views.close(),
  };
}

/** Rejects where the thread could not begin. */
function firstProgress(worker: Worker): Promise<FromProjector> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: FromProjector) => {
      worker.off('error', reject);
      if (message.kind === 'trouble') reject(message.error);
      else resolve(message);
    });
  });
}
