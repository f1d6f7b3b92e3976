/**
 * The feed behind subscriptions other than `events`: which events concern a subject, from any cursor on. Readers that
 * have caught up share one tail in memory; others read the ledger from their own cursor. Nothing is queued for anyone.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cluster } from '../../projections/cluster/cluster.ts';
import type { Position, Revision, StreamCategory } from '../../schemas/ids.ts';
import { streamName } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { clusterTopic, firstTopic, incidentTopic, Naming, reportedTopic, STATUS_PAGE } from './naming.ts';
import { ChangeTail, type NamedEvent } from './tail.ts';
import type { Change, ChangeSubject, Views } from './views.ts';

/** A reader more changes behind than this gets the newest state and how many were left out. */
const BEHIND_MAX = 1_000;
const PAGE = 1_000;

/** What is left of a range: its newest changes, how many there are in all, and whom the others concern. */
interface Range {
  readonly count: number;
  readonly newest: readonly NamedEvent[];
  readonly leftOut: ReadonlySet<string>;
}

export class ChangeFeed {
  readonly #reader: LedgerReader;
  readonly #views: Pick<Views, 'position' | 'now'>;
  readonly #naming: Naming;
  readonly #tail: ChangeTail;
  readonly #wakers = new Set<() => void>();

  constructor(reader: LedgerReader, views: Pick<Views, 'position' | 'now'>) {
    this.#reader = reader;
    this.#views = views;
    this.#naming = new Naming(reader);
    this.#tail = new ChangeTail(reader, this.#naming);
  }

  /** Says that the views moved on. */
  published(): void {
    for (const wake of [...this.#wakers]) wake();
  }

  async *changes(
    subject: ChangeSubject,
    after: Position,
    signal: AbortSignal,
  ): AsyncGenerator<Change, void, undefined> {
    let cursor: number = after;
    while (!signal.aborted) {
      const upTo = this.#views.position();
      if (cursor >= upTo) {
        await this.#nextPublication(signal);
        continue;
      }
      const range = await this.#between(subject, cursor, upTo);
      for (const change of this.#changesOf(subject, range)) {
        if (signal.aborted) return;
        // A gap of a collector that reports of no cluster concerns none.
        if (change.keys.length > 0) yield change;
      }
      cursor = upTo;
    }
  }

  #nextPublication(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wakers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  #changesOf(subject: ChangeSubject, { count, newest, leftOut }: Range): readonly Change[] {
    const last = newest.at(-1);
    if (last === undefined) return [];
    if (count <= BEHIND_MAX) return newest.map((event) => this.#change(subject, event, 0, event.topics));
    const topics = new Set([...leftOut, ...newest.flatMap((event) => event.topics)]);
    return [this.#change(subject, last, count - 1, topics)];
  }

  #change(subject: ChangeSubject, { position }: NamedEvent, skipped: number, topics: Iterable<string>): Change {
    const keys =
      subject.kind === 'clusters' ? this.#clustersOf(topics) : [subject.kind === 'statusPage' ? '' : subject.id];
    return { position, eventPosition: position, skipped, keys };
  }

  async #between(subject: ChangeSubject, after: number, upTo: number): Promise<Range> {
    await this.#tail.extend(upTo);
    const topics = subject.kind === 'clusters' ? null : await this.#topicsOf(subject);
    const isMine = membership(topics);
    if (!this.#tail.covers(after)) return this.#fromLedger(subject, isMine, after, upTo);
    const newest = this.#tail.between(after, upTo, topics).filter((event) => event.topics.some(isMine));
    return { count: newest.length, newest, leftOut: new Set() };
  }

  /** Topics that concern a subject. */
  async #topicsOf(subject: Exclude<ChangeSubject, { kind: 'clusters' }>): Promise<readonly string[]> {
    if (subject.kind === 'statusPage') return [STATUS_PAGE];
    if (subject.kind === 'incident') {
      // A cluster that nobody had heard of is among its clusters from its first event on.
      const named = await this.#naming.clustersOfIncident(subject.id);
      return [incidentTopic(subject.id), ...named.map(firstTopic)];
    }
    const sources = this.#views.now().get(cluster, subject.id)?.state.sources ?? [];
    return [clusterTopic(subject.id), ...sources.map(reportedTopic)];
  }

  /** Ids of the clusters that topics stand for. */
  #clustersOf(topics: Iterable<string>): readonly string[] {
    const ids = new Set<string>();
    const collectors = new Set<string>();
    for (const topic of topics) {
      if (topic.startsWith(clusterTopic(''))) ids.add(topic.slice(clusterTopic('').length));
      if (topic.startsWith(reportedTopic(''))) collectors.add(topic.slice(reportedTopic('').length));
    }
    if (collectors.size > 0) {
      for (const { key, state } of this.#views.now().list(cluster, { limit: Number.MAX_SAFE_INTEGER })) {
        if (state.sources.some((source) => collectors.has(source))) ids.add(key);
      }
    }
    return [...ids].sort();
  }

