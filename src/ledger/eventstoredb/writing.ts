/** One append to the store until its outcome is known: the same ids and bytes at the same revision, as often as it takes. */
import type { Timer } from '../../clock.ts';
import { operatingError } from './failure.ts';
import type { LinkRecord } from './link-record.ts';
import { retryDelayMs } from './retry.ts';
import { type Store, StoreError, type StoreWrite } from './store.ts';

export interface WritingParts {
  readonly store: Store;
  readonly link: LinkRecord;
  readonly shown: string;
  readonly timer: Timer;
  readonly random: () => number;
  /** Aborted: not tried again. */
  readonly signal: AbortSignal;
}

/** `wasUnknown`: a try before it had an unknown outcome, so that what is in the stream may be this append. */
export type Written = 'written' | { readonly actual: number; readonly wasUnknown: boolean };

/**
 * Calls `sent` once the append is on its way. Throws an operating error whose `facts.outcome` is `unknown` or
 * `nothing appended`: `STORE_REFUSED`, `BODY_TOO_LARGE`, and after `endMs` (of the timer) `STORE_UNREACHABLE`.
 */
export async function writeOnce(
  parts: WritingParts,
  write: StoreWrite,
  { endMs, sent }: { readonly endMs: number; readonly sent: () => void },
): Promise<Written> {
  const { store, link, shown, timer, random, signal } = parts;
  let wasUnknown = false;
  const { counts } = link;
  for (let attempt = 0; ; attempt += 1) {
    const writing = store.append(write);
    sent();
    link.underWay += 1;
    counts.appends_at_once = Math.max(counts.appends_at_once, link.underWay);
    try {
      await writing.finally(() => {
        link.underWay -= 1;
      });
      return 'written';
    } catch (failure) {
      if (!(failure instanceof StoreError)) throw failure;
      const { fault, actual } = failure;
      if (fault === 'wrong-revision') return { actual, wasUnknown };
      if (fault === 'unknown') wasUnknown = true;
      const isFinal = fault === 'refused' || fault === 'too-large';
      if (isFinal || signal.aborted || timer.nowMs() >= endMs) {
        throw operatingError(failure, wasUnknown ? 'unknown' : 'nothing appended', shown);
      }
      if (fault === 'unknown') counts.unknown_outcomes += 1;
      await timer.sleep(retryDelayMs(attempt, random), signal);
    }
  }
}
