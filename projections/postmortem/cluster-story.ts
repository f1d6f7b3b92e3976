/** What happened in a cluster while an incident lasted: telling events, jobs orphaned, components without a placed job. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Micros } from '../../schemas/time.ts';
import { cluster } from '../cluster/cluster.ts';
import type { ClusterState } from '../cluster/state.ts';
import { entryOf } from '../record.ts';
import type { TellingRow } from './rows.ts';
import { tellingOf } from './telling.ts';

/** A component, and jobs or groups of the cluster that it says it stands on. */
export interface RegisteredJobs {
  readonly componentId: string;
  readonly jobIds: readonly string[];
}

/** A time in which every placed job of a component was orphaned. */
export interface OrphanedSpell {
  readonly componentId: string;
  readonly jobIds: readonly string[];
  readonly from: Micros;
  /** Null: it went on beyond what was read. */
  until: Micros | null;
  /** Of the event with which the last of them was orphaned. */
  readonly row: TellingRow;
}

export interface ClusterStoryStart {
  readonly id: string;
  /** The cluster before the first event to be taken; changed in place. */
  readonly state: ClusterState;
  readonly registered: readonly RegisteredJobs[];
}

/** Takes a cluster's facts in fold order. */
export class ClusterStory {
  readonly spells: OrphanedSpell[] = [];
  readonly #id: string;
  readonly #state: ClusterState;
  readonly #registered: ReadonlyMap<string, string>;
  /** By node, the jobs placed on it; and the other way round. */
  readonly #held = new Map<string, Set<string>>();
  readonly #nodeOf = new Map<string, string>();
  readonly #jobsOf = new Map<string, Set<string>>();
  /** By component; null: since before the first event. */
  readonly #open = new Map<string, OrphanedSpell | null>();
  /** Jobs that had been taken off, had failed or were orphaned, and have not run since. */
  readonly #stopped = new Set<string>();

  constructor({ id, state, registered }: ClusterStoryStart) {
    this.#id = id;
    this.#state = state;
    this.#registered = new Map(
      registered.flatMap(({ componentId, jobIds }) => jobIds.map((jobId) => [jobId, componentId] as const)),
    );
    for (const jobId of Object.keys(state.jobs)) {
      this.#place(jobId);
      if (this.#isOrphaned(jobId)) this.#stopped.add(jobId);
    }
    for (const componentId of this.#jobsOf.keys())
      if (this.#allOrphaned(componentId)) this.#open.set(componentId, null);
  }

  /** The row of the next event; null where it tells nothing. */
  take(event: AnyFoldEvent): TellingRow | null {
    const nodeId = nodeNamed(event);
    const wasGone = nodeId !== null && this.#isGone(nodeId);
    cluster.fold(this.#state, event);
    const jobId = jobNamed(event);
    if (jobId !== null) this.#place(jobId);
    const held = nodeId === null || wasGone === this.#isGone(nodeId) ? [] : [...(this.#held.get(nodeId) ?? [])];
    const orphanedJobIds = wasGone ? [] : held;
    for (const id of orphanedJobIds) this.#stopped.add(id);
    const runsAgain = jobId !== null && event.type === 'JobStarted' && this.#ranAgain(jobId);
    if (jobId !== null && (event.type === 'JobUnassigned' || event.type === 'JobFailed')) this.#stopped.add(jobId);
    const row = this.#rowOf(event, { orphanedJobIds, runsAgain });
    for (const id of jobId === null ? held : [...held, jobId]) this.#followComponent(id, event, row);
    return row;
  }

  #rowOf(event: AnyFoldEvent, consequence: Parameters<typeof tellingOf>[1]): TellingRow | null {
    const telling = tellingOf(event, consequence);
    if (telling === null) return null;
    return {
      at: event.effectiveAt,
      notBefore: event.notBefore,
      recordedAt: event.recordedAt,
      ...telling,
      eventPosition: event.position,
      eventPositions: [event.position],
      count: 1,
      until: null,
      clusterId: this.#id,
    };
  }

  #ranAgain(jobId: string): boolean {
    const job = entryOf(this.#state.jobs, jobId);
    return job?.state === 'RUNNING' && !this.#isOrphaned(jobId) && this.#stopped.delete(jobId);
  }

  #followComponent(jobId: string, event: AnyFoldEvent, row: TellingRow | null): void {
    const componentId = this.#componentOf(jobId);
    if (componentId === null) return;
    const isOrphaned = this.#allOrphaned(componentId);
    const open = this.#open.get(componentId);
    if (isOrphaned && open === undefined && row !== null) {
      const jobIds = [...(this.#jobsOf.get(componentId) ?? [])].filter((id) => this.#isOrphaned(id));
      const spell = { componentId, jobIds, from: event.effectiveAt, until: null, row };
      this.#open.set(componentId, spell);
      this.spells.push(spell);
    } else if (!isOrphaned && open !== undefined) {
      if (open !== null) open.until = event.effectiveAt;
      this.#open.delete(componentId);
    }
  }

  #allOrphaned(componentId: string): boolean {
    const placed = [...(this.#jobsOf.get(componentId) ?? [])].filter((id) => this.#nodeOf.has(id));
    return placed.length > 0 && placed.every((id) => this.#isOrphaned(id));
  }

  #place(jobId: string): void {
    const job = entryOf(this.#state.jobs, jobId);
    const before = this.#nodeOf.get(jobId);
    const isPlaced = job !== undefined && (job.state === 'ASSIGNED' || job.state === 'RUNNING');
    const now = isPlaced ? (job.nodeId ?? undefined) : undefined;
    if (before !== now) {
      if (before !== undefined) this.#held.get(before)?.delete(jobId);
      if (now === undefined) this.#nodeOf.delete(jobId);
      else {
        this.#nodeOf.set(jobId, now);
        added(this.#held, now, jobId);
      }
    }
    const componentId = this.#componentOf(jobId);
    if (componentId !== null) added(this.#jobsOf, componentId, jobId);
  }

  #componentOf(jobId: string): string | null {
    const job = entryOf(this.#state.jobs, jobId);
    if (job === undefined) return null;
    const group = job.groupId === null ? undefined : entryOf(this.#state.groups, job.groupId);
    const registered =
      this.#registered.get(jobId) ?? (job.groupId === null ? undefined : this.#registered.get(job.groupId));
    return job.stated?.componentId ?? group?.stated?.componentId ?? registered ?? null;
  }

  #isOrphaned(jobId: string): boolean {
    const nodeId = this.#nodeOf.get(jobId);
    return nodeId !== undefined && this.#isGone(nodeId);
  }

  #isGone(nodeId: string): boolean {
    const liveness = entryOf(this.#state.nodes, nodeId)?.liveness;
    return liveness === 'LOST' || liveness === 'LEFT';
  }
}

function added(sets: Map<string, Set<string>>, key: string, value: string): void {
  const known = sets.get(key);
  if (known) known.add(value);
  else sets.set(key, new Set([value]));
}

function jobNamed(event: AnyFoldEvent): string | null {
  return 'jobId' in event.data ? event.data.jobId : null;
}

/** The node whose liveness an event may change. */
function nodeNamed(event: AnyFoldEvent): string | null {
  switch (event.type) {
    case 'NodeJoined':
    case 'NodeLeft':
    case 'HeartbeatLost':
    case 'HeartbeatRestored':
      return event.data.nodeId;
    default:
      return null;
  }
}
