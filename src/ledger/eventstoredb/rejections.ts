/** What was refused at the doors, in a stream of its own that the store cuts to its newest 100,000. */
import type { NewId, Timer } from '../../clock.ts';
import { keyOfRecord, withoutText } from '../erasure.ts';
import { cutRejection, REJECTIONS_MAX } from '../judge.ts';
import type { Mirror } from '../mirror.ts';
import type { NewRejection } from '../port.ts';
import { operatingError } from './failure.ts';
import type { Follower } from './follower.ts';
import type { LinkRecord } from './link-record.ts';
import { REJECTIONS_STREAM, rejectionEvent } from './own-streams.ts';
import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX, NO_STREAM, type Store, type StoreEvent } from './store.ts';
import { writeOnce } from './writing.ts';

export interface RejectionParts {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly follower: Follower;
  readonly link: LinkRecord;
  readonly prefix: string;
  readonly shown: string;
  readonly timer: Timer;
  readonly random: () => number;
  readonly newId: NewId;
  readonly settleMsMax: number;
}

export class RejectionKeeper {
  readonly #parts: RejectionParts;
  readonly #stream: string;
  readonly #closing = new AbortController();
  /** One call after another: their order is that of the records. */
  #last: Promise<unknown> = Promise.resolve();
  /** The stream's last revision as far as we know; null before we asked. */
  #end: number | null = null;

  constructor(parts: RejectionParts) {
    this.#parts = parts;
    this.#stream = `${parts.prefix}${REJECTIONS_STREAM}`;
  }

  /** Durable, and in the mirror, when it resolves. Throws as an append does. */
  async keep(rejections: readonly NewRejection[]): Promise<void> {
    if (rejections.length === 0) return;
    const kept = this.#last.then(() => this.#keep(rejections));
    this.#last = kept.catch(() => {});
    await kept;
  }

  close(): void {
    this.#closing.abort();
  }

  async #keep(rejections: readonly NewRejection[]): Promise<void> {
    const { follower, newId, timer, settleMsMax } = this.#parts;
    const events: StoreEvent[] = [];
    for (const each of rejections) events.push(rejectionEvent(await this.#allowed(cutRejection(each)), newId()));
    let last = NO_STREAM;
    for (const group of groupsOf(events)) {
      if (follower.refusal) throw follower.refusal;
      last = await this.#write(group, timer.nowMs() + settleMsMax);
    }
    await follower.passed(REJECTIONS_STREAM, last, settleMsMax);
  }

  /** The revision of the last one. */
  async #write(events: readonly StoreEvent[], endMs: number): Promise<number> {
    const { store, shown } = this.#parts;
    const stream = this.#stream;
    try {
      this.#end ??= (await store.readLast(stream))?.revision ?? NO_STREAM;
      if (this.#end === NO_STREAM) await store.keepNewest(stream, REJECTIONS_MAX);
    } catch (failure) {
      throw operatingError(failure, 'nothing appended', shown);
    }
    for (;;) {
      const expected = this.#end;
      const parts = { ...this.#parts, signal: this.#closing.signal };
      const written = await writeOnce(parts, { stream, expected, events }, { endMs, sent: () => {} });
      if (written === 'written' || (written.wasUnknown && (await this.#areOurs(events, expected)))) {
        this.#end = expected + events.length;
        return this.#end;
      }
      this.#end = written.actual;
    }
  }

  /** Whether a try with an unknown outcome was written after all. */
  async #areOurs(events: readonly StoreEvent[], expected: number): Promise<boolean> {
    const { store, shown } = this.#parts;
    try {
      const there = await store.read({ stream: this.#stream, from: expected + 1, count: 1 });
      return there[0]?.id === events[0]?.id;
    } catch (failure) {
      throw operatingError(failure, 'unknown', shown);
    }
  }

  /** The text of what was erased is not to come into the store once more. */
  async #allowed(rejection: NewRejection): Promise<NewRejection> {
    const key = keyOfRecord(rejection);
    if (key === null) return rejection;
    return (await this.#parts.mirror.eventByKey(key))?.erased === true ? withoutText(rejection) : rejection;
  }
}

function* groupsOf(events: readonly StoreEvent[]): Generator<readonly StoreEvent[]> {
  let group: StoreEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify('json' in event.content ? event.content.json : '')) + 400;
    if (group.length === APPEND_EVENTS_MAX || (group.length > 0 && bytes + size > APPEND_BYTES_MAX)) {
      yield group;
      [group, bytes] = [[], 0];
    }
    group.push(event);
    bytes += size;
  }
  if (group.length > 0) yield group;
}
