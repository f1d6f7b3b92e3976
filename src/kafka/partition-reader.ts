/** What a member of the group does with the batches of its partitions: take, confirm, hold back. */
import type { Batch, Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Timer } from '../clock.ts';
import { MusterbookError } from '../errors.ts';
import { backOff } from './back-off.ts';
import { faultOf, type KafkaLog } from './connection.ts';
import type { LinkStates } from './link-state.ts';
import { type Hole, Place } from './place.ts';

export interface KafkaRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  /** Null: a tombstone. */
  readonly value: Buffer | null;
  readonly headers: KafkaMessage['headers'];
  /** In ms since 1970; null where the record has none. */
  readonly timestampMs: number | null;
}

export interface KafkaBatch {
  readonly topic: string;
  readonly partition: number;
  /** At least one, in order of offset. */
  readonly records: readonly KafkaRecord[];
  /** Offsets missing before or among the records, in order; each ends at a record or before one. */
  readonly holes: readonly Hole[];
  /** The mark that was given for what lies before the first record; null where there is none. */
  readonly mark: string | null;
}

/** What the group has confirmed of a partition. */
export interface Committed {
  readonly partition: number;
  /** The next to read; negative: nothing was confirmed, or kafkajs had to begin anew. */
  readonly offset: string;
  readonly metadata: string | null;
}

/** As kafkajs tells of a batch before it is taken. */
interface PassedOver {
  readonly partition: number;
  readonly firstOffset: string | null;
  readonly lastOffset: string;
}

interface ReaderParts {
  readonly topic: string;
  readonly consumer: Pick<Consumer, 'pause' | 'resume'>;
  readonly link: LinkStates;
  readonly log: KafkaLog;
  readonly timer: Timer;
  /** Aborted when reading ends. */
  readonly signal: AbortSignal;
  take(batch: KafkaBatch, beat: () => Promise<void>): Promise<string | null>;
  committed(): Promise<readonly Committed[]>;
  readonly atStart: readonly Committed[];
}

/** What kafkajs gives beside its types: https://github.com/tulios/kafkajs/blob/v2.2.4/src/consumer/batch.js */
type FetchedBatch = Batch & { readonly fetchedOffset: string; readonly rawMessages: readonly KafkaMessage[] };

