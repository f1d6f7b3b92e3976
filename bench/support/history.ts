/** Long histories of many clusters, as collectors would tell them: 20 nodes and 100 jobs each, mostly jobs coming and going. */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type StreamCategory, streamName } from '../../schemas/ids.ts';
import { MICROS_PER_SECOND, type Micros, parseTime } from '../../schemas/time.ts';
import type { Ledger, RestoreEvent } from '../../src/ledger/port.ts';

export interface HistoryShape {
  readonly seed: number;
  readonly events: number;
  readonly clusters: number;
  readonly days: number;
  /** Shares of the events that arrive up to 2 s late, and between 1 s and 24 h late (log-uniform). Default: none. */
  readonly late?: { readonly little: number; readonly much: number };
}

const NODES = 20;
const JOBS = 100;
export const DAY_SECONDS = 86_400;
export const START = parseTime('2026-01-01T00:00:00Z') as Micros;
const ACTOR = { authType: 'unauthenticated', authId: null };

export interface Arrival {
  readonly event: NewEvent;
  readonly category: StreamCategory;
  /** When the ledger takes it, in µs; `event.time` or later. */
  readonly arrivesAt: number;
}

/** What one cluster is at, as far as its events must hang together. */
interface Telling {
  readonly name: string;
  leader: number;
  term: number;
  deployments: number;
  /** Its incident that was declared last; empty before the first. */
  incident: string;
  posts: number;
  readonly jobs: { nodeId: string; step: 'assigned' | 'started' | 'ended' }[];
  readonly lost: Set<number>;
}

/** Fills an empty ledger, in order of arrival. The history before it gathers is spread evenly over the days. */
export async function fillLedger(ledger: Ledger, shape: HistoryShape): Promise<void> {
  await restoreArrivals(ledger, inOrderOfHappening(shape));
}

/** Brings a history, told in the order in which it happened, into an empty ledger in the order in which it arrived. */
export async function restoreArrivals(ledger: Ledger, happened: Iterable<Arrival>): Promise<void> {
  let batch: RestoreEvent[] = [];
  for (const { event, category, arrivesAt } of inOrderOfArrival(happened)) {
    const stream = streamName(category, event.subject);
    batch.push({ event, stream, actor: ACTOR, recordedAt: arrivesAt as Micros, salt: null, erasedDataHash: null });
    if (batch.length < 2_000) continue;
    await ledger.restore(batch);
    batch = [];
  }
  await ledger.restore(batch);
}

/** Holds back what is late until all that arrives before it has been given. */
function* inOrderOfArrival(happened: Iterable<Arrival>): Iterable<Arrival> {
  const waiting: Arrival[] = [];
  for (const arrival of happened) {
    const now = arrival.event.time as number;
    if (arrival.arrivesAt > now) waiting.push(arrival);
    if (arrival.arrivesAt > now) waiting.sort((a, b) => a.arrivesAt - b.arrivesAt);
    while (waiting[0] !== undefined && waiting[0].arrivesAt <= now) yield waiting.shift() as Arrival;
    if (arrival.arrivesAt <= now) yield arrival;
  }
  yield* waiting;
}

function* inOrderOfHappening({ seed, events, clusters, days, late }: HistoryShape): Iterable<Arrival> {
  const chance = chanceFrom(seed);
  const tellings = Array.from(
    { length: clusters },
    (_, index): Telling => ({
      name: `cluster-${index}`,
      leader: 0,
      term: 1,
      deployments: 0,
      incident: '',
      posts: 0,
      jobs: [],
      lost: new Set(),
    }),
  );
  const step = (days * DAY_SECONDS * MICROS_PER_SECOND) / events;
  for (let index = 0; index < events; index += 1) {
    const at = Math.round(START + (index + chance()) * step);
    // First every node joins everywhere, then clusters take turns by chance.
    const opening = index < clusters * (NODES + 1);
    const telling = tellings[opening ? index % clusters : Math.floor(chance() * clusters)] as Telling;
    const told = opening ? open(telling, Math.floor(index / clusters)) : tell(telling, chance, index);
    const event = {
      id: `e${index.toString(36).padStart(7, '0')}`,
      source: told.category === 'cluster' ? `/collector/${telling.name}` : '/desk',
      time: at as Micros,
      notBefore: null,
      synthetic: false,
      extensions: {},
      ...told,
    } as unknown as NewEvent & { category: StreamCategory };
    yield { event, category: told.category, arrivesAt: at + lateness(chance, late) };
  }
}

/** In µs, 0 for most. */
export function lateness(chance: () => number, late: HistoryShape['late']): number {
  if (late === undefined) return 0;
  const draw = chance();
  if (draw < late.much) return Math.round(MICROS_PER_SECOND * DAY_SECONDS ** chance());
  return draw < late.much + late.little ? Math.round(2 * MICROS_PER_SECOND * chance()) : 0;
}

export interface Told {
  readonly category: StreamCategory;
  readonly type: EventName;
  readonly subject: string;
  readonly data: unknown;
}

