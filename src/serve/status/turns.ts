/** Lets so much work be under way at once; what comes beside waits, up to a number. */
import { MusterbookError } from '../../errors.ts';

export interface Turns {
  /** Does the work when its turn comes. Rejects with `TOO_BUSY` where too much waits already. */
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createTurns(atOnce: number, waitingMax: number): Turns {
  const waiting: (() => void)[] = [];
  let under = 0;
  return {
    async take(work) {
      if (under >= atOnce) {
        if (waiting.length >= waitingMax) {
          throw new MusterbookError('TOO_BUSY', 'too many moments of the past are asked about at once');
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else under += 1;
      try {
        return await work();
      } finally {
        // The turn is handed on, or given back.
        const next = waiting.shift();
        if (next) next();
        else under -= 1;
      }
    },
  };
}
