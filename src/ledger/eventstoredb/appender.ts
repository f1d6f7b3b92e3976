/**
 * Appends: for each stream one at a time, with what waits for the stream meanwhile in the next one; streams beside one
 * another. Everything is judged by the mirror and written at the exact revision that it was judged at, so that whoever was
 * faster is noticed; then it is judged again.
 */
import type { Revision, StreamName } from '../../../schemas/ids.ts';
import type { Clock, Timer } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import { FIRST_PREVIOUS } from '../chain.ts';
import type { KnownEvent, Mirror } from '../mirror.ts';
import type { AppendOutcome, AppendRequest } from '../port.ts';
import { operatingError } from './failure.ts';
import type { Follower } from './follower.ts';
import { chain, outcomeOf, type Plan, planAppend, prepare } from './judging.ts';
import { Lane, markSent, runsOf, type WaitingRequest } from './lanes.ts';
import type { LinkRecord } from './link-record.ts';
import { APPEND_BYTES_MAX, type Store, StoreError, type StoreEvent } from './store.ts';
import { type Written, writeOnce } from './writing.ts';

export interface AppenderParts {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly follower: Follower;
  readonly link: LinkRecord;
  readonly prefix: string;
  readonly shown: string;
  /** Called once for each call: recordedAt. */
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
  /** So long is an append tried again while its outcome is unknown. */
  readonly settleMsMax: number;
}

/** Streams with an append under way at once; with `APPEND_BYTES_MAX` the bound of what is on the link. */
const STREAMS_MAX = 64;
/** Requests that may wait: a call that comes then waits itself, in the order of the calls. */
const REQUESTS_WAITING_MAX = 20_000;

export class Appender {
  readonly #parts: AppenderParts;
  readonly #lanes = new Map<StreamName, Lane>();
  /** Ready, while `STREAMS_MAX` others are under way. */
  readonly #held: Lane[] = [];
  readonly #admission: (() => void)[] = [];
  readonly #closing = new AbortController();
  #underWay = 0;
  #waiting = 0;
  #bytesMax = APPEND_BYTES_MAX;

  constructor(parts: AppenderParts) {
    this.#parts = parts;
  }

  /** As `Ledger.append`. */
  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    const now = this.#parts.clock();
    while (this.#waiting >= REQUESTS_WAITING_MAX) {
      await new Promise<void>((resolve) => this.#admission.push(resolve));
    }
    const prepared = requests.map((request) => prepare(request, now));
    const runs = runsOf(prepared);
    this.#waiting += requests.length;
    const outcomes = prepared.map((request, index) => {
      const { promise, resolve, reject } = Promise.withResolvers<AppendOutcome>();
      this.#lane(request.stream).push({ request, run: runs[index] as (typeof runs)[number], resolve, reject });
      return promise;
    });
    for (const stream of new Set(prepared.map((request) => request.stream))) this.#kick(this.#lane(stream));
    return gathered(await Promise.allSettled(outcomes));
  }

  /** What is under way is not tried again: its outcome may stay unknown. */
  close(): void {
    this.#closing.abort();
  }

