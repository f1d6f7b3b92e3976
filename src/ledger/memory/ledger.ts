/** The ledger in this process's memory: the same answers as every backend, gone with the process. */

import { envelopeText } from '../../../schemas/cloudevents/envelope.ts';
import type { FoldEvent, NewEvent } from '../../../schemas/event.ts';
import { type Position, type Revision, type StreamName, splitStream } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import { digestData, FIRST_PREVIOUS, fromHex, HASH_BYTES, linkHash, newSalt, SALT_BYTES, toHex } from '../chain.ts';
import { ErasedKeys, keyOfRecord, withoutText } from '../erasure.ts';
import { follow } from '../follow.ts';
import {
  assertRequest,
  cutRejection,
  effectiveTime,
  expectationHolds,
  isSameContent,
  namedBy,
  REJECTIONS_MAX,
} from '../judge.ts';
import { Listeners } from '../listeners.ts';
import type {
  Actor,
  AppendOutcome,
  AppendRequest,
  FollowQuery,
  KeptRejection,
  Ledger,
  NewRejection,
  RejectionPage,
  RestoreEvent,
  StoredEvent,
} from '../port.ts';
import { streamOfRestored } from '../restored.ts';
import { MemoryReader } from './reader.ts';

/** What a new event comes with, whichever way it came. */
interface Incoming {
  readonly event: NewEvent;
  readonly actor: Actor;
  readonly recordedAt: Micros;
  readonly chainedAt?: Micros | undefined;
  readonly salt: Uint8Array | null;
  /** Of an event restored as erased. */
  readonly erasedDataHash: Uint8Array | null;
}

/** A new, empty ledger. `clock` tells recordedAt. Nothing is kept when the process ends. */
export function openMemoryLedger({ clock = systemClock }: { readonly clock?: Clock } = {}): Ledger {
  return new MemoryLedger(clock);
}

class MemoryLedger extends MemoryReader implements Ledger {
  readonly #clock: Clock;
  readonly #listeners = new Listeners();
  #rejections: KeptRejection[] = [];
  #rejectionSeq = 0;
  #isRestoring = false;
  #isClosed = false;

  constructor(clock: Clock) {
    super();
    this.#clock = clock;
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.#assertOpen();
    for (const request of requests) assertRequest(request);
    const now = this.#clock();
    const outcomes = requests.map((request) => this.#appendRequest(request, now));
    this.#tell();
    return outcomes;
  }

  async restore(events: readonly RestoreEvent[]): Promise<readonly AppendOutcome[]> {
    this.#assertOpen();
    if (this.state.events.length > 0 && !this.#isRestoring) {
      throw new MusterbookError('LEDGER_NOT_EMPTY', 'This ledger holds events already');
    }
    let before = this.state.recordedAt ?? 0;
    for (const { event, recordedAt } of events) {
      if (recordedAt < before) {
        const facts = { id: event.id, source: event.source, recordedAt, before };
        throw new MusterbookError('RECORDED_AT_FALLS', `recordedat falls at the event ${event.id}`, facts);
      }
      before = recordedAt;
    }
    this.#isRestoring = true;
    const outcomes = events.map((restored) => this.#restoreOne(restored));
    if (this.state.position > 0) this.state.restoredUpTo = this.state.position;
    this.#tell();
    return outcomes;
  }

  async keepRejections(rejections: readonly NewRejection[]): Promise<void> {
    this.#assertOpen();
    for (const rejection of rejections) {
      this.#rejectionSeq += 1;
      this.#rejections.push({ ...this.#allowed(cutRejection(rejection)), seq: this.#rejectionSeq });
    }
    if (this.#rejections.length > REJECTIONS_MAX) this.#rejections = this.#rejections.slice(-REJECTIONS_MAX);
  }

  /** Nothing outlives its erasure here. */
  async scrub(): Promise<void> {
    this.#assertOpen();
  }

  async rejections({ before, limit }: { readonly before?: number; readonly limit: number }): Promise<RejectionPage> {
    const first = this.#rejections[0]?.seq ?? this.#rejectionSeq + 1;
    const end = before === undefined ? this.#rejections.length : Math.max(0, before - first);
    const page = this.#rejections.slice(Math.max(0, end - limit), end).reverse();
    return { rejections: page, dropped: first - 1, total: this.#rejections.length };
  }

  follow<Event extends { readonly position: Position } = FoldEvent>(query: FollowQuery<Event>): AsyncGenerator<Event> {
    return follow<Event>(this, query);
  }

  onAppend(listener: (head: Position) => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new MusterbookError('LEDGER_CLOSED', 'The ledger is closed');
  }

  #allowed(rejection: NewRejection): NewRejection {
    const key = keyOfRecord(rejection);
    return key !== null && this.state.byKey(key)?.erased ? withoutText(rejection) : rejection;
  }

  #blankRejections(erased: ErasedKeys): void {
    this.#rejections = this.#rejections.map((kept) => (erased.holds(kept) ? withoutText(kept) : kept));
  }

  #tell(): void {
    if (this.state.position > 0) this.#listeners.call(this.state.position);
  }

  #appendRequest({ stream, expected, events, actor }: AppendRequest, now: Micros): AppendOutcome {
    const revision = this.state.revisionOf(stream);
    const reused = this.#firstReused(events);
    if (reused) return reused;
    const known = events.map((event) => this.state.byKey(event)?.position ?? null);
    if (known.every((position) => position !== null)) return { kind: 'duplicate', positions: known };
    if (!expectationHolds(expected, revision)) {
      return { kind: 'wrong-revision', actual: revision < 0 ? null : (revision as Revision) };
    }
    this.#isRestoring = false;
    const recordedAt = Math.max(now, this.state.recordedAt ?? 0) as Micros;
    const positions = events.map((event) => {
      const existing = this.state.byKey(event);
      return existing
        ? existing.position
        : this.#insert(stream, { event, actor, recordedAt, salt: newSalt(), erasedDataHash: null });
    });
    return { kind: 'appended', positions, revision: this.state.revisionOf(stream) as Revision, recordedAt };
  }

