/** The ledger in one SQLite file: reads on this thread's own connection, writes through one writer. */

import type { FoldEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import type { Clock } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import { follow } from '../follow.ts';
import { assertRequest } from '../judge.ts';
import { Listeners } from '../listeners.ts';
import type {
  AppendOutcome,
  AppendRequest,
  FollowQuery,
  Ledger,
  NewRejection,
  RejectionPage,
  RestoreEvent,
} from '../port.ts';
import { streamOfRestored } from '../restored.ts';
import { type Channel, channelHere, channelToThread } from './channel.ts';
import {
  errorOf,
  type FromWriter,
  packAppends,
  packRestore,
  type Reply,
  type ToWriter,
  unpackOutcomes,
} from './messages.ts';
import { SqliteReader } from './reader.ts';
import { SqliteWriter } from './writer.ts';

export interface SqliteLedgerOptions {
  /** The file, made where there is none; its folder must exist. */
  readonly path: string;
  /** Tells recordedAt at the time of the call; absent: the system's clock, read by the writer. */
  readonly clock?: Clock;
  /** `worker`: writes in a thread of its own. `here`: in this thread, blocking it; for tests and one-off commands. */
  readonly thread: 'worker' | 'here';
  /** The most pages of 8 KiB that the file may have; beyond it appends fail with `STORAGE_FULL`. */
  readonly maxPageCount?: number;
}

/**
 * Opens a ledger for appending and reading. The caller owes: that no other writer has the file (`holdLock` on its
 * folder), and `close()`. Throws `LEDGER_NEWER` and `LEDGER_CORRUPT` having changed nothing, `STORAGE_FULL`, `STORAGE_FAILED`.
 */
export async function openSqliteLedger({ path, clock, thread, maxPageCount }: SqliteLedgerOptions): Promise<Ledger> {
  const pages = maxPageCount ?? null;
  const channel = await (thread === 'worker'
    ? channelToThread<ToWriter>({ path, kind: 'ledger', maxPageCount: pages })
    : channelHere(writerHere(path, clock, pages)));
  try {
    return new SqliteLedger(path, channel, clock);
  } catch (failure) {
    await channel.close();
    throw failure;
  }
}

function writerHere(path: string, clock: Clock | undefined, maxPageCount: number | null): SqliteWriter {
  const writer = new SqliteWriter(path, clock);
  if (maxPageCount !== null) writer.limitPages(maxPageCount);
  return writer;
}

interface WaitingAppend {
  readonly requests: readonly AppendRequest[];
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * So many waiting requests are sent at once, so that the writer begins while we still pack; fewer wait for the end of the
 * tick, since every message costs both threads as much as several events. The writer gathers what has come into one commit:
 * of 64 callers it finds the next sixteen there when it has inserted the last ones. At 32 it commits half of them instead.
 */
const REQUESTS_PER_MESSAGE = 16;

class SqliteLedger extends SqliteReader implements Ledger {
  readonly #channel: Channel<ToWriter>;
  readonly #clock: Clock | undefined;
  readonly #listeners = new Listeners();
  #waiting: WaitingAppend[] = [];
  #isFlushPlanned = false;
  #waitingRequests = 0;
  #isClosed = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(path: string, channel: Channel<ToWriter>, clock: Clock | undefined) {
    super(path);
    this.#channel = channel;
    this.#clock = clock;
  }

  append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    if (this.#isClosed) return Promise.reject(closedError());
    for (const request of requests) assertRequest(request);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ requests, resolve, reject });
      this.#waitingRequests += requests.length;
      if (this.#waitingRequests >= REQUESTS_PER_MESSAGE) this.#flush();
      else this.#planFlush();
    });
  }

  async restore(events: readonly RestoreEvent[]): Promise<readonly AppendOutcome[]> {
    const packed = events.map((event) => packRestore(event, streamOfRestored(event)));
    const [reply] = (await this.#send(() => this.#channel.send({ kind: 'restore', events: packed }))).replies;
    return unpackOutcomes(
      outcomesOf(reply),
      events.map(() => 1),
    );
  }

  async keepRejections(rejections: readonly NewRejection[]): Promise<void> {
    if (rejections.length === 0) return;
    const [reply] = (await this.#send(() => this.#channel.send({ kind: 'rejections', rejections }))).replies;
    outcomesOf(reply);
  }

  async scrub(): Promise<void> {
    const { isScrubOwed } = await this.#send(() => this.#channel.send({ kind: 'scrub' }));
    if (!isScrubOwed) return;
    throw new MusterbookError('ERASURE_INCOMPLETE', 'a reader keeps erased text in the ledger’s log');
  }

  async rejections(query: { readonly before?: number; readonly limit: number }): Promise<RejectionPage> {
    return this.readRejections(query);
  }

  follow<Event extends { readonly position: Position } = FoldEvent>(query: FollowQuery<Event>): AsyncGenerator<Event> {
    return follow<Event>(this, query);
  }

  onAppend(listener: (head: Position) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Waits for what is under way; appends from now on fail with `LEDGER_CLOSED`. */
  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    while (this.#waiting.length > 0 || this.#underWay.size > 0) {
      this.#flush();
      await Promise.allSettled(this.#underWay);
    }
    // The writer closes last: only it can copy the WAL into the file and remove it.
    await super.close();
    await this.#channel.close();
  }

  // After the promise jobs of this tick, so that all who were answered together and call again share a message.
  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    process.nextTick(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const calls = this.#waiting;
    this.#waiting = [];
    this.#waitingRequests = 0;
    void this.#track(this.#sendAppends(calls));
  }

  async #sendAppends(calls: readonly WaitingAppend[]): Promise<void> {
    try {
      const packed = packAppends(calls.map((call) => call.requests));
      const now = this.#clock?.() ?? null;
      const { replies, position } = await this.#channel.send({ kind: 'append', now, calls: calls.length, packed });
      for (const [index, call] of calls.entries()) answer(call, replies[index]);
      this.#listeners.call(position as Position);
    } catch (failure) {
      for (const call of calls) call.reject(failure);
    }
  }

  async #send(send: () => Promise<FromWriter>): Promise<FromWriter> {
    if (this.#isClosed) throw closedError();
    const answer = await this.#track(send());
    this.#listeners.call(answer.position as Position);
    return answer;
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }
}

function answer({ requests, resolve, reject }: WaitingAppend, reply: Reply | undefined): void {
  try {
    resolve(
      unpackOutcomes(
        outcomesOf(reply),
        requests.map((request) => request.events.length),
      ),
    );
  } catch (failure) {
    reject(failure);
  }
}

function outcomesOf(reply: Reply | undefined): readonly number[] {
  if (!reply) throw new Error('The writer gave fewer replies than it was asked for');
  if ('failure' in reply) throw errorOf(reply.failure);
  return reply.outcomes;
}

function closedError(): MusterbookError {
  return new MusterbookError('LEDGER_CLOSED', 'The ledger is closed');
}
