/** Views folded from zero by several threads beside one another, each a share of the streams, each into a file of its own. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Position } from '../../../schemas/ids.ts';
import type { Share } from '../../ledger/scan.ts';
import { deleteViews } from '../sqlite/store.ts';

/** What a thread is told. */
export interface BuildOrder {
  readonly ledgerPath: string;
  /** URL of the module whose `PROJECTIONS` it folds; null: projections/list.ts. */
  readonly module: string | null;
  readonly names: readonly string[];
  readonly upTo: Position;
  readonly share: Share;
  readonly withWhole: boolean;
  /** Of the file that it makes. */
  readonly path: string;
}

export type FromBuilder =
  | { readonly kind: 'progress'; readonly position: Position }
  | { readonly kind: 'done'; readonly failures: ReadonlyMap<string, string> };

export interface BuildRequest extends Pick<BuildOrder, 'ledgerPath' | 'module' | 'names' | 'upTo'> {
  /** Where the files are made: some may be left there after a kill, and are removed by the next one. */
  readonly folder: string;
  /** Absent: as many as the machine runs at once, four at most. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** The position that all threads have reached. */
  readonly onProgress?: (position: Position) => void;
}

export interface Built {
  /** One for each thread; every view is in one of them. */
  readonly files: readonly string[];
  /** The projections that stopped, each with its reason: the files do not have them whole. */
  readonly failures: ReadonlyMap<string, string>;
  readonly position: Position;
}

const THREADS_MAX = 4;
const PARTS = 32;
/** How much of a thread's work the states over all streams are, measured by `bench/rebuild.ts` with two threads. */
const WHOLE_PARTS = 6;
/** As the projector's own thread. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 768 };

/** Rejects with what a thread threw, or the signal's reason; then nothing is left of the files. The caller removes those of a result. */
export async function buildInThreads(request: BuildRequest): Promise<Built> {
  const { threads = Math.min(THREADS_MAX, availableParallelism()), folder, signal, upTo } = request;
  signal?.throwIfAborted();
  removeBuilt(folder);
  const files = Array.from({ length: threads }, (_, index) => fileOf(folder, index));
  const reached = files.map(() => 0);
  const workers = files.map((path, index) => startBuilder(request, { path, index, threads }));
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()));
  const isAborted = signal && once(signal, 'abort').then(() => signal.throwIfAborted());
  try {
    const ends = workers.map((worker, index) =>
      endOf(worker, (position) => {
        reached[index] = position;
        request.onProgress?.(Math.min(...reached) as Position);
      }),
    );
    const failures = await Promise.race([Promise.all(ends), ...(isAborted ? [isAborted] : [])]);
    return { files, failures: new Map((failures ?? []).flatMap((each) => [...each])), position: upTo };
  } catch (error) {
    await stop();
    removeBuilt(folder);
    throw error;
  }
}

/** Removes what is left of files made here. */
export function removeBuilt(folder: string): void {
  for (let index = 0; index < THREADS_MAX; index += 1) deleteViews(fileOf(folder, index));
}

function fileOf(folder: string, index: number): string {
  return join(folder, `views-anew-${index}.sqlite`);
}

function startBuilder(request: BuildRequest, own: { path: string; index: number; threads: number }): Worker {
  const { ledgerPath, module, names, upTo } = request;
  const { path, index, threads } = own;
  // In the packed package this file is JavaScript, and so is the worker.
  const script = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';
  const order: BuildOrder = {
    ...{ ledgerPath, module, names, upTo, path },
    share: shareOf(index, threads),
    withWhole: index === 0,
  };
  return new Worker(new URL(script, import.meta.url), { workerData: order, resourceLimits: RESOURCE_LIMITS });
}

/** The first thread folds the states over all streams besides, and so fewer streams. */
function shareOf(index: number, threads: number): Share {
  if (threads === 1) return { of: PARTS, from: 0, to: PARTS };
  const first = Math.max(1, Math.round((PARTS + WHOLE_PARTS) / threads) - WHOLE_PARTS);
  const bound = (at: number) => (at === 0 ? 0 : first + Math.round(((PARTS - first) * (at - 1)) / (threads - 1)));
  return { of: PARTS, from: bound(index), to: bound(index + 1) };
}

function endOf(worker: Worker, onProgress: (position: Position) => void): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread that folds views ended with ${code}`)));
    worker.on('message', (message: FromBuilder) => {
      if (message.kind === 'progress') onProgress(message.position);
      else resolve(message.failures);
    });
  });
}