export class PartitionReader {
  readonly #parts: ReaderParts;
  #assigned: ReadonlySet<number> = new Set();
  #places = new Map<number, Place>();
  /** Those of the assignment before, for where the group's own memory was reset. */
  #before: ReadonlyMap<number, Place> = new Map();
  #loading: Promise<void> | null = null;
  /** What was passed over while places were being loaded. */
  #early: PassedOver[] = [];
  readonly #failures = new Map<number, number>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#before = placesOf(parts.atStart);
  }

  /** These partitions are this member's from now on. Another may have read them since: what is known of them is asked for anew. */
  assign(partitions: readonly number[]): void {
    const { link, topic } = this.#parts;
    this.#before = new Map([...this.#before, ...this.#places]);
    this.#assigned = new Set(partitions);
    this.#places = new Map();
    this.#early = [];
    link.keepParts(new Set(partitions.map((partition) => partName(topic, partition))));
    this.#loading = this.#load();
    // Whoever needs them sees the failure and asks again.
    this.#loading.catch(() => {});
  }

  /** Records of which none is shown to a consumer. kafkajs tells of them and goes on at once, even before a place is known. */
  passOver(batch: PassedOver): void {
    const place = this.#places.get(batch.partition);
    if (place) passOver(place, batch);
    else if (this.#assigned.has(batch.partition)) this.#early.push(batch);
  }

  sawEnd(partition: number, end: number): void {
    if (!this.#assigned.has(partition)) return;
    const { link, topic } = this.#parts;
    const next = this.#places.get(partition)?.next;
    if (next != null) link.part(partName(topic, partition), { lag: Math.max(0, end - next) });
  }

  /** Throws what kafkajs knows to deal with: that the group rebalances, that a broker is lost. */
  async read({
    batch,
    heartbeat,
    resolveOffset,
    commitOffsetsIfNecessary,
    isRunning,
  }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    await this.#loaded();
    const place = this.#places.get(partition);
    if (place === undefined || !isRunning()) return;
    const mark = await this.#take(place, batch as FetchedBatch, heartbeat);
    // Assigned anew meanwhile: whoever has the partition now reads the same again.
    if (mark === undefined || this.#places.get(partition) !== place) return;
    const next = Number(batch.lastOffset()) + 1;
    await this.#confirm({ partition, next, mark, commit: commitOffsetsIfNecessary });
    resolveOffset((batch.messages.at(-1) as KafkaMessage).offset);
    place.advance(next, mark);
    this.#failures.delete(partition);
    const { link, topic } = this.#parts;
    const lag = Math.max(0, Number(batch.highWatermark) - next);
    link.part(partName(topic, partition), { at: next - 1, lag, isPaused: false });
  }

  /** The new mark; undefined where the batch could not be taken and its partition is held back. */
  async #take(place: Place, batch: FetchedBatch, heartbeat: () => Promise<void>): Promise<string | null | undefined> {
    const fetchedFrom = Number(batch.fetchedOffset);
    const raw = batch.rawMessages.filter(({ offset }) => Number(offset) >= fetchedFrom);
    const { topic, partition, messages } = batch;
    const records = messages.map(recordOf);
    // A disk that stands still must not look like a dead member.
    const beating = setInterval(() => void heartbeat().catch(() => {}), 1_000);
    try {
      return await this.#parts.take(
        { topic, partition, records, holes: place.holesIn(raw), mark: place.mark },
        heartbeat,
      );
    } catch (error) {
      if (!(error instanceof MusterbookError)) throw error;
      this.#holdBack(partition, error);
      return undefined;
    } finally {
      clearInterval(beating);
    }
  }

  #holdBack(partition: number, error: MusterbookError): void {
    const { link, log, timer, signal, consumer, topic } = this.#parts;
    const failures = this.#failures.get(partition) ?? 0;
    this.#failures.set(partition, failures + 1);
    const name = partName(topic, partition);
    const partitions = [{ topic, partitions: [partition] }];
    consumer.pause(partitions);
    link.part(name, { isPaused: true });
    link.count('pauses');
    link.isRetrying(faultOf(error));
    log.warn({ code: error.code, partition: name }, `kafka-in: ${error.message}; the partition waits`);
    void timer.sleep(backOff(failures), signal).then(() => {
      if (signal.aborted) return;
      try {
        // Shown as paused until a batch was taken: only then it is known to work again.
        consumer.resume(partitions);
      } catch (thrown) {
        // The member is gone, and with it what was paused.
        log.debug({ code: faultOf(thrown).code }, 'kafka-in: nothing to resume');
      }
    });
  }

  async #confirm(what: {
    readonly partition: number;
    readonly next: number;
    readonly mark: string | null;
    readonly commit: EachBatchPayload['commitOffsetsIfNecessary'];
  }): Promise<void> {
    const { topic, log } = this.#parts;
    const commit = (metadata: string | null): Promise<void> => {
      // `metadata` is passed on by kafkajs, though its types do not have it here.
      const place = { partition: what.partition, offset: String(what.next), metadata };
      return what.commit({ topics: [{ topic, partitions: [place] }] });
    };
    try {
      await commit(what.mark);
    } catch (error) {
      if ((error as { type?: unknown }).type !== 'OFFSET_METADATA_TOO_LARGE') throw error;
      log.debug({ partition: what.partition }, 'kafka-in: the broker keeps no mark of this length');
      await commit(null);
    }
  }

  async #loaded(): Promise<void> {
    try {
      await this.#loading;
    } catch {
      this.#loading = this.#load();
      await this.#loading;
    }
  }

  async #load(): Promise<void> {
    const assigned = this.#assigned;
    const found = placesOf(await this.#parts.committed());
    // Assigned anew while this was on its way: the later one counts.
    if (assigned !== this.#assigned) return;
    for (const partition of assigned) {
      const place = found.get(partition) ?? this.#before.get(partition) ?? new Place(null, null);
      for (const passed of this.#early) if (passed.partition === partition) passOver(place, passed);
      this.#places.set(partition, place);
      if (place.next !== null) this.#parts.link.part(partName(this.#parts.topic, partition), { at: place.next - 1 });
    }
    this.#early = [];
  }
}

function passOver(place: Place, { firstOffset, lastOffset }: PassedOver): void {
  if (firstOffset !== null) place.passOver(Number(firstOffset), Number(lastOffset));
}

/** Of those partitions of which something was confirmed. */
function placesOf(committed: readonly Committed[]): Map<number, Place> {
  const places = new Map<number, Place>();
  for (const { partition, offset, metadata } of committed) {
    const next = Number(offset);
    if (next >= 0) places.set(partition, new Place(next, metadata === '' ? null : metadata));
  }
  return places;
}

function partName(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function recordOf({ offset, key, value, headers, timestamp }: KafkaMessage): KafkaRecord {
  const ms = Number(timestamp);
  return { offset: Number(offset), key, value, headers, timestampMs: Number.isFinite(ms) && ms >= 0 ? ms : null };
}
