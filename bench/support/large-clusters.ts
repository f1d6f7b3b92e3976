/** Clusters of a thousand nodes, as docs/scale.md plans for them: how they come up, and what they then go through. */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import { type Arrival, chanceFrom, START } from './history.ts';

export interface LargeShape {
  readonly seed: number;
  readonly clusters: number;
  readonly nodes: number;
  /** Of each cluster, all running from the beginning. */
  readonly jobs: number;
  /** After all clusters are up: events of clusters by chance. */
  readonly churn: number;
}

const name = (cluster: number): string => `cluster-${String(cluster).padStart(4, '0')}`;
const nodeOf = (node: number): string => `node-${String(node).padStart(4, '0')}`;
const jobOf = (job: number): string => `job-${String(job).padStart(5, '0')}`;

/** Every event of one cluster's beginning: its nodes join, one leads, the others follow, every job is placed and runs. */
export function* comingUp({ nodes, jobs }: LargeShape): Iterable<Told> {
  for (let node = 0; node < nodes; node += 1) {
    const address = `10.0.${node >> 8}.${node & 255}:7000`;
    const data = { nodeId: nodeOf(node), address, zone: `zone-${node % 3}`, kind: 'worker' as const };
    yield told('NodeJoined', data);
  }
  yield told('LeaderElected', { leaderId: nodeOf(0), term: 1, votes: nodes, electorate: nodes, how: 'elected' });
  for (let node = 1; node < nodes; node += 1) {
    yield told('FollowerAttached', { nodeId: nodeOf(node), leaderId: nodeOf(0), term: 1 });
  }
  for (let job = 0; job < jobs; job += 1) {
    const [jobId, nodeId] = [jobOf(job), nodeOf(job % nodes)];
    yield told('JobAssigned', { jobId, nodeId, leaderId: nodeOf(0), term: 1, attempt: 1 });
    yield told('JobStarted', { jobId, nodeId });
  }
}

export interface Told {
  readonly type: EventName;
  readonly data: unknown;
}

function told<N extends EventName>(type: N, data: EventData[N]): Told {
  return { type, data };
}

/** Of ten events nine are of jobs that end and are placed again, one of heartbeats that are lost or come back. */
function* churning({ nodes, jobs, seed }: LargeShape): Generator<Told, never> {
  const chance = chanceFrom(seed);
  const lost = new Set<number>();
  const steps = new Map<number, number>();
  while (true) {
    if (chance() < 0.1) {
      const node = Math.floor(chance() * nodes);
      const data = { nodeId: nodeOf(node), observerId: 'monitor' };
      if (lost.delete(node)) yield told('HeartbeatRestored', data);
      else {
        lost.add(node);
        yield told('HeartbeatLost', { ...data, timeoutMs: 10_000 });
      }
      continue;
    }
    const job = Math.floor(chance() * jobs);
    const step = steps.get(job) ?? 0;
    steps.set(job, (step + 1) % 3);
    const at = { jobId: jobOf(job), nodeId: nodeOf(job % nodes) };
    if (step === 0) yield told('JobCompleted', at);
    else if (step === 1) yield told('JobAssigned', { ...at, leaderId: nodeOf(0), term: 1, attempt: 1 });
    else yield told('JobStarted', at);
  }
}

/** The whole history, in the order in which it happens and arrives; what is in it first is `comingUpEvents` long. */
export function* largeHistory(shape: LargeShape): Iterable<Arrival> {
  let index = 0;
  const arrival = (cluster: number, { type, data }: Told): Arrival => {
    const time = (START + index * (MICROS_PER_SECOND / 1_000)) as Micros;
    const id = `e${index.toString(36).padStart(7, '0')}`;
    index += 1;
    const subject = name(cluster);
    const beside = { source: `/collector/${subject}`, notBefore: null, synthetic: false, extensions: {} };
    const event = { id, type, subject, time, data, ...beside } as unknown as NewEvent;
    return { event, category: 'cluster', arrivesAt: time };
  };
  for (let cluster = 0; cluster < shape.clusters; cluster += 1) {
    for (const each of comingUp(shape)) yield arrival(cluster, each);
  }
  const chance = chanceFrom(shape.seed);
  const churns = Array.from({ length: shape.clusters }, (_, cluster) =>
    churning({ ...shape, seed: shape.seed + cluster }),
  );
  for (let count = 0; count < shape.churn; count += 1) {
    const cluster = Math.floor(chance() * shape.clusters);
    const next = churns[cluster]?.next();
    if (next) yield arrival(cluster, next.value);
  }
}

export function comingUpEvents({ clusters, nodes, jobs }: LargeShape): number {
  return clusters * (2 * nodes + 2 * jobs);
}