  #lane(stream: StreamName): Lane {
    const lane = this.#lanes.get(stream) ?? new Lane(stream);
    this.#lanes.set(stream, lane);
    return lane;
  }

  #kick(lane: Lane): void {
    if (lane.isBusy || !lane.isReady) return;
    lane.isBusy = true;
    if (this.#underWay >= STREAMS_MAX) {
      this.#held.push(lane);
      return;
    }
    this.#underWay += 1;
    void this.#work(lane);
  }

  /** One append of a lane; then whoever was held back longest goes on, it may be the same. */
  async #work(lane: Lane): Promise<void> {
    const group = lane.takeGroup(this.#bytesMax);
    await this.#settle(lane.stream, group);
    this.#waiting -= group.length;
    this.#admit();
    lane.isBusy = false;
    this.#underWay -= 1;
    const next = this.#held.shift();
    if (next) {
      this.#underWay += 1;
      void this.#work(next);
    }
    if (lane.isEmpty) this.#lanes.delete(lane.stream);
    else this.#kick(lane);
  }

  #admit(): void {
    const room = REQUESTS_WAITING_MAX - this.#waiting;
    if (room > 0) for (const admit of this.#admission.splice(0, room)) admit();
  }

  /** Answers every request of a group. Never throws. */
  async #settle(stream: StreamName, group: readonly WaitingRequest[]): Promise<void> {
    let isSent = false;
    const sent = (): void => {
      if (isSent) return;
      isSent = true;
      for (const freed of markSent(group)) this.#kick(this.#lane(freed));
    };
    try {
      await this.#append(stream, group, sent);
    } catch (failure) {
      if (group.length > 1 && failure instanceof MusterbookError && failure.code === 'BODY_TOO_LARGE') {
        await this.#settleAlone(stream, group, failure);
      } else {
        for (const { reject } of group) reject(failure);
      }
    } finally {
      sent();
    }
  }

  /** Each by itself: the store takes less at once than we sent it, and less from now on. */
  async #settleAlone(stream: StreamName, group: readonly WaitingRequest[], failure: MusterbookError): Promise<void> {
    const { bytesMax } = failure.facts as { readonly bytesMax?: number };
    if (bytesMax !== undefined) this.#bytesMax = Math.min(this.#bytesMax, bytesMax);
    for (const one of group) await this.#append(stream, [one], () => {}).catch(one.reject);
  }

  async #append(stream: StreamName, group: readonly WaitingRequest[], sent: () => void): Promise<void> {
    const { mirror, follower, link, prefix, timer, settleMsMax } = this.#parts;
    const endMs = timer.nowMs() + settleMsMax;
    let isChecked = false;
    for (;;) {
      const refusal = follower.refusal;
      if (refusal) throw refusedBefore(refusal);
      if (this.#closing.signal.aborted && link.state !== 'up') throw closed();
      const { plan, events } = await this.#plan(stream, group);
      if (!isChecked && mayLag(plan, group)) {
        isChecked = true;
        await this.#catchUp(stream, plan, endMs);
        continue;
      }
      const first = plan.lastRevision + 1;
      const last = plan.lastRevision + events.length;
      if (events.length > 0) {
        const write = { stream: `${prefix}${stream}`, expected: plan.lastRevision, events };
        const written = await writeOnce({ ...this.#parts, signal: this.#closing.signal }, write, { endMs, sent });
        if (!(await this.#isOurs(stream, { plan, events, written }, endMs))) {
          link.counts.conflicts += 1;
          if (timer.nowMs() < endMs) continue;
          throw tooManyConflicts(stream);
        }
        link.counts.appends += 1;
        link.counts.appended_events += events.length;
      }
      const recorded =
        events.length === 0
          ? []
          : await mirror.readStream(stream, { from: first as Revision, to: last as Revision, limit: events.length });
      for (const [index, { resolve }] of group.entries()) {
        resolve(outcomeOf(plan.outcomes[index] as (typeof plan.outcomes)[number], recorded));
      }
      return;
    }
  }

  async #plan(stream: StreamName, group: readonly WaitingRequest[]) {
    const { mirror } = this.#parts;
    // The end before what is known: what comes in between makes the revision wrong, and it is judged again.
    const end = await mirror.streamEnd(stream);
    const events = group.flatMap(({ request }) => request.events);
    const found = await mirror.known(
      stream,
      events.map(({ key }) => key),
    );
    const known = new Map<string, KnownEvent>();
    for (const [index, event] of found.entries()) if (event) known.set(events[index]?.keyText ?? '', event);
    const plan = planAppend(
      group.map(({ request }) => request),
      known,
      end?.revision ?? -1,
    );
    const from = { previous: end?.hash ?? FIRST_PREVIOUS, notBefore: (await mirror.head()).recordedAt ?? 0 };
    return { plan, events: chain(plan, stream, from) };
  }

  /** Waits until the mirror has what the store has of a stream. */
  async #catchUp(stream: StreamName, plan: Plan, endMs: number): Promise<void> {
    const { store, follower, prefix, shown, timer } = this.#parts;
    const last = await store.readLast(`${prefix}${stream}`).catch((failure: unknown) => {
      throw operatingError(failure, 'nothing appended', shown);
    });
    if (last === null || last.revision <= plan.lastRevision) return;
    await follower.passed(stream, last.revision, Math.max(endMs - timer.nowMs(), FOLLOW_MS_MIN));
  }

  /**
   * Whether what the mirror then has is this append. Where the stream ends elsewhere it may be after all, if an outcome was
   * unknown. And an acknowledged one may be another's: the store holds ids only against each other, so that it takes another
   * replica's event with the same source and id at the same revision, whatever it says, for ours.
   */
  async #isOurs(stream: StreamName, { plan, events, written }: Sent, endMs: number): Promise<boolean> {
    const { mirror, follower, timer, shown } = this.#parts;
    const isWritten = written === 'written';
    const until = isWritten ? plan.lastRevision + events.length : written.actual;
    if (until <= plan.lastRevision) throw shorter(stream, { shown, actual: until, mirrored: plan.lastRevision });
    await follower.passed(stream, until, Math.max(endMs - timer.nowMs(), FOLLOW_MS_MIN));
    if (!isWritten && !written.wasUnknown) return false;
    const query = { from: (plan.lastRevision + 1) as Revision, limit: 1 };
    const [next] = await mirror.readStreamRecorded(stream, query);
    // The salt is drawn at random each time that it is judged: the same hash is the same append.
    return next?.hash === events[0]?.metadata['hash'];
  }
}

