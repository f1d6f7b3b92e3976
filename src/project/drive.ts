/** Keeps a projector going: runs it whenever the ledger grew, and starts it again after an operating error. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Projector } from './projector.ts';

const RETRY_AFTER_MS = 1_000;

export interface Drive {
  /** Says that the ledger may have grown. */
  wake(): void;
  /** Does something while the projector stands still, then runs it to the head; resolves when it is there. */
  between(work: () => void | Promise<void>): Promise<void>;
  /** Resolves when the run under way has ended. */
  stop(): Promise<void>;
}

/** `onTrouble` hears of operating errors (a full disk, say), after which the projector is tried again. */
export function drive(projector: Projector, onTrouble: (error: unknown) => void): Drive {
  const stopping = new AbortController();
  let bell = Promise.withResolvers<void>();
  let asked: { readonly work: () => void | Promise<void>; readonly done: PromiseWithResolvers<void> }[] = [];
  const turn = async (): Promise<void> => {
    const now = asked;
    asked = [];
    for (const { work, done } of now) {
      try {
        await work();
      } catch (error) {
        done.reject(error);
      }
    }
    try {
      await projector.run(stopping.signal);
      for (const { done } of now) done.resolve();
    } catch (error) {
      for (const { done } of now) done.reject(error);
      throw error;
    }
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await bell.promise;
      bell = Promise.withResolvers();
      if (stopping.signal.aborted) return;
      try {
        await turn();
        if (!projector.isScrubbed()) setTimeout(() => bell.resolve(), RETRY_AFTER_MS).unref();
      } catch (error) {
        onTrouble(error);
        await sleep(RETRY_AFTER_MS, undefined, { signal: stopping.signal }).catch(() => {});
        projector.reset();
        bell.resolve();
      }
    }
  };
  const ended = loop();
  bell.resolve();
  return {
    wake: () => bell.resolve(),
    between(work) {
      const done = Promise.withResolvers<void>();
      asked.push({ work, done });
      bell.resolve();
      return done.promise;
    },
    async stop() {
      stopping.abort();
      bell.resolve();
      await ended;
    },
  };
}
