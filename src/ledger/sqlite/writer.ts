/**
 * The one writer of a ledger file. Runs in a thread of its own (`worker.ts`) or, for tests, in the caller's.
 *
 * Calls that arrive together share one transaction: a commit waits for the disk, and that wait is what appends cost.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Position, Revision } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import { digestData, fromHex, HASH_BYTES, linkHash, linkSealed, newSalt, SALT_BYTES } from '../chain.ts';
import { cutRejection, expectationHolds, isSameContent, namedBy, REJECTIONS_MAX, subjectOf } from '../judge.ts';
import type { AppendOutcome, NewRejection } from '../port.ts';
import { operatingError } from './failure.ts';
import {
  type FromWriter,
  failureOf,
  type IncomingEvent,
  type IncomingRequest,
  type IncomingRestore,
  packOutcome,
  type Reply,
  type ToWriter,
  unpackAppends,
  type Writer,
} from './messages.ts';
import { openForWriting } from './schema.ts';
import { type StreamState, WriterState } from './writer-state.ts';

/** A transaction of so many events takes on no more, so that answers go out while the next ones come in. */
const EVENTS_PER_COMMIT = 1500;

/** One caller's part of a transaction; returns its packed outcomes. */
type Call = () => readonly number[];
/** What the requests of one message share. */
type Append = { readonly seals: Buffer; readonly now: number };
type Conflict = { readonly position: Position; readonly isSame: boolean };

export class SqliteWriter implements Writer<ToWriter> {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #state: WriterState;
  /** True from a first restore into the empty ledger until something else is appended. */
  #isRestoring = false;

  constructor(path: string, clock: Clock = systemClock) {
    this.#path = path;
    this.#clock = clock;
    this.#database = openForWriting(path);
    this.#state = new WriterState(this.#database);
    this.scrub();
  }

  /**
   * Does what a message asks, and those that `next` gives meanwhile, in one transaction; their replies, one per call in
   * order, are given once it is durable.
   */
  handle(first: ToWriter, next: () => ToWriter | null = () => null): FromWriter {
    const calls: Call[] = [];
    const replies = this.#commit(calls, this.#callsOf(first), next);
    const { erasing, position } = this.#state;
    return { replies, position, isScrubOwed: !erasing.scrub() };
  }

  /** Tries again to be rid of old bytes of erased events; false while a reader stands in the way. */
  scrub(): boolean {
    return this.#state.erasing.scrub();
  }

  /** Makes the disk seem full at so many pages. */
  limitPages(pages: number): void {
    this.#database.exec(`PRAGMA max_page_count = ${pages}`);
  }

  close(): void {
    this.#database.close();
  }

