/** What is missing in a partition, as statements of its collector; and what has to be remembered of it to say them. Pure. */
import { createHash } from 'node:crypto';
import { CATALOGUE, isEventName } from '../../../schemas/catalogue.ts';
import { TYPE_PREFIX } from '../../../schemas/event.ts';
import { isId } from '../../../schemas/ids.ts';
import { formatTime, LATEST, MICROS_PER_MS, type Micros } from '../../../schemas/time.ts';
import type { Hole } from '../../kafka/place.ts';

/** The mark is kept with the committed offset: brokers keep 4,096 bytes there, by default. */
const MARK_BYTES_MAX = 4_000;
const ID_LENGTH_MAX = 200;

/** The collector of a partition: the subject of its gaps, and their source. */
export function collectorOf(topic: string, partition: number): string {
  const name = `kafka:${topic}/${partition}`;
  if (name.length <= ID_LENGTH_MAX) return name;
  // Topics may have 249 characters, ids 200: the digest tells apart what begins alike.
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${name.slice(0, ID_LENGTH_MAX - 13)}~${digest}`;
}

/**
 * What was seen in a partition so far: when its last record was, and the clusters. It goes along with the committed offset, so that
 * whoever reads on from there (this process after a restart, another replica after a rebalance) says the same of a gap. Where the
 * names grow too long for that they are given up for good, since a set that depends on who remembers it would not be the same twice.
 */
export class Seen {
  #atMs: number | null = null;
  #clusters: Set<string> | null = new Set();
  #clustersBytes = 0;

  /** From a mark; one that nobody of us wrote counts as none. */
  static from(mark: string | null): Seen {
    const seen = new Seen();
    let read: unknown;
    try {
      read = mark === null ? null : JSON.parse(mark);
    } catch {
      return seen;
    }
    const { at, clusters } = Object(read) as { at?: unknown; clusters?: unknown };
    if (typeof at === 'number' && isInstant(at)) seen.#atMs = at;
    if (Array.isArray(clusters)) for (const id of clusters) seen.#add(String(id));
    else if (clusters === null) seen.#clusters = null;
    return seen;
  }

  mark(): string {
    return JSON.stringify({ at: this.#atMs, clusters: this.#clusters === null ? null : [...this.#clusters] });
  }

  /** A record that was read: `parsed` is what its value says, undefined where it cannot be read. */
  note(timestampMs: number | null, parsed: unknown): void {
    if (timestampMs !== null && isInstant(timestampMs)) this.#atMs = timestampMs;
    if (this.#clusters === null) return;
    const { type, subject } = Object(parsed) as { type?: unknown; subject?: unknown };
    if (typeof type === 'string' && typeof subject === 'string' && isOfCluster(type)) this.#add(subject);
  }

  get atMs(): number | null {
    return this.#atMs;
  }

  /** In the order of their names; null: too many to remember. */
  get clusters(): readonly string[] | null {
    return this.#clusters === null ? null : [...this.#clusters].sort();
  }

  #add(id: string): void {
    if (this.#clusters === null || this.#clusters.has(id) || !isId(id)) return;
    this.#clusters.add(id);
    this.#clustersBytes += Buffer.byteLength(JSON.stringify(id)) + 1;
    if (this.#clustersBytes > MARK_BYTES_MAX - 100) this.#clusters = null;
  }
}

/** Holes of one batch that are told one by one. */
const HOLES_MAX = 100;

/** As they are told: a log that is compacted may miss every second record, and a statement for each would bury the events. */
export function told(holes: readonly Hole[]): readonly Hole[] {
  const [first] = holes;
  const last = holes.at(-1);
  if (first === undefined || last === undefined || holes.length <= HOLES_MAX) return holes;
  const missing = holes.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
  return [{ from: first.from, to: last.to, missing }];
}

/** A hole and the records on its sides. */
export interface Jump {
  readonly hole: Hole;
  /** Of the record before the hole, in ms since 1970; null where none is known. */
  readonly fromMs: number | null;
  /** Of the record behind the hole, in ms since 1970; null where it has none. */
  readonly toMs: number | null;
  /** Taken where neither side of the hole has a time. */
  readonly now: Micros;
}

/** The statement as a CloudEvent. The same hole gives the same event, whoever finds it again. */
export function gapEvent(collector: string, seen: Seen, jump: Jump): Readonly<Record<string, unknown>> {
  const { hole, fromMs, toMs, now } = jump;
  const behind = toMs !== null && isInstant(toMs) ? toMs : null;
  const known = [fromMs, behind].filter((at) => at !== null);
  // Producers set the times: they may fall. Whatever lies between both may be missing.
  const from = fromMs === null ? undefined : Math.min(...known) * MICROS_PER_MS;
  const to = known.length === 0 ? now : Math.max(...known) * MICROS_PER_MS;
  // The end is exclusive: within one millisecond there would be nothing in between.
  const end = (from === to ? Math.min(to + MICROS_PER_MS, LATEST) : to) as Micros;
  const { clusters } = seen;
  return {
    specversion: '1.0',
    id: `gap ${hole.from} ${hole.to} ${toMs ?? ''}`.trim(),
    source: collector,
    type: `${TYPE_PREFIX}CollectorGapRecorded`,
    subject: collector,
    time: formatTime(end),
    data: {
      ...(clusters !== null && clusters.length > 0 && { clusterIds: clusters }),
      ...(from !== undefined && { from: formatTime(from as Micros) }),
      to: formatTime(end),
      reason: reasonOf(hole),
    },
  };
}

function reasonOf({ from, to, missing }: Hole): string {
  if (to < from) {
    return `Kafka's offsets went back from ${from} to ${to}: the topic was made anew or lost its end. What was behind is not known.`;
  }
  const all = to - from === 1 ? `offset ${from}` : `offsets ${from} to ${to - 1}`;
  const which = missing === undefined ? all : `${missing} of the ${all}`;
  return `Kafka no longer had ${which} (retention, compaction or deletion) when they were to be read.`;
}

function isOfCluster(type: string): boolean {
  const name = type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type;
  return isEventName(name) && CATALOGUE[name].category === 'cluster';
}

function isInstant(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms * MICROS_PER_MS <= LATEST;
}
