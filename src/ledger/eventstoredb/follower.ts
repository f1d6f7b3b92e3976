/**
 * Follows the store into the mirror, for as long as the process lives: a lost link is made anew from the last event that is
 * in the mirror, a broken chain stops it where it is until someone has mended the record.
 */
import type { Micros } from '../../../schemas/time.ts';
import type { Timer } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import type { Mirror } from '../mirror.ts';
import { type Batch, batchOf, completeCount } from './batch.ts';
import { operatingError } from './failure.ts';
import type { LinkRecord } from './link-record.ts';
import { REJECTIONS_STREAM } from './own-streams.ts';
import { retryDelayMs } from './retry.ts';
import type { ReadEvent, Store } from './store.ts';
import { Waiters } from './waiters.ts';

export interface FollowerParts {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly link: LinkRecord;
  readonly prefix: string;
  /** The store's hosts, for messages. */
  readonly shown: string;
  /** Makes sure that the store holds the ledger that the mirror is a copy of. */
  readonly identify: () => Promise<void>;
  readonly timer: Timer;
  readonly random: () => number;
  /** The time of day, held against that of other replicas. */
  readonly wallClock: () => Micros;
  /** Called after events became readable. */
  readonly onTaken: () => void;
}

/** A stopped follower looks so often whether the record was mended. */
const STOPPED_MS = 60_000;
/** Events that wait for the rest of their append at most; an append has fewer. */
const INCOMPLETE_MAX = 1_000;
/** A clock that differs by more is told of. */
const SKEW_MS_MAX = 60_000;

