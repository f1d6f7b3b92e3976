/**
 * What the clusters of the long history tell. Jobs, heartbeats and followings fill whatever count of events is asked for;
 * elections, deployments, incidents and the like come so often a day, so that states do not grow with the count.
 */
import type { EventData, EventName } from '../../schemas/catalogue.ts';
import { formatTime, MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import type { Told } from './history.ts';

const [NODES, VOTERS, JOBS] = [20, 5, 100];
const DEPLOYMENTS = 20;
const COMPONENTS = 20;
const HOUR = 3_600 * MICROS_PER_SECOND;

/** What one cluster is at, as far as its events must hang together. */
export interface ClusterTelling {
  readonly name: string;
  leader: number;
  term: number;
  deployments: number;
  incidents: number;
  maintenances: number;
  readonly jobs: { nodeId: string; step: 'ended' | 'submitted' | 'assigned' | 'started'; tries: number }[];
  readonly lost: Set<number>;
  readonly detached: Set<number>;
  readonly incarnations: number[];
  /** What follows from what was told, in order. */
  readonly next: (() => Told)[];
  /** Ids of the latest events of the cluster's own stream, the newest last. */
  readonly latest: string[];
}

/** How often the rare things begin, per cluster and day. What follows from each is told besides. */
const RARE: readonly (readonly [perDay: number, begin: (telling: ClusterTelling, words: Words, at: Micros) => Told])[] =
  [
    [0.2, election],
    [0.5, deployment],
    [0.1, restart],
    [0.1, retraction],
    [0.05, incident],
    [0.02, maintenance],
    [0.02, statusChange],
    [0.02, gap],
  ];
/** Where few events are asked for, the rare ones are at most this share of the beginnings. */
const RARE_SHARE_MAX = 0.1;
const LATEST_MAX = 64;

export interface Words {
  readonly chance: () => number;
  /** Of an event: that something rare begins with it. */
  readonly rareShare: number;
}

export function wordsFor(options: { readonly chance: () => number; readonly eventsPerClusterDay: number }): Words {
  const perDay = RARE.reduce((sum, [rate]) => sum + rate, 0);
  return { chance: options.chance, rareShare: Math.min(RARE_SHARE_MAX, perDay / options.eventsPerClusterDay) };
}

export function newTelling(name: string): ClusterTelling {
  return {
    ...{ name, leader: 0, term: 1, deployments: 0, incidents: 0, maintenances: 0 },
    jobs: Array.from({ length: JOBS }, () => ({ nodeId: '', step: 'ended' as const, tries: 0 })),
    ...{ lost: new Set(), detached: new Set(), incarnations: new Array(NODES).fill(1), next: [], latest: [] },
  };
}

/** Every node joins everywhere, every cluster has a leader, and the status page lists its components. */
export function openingEvents(tellings: readonly ClusterTelling[]): readonly Told[] {
  const components = Array.from({ length: COMPONENTS }, (_, index): Told => {
    const data = { name: `Component ${index}`, group: `Group ${index % 4}`, clusterId: tellings[index]?.name };
    return { category: 'component', type: 'ComponentRegistered', subject: `component-${index}`, data };
  });
  const nodes = Array.from({ length: NODES }, (_, index) => tellings.map((telling) => joined(telling, index)));
  const leaders = tellings.map((telling) => elected(telling, 'bootstrapped'));
  return [...components, ...nodes.flat(), ...leaders];
}

/** The next event of a cluster. */
export function tell(
  telling: ClusterTelling,
  words: Words,
  { id, at }: { readonly id: string; readonly at: Micros },
): Told {
  const told = next(telling, words, at);
  if (told.category === 'cluster' && told.type !== 'EventRetracted') {
    telling.latest.push(id);
    if (telling.latest.length > LATEST_MAX) telling.latest.shift();
  }
  return told;
}

function next(telling: ClusterTelling, words: Words, at: Micros): Told {
  const { chance, rareShare } = words;
  // What follows comes among what else happens.
  if (telling.next.length > 0 && chance() < 0.5) return (telling.next.shift() as () => Told)();
  if (chance() < rareShare) return rare(telling, words, at);
  const draw = chance();
  if (draw < 0.84) return ofJob(telling, chance);
  return draw < 0.96 ? ofHeartbeat(telling, chance) : ofFollowing(telling, chance);
}

function rare(telling: ClusterTelling, words: Words, at: Micros): Told {
  let draw = words.chance() * RARE.reduce((sum, [rate]) => sum + rate, 0);
  for (const [rate, begin] of RARE) {
    if (draw < rate) return begin(telling, words, at);
    draw -= rate;
  }
  return gap(telling);
}

function ofCluster<N extends EventName>({ name }: ClusterTelling, type: N, data: EventData[N]): Told {
  return { category: 'cluster', type, subject: name, data };
}

const node = (index: number) => `node-${index}`;
const below = (chance: () => number, bound: number) => Math.floor(chance() * bound);

function joined(telling: ClusterTelling, index: number): Told {
  return ofCluster(telling, 'NodeJoined', {
    nodeId: node(index),
    address: `10.0.0.${index}:7000`,
    zone: `zone-${index % 3}`,
    kind: index < VOTERS ? 'voter' : 'worker',
    incarnation: `run-${telling.incarnations[index]}`,
  });
}

function elected(telling: ClusterTelling, how: 'elected' | 'bootstrapped'): Told {
  const { leader, term } = telling;
  return ofCluster(telling, 'LeaderElected', { leaderId: node(leader), term, votes: 3, electorate: VOTERS, how });
}

/** The leader is lost, another of the voters is elected in the next term, and all others come to follow it. */
function election(telling: ClusterTelling, { chance }: Words): Told {
  const lost = ofCluster(telling, 'LeaderLost', {
    leaderId: node(telling.leader),
    term: telling.term,
    reason: chance() < 0.5 ? 'lease_expired' : 'crashed',
  });
  const leader = (telling.leader + 1 + below(chance, VOTERS - 1)) % VOTERS;
  telling.next.push(
    () => {
      telling.term += 1;
      return ofCluster(telling, 'ElectionStarted', { term: telling.term, candidateId: node(leader) });
    },
    () => {
      telling.leader = leader;
      telling.detached.clear();
      return elected(telling, 'elected');
    },
  );
  for (let index = 0; index < NODES; index += 1)
    if (index !== leader) telling.next.push(() => attached(telling, index));
  return lost;
}

function attached(telling: ClusterTelling, index: number): Told {
  const { leader, term } = telling;
  return ofCluster(telling, 'FollowerAttached', { nodeId: node(index), leaderId: node(leader), term });
}

/** A node stops following, or follows again. */
function ofFollowing(telling: ClusterTelling, chance: () => number): Told {
  const index = below(chance, NODES);
  if (telling.detached.delete(index)) return attached(telling, index);
  telling.detached.add(index);
  const { leader, term } = telling;
  const data = { nodeId: node(index), leaderId: node(leader), term, reason: 'its log lags behind' };
  return ofCluster(telling, 'FollowerDetached', data);
}

function ofHeartbeat(telling: ClusterTelling, chance: () => number): Told {
  const index = below(chance, NODES);
  const heartbeat = { nodeId: node(index), observerId: 'monitor' };
  if (telling.lost.delete(index)) return ofCluster(telling, 'HeartbeatRestored', heartbeat);
  telling.lost.add(index);
  return ofCluster(telling, 'HeartbeatLost', { ...heartbeat, timeoutMs: 10_000 });
}

/** A job is submitted, assigned to a node, started there and ends; one that failed is assigned again. Ids come from a pool. */
function ofJob(telling: ClusterTelling, chance: () => number): Told {
  const number = below(chance, JOBS);
  const job = telling.jobs[number];
  if (job === undefined) throw new RangeError(`no job ${number}`);
  const jobId = `job-${number}`;
  switch (job.step) {
    case 'ended':
      job.step = 'submitted';
      job.tries = 0;
      return ofCluster(telling, 'JobSubmitted', { jobId, name: `nightly report ${number}`, critical: number < 10 });
    case 'submitted': {
      job.step = 'assigned';
      job.nodeId = node(below(chance, NODES));
      job.tries += 1;
      const { leader, term } = telling;
      const placed = { jobId, nodeId: job.nodeId, leaderId: node(leader), term, attempt: job.tries };
      return ofCluster(telling, 'JobAssigned', placed);
    }
    case 'assigned':
      job.step = 'started';
      return ofCluster(telling, 'JobStarted', { jobId, nodeId: job.nodeId });
    case 'started': {
      const { nodeId } = job;
      job.step = chance() < 0.9 ? 'ended' : 'submitted';
      if (job.step === 'ended') return ofCluster(telling, 'JobCompleted', { jobId, nodeId });
      return ofCluster(telling, 'JobFailed', { jobId, nodeId, error: 'exit status 1' });
    }
  }
}

function deployment(telling: ClusterTelling, { chance }: Words): Told {
  telling.deployments += 1;
  const deploymentId = `deployment-${telling.deployments % DEPLOYMENTS}`;
  const outcome = chance() < 0.9 ? ('succeeded' as const) : ('failed' as const);
  telling.next.push(() => ofCluster(telling, 'DeploymentFinished', { deploymentId, outcome }));
  return ofCluster(telling, 'DeploymentStarted', { deploymentId, description: `build ${telling.deployments}` });
}

function restart(telling: ClusterTelling, { chance }: Words): Told {
  const index = below(chance, NODES);
  const left = ofCluster(telling, 'NodeLeft', {
    nodeId: node(index),
    reason: 'restarts',
    incarnation: `run-${telling.incarnations[index]}`,
  });
  telling.incarnations[index] = (telling.incarnations[index] ?? 0) + 1;
  telling.next.push(() => joined(telling, index));
  return left;
}

/** One of the cluster's latest events was a mistake. */
function retraction(telling: ClusterTelling, { chance }: Words): Told {
  const eventId = telling.latest[below(chance, telling.latest.length)];
  if (eventId === undefined) return gap(telling);
  const eventSource = `/collector/${telling.name}`;
  return ofCluster(telling, 'EventRetracted', { eventSource, eventId, reason: 'the collector misread its source' });
}

/** Declared, talked about in six entries, resolved. */
function incident(telling: ClusterTelling, { chance }: Words): Told {
  telling.incidents += 1;
  const subject = `incident-${telling.name}-${telling.incidents}`;
  const components = [{ componentId: `component-${below(chance, COMPONENTS)}`, status: 'partial_outage' }];
  for (let post = 1; post <= 7; post += 1) {
    const status = post === 7 ? 'resolved' : post > 4 ? 'monitoring' : 'identified';
    const data = { updateId: `u${post}`, status, message: `Entry ${post}: jobs wait, and we look into why.` };
    telling.next.push(() => ({ category: 'incident', type: 'IncidentUpdated', subject, data }));
  }
  const data = {
    title: 'Jobs are not picked up',
    status: 'investigating',
    message: 'We look into it.',
    updateId: 'u0',
    impact: 'major',
    origin: 'manual',
    clusterIds: [telling.name],
    components,
  };
  return { category: 'incident', type: 'IncidentDeclared', subject, data };
}

function maintenance(telling: ClusterTelling, { chance }: Words, at: Micros): Told {
  telling.maintenances += 1;
  const subject = `maintenance-${telling.name}-${telling.maintenances}`;
  const of = (type: EventName, data: object): Told => ({ category: 'maintenance', type, subject, data });
  telling.next.push(
    () => of('MaintenanceUpdated', { message: 'It goes as planned.', updateId: 'u1' }),
    () => of('MaintenanceStarted', { message: 'It begins.' }),
    () => of('MaintenanceCompleted', { message: 'It is done.' }),
  );
  return of('MaintenanceScheduled', {
    title: 'New disks',
    startsAt: formatTime((at + HOUR) as Micros),
    endsAt: formatTime((at + 2 * HOUR) as Micros),
    components: [{ componentId: `component-${below(chance, COMPONENTS)}` }],
    clusterIds: [telling.name],
  });
}

function statusChange(telling: ClusterTelling, { chance }: Words): Told {
  const subject = `component-${below(chance, COMPONENTS)}`;
  const of = (status: string): Told => ({
    category: 'component',
    type: 'ComponentStatusChanged',
    subject,
    data: { status },
  });
  telling.next.push(() => of('operational'));
  return of('degraded_performance');
}

function gap({ name }: ClusterTelling): Told {
  return {
    category: 'collector',
    type: 'CollectorGapRecorded',
    subject: `/collector/${name}`,
    data: { clusterIds: [name], reason: 'its source was cut short' },
  };
}
