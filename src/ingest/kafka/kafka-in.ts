/**
 * The way in from Kafka: a topic of CloudEvents, read at least once and appended exactly once, since the ledger knows each by its
 * source and id. What cannot be taken is kept as a rejection that names topic, partition and offset.
 */
import type { Accept, Caller, FactsResult, IncomingRecord, Role } from '../../accept/accept.ts';
import { type Clock, systemTimer, type Timer } from '../../clock.ts';
import type { KafkaLog } from '../../kafka/connection.ts';
import { type ConsumerSettings, startConsumer } from '../../kafka/consumer.ts';
import { LinkStates } from '../../kafka/link-state.ts';
import type { KafkaBatch, KafkaRecord } from '../../kafka/partition-reader.ts';
import type { Hole } from '../../kafka/place.ts';
import type { Link } from '../../link.ts';
import { decodeRecord } from './codec.ts';
import { collectorOf, gapEvent, Seen, told } from './gaps.ts';

export interface KafkaInSettings extends ConsumerSettings {
  /** What may be appended this way. */
  readonly kafkaRole: Exclude<Role, 'read'>;
}

export interface KafkaInParts {
  readonly settings: KafkaInSettings;
  readonly accept: Accept;
  readonly clock: Clock;
  readonly log: KafkaLog;
  /** For tests: absent, real time and 30 s. */
  readonly timer?: Timer;
  readonly sessionMs?: number;
}

export interface KafkaIn {
  readonly link: Link;
  /** Ends what is under way and leaves the group. Before the ledger is closed. */
  close(): Promise<void>;
}

/** Records that are appended together: as many as an append takes at once are read while those before are written. */
const CHUNK = 500;
const COUNTS = ['records', 'appended', 'duplicates', 'rejected', 'gaps', 'rebalances', 'reconnects', 'pauses'];

/** Starts at once and never throws: what hinders it is in the link, and is tried again. */
export function startKafkaIn({ settings, accept, clock, log, timer = systemTimer, sessionMs }: KafkaInParts): KafkaIn {
  const link = new LinkStates('kafka-in', clock, COUNTS);
  const caller: Caller = {
    // Whoever may write to the topic appends in this name: Kafka does not tell who that was.
    name: 'kafka',
    authType: 'service_account',
    roles: new Set<Role>([settings.kafkaRole]),
    door: 'kafka',
  };
  const door: Door = { accept, caller, clock, link };
  const consumer = startConsumer({
    ...{ settings, link, log, timer },
    take: (batch, beat) => take(door, batch, beat),
    ...(sessionMs !== undefined && { sessionMs }),
  });
  return { link, close: () => consumer.close() };
}

interface Door {
  readonly accept: Accept;
  readonly caller: Caller;
  readonly clock: Clock;
  readonly link: LinkStates;
}

/** Appends a batch in chunks: each is read while the one before it is written. */
async function take(door: Door, batch: KafkaBatch, beat: () => Promise<void>): Promise<string> {
  const reading = new Reading(door, batch);
  const append = door.accept.factsInOrder(door.caller);
  let before: Promise<FactsResult> | null = null;
  for (let at = 0; at < batch.records.length; at += CHUNK) {
    const writing = append(reading.read(batch.records.slice(at, at + CHUNK)));
    // Seen below, also where the one before it fails first.
    writing.catch(() => {});
    if (before !== null) note(door, await before);
    before = writing;
    await beat();
  }
  if (before !== null) note(door, await before);
  door.link.count('records', batch.records.length);
  door.link.count('gaps', reading.gaps);
  return reading.mark();
}

function note({ link }: Door, { appended, duplicates, rejected }: FactsResult): void {
  link.count('appended', appended);
  link.count('duplicates', duplicates);
  link.count('rejected', rejected.length);
}

/** Turns the records of one batch into what `accept` takes, with the statements of what is missing in between. */
class Reading {
  readonly #clock: Clock;
  readonly #place: string;
  readonly #collector: string;
  readonly #seen: Seen;
  readonly #holes: Hole[];
  /** When the last record before the batch was. */
  readonly #beganMs: number | null;
  gaps = 0;

  constructor({ clock }: Door, { topic, partition, holes, mark }: KafkaBatch) {
    this.#clock = clock;
    this.#place = `kafka ${topic}/${partition} offset `;
    this.#collector = collectorOf(topic, partition);
    this.#seen = Seen.from(mark);
    this.#holes = [...told(holes)];
    this.#beganMs = this.#seen.atMs;
  }

  read(records: readonly KafkaRecord[]): IncomingRecord[] {
    const incoming: IncomingRecord[] = [];
    for (const record of records) {
      const origin = this.#place + record.offset;
      for (let hole = this.#holes[0]; hole && hole.to <= record.offset; hole = this.#holes[0]) {
        this.#holes.shift();
        this.gaps += 1;
        const fromMs = hole.missing === undefined ? this.#seen.atMs : this.#beganMs;
        const jump = { hole, fromMs, toMs: record.timestampMs, now: this.#clock() };
        const event = gapEvent(this.#collector, this.#seen, jump);
        incoming.push({ text: JSON.stringify(event), parsed: event, origin });
      }
      const coded = decodeRecord(record);
      this.#seen.note(record.timestampMs, 'parsed' in coded ? coded.parsed : undefined);
      incoming.push({ ...coded, origin });
    }
    return incoming;
  }

  mark(): string {
    return this.#seen.mark();
  }
}
