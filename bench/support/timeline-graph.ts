/** GraphQL over a history, in this process: what the benchmark `timeline` asks. */

import { PROJECTIONS } from '../../projections/list.ts';
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamName, streamName } from '../../schemas/ids.ts';
import { formatTime, MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import type { Accept } from '../../src/accept/accept.ts';
import { systemClock, uuidV7 } from '../../src/clock.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import type { Ledger, LedgerReader, RestoreEvent } from '../../src/ledger/port.ts';
import { openSqliteReader } from '../../src/ledger/sqlite/reader.ts';
import { projectHere } from '../../src/project/here.ts';
import { LiveViews } from '../../src/project/live-views.ts';
import { openSqliteStoreReader } from '../../src/project/sqlite/reader.ts';
import type { Views } from '../../src/project/views.ts';
import { ROLES } from '../../src/serve/auth.ts';
import { createGraph } from '../../src/serve/graphql/graph.ts';
import { DEFAULT_LIMITS } from '../../src/serve/graphql/limits.ts';
import { START } from './history.ts';
import type { LongHistory } from './long-history.ts';

export const TIMELINE_QUERY = `query ($clusterId: ID!, $from: DateTime!, $to: DateTime!, $buckets: Int!) {
  timeline(clusterId: $clusterId, from: $from, to: $to, buckets: $buckets) {
    from to bucketMs counts followers lanesOmitted completeness { complete }
    lanes { id kind name group starts ends values terms merged }
  }
}`;

export interface WindowAsked {
  readonly clusterId: string;
  readonly from: string;
  readonly to: string;
}

export interface TimelineGraph {
  /** The printed answer, the way every request goes. */
  ask(query: string, variables: object): Promise<string>;
  /** As many of the cluster's events as took effect inside, from the first of them on. */
  spanOf(window: WindowAsked): Promise<Span>;
  readEvents(span: Span): Promise<readonly unknown[]>;
  close(): Promise<void>;
}

interface Span {
  readonly stream: StreamName;
  readonly from: Revision;
  readonly count: number;
}

const DAY = 86_400 * MICROS_PER_SECOND;

/** A cluster and 24 hours of the history, its first day left out. */
export function clusterWindow({ clusterIds, from, to }: LongHistory, chance: () => number): WindowAsked {
  const begins = Math.round(from + DAY + chance() * (to - from - 3 * DAY)) as Micros;
  const clusterId = clusterIds[Math.floor(chance() * clusterIds.length)] as string;
  return { clusterId, from: formatTime(begins), to: formatTime((begins + DAY) as Micros) };
}

/** Over the long history's files, read and not changed. */
export function longGraph({ ledgerPath, viewsPath }: LongHistory): TimelineGraph {
  const reader = openSqliteReader(ledgerPath);
  const store = openSqliteStoreReader(viewsPath);
  const views = new LiveViews({
    reader,
    store,
    onClose: async () => {
      await reader.close();
    },
  });
  const position = Math.min(...store.slots().map((slot) => slot.position)) as Position;
  views.accept({ publication: { position, keys: 'all', erased: false }, statuses: [], scrubbedUpTo: position });
  return graphOver(reader, views, () => views.close());
}

const FLAPPING = 20;
const MOVING = 79;

/** One cluster and a day of it in which 100 lanes turn once in every bucket. */
export async function denseGraph(buckets: number) {
  const ledger = openMemoryLedger();
  const stream = streamName('cluster', 'full');
  let batch: RestoreEvent[] = [];
  let events = 0;
  const tell = async <N extends EventName>(type: N, at: number, data: EventData[N]): Promise<void> => {
    const time = Math.round(at) as Micros;
    events += 1;
    const told = { id: `e${events}`, source: '/bench', type, subject: 'full', time, data };
    const event = { ...told, notBefore: null, synthetic: false, extensions: {} } as unknown as NewEvent;
    batch.push({ event, stream, actor: ACTOR, recordedAt: time, salt: null, erasedDataHash: null });
    if (batch.length < 2_000) return;
    await ledger.restore(batch);
    batch = [];
  };
  for (const nodeId of [...names('node', FLAPPING), 'left', 'right']) await tell('NodeJoined', START, { nodeId });
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const at = START + ((bucket + 0.5) * DAY) / buckets;
    const side = bucket % 2 === 0 ? 'left' : 'right';
    await tell('LeaderElected', at, { leaderId: side, term: bucket + 1 });
    for (const nodeId of names('node', FLAPPING))
      await tell(bucket % 2 === 0 ? 'HeartbeatLost' : 'HeartbeatRestored', at, { nodeId });
    for (const jobId of names('job', MOVING)) await tell('JobAssigned', at, { jobId, nodeId: side, term: bucket + 1 });
  }
  await ledger.restore(batch);
  const { views, close } = await projectHere({ ledger, projections: PROJECTIONS, onTrouble: fail });
  await views.reached(events as Position, 600_000);
  const graph = graphOver(ledger, views, async () => {
    await close();
    await ledger.close();
  });
  const window = { clusterId: 'full', from: formatTime(START), to: formatTime((START + DAY) as Micros) };
  const note = `one cluster in memory: 100 lanes with ${buckets} intervals each, ${events} events in the 24 hours`;
  return { graph, window, events, note };
}

const ACTOR = { authType: 'unauthenticated', authId: null };

function names(of: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${of}-${index}`);
}

function fail(error: unknown): void {
  throw error;
}

function graphOver(reader: LedgerReader, views: Views, close: () => Promise<void>): TimelineGraph {
  const graph = createGraph({
    views,
    // Queries of the past append nothing.
    ledger: reader as Ledger,
    accept: {} as Accept,
    clock: systemClock,
    store: 'bench',
    links: [],
    log: { info() {}, warn() {}, error: (facts) => process.stderr.write(`${JSON.stringify(facts)}\n`) },
    newId: uuidV7,
    limits: DEFAULT_LIMITS,
    onSkipped() {},
  });
  const caller = { name: null, authType: 'unauthenticated', roles: new Set(ROLES), door: 'graphql' } as const;
  return {
    async ask(query, variables) {
      const request = { query, variables: { ...variables }, operationName: null };
      const ready = graph.executor.prepare(request);
      if (ready.kind !== 'ready') throw new Error(JSON.stringify(ready));
      const { json, hasErrors } = await graph.executor.answer(ready, request, graph.contextFor(caller));
      if (hasErrors) throw new Error(json.slice(0, 1_000));
      return Buffer.from(json).toString('latin1');
    },
    async spanOf({ clusterId, from, to }) {
      const [begin, end] = [Date.parse(from) * 1_000, Date.parse(to) * 1_000];
      const stream = streamName('cluster', clusterId);
      const head = await reader.streamHead(stream);
      const places = await reader.readPlaces(stream, { upTo: views.position(), limit: (head?.revision ?? 0) + 1 });
      const inside = places.filter(({ effectiveAt }) => effectiveAt >= begin && effectiveAt < end);
      const first = places.findIndex(({ effectiveAt }) => effectiveAt >= begin);
      return { stream, from: Math.max(0, first) as Revision, count: inside.length };
    },
    readEvents: ({ stream, from, count }) => reader.readStream(stream, { from, limit: count }),
    close,
  };
}
