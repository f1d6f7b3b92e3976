/** The projector's thread: its own readers of the ledger file, the only writer of the views. */
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Projection } from '../../projections/projection.ts';
import { openSqliteReader } from '../ledger/sqlite/reader.ts';
import { type BuildListener, Rebuilder } from './anew/rebuilder.ts';
import { drive } from './drive.ts';
import { Projector } from './projector.ts';
import { condemnViews, isDamage, openSqliteStore } from './sqlite/store.ts';
import type { FromProjector, ThreadOptions, ToProjector } from './thread.ts';

/** Publications that the main thread has not taken over yet, at most, before folding waits for it. */
const UNTAKEN_MAX = 4;
/** The store's log is folded back into its file when it has grown to this. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;
/** A smaller ledger is folded from zero in about the time that threads take to start. */
const THREADS_FROM_EVENTS = 100_000;

/** A scrub that fails so often is tried again later, so that folding goes on meanwhile. */
const SCRUB_ATTEMPTS_MAX = 20;
const SCRUB_PAUSE_MS = 100;

const port = parentPort;
if (port === null) throw new Error('worker.ts is to be run as a worker');
const { ledgerPath, viewsPath, module, rebuilds } = workerData as ThreadOptions;
const say = (message: FromProjector) => port.postMessage(message);

const list = (await (module === null ? import('../../projections/list.ts') : import(module))) as {
  readonly PROJECTIONS: readonly Projection<unknown>[];
};
const reader = openSqliteReader(ledgerPath);
const store = openSqliteStore(viewsPath);
let isClosing = false;
let untaken = 0;
let taken = Promise.withResolvers<void>();

const projector = await Projector.open({
  projections: list.PROJECTIONS,
  reader,
  store,
  onProgress(progress) {
    untaken += 1;
    say({ kind: 'progress', progress });
  },
  breathe,
  scrub,
});
untaken += 1;
say({
  kind: 'progress',
  progress: projector.progress(),
});

const eventsMin = rebuilds?.threadsFromEvents ?? THREADS_FROM_EVENTS;
// A long ledger without views (new, of another version, deleted): threads fold it, not this one.
const empty = (await reader.head()).events < eventsMin ? [] : projector.empty();
projector.leave(new Set(empty));
const driving = drive(projector, sayTrouble);
const rebuilder = new Rebuilder({
  ...{ ledgerPath, module, reader, store, projector, driving },
  folder: dirname(viewsPath),
  eventsMin,
  ...(rebuilds?.threads !== undefined && { threads: rebuilds.threads }),
});
if (empty.length > 0) {
  const sayHowFar: BuildListener = (position, of) => say({ kind: 'building', building: { position, of } });
  rebuilder.rebuild(empty, sayHowFar).catch(sayTrouble);
}
port.on('message', (message: ToProjector) => void answer(message));

async function answer(message: ToProjector): Promise<void> {
  if (message.kind === 'wake') driving.wake();
  if (message.kind === 'taken') noteTaken();
  if (message.kind === 'rebuild') await rebuild(message.call, message.name ?? undefined);
  if (message.kind === 'close') await close();
}

function noteTaken(): void {
  untaken -= 1;
  taken.resolve();
  taken = Promise.withResolvers();
}

function sayTrouble(error: unknown): void {
  if (isClosing) return;
  if (isDamage(error)) condemnViews(viewsPath);
  say({ kind: 'trouble', error: error instanceof Error ? error : new Error(String(error)) });
}

async function rebuild(call: number, name: string | undefined): Promise<void> {
  const names = list.PROJECTIONS.map((projection) => projection.name);
  try {
    if (name !== undefined && !names.includes(name)) throw new RangeError(`there is no projection ${name}`);
    const asked = name === undefined ? names : [name];
    await rebuilder.rebuild(asked, (done, all) => say({ kind: 'rebuilding', call, done, all }));
    say({ kind: 'rebuilt', call, error: null });
  } catch (error) {
    say({ kind: 'rebuilt', call, error: error instanceof Error ? error.message : String(error) });
  }
}

async function close(): Promise<void> {
  // Nobody takes publications over any more: whoever waits for that must not.
  untaken = Number.NEGATIVE_INFINITY;
  taken.resolve();
  isClosing = true;
  await rebuilder.stop();
  await driving.stop();
  store.close();
  await reader.close();
  port?.close();
}

async function breathe(): Promise<void> {
  if (store.logBytes() > LOG_BYTES_MAX) await foldLog();
  while (untaken > UNTAKEN_MAX) await taken.promise;
}

/** The main thread's reader must leave the log, which takes two renewals: one to read past it, one to read without it. */
async function scrub(): Promise<boolean> {
  for (let attempt = 0; attempt < SCRUB_ATTEMPTS_MAX; attempt += 1) {
    while (untaken > 0) await taken.promise;
    if (store.scrub()) return true;
    untaken += 1;
    say({ kind: 'renew' });
    // Then a reader of another process stands there.
    if (attempt > 2) await sleep(SCRUB_PAUSE_MS);
  }
  return false;
}

/** Every reader must stand at the last commit before the log can be folded back, and renew before it can start anew. */
async function foldLog(): Promise<void> {
  while (untaken > 0) await taken.promise;
  store.foldLog();
  untaken += 1;
  say({ kind: 'renew' });
  while (untaken > 0) await taken.promise;
}
