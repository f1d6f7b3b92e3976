/** The ledger in an EventStoreDB: appends go to the store, reading to a local mirror that follows it. */
import type { FoldEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import { type Clock, type NewId, systemClock, systemTimer, type Timer, uuidV4 } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import type { Link, LinkStatus } from '../../link.ts';
import { follow } from '../follow.ts';
import { assertRequest } from '../judge.ts';
import { Listeners } from '../listeners.ts';
import type { Mirror } from '../mirror.ts';
import type {
  AppendOutcome,
  AppendRequest,
  FollowQuery,
  Ledger,
  NewRejection,
  RejectionPage,
  RestoreEvent,
} from '../port.ts';
import { openMirror } from '../sqlite/mirror.ts';
import { Appender } from './appender.ts';
import { CALL_MS_MAX, connectStore } from './connection.ts';
import { readStoreAddress } from './connection-string.ts';
import { Follower } from './follower.ts';
import { identify } from './identity.ts';
import { LinkRecord } from './link-record.ts';
import { MirrorReading } from './mirror-reading.ts';
import { erasedButStored, erasureOwed } from './owed-erasure.ts';
import { RejectionKeeper } from './rejections.ts';
import { restoreInto } from './restorer.ts';
import type { Store } from './store.ts';

export interface EventStoreLedgerOptions {
  /** MUSTERBOOK_STORE: `esdb://…` or `esdb+discover://…`. */
  readonly url: string;
  /** Before every stream name. */
  readonly prefix: string;
  /** The mirror's file, made where there is none; its folder must exist and be held by this process. */
  readonly mirrorPath: string;
  /** Where the mirror is filled: see `openMirror`. */
  readonly thread: 'worker' | 'here';
  /** Tells recordedAt, once for each call. */
  readonly clock?: Clock;
  /** The time of day, held against that of other replicas. */
  readonly wallClock?: Clock;
  readonly timer?: Timer;
  readonly newId?: NewId;
  /** 0 ≤ x < 1, for waiting times between tries. */
  readonly random?: () => number;
  /** After so long one call to the store is given up. */
  readonly callMsMax?: number;
  /** So long is an append tried again while the store does not answer. */
  readonly settleMsMax?: number;
}

/** As the store's own limit for a new leader in a cluster, three times over. */
const SETTLE_MS_MAX = 30_000;

/** Ledger and link in one: what the assembly needs of this backend. */
export interface EventStoreLedger extends Ledger, Link {
  /** Resolves once the mirror has everything that was in the store at some moment since the start; never, while it is not reached. */
  caughtUp(): Promise<void>;
  /** What of the settings will not do what its writer hopes. */
  readonly warnings: readonly string[];
}

/**
 * Opens the mirror and connects. Where the store is not reached, or refuses us, the ledger opens all the same: it gives what
 * the mirror has, appends throw `STORE_UNREACHABLE` or `STORE_REFUSED`, and the store is tried again for as long as it takes.
 * The caller owes `close()`. Throws `BAD_REQUEST` for a connection string that cannot be read, `LEDGER_FOREIGN` where the
 * mirror is of another ledger than the store's, and what `openMirror` throws.
 */
export async function openEventStoreLedger(options: EventStoreLedgerOptions): Promise<EventStoreLedger> {
  const address = readStoreAddress(options.url);
  const store = connectStore({ url: options.url, callMsMax: options.callMsMax ?? CALL_MS_MAX });
  try {
    const mirror = await openMirror({ path: options.mirrorPath, thread: options.thread });
    return await openOn({ store, mirror, shown: address.shown, warnings: address.warnings }, options);
  } catch (failure) {
    await store.close();
    throw failure;
  }
}

interface Opened {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly shown: string;
  readonly warnings: readonly string[];
}

/** The ledger on a store and a mirror that are open; it closes both. */
async function openOn(
  opened: Opened,
  options: Omit<EventStoreLedgerOptions, 'url' | 'mirrorPath' | 'thread'>,
): Promise<EventStoreLedger> {
  const ledger = new StoreLedger(opened, options);
  const { fault } = await ledger.start();
  if (fault?.code !== 'LEDGER_FOREIGN') return ledger;
  await ledger.close();
  throw new MusterbookError('LEDGER_FOREIGN', fault.message, { store: opened.shown });
}

class StoreLedger extends MirrorReading implements EventStoreLedger {
  readonly warnings: readonly string[];
  readonly #store: Store;
  readonly #shown: string;
  readonly #prefix: string;
  readonly #settleMsMax: number;
  readonly #link: LinkRecord;
  readonly #follower: Follower;
  readonly #appender: Appender;
  readonly #rejections: RejectionKeeper;
  readonly #restore: (events: readonly RestoreEvent[]) => Promise<readonly AppendOutcome[]>;
  readonly #listeners = new Listeners();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #restoring: Promise<unknown> = Promise.resolve();
  /** True from a first restore into the empty ledger until something else is appended. */
  #isRestoring = false;
  #closed: Promise<void> | null = null;

  constructor({ store, mirror, shown, warnings }: Opened, options: Parameters<typeof openOn>[1]) {
    super(mirror);
    const { prefix, clock = systemClock, wallClock = systemClock, timer = systemTimer, newId = uuidV4 } = options;
    const { random = Math.random, settleMsMax = SETTLE_MS_MAX } = options;
    [this.#store, this.#shown, this.#prefix, this.warnings] = [store, shown, prefix, warnings];
    this.#settleMsMax = settleMsMax;
    const link = new LinkRecord(prefix, Date.now);
    const parts = { store, mirror, link, prefix, shown, timer, random };
    this.#link = link;
    this.#follower = new Follower({
      ...parts,
      wallClock,
      identify: () => identify({ ...parts, newId }),
      onTaken: () => this.#listeners.call((link.at ?? 0) as Position),
    });
    const writing = { ...parts, follower: this.#follower, settleMsMax };
    this.#appender = new Appender({ ...writing, clock });
    this.#rejections = new RejectionKeeper({ ...writing, newId });
    this.#restore = (events) => restoreInto({ ...writing, signal: this.#closing.signal }, events);
  }

  /** Resolves when the store answered for the first time, or did not. */
  async start(): Promise<LinkStatus> {
    await this.#follower.start();
    return this.status();
  }

  status(): LinkStatus {
    return this.#link.status();
  }

  caughtUp(): Promise<void> {
    return this.#follower.caughtUp();
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.#assertOpen();
    for (const request of requests) assertRequest(request);
    const outcomes = await this.#track(this.#appender.append(requests));
    if (outcomes.some(({ kind }) => kind === 'appended')) this.#isRestoring = false;
    return outcomes;
  }

  async restore(events: readonly RestoreEvent[]): Promise<readonly AppendOutcome[]> {
    this.#assertOpen();
    const restored = this.#restoring.then(() => this.#restoreNext(events));
    this.#restoring = restored.catch(() => {});
    return this.#track(restored);
  }

  async #restoreNext(events: readonly RestoreEvent[]): Promise<readonly AppendOutcome[]> {
    const refusal = this.#follower.refusal;
    if (refusal) throw refusal;
    // A mirror that lags behind looks emptier than the ledger is.
    await this.#follower.caughtUpWithin(this.#settleMsMax);
    const { position } = await this.mirror.head();
    if (position > 0 && !this.#isRestoring) {
      throw new MusterbookError('LEDGER_NOT_EMPTY', 'This ledger holds events already', { position });
    }
    this.#isRestoring = true;
    return this.#restore(events);
  }

  async keepRejections(rejections: readonly NewRejection[]): Promise<void> {
    this.#assertOpen();
    await this.#track(this.#rejections.keep(rejections));
  }

  rejections(query: { readonly before?: number; readonly limit: number }): Promise<RejectionPage> {
    return this.mirror.rejections(query);
  }

  /** The mirror's files hold nothing of what was erased when it throws that the store does. */
  async scrub(): Promise<void> {
    this.#assertOpen();
    await this.#track(this.#scrub());
  }

  async #scrub(): Promise<void> {
    await this.mirror.scrub();
    const owed = await erasedButStored(this.mirror, this.#store, this.#prefix).catch((failure: unknown) => {
      const message = `Whether ${this.#shown} keeps text of what is erased here cannot be asked`;
      throw new MusterbookError('ERASURE_INCOMPLETE', message, { store: this.#shown }, failure);
    });
    if (owed !== null) throw erasureOwed(owed, this.#shown);
  }

  follow<Event extends { readonly position: Position } = FoldEvent>(query: FollowQuery<Event>): AsyncGenerator<Event> {
    return follow<Event>(this, query);
  }

  onAppend(listener: (head: Position) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Waits for what is under way, which is not tried again. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#appender.close();
    this.#rejections.close();
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    const stopped = this.#follower.stop();
    // What the follower waits for would otherwise have to come to its own time limit.
    await this.#store.close();
    await stopped;
    await this.mirror.close();
  }

  #assertOpen(): void {
    if (this.#closed) throw new MusterbookError('LEDGER_CLOSED', 'The ledger is closed');
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }
}