interface Sent {
  readonly plan: Plan;
  readonly events: readonly StoreEvent[];
  readonly written: Written;
}

/** So long, at least, the mirror is waited for: what is acknowledged is not given up for a second. */
const FOLLOW_MS_MIN = 5_000;

/**
 * Whether a caller believes a stream to be further than the mirror has it: that may come from another replica, and is no
 * conflict as long as the store has not been asked.
 */
function mayLag({ outcomes }: Plan, group: readonly WaitingRequest[]): boolean {
  return outcomes.some((outcome, index) => {
    if (outcome.kind !== 'wrong-revision') return false;
    const expected = group[index]?.request.expected ?? 'any';
    return expected === 'exists' || (typeof expected === 'number' && expected > (outcome.actual ?? -1));
  });
}

/** All outcomes of a call; throws where one failed, saying that the outcome is unknown where others were appended. */
function gathered(settled: readonly PromiseSettledResult<AppendOutcome>[]): readonly AppendOutcome[] {
  const outcomes: AppendOutcome[] = [];
  let failure: unknown;
  for (const each of settled) {
    if (each.status === 'fulfilled') outcomes.push(each.value);
    else failure ??= each.reason;
  }
  if (failure === undefined) return outcomes;
  const isPartial = outcomes.some(({ kind }) => kind === 'appended');
  if (!isPartial || !(failure instanceof MusterbookError)) throw failure;
  throw new MusterbookError(failure.code, failure.message, { ...failure.facts, outcome: 'unknown' }, failure.cause);
}

function refusedBefore(refusal: Error): Error {
  if (!(refusal instanceof MusterbookError)) return refusal;
  return new MusterbookError(refusal.code, refusal.message, { ...refusal.facts, outcome: 'nothing appended' });
}

function closed(): MusterbookError {
  return new MusterbookError('LEDGER_CLOSED', 'The ledger is closed', { outcome: 'nothing appended' });
}

function shorter(
  stream: StreamName,
  facts: { readonly shown: string; readonly actual: number; readonly mirrored: number },
): MusterbookError {
  const { shown, actual, mirrored } = facts;
  const message = `${stream} ends at revision ${actual} in ${shown}, the local copy of it at ${mirrored}`;
  return new MusterbookError('CHAIN_BROKEN', message, { stream, actual, mirrored, outcome: 'nothing appended' });
}

function tooManyConflicts(stream: StreamName): MusterbookError {
  const message = `others appended to ${stream} faster for the whole time that an append may take`;
  const cause = new StoreError('wrong-revision', message);
  return new MusterbookError('STORE_UNREACHABLE', message, { stream, outcome: 'nothing appended' }, cause);
}
