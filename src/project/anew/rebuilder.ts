/** Rebuilds beside running projections: threads fold from zero, the projector goes on, and takes over what they made. */
import type { Position } from '../../../schemas/ids.ts';
import type { LedgerReader } from '../../ledger/port.ts';
import type { Drive } from '../drive.ts';
import type { Projector } from '../projector.ts';
import type { AdoptingStore } from '../sqlite/store.ts';
import { tipText } from '../tip.ts';
import { type BuildRequest, type Built, buildInThreads, removeBuilt } from './run.ts';

export interface RebuilderOptions extends Pick<BuildRequest, 'ledgerPath' | 'module' | 'folder' | 'threads'> {
  readonly reader: LedgerReader;
  readonly store: AdoptingStore;
  readonly projector: Projector;
  readonly driving: Drive;
  /** In a smaller ledger the projector itself folds from zero, in no time. */
  readonly eventsMin: number;
}

/** Told how far all threads have come, and how far they go. */
export type BuildListener = (done: Position, all: Position) => void;

export class Rebuilder {
  readonly #options: RebuilderOptions;
  readonly #stopping = new AbortController();
  /** One at a time: each takes all of the machine. */
  #last: Promise<void> = Promise.resolve();

  constructor(options: RebuilderOptions) {
    this.#options = options;
    removeBuilt(options.folder);
  }

  /** Resolves when the projections answer from what was folded anew. Those that have no views meanwhile go without. */
  rebuild(names: readonly string[], onProgress: BuildListener): Promise<void> {
    const done = this.#last.then(() => this.#rebuild(names, onProgress));
    this.#last = done.catch(() => {});
    return done;
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#last;
  }

  async #rebuild(names: readonly string[], onProgress: BuildListener): Promise<void> {
    const { reader, projector, driving, eventsMin, ledgerPath, module, folder, threads } = this.#options;
    const { position: upTo, events } = await reader.head();
    if (events < eventsMin) {
      await driving.between(() => {
        for (const name of names) projector.rebuild(name);
      });
      return;
    }
    projector.leave(new Set(names));
    try {
      const built = await buildInThreads({
        ...{ ledgerPath, module, folder, names, upTo, signal: this.#stopping.signal },
        ...(threads !== undefined && { threads }),
        onProgress: (position) => onProgress(position, upTo),
      });
      await driving.between(() => this.#take(names, built));
    } finally {
      projector.leave(new Set());
      removeBuilt(folder);
      driving.wake();
    }
  }

  async #take(names: readonly string[], { files, failures, position }: Built): Promise<void> {
    const { reader, store, projector, folder } = this.#options;
    const last = await reader.eventAt(position);
    const whole = names.filter((name) => !failures.has(name));
    store.adopt({ files, position, tip: last && tipText(last), slots: projector.slotsFor(whole) });
    // Before anybody hears that what was erased meanwhile is gone.
    removeBuilt(folder);
    projector.leave(new Set());
    projector.reset();
    // One that cannot fold an event is to say so where everybody looks: it stops again, in its own slot.
    for (const name of failures.keys()) projector.rebuild(name);
  }
}
