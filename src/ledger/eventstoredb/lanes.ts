/**
 * Requests in the order in which they may be sent: those to one stream one append after another, and those of one call in
 * their order also across streams. Pure but for the callbacks.
 */
import type { StreamName } from '../../../schemas/ids.ts';
import type { AppendOutcome } from '../port.ts';
import type { PreparedRequest } from './judging.ts';
import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX } from './store.ts';

export interface WaitingRequest {
  readonly request: PreparedRequest;
  readonly run: Run;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** Requests of one call to one stream with none to another in between. */
export interface Run {
  readonly stream: StreamName;
  /** The run that must have been sent before; null for the first, and once it has been. */
  before: Run | null;
  readonly after: Run[];
  unsent: number;
}

export class Lane {
  readonly stream: StreamName;
  isBusy = false;
  readonly #requests: WaitingRequest[] = [];

  constructor(stream: StreamName) {
    this.stream = stream;
  }

  get isEmpty(): boolean {
    return this.#requests.length === 0;
  }

  get isReady(): boolean {
    return this.#requests[0] !== undefined && this.#requests[0].run.before === null;
  }

  push(request: WaitingRequest): void {
    this.#requests.push(request);
  }

  /** The next requests that fit into one append; one alone may be larger than that. */
  takeGroup(bytesMax = APPEND_BYTES_MAX): readonly WaitingRequest[] {
    let [count, events, bytes] = [0, 0, 0];
    for (const { request, run } of this.#requests) {
      events += request.events.length;
      bytes += request.bytes;
      if (run.before !== null || (count > 0 && (events > APPEND_EVENTS_MAX || bytes > bytesMax))) break;
      count += 1;
    }
    return this.#requests.splice(0, count);
  }
}

/** The runs of a call's requests, each with the one before it. */
export function runsOf(requests: readonly PreparedRequest[]): readonly Run[] {
  const runs: Run[] = [];
  return requests.map(({ stream }) => {
    const last = runs.at(-1);
    if (last?.stream === stream) {
      last.unsent += 1;
      return last;
    }
    const run: Run = { stream, before: last ?? null, after: [], unsent: 1 };
    last?.after.push(run);
    runs.push(run);
    return run;
  });
}

/** Notes that requests have been sent, or will not be; gives the streams whose next run need wait no longer. */
export function markSent(group: readonly WaitingRequest[]): readonly StreamName[] {
  const freed: StreamName[] = [];
  for (const { run } of group) {
    run.unsent -= 1;
    if (run.unsent > 0) continue;
    for (const next of run.after) {
      next.before = null;
      freed.push(next.stream);
    }
  }
  return freed;
}