function ofCluster<N extends EventName>({ name }: Telling, type: N, data: EventData[N]): Told {
  return { category: 'cluster', type, subject: name, data };
}

function open(telling: Telling, index: number): Told {
  if (index === NODES)
    return ofCluster(telling, 'LeaderElected', {
      leaderId: node(0),
      term: 1,
      votes: 11,
      electorate: NODES,
      how: 'elected',
    });
  return ofCluster(telling, 'NodeJoined', {
    nodeId: node(index),
    address: `10.0.0.${index}:7000`,
    zone: `zone-${index % 3}`,
    kind: index < 5 ? 'voter' : 'worker',
  });
}

const node = (index: number) => `node-${index}`;

/** The mix: of a hundred events about 80 are of jobs, 12 of heartbeats, 5 of followers, and some of elections, deployments, incidents. */
function tell(telling: Telling, chance: () => number, index: number): Told {
  const draw = chance() * 100;
  if (draw < 80) return ofJob(telling, chance);
  if (draw < 92) return ofHeartbeat(telling, chance);
  const { leader, term } = telling;
  const nodeId = node(Math.floor(chance() * NODES));
  if (draw < 97) return ofCluster(telling, 'FollowerAttached', { nodeId, leaderId: node(leader), term });
  if (draw < 98.5) return ofLeadership(telling, chance);
  if (draw < 99) return ofDeployment(telling, chance);
  if (draw < 99.1) return ofCollector(telling);
  return ofIncident(telling, index);
}

/** A job is assigned to a node, started there, and completed or failed; then assigned again. */
function ofJob(telling: Telling, chance: () => number): Told {
  const number = Math.floor(chance() * JOBS);
  const job = telling.jobs[number] ?? { nodeId: '', step: 'ended' };
  telling.jobs[number] = job;
  const jobId = `job-${number}`;
  const { nodeId } = job;
  if (job.step === 'assigned') {
    job.step = 'started';
    return ofCluster(telling, 'JobStarted', { jobId, nodeId });
  }
  if (job.step === 'started') {
    job.step = 'ended';
    if (chance() < 0.1) return ofCluster(telling, 'JobFailed', { jobId, nodeId, error: 'exit status 1' });
    return ofCluster(telling, 'JobCompleted', { jobId, nodeId });
  }
  job.step = 'assigned';
  job.nodeId = node(Math.floor(chance() * NODES));
  const { leader, term } = telling;
  return ofCluster(telling, 'JobAssigned', { jobId, nodeId: job.nodeId, leaderId: node(leader), term, attempt: 1 });
}

function ofHeartbeat(telling: Telling, chance: () => number): Told {
  const number = Math.floor(chance() * NODES);
  const heartbeat = { nodeId: node(number), observerId: 'monitor' };
  if (telling.lost.delete(number)) return ofCluster(telling, 'HeartbeatRestored', heartbeat);
  telling.lost.add(number);
  return ofCluster(telling, 'HeartbeatLost', { ...heartbeat, timeoutMs: 10_000 });
}

function ofLeadership(telling: Telling, chance: () => number): Told {
  const { term, leader } = telling;
  if (chance() < 0.5)
    return ofCluster(telling, 'LeaderLost', { leaderId: node(leader), term, reason: 'lease_expired' });
  telling.term = term + 1;
  telling.leader = Math.floor(chance() * 5);
  return ofCluster(telling, 'LeaderElected', {
    leaderId: node(telling.leader),
    term: telling.term,
    votes: 3,
    electorate: 5,
    how: 'elected',
  });
}

function ofDeployment(telling: Telling, chance: () => number): Told {
  if (chance() < 0.5)
    return ofCluster(telling, 'DeploymentFinished', { deploymentId: `d${telling.deployments}`, outcome: 'succeeded' });
  telling.deployments += 1;
  return ofCluster(telling, 'DeploymentStarted', {
    deploymentId: `d${telling.deployments}`,
    description: 'a new build',
  });
}

function ofCollector({ name }: Telling): Told {
  return {
    category: 'collector',
    type: 'CollectorGapRecorded',
    subject: `/collector/${name}`,
    data: { clusterIds: [name], reason: 'its source was cut short' },
  };
}

/** Incidents of eight posts: declared, talked about, resolved. */
function ofIncident(telling: Telling, index: number): Told {
  const post = telling.posts % 8;
  telling.posts += 1;
  const updateId = `u${index}`;
  if (post === 0) {
    telling.incident = `incident-${index}`;
    const components = [{ componentId: `component-${index % 20}`, status: 'partial_outage' }];
    const data = {
      title: 'Jobs are not picked up',
      status: 'investigating',
      origin: 'manual',
      clusterIds: [telling.name],
      components,
      updateId,
    };
    return { category: 'incident', type: 'IncidentDeclared', subject: telling.incident, data };
  }
  const data = { updateId, status: post === 7 ? 'resolved' : 'identified', message: 'We look into it.' };
  return { category: 'incident', type: 'IncidentUpdated', subject: telling.incident, data };
}

/** mulberry32: the same numbers from the same seed everywhere. */
export function chanceFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