  #firstReused(events: readonly NewEvent[]): AppendOutcome | null {
    for (const [index, event] of events.entries()) {
      const existing = this.state.byKey(event);
      if (existing && !isSameContent(contentOf(existing), { ...event, dataText: JSON.stringify(event.data) })) {
        return { kind: 'id-reused', index, existing: existing.position };
      }
    }
    return null;
  }

  #restoreOne(restored: RestoreEvent): AppendOutcome {
    const { event, actor, recordedAt } = restored;
    const stream = streamOfRestored(restored) ?? this.#streamOfNamed(event);
    if (stream === null) return { kind: 'wrong-revision', actual: null };
    const existing = this.state.byKey(event);
    if (existing) {
      const isSame = isSameContent(contentOf(existing), { ...event, dataText: JSON.stringify(event.data) });
      if (isSame) return { kind: 'duplicate', positions: [existing.position] };
      return { kind: 'id-reused', index: 0, existing: existing.position };
    }
    const erasedDataHash = restored.erasedDataHash === null ? null : fromHex(restored.erasedDataHash, HASH_BYTES);
    const given = restored.salt === null ? null : fromHex(restored.salt, SALT_BYTES);
    const salt = erasedDataHash ? null : (given ?? newSalt());
    const { chainedAt } = restored;
    const position = this.#insert(stream, { event, actor, recordedAt, chainedAt, salt, erasedDataHash });
    return { kind: 'appended', positions: [position], revision: this.state.revisionOf(stream) as Revision, recordedAt };
  }

  #streamOfNamed(event: NewEvent): StreamName | null {
    return this.state.byKey(namedBy(JSON.stringify(event.data)))?.stream ?? null;
  }

  #insert(stream: StreamName, incoming: Incoming): Position {
    const { event, actor, recordedAt, salt, erasedDataHash } = incoming;
    const chainedAt = incoming.chainedAt ?? recordedAt;
    const parts = splitStream(stream);
    if (!parts) throw new Error(`${stream} is no stream of ours`);
    const previous = this.state.lastOf(stream);
    const revision = (this.state.revisionOf(stream) + 1) as Revision;
    const dataText = salt ? JSON.stringify(event.data) : null;
    const envelope = envelopeText(event, actor);
    const dataHash = salt && dataText !== null ? digestData(salt, dataText) : (erasedDataHash as Uint8Array);
    const previousHash = previous ? (fromHex(previous.hash, HASH_BYTES) as Uint8Array) : FIRST_PREVIOUS;
    const position = (this.state.position + 1) as Position;
    const stored: StoredEvent = {
      position,
      stream,
      ...parts,
      revision,
      type: event.type,
      source: event.source,
      id: event.id,
      occurredAt: event.time ?? recordedAt,
      occurredAtKnown: event.time !== null,
      recordedAt,
      effectiveAt: effectiveTime(event.time, recordedAt),
      notBefore: event.notBefore,
      synthetic: event.synthetic,
      actor: actor.authId,
      erased: dataText === null,
      envelope,
      dataText,
      salt: salt && toHex(salt),
      dataHash: toHex(dataHash),
      hash: toHex(linkHash({ previous: previousHash, stream, revision, recordedAt: chainedAt, envelope, dataHash })),
      ...(chainedAt === recordedAt ? {} : { chainedAt }),
    };
    this.state.add(stored);
    if (event.type === 'EventRetracted' && dataText !== null) {
      const named = namedBy(dataText);
      if (this.state.retract(stored, named)) this.#blankRejections(new ErasedKeys([named]));
    }
    return position;
  }
}

function contentOf(event: StoredEvent) {
  return { ...event, time: event.occurredAtKnown ? event.occurredAt : null };
}