  async #fromLedger(
    subject: ChangeSubject,
    isMine: (topic: string) => boolean,
    after: number,
    upTo: number,
  ): Promise<Range> {
    const scanned = await this.#scan(categoriesOf(subject), isMine, after, upTo);
    if (subject.kind !== 'cluster' && subject.kind !== 'incident') return scanned;
    const beside =
      subject.kind === 'cluster'
        ? await this.#ownStream(subject.id, after, upTo)
        : await this.#firstOfClusters(subject.id, after, upTo);
    const newest = [...beside.newest, ...scanned.newest].sort((a, b) => a.position - b.position);
    return { count: beside.count + scanned.count, newest, leftOut: scanned.leftOut };
  }

  /** Reads whole categories; keeps the newest only. */
  async #scan(
    categories: readonly StreamCategory[],
    isMine: (topic: string) => boolean,
    after: number,
    upTo: number,
  ): Promise<Range> {
    let count = 0;
    let newest: NamedEvent[] = [];
    const leftOut = new Set<string>();
    for (let from = after; ; ) {
      const events = await this.#reader.readAll({
        categories,
        after: from as Position,
        upTo: upTo as Position,
        limit: PAGE,
      });
      for (const event of events) {
        const topics = (await this.#naming.topicsOf(event)).filter(isMine);
        if (topics.length === 0) continue;
        count += 1;
        newest.push({ position: event.position, topics });
      }
      for (const { topics } of newest.slice(0, -BEHIND_MAX)) for (const topic of topics) leftOut.add(topic);
      newest = newest.slice(-BEHIND_MAX);
      const last = events.at(-1);
      if (events.length < PAGE || last === undefined) return { count, newest, leftOut };
      from = last.position;
      await nextTurn();
    }
  }

  /** When each cluster that an incident names was first heard of. */
  async #firstOfClusters(id: string, after: number, upTo: number): Promise<Range> {
    const newest: NamedEvent[] = [];
    for (const clusterId of await this.#naming.clustersOfIncident(id)) {
      const [first] = await this.#reader.readPlaces(streamName('cluster', clusterId), {
        upTo: upTo as Position,
        limit: 1,
      });
      if (first !== undefined && first.position > after)
        newest.push({ position: first.position, topics: [firstTopic(clusterId)] });
    }
    return { count: newest.length, newest, leftOut: new Set() };
  }

  /** A cluster's own stream, of which only places are read. */
  async #ownStream(id: string, after: number, upTo: number): Promise<Range> {
    const stream = streamName('cluster', id);
    const places = await this.#reader.readPlaces(stream, {
      upTo: upTo as Position,
      backwards: true,
      limit: BEHIND_MAX,
    });
    const topics = [clusterTopic(id)];
    const later = places.filter(({ position }) => position > after).toReversed();
    const newest = later.map(({ position }) => ({ position, topics }));
    const last = places[0];
    if (last === undefined || newest.length < BEHIND_MAX) return { count: newest.length, newest, leftOut: new Set() };
    // All that was read is later than the cursor: the first revision after it is found by halving.
    let [low, high] = [0, places.at(-1)?.revision ?? 0];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [place] = await this.#reader.readPlaces(stream, {
        from: middle as Revision,
        to: middle as Revision,
        limit: 1,
      });
      if (place !== undefined && place.position > after) high = middle;
      else low = middle + 1;
    }
    return { count: last.revision - low + 1, newest, leftOut: new Set() };
  }
}

/** Which topics concern a subject; null: all clusters. */
function membership(topics: readonly string[] | null): (topic: string) => boolean {
  if (topics === null) return (topic) => topic.startsWith(clusterTopic('')) || topic.startsWith(reportedTopic(''));
  const mine = new Set(topics);
  return (topic) => mine.has(topic);
}

function categoriesOf(subject: ChangeSubject): readonly StreamCategory[] {
  switch (subject.kind) {
    case 'clusters':
      return ['cluster', 'incident', 'component', 'maintenance', 'collector'];
    case 'incident':
      return ['incident'];
    default:
      return ['incident', 'component', 'maintenance', 'collector'];
  }
}