  #callsOf(message: ToWriter): readonly Call[] {
    switch (message.kind) {
      case 'append':
        return this.#appendsOf(message);
      case 'restore':
        return [() => this.#restore(message.events)];
      case 'rejections':
        return [() => this.#keepRejections(message.rejections)];
      case 'scrub':
        return [() => this.#askScrub()];
    }
  }

  #appendsOf({ now, calls, packed }: Extract<ToWriter, { kind: 'append' }>): readonly Call[] {
    const seals = Buffer.from(packed.seals.buffer);
    return unpackAppends(packed, calls).map((requests) => () => {
      const outcomes: number[] = [];
      const append = { seals, now: now ?? this.#clock() };
      for (const request of requests) packOutcome(this.#appendRequest(request, append), outcomes);
      return outcomes;
    });
  }

  /** Fills `calls` with all that the transaction took on; what is already on its way is taken on too, up to a limit. */
  #commit(calls: Call[], first: readonly Call[], next: () => ToWriter | null): readonly Reply[] {
    let isCommitting = false;
    const wasRestoring = this.#isRestoring;
    const before = this.#state.position;
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const replies: Reply[] = [];
      let taken: readonly Call[] = first;
      while (taken.length > 0) {
        calls.push(...taken);
        for (const call of taken) replies.push({ outcomes: call() });
        const message = this.#state.position - before < EVENTS_PER_COMMIT ? next() : null;
        taken = message ? this.#callsOf(message) : [];
      }
      this.#state.flush();
      isCommitting = true;
      this.#database.exec('COMMIT');
      return replies;
    } catch (failure) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#state.forget();
      this.#isRestoring = wasRestoring;
      // Alone, each caller fails for its own reason only, and a small one may still fit where many did not.
      if (calls.length > 1) return calls.flatMap((call) => this.#commit([], [call], () => null));
      const facts = { outcome: isCommitting ? 'unknown' : 'nothing appended' };
      return [{ failure: failureOf(operatingError(this.#path, failure, facts)) }];
    }
  }

  #appendRequest(request: IncomingRequest, { seals, now }: Append): AppendOutcome {
    const { expected, events } = request;
    const stream = this.#state.stream(request.stream);
    if (!expectationHolds(expected, stream.revision)) return this.#outcomeElsewhere(stream, events);
    const recordedAt = Math.max(now, this.#state.recordedAt) as Micros;
    // A single insert stands or falls by itself; only several need a way back.
    const before = events.length > 1 ? this.#state.savepoint(stream) : null;
    const positions: Position[] = [];
    let appended = 0;
    for (const event of events) {
      const hash = linkSealed(link(stream, event, recordedAt), seals, event.sealAt);
      const salt = seals.subarray(event.sealAt, event.sealAt + SALT_BYTES);
      const conflict = this.#insert(stream, event, { recordedAt, chainedAt: null, salt, dataHash: null, hash });
      if (conflict && !conflict.isSame) {
        if (before) this.#state.rollback(before, stream);
        return { kind: 'id-reused', index: positions.length, existing: conflict.position };
      }
      if (!conflict) appended += 1;
      positions.push(conflict?.position ?? this.#state.position);
    }
    if (before) this.#state.release();
    if (appended === 0) return { kind: 'duplicate', positions };
    this.#isRestoring = false;
    return { kind: 'appended', positions, revision: stream.revision as Revision, recordedAt };
  }

  /** The stream is not where the caller believes: an answer that got lost, or a real conflict. */
  #outcomeElsewhere(stream: StreamState, events: readonly IncomingEvent[]): AppendOutcome {
    const known = events.map((event) => this.#known(stream, event));
    const reused = known.findIndex((conflict) => conflict !== null && !conflict.isSame);
    if (reused >= 0) return { kind: 'id-reused', index: reused, existing: (known[reused] as Conflict).position };
    if (known.every((conflict) => conflict !== null)) {
      return { kind: 'duplicate', positions: known.map((conflict) => conflict.position) };
    }
    return { kind: 'wrong-revision', actual: stream.revision < 0 ? null : (stream.revision as Revision) };
  }

  #restore(events: readonly IncomingRestore[]): readonly number[] {
    if (this.#state.position > 0 && !this.#isRestoring) {
      const facts = { path: this.#path, position: this.#state.position };
      throw new MusterbookError('LEDGER_NOT_EMPTY', 'This ledger holds events already', facts);
    }
    this.#isRestoring = true;
    const packed: number[] = [];
    for (const restored of events) packOutcome(this.#restoreOne(restored), packed);
    if (this.#state.position > 0) this.#state.restoredUpTo = this.#state.position;
    return packed;
  }

  #restoreOne(restored: IncomingRestore): AppendOutcome {
    const { stream: named, event, recordedAt, chainedAt, salt: saltText, erasedDataHash } = restored;
    if (recordedAt < this.#state.recordedAt) {
      const facts = { id: event.id, source: event.source, recordedAt, before: this.#state.recordedAt };
      throw new MusterbookError('RECORDED_AT_FALLS', `recordedat falls at the event ${event.id}`, facts);
    }
    const name = named ?? this.#state.streamOfNamed(event.dataText);
    if (name === null) return { kind: 'wrong-revision', actual: null };
    const stream = this.#state.stream(name);
    const erased = erasedDataHash === null ? null : fromHex(erasedDataHash, HASH_BYTES);
    const salt = erased ? null : ((saltText === null ? null : fromHex(saltText, SALT_BYTES)) ?? newSalt());
    const dataHash = salt ? digestData(salt, event.dataText) : (erased as Uint8Array);
    const hash = linkHash({ ...link(stream, event, chainedAt ?? recordedAt), dataHash });
    const conflict = this.#insert(stream, event, { recordedAt, chainedAt, salt, dataHash: erased, hash });
    if (conflict?.isSame) return { kind: 'duplicate', positions: [conflict.position] };
    if (conflict) return { kind: 'id-reused', index: 0, existing: conflict.position };
    const { position } = this.#state;
    return {
      kind: 'appended',
      positions: [position],
      revision: stream.revision as Revision,
      recordedAt: recordedAt as Micros,
    };
  }

  /** Inserts the next event of a stream, unless its (source, id) is known. */
  #insert(stream: StreamState, event: IncomingEvent, recorded: Recorded): Conflict | null {
    if (!this.#state.insert(stream, event, recorded)) return this.#known(stream, event);
    if (event.type === 'EventRetracted' && recorded.salt) this.#state.recordRetraction(stream, namedBy(event.dataText));
    return null;
  }

  #known(stream: StreamState, event: IncomingEvent): Conflict | null {
    const row = this.#state.eventByKey(event.source, event.id);
    if (!row) return null;
    const incoming = { ...event, subject: subjectOf(stream.name) };
    return { position: row.position, isSame: isSameContent({ ...row, subject: subjectOf(row.stream) }, incoming) };
  }

  #askScrub(): readonly number[] {
    this.#state.erasing.ask();
    return [];
  }

  #keepRejections(rejections: readonly NewRejection[]): readonly number[] {
    this.#state.keepRejections(rejections.map(cutRejection), REJECTIONS_MAX);
    return [];
  }
}

/** What the ledger adds to an event. `dataHash` is kept only where the data is gone. */
export interface Recorded {
  /** Absent: the next one. */
  readonly position?: Position;
  readonly recordedAt: number;
  /** What the hash covers in place of recordedAt; null where it is that. */
  readonly chainedAt: number | null;
  readonly salt: Uint8Array | null;
  readonly dataHash: Uint8Array | null;
  readonly hash: Uint8Array;
}

function link(stream: StreamState, event: IncomingEvent, chainedAt: number) {
  return {
    previous: stream.hash,
    stream: stream.name,
    revision: stream.revision + 1,
    recordedAt: chainedAt,
    envelope: event.envelope,
  };
}
