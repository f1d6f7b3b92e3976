/** Who waits for the mirror to hold a revision of a stream. */
import type { StreamName } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import type { Mirror } from '../mirror.ts';
import { REJECTIONS_STREAM } from './own-streams.ts';

interface Waiter {
  readonly revision: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

const IDLE_TICKS_MAX = 3;

export class Waiters {
  readonly #mirror: Mirror;
  readonly #onStall: () => void;
  readonly #waiters = new Map<string, Set<Waiter>>();
  /** How often anything came. */
  #passes = 0;

  /** `onStall`: nothing has come for a while though somebody waits. */
  constructor(mirror: Mirror, onStall: () => void) {
    this.#mirror = mirror;
    this.#onStall = onStall;
  }

  /** Throws `STORE_UNREACHABLE` when nothing at all has come for `msMax`; `onStall` is called after a third of it. */
  async passed(stream: string, revision: number, msMax: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { revision, resolve, reject };
    const waiters = this.#waiters.get(stream) ?? new Set();
    // Waiting before asking: what comes in between is not missed.
    this.#waiters.set(stream, waiters.add(waiter));
    const message = `what the store has of ${stream} was not followed within ${msMax} ms`;
    const late = new MusterbookError('STORE_UNREACHABLE', message, { outcome: 'unknown', stream, revision });
    let passes = this.#passes;
    let idleTicks = 0;
    const timeout = setInterval(() => {
      idleTicks = passes === this.#passes ? idleTicks + 1 : 0;
      passes = this.#passes;
      if (idleTicks === 1) this.#onStall();
      if (idleTicks >= IDLE_TICKS_MAX) reject(late);
    }, msMax / IDLE_TICKS_MAX);
    try {
      await Promise.race([promise, this.#resolveIfHere(stream, waiter).then(() => promise)]);
    } finally {
      clearInterval(timeout);
      waiters.delete(waiter);
      if (waiters.size === 0 && this.#waiters.get(stream) === waiters) this.#waiters.delete(stream);
    }
  }

  pass(stream: string, revision: number): void {
    this.#passes += 1;
    for (const waiter of this.#waiters.get(stream) ?? []) if (waiter.revision <= revision) waiter.resolve();
  }

  fail(reason: unknown): void {
    for (const waiters of this.#waiters.values()) for (const { reject } of waiters) reject(reason);
  }

  async #resolveIfHere(stream: string, { revision, resolve }: Waiter): Promise<void> {
    const here =
      stream === REJECTIONS_STREAM
        ? (await this.#mirror.rejections({ limit: 1 })).rejections[0]?.seq
        : (await this.#mirror.streamEnd(stream as StreamName))?.revision;
    if (here !== undefined && here >= revision) resolve();
  }
}