export class Follower {
  readonly #parts: FollowerParts;
  readonly #ending = new AbortController();
  #subscription = new AbortController();
  readonly #waiters: Waiters;
  #fault: Error | null = null;
  #isIdentified = false;
  #attempted = Promise.withResolvers<void>();
  #caughtUp = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
    // A link may be silent for ever without being lost.
    this.#waiters = new Waiters(parts.mirror, () => this.#subscription.abort());
  }

  /** Begins. Resolves when the store has answered for the first time, or did not. */
  async start(): Promise<void> {
    const { mirror, link } = this.#parts;
    link.at = (await mirror.head()).position || null;
    this.#running ??= this.#run();
    await this.#attempted.promise;
  }

  /** Why nothing can be appended now: never connected yet, another ledger, a broken chain. Null while one may try. */
  get refusal(): Error | null {
    if (this.#isIdentified && this.#parts.link.state !== 'stopped') return null;
    return this.#fault ?? new MusterbookError('STORE_UNREACHABLE', `${this.#parts.shown} has not answered yet`);
  }

  /** Resolves once the mirror has had everything that was in the store at some moment since the start. */
  caughtUp(): Promise<void> {
    return this.#caughtUp.promise;
  }

  /** As `caughtUp`; throws `STORE_UNREACHABLE` after `msMax`. */
  async caughtUpWithin(msMax: number): Promise<void> {
    let timeout: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const message = `what ${this.#parts.shown} holds was not followed within ${msMax} ms`;
      timeout = setTimeout(() => reject(new MusterbookError('STORE_UNREACHABLE', message)), msMax);
    });
    await Promise.race([this.#caughtUp.promise, late]).finally(() => clearTimeout(timeout));
  }

  /**
   * Resolves once the mirror holds this revision of a stream (without the prefix). Throws `STORE_UNREACHABLE` when
   * nothing came for `msMax`, and why it stopped when it stops: what was acknowledged is in the store all the same.
   */
  passed(stream: string, revision: number, msMax: number): Promise<void> {
    if (this.#parts.link.state === 'stopped' && this.#fault) return Promise.reject(this.#fault);
    return this.#waiters.passed(stream, revision, msMax);
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    this.#waiters.fail(new MusterbookError('LEDGER_CLOSED', 'The ledger is closed', { outcome: 'unknown' }));
  }

  async #run(): Promise<void> {
    const { timer, random, link } = this.#parts;
    const { signal } = this.#ending;
    let attempt = 0;
    while (!signal.aborted) {
      const failure = await this.#follow(() => {
        attempt = 0;
      });
      if (signal.aborted) break;
      this.#fail(failure);
      this.#attempted.resolve();
      await timer.sleep(link.state === 'stopped' ? STOPPED_MS : retryDelayMs(attempt, random), signal);
      attempt += 1;
    }
    this.#attempted.resolve();
  }

  #fail(failure: unknown): void {
    const { link, shown } = this.#parts;
    const fault = operatingError(failure, 'unknown', shown);
    const code = fault instanceof MusterbookError ? fault.code : 'INTERNAL';
    const isStopped = code === 'CHAIN_BROKEN' || code === 'LEDGER_FOREIGN';
    this.#fault = fault;
    link.isCaughtUp = false;
    link.counts.reconnects += 1;
    link.enter(isStopped ? 'stopped' : 'retrying', { code, message: fault.message });
    if (isStopped) this.#waiters.fail(fault);
  }

  /** Follows until it cannot; gives the reason. */
  async #follow(onFeed: () => void): Promise<unknown> {
    const { store, mirror, prefix, link, identify } = this.#parts;
    this.#subscription = new AbortController();
    const signal = AbortSignal.any([this.#ending.signal, this.#subscription.signal]);
    // Of an append that has not come whole.
    let waiting: ReadEvent[] = [];
    try {
      await identify();
      this.#isIdentified = true;
      for await (const feed of store.subscribe({ prefix, after: mirror.cursor, signal })) {
        onFeed();
        // What stopped is up again only when what it stopped at is behind it.
        if (link.state !== 'stopped') link.enter('up', null);
        this.#attempted.resolve();
        if (feed.kind === 'confirmed') continue;
        if (feed.kind === 'events') waiting = waiting.length > 0 ? waiting.concat(feed.events) : [...feed.events];
        const isAllOfIt = feed.kind === 'caught-up' || waiting.length > INCOMPLETE_MAX;
        const count = isAllOfIt ? waiting.length : completeCount(waiting);
        if (count > 0) await this.#take(waiting.splice(0, count));
        link.enter('up', null);
        if (feed.kind === 'caught-up') this.#catchUp();
      }
      const isStalled = this.#subscription.signal.aborted;
      const message = `${this.#parts.shown} ${isStalled ? 'went silent' : 'ended the subscription'}`;
      return new MusterbookError('STORE_UNREACHABLE', message, { outcome: 'unknown' });
    } catch (failure) {
      return failure;
    }
  }

  #catchUp(): void {
    this.#parts.link.isCaughtUp = true;
    this.#caughtUp.resolve();
  }

  async #take(reads: readonly ReadEvent[]): Promise<void> {
    const { mirror, prefix, link, onTaken } = this.#parts;
    const batch = batchOf(reads, prefix, mirror.cursor);
    const { counts } = link;
    this.#measureSkew(batch);
    // Nothing processed: the mirror has no cursor to keep.
    if (batch.cursor !== '') await mirror.take(batch);
    counts.events += batch.events.length;
    counts.rejections += batch.rejections.length;
    counts.foreign_events += batch.foreign;
    link.at = batch.events.at(-1)?.position ?? link.at;
    for (const { stream, revision } of batch.events) this.#waiters.pass(stream, revision);
    const rejection = batch.rejections.at(-1);
    if (rejection) this.#waiters.pass(REJECTIONS_STREAM, rejection.seq);
    if (batch.events.length > 0) onTaken();
    if (batch.broken) throw batch.broken;
  }

  /** Of what comes as it happens; what lies in the past says nothing of clocks. */
  #measureSkew({ events }: Batch): void {
    const { link, wallClock } = this.#parts;
    const event = events.at(-1);
    if (!event || !link.isCaughtUp || event.isRestored) return;
    const ms = Math.round((event.chainedAt - wallClock()) / 1_000);
    const isSkewed = Math.abs(ms) > SKEW_MS_MAX;
    link.counts.clock_skew_ms = isSkewed ? ms : 0;
    if (isSkewed) link.counts.skewed_events += events.length;
  }
}
