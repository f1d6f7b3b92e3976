/** Where jobs are placed and run. Whether a job is orphaned follows from its node's liveness and is not kept here. */
import type { EventData } from '../../schemas/catalogue.ts';
import type { FoldEvent } from '../../schemas/event.ts';
import type { Micros } from '../../schemas/time.ts';
import { entryOf, setEntry } from '../record.ts';
import { isGone, knownNode } from './nodes.ts';
import type { ClusterState, GroupState, JobState, StatedAttributes } from './state.ts';

/** How many reports of nodes that did not hold a job are kept of each job: the newest. */
const STRAY_REPORTS_MAX = 20;

type Ended = FoldEvent<'JobCompleted'> | FoldEvent<'JobFailed'>;

/** Makes a job known that an anomaly names, unless the id is a group's. */
export function mentionJob(state: ClusterState, id: string, at: Micros): void {
  if (entryOf(state.jobs, id) !== undefined || entryOf(state.groups, id) !== undefined) return;
  knownJob(state, id, at).state = 'MENTIONED';
}

export function jobSubmitted(state: ClusterState, event: FoldEvent<'JobSubmitted'>): void {
  const { data, effectiveAt: at } = event;
  if (data.groupId !== undefined && data.groupId === data.jobId) {
    submitGroup(state, data.groupId, data);
    return;
  }
  if (data.groupId !== undefined) knownGroup(state, data.groupId);
  const job = knownJob(state, data.jobId, at);
  job.groupId = data.groupId ?? job.groupId;
  job.stated = restated(job.stated, data);
  if (isHeld(job) || job.state === 'SUBMITTED') return;
  place(job, null);
  enter(job, 'SUBMITTED', at);
}

/**
 * Moves the job at once, whatever it did: placed again where it ran, it must start again, for nobody knows yet that the
 * node picked it up.
 */
export function jobAssigned(state: ClusterState, event: FoldEvent<'JobAssigned'>): void {
  const { data, effectiveAt: at } = event;
  const job = knownJob(state, data.jobId, at);
  knownNode(state.nodes, data.nodeId, at);
  if (data.leaderId !== undefined) knownNode(state.nodes, data.leaderId, at);
  place(job, data.nodeId);
  job.assignedTerm = data.term ?? null;
  job.attempts = data.attempt === undefined ? job.attempts + 1 : Math.max(data.attempt, job.attempts);
  enter(job, 'ASSIGNED', at);
}

/** Elsewhere than where it is: moves the job when its node is gone or it does not run, else it is a second copy. */
export function jobStarted(state: ClusterState, event: FoldEvent<'JobStarted'>): void {
  const { data, effectiveAt: at } = event;
  const job = knownJob(state, data.jobId, at);
  knownNode(state.nodes, data.nodeId, at);
  if (isHeld(job) && job.nodeId === data.nodeId) {
    if (job.state === 'ASSIGNED') enter(job, 'RUNNING', at);
    return;
  }
  const runs = job.state === 'RUNNING';
  const holder = job.nodeId === null ? undefined : entryOf(state.nodes, job.nodeId);
  if (runs && !isGone(holder)) {
    copyStarted(job, event);
    return;
  }
  place(job, data.nodeId);
  job.attempts += 1;
  enter(job, 'RUNNING', at);
}

export function jobEnded(state: ClusterState, event: Ended): void {
  const { data, effectiveAt: at, type } = event;
  const job = knownJob(state, data.jobId, at);
  knownNode(state.nodes, data.nodeId, at);
  const ended = type === 'JobCompleted' ? 'COMPLETED' : 'FAILED';
  if (isHeld(job) && job.nodeId === data.nodeId) {
    enter(job, ended, at);
    return;
  }
  const isRepeated = job.state === ended && job.nodeId === data.nodeId;
  if (!isRepeated) strayReported(job, data.nodeId, event);
}

/** Without a node it means whichever holds the job; of another node it changes nothing and is listed. */
export function jobUnassigned(state: ClusterState, event: FoldEvent<'JobUnassigned'>): void {
  const { data, effectiveAt: at } = event;
  const job = knownJob(state, data.jobId, at);
  if (data.nodeId !== undefined) knownNode(state.nodes, data.nodeId, at);
  if (isHeld(job) && data.nodeId !== undefined && data.nodeId !== job.nodeId) {
    strayReported(job, data.nodeId, event);
    return;
  }
  // A job that completed is cleared away: it stays completed.
  if (job.state === 'COMPLETED' || job.state === 'UNASSIGNED') return;
  place(job, null);
  enter(job, 'UNASSIGNED', at);
}

/** Whether a node holds the job. */
function isHeld(job: Readonly<JobState>): boolean {
  return job.state === 'ASSIGNED' || job.state === 'RUNNING';
}

/** The job of that id, made known as SUBMITTED when it is not. */
function knownJob(state: ClusterState, id: string, at: Micros): JobState {
  const known = entryOf(state.jobs, id);
  if (known !== undefined) {
    if (known.state === 'MENTIONED') known.state = 'SUBMITTED';
    return known;
  }
  const job: JobState = {
    state: 'SUBMITTED',
    since: at,
    nodeId: null,
    assignedTerm: null,
    attempts: 0,
    groupId: null,
    stated: null,
    astray: null,
  };
  setEntry(state.jobs, id, job);
  return job;
}

function knownGroup(state: ClusterState, id: string): GroupState {
  const known = entryOf(state.groups, id);
  if (known !== undefined) return known;
  const group: GroupState = { wanted: null, stated: null };
  setEntry(state.groups, id, group);
  return group;
}

/** The group's own submission makes the group and no job. */
function submitGroup(state: ClusterState, id: string, data: EventData['JobSubmitted']): void {
  const group = knownGroup(state, id);
  group.wanted = data.instances ?? group.wanted;
  group.stated = restated(group.stated, data);
  if (entryOf(state.jobs, id)?.state === 'MENTIONED') delete state.jobs[id];
}

/** Attributes left out stay as they were. */
function restated(before: StatedAttributes | null, data: EventData['JobSubmitted']): StatedAttributes | null {
  if (data.name === undefined && data.critical === undefined && data.componentId === undefined) return before;
  return {
    name: data.name ?? before?.name ?? null,
    critical: data.critical ?? before?.critical ?? null,
    componentId: data.componentId ?? before?.componentId ?? null,
  };
}

/** Puts the job on a node, or on none. A second copy there is now the job itself. */
function place(job: JobState, nodeId: string | null): void {
  job.nodeId = nodeId;
  job.assignedTerm = null;
  if (job.astray !== null) job.astray.copies = job.astray.copies.filter((copy) => copy.nodeId !== nodeId);
}

function enter(job: JobState, state: JobState['state'], at: Micros): void {
  job.state = state;
  job.since = at;
}

function copyStarted(job: JobState, event: FoldEvent<'JobStarted'>): void {
  const { nodeId } = event.data;
  job.astray ??= { copies: [], reports: [] };
  const copy = job.astray.copies.find((known) => known.nodeId === nodeId);
  if (copy === undefined) {
    job.astray.copies.push({ nodeId, since: event.effectiveAt, endedAt: null, eventPosition: event.position });
  } else if (copy.endedAt !== null) {
    copy.since = event.effectiveAt;
    copy.endedAt = null;
    copy.eventPosition = event.position;
  }
}

function strayReported(job: JobState, nodeId: string, event: Ended | FoldEvent<'JobUnassigned'>): void {
  job.astray ??= { copies: [], reports: [] };
  const { copies, reports } = job.astray;
  const copy = copies.find((known) => known.nodeId === nodeId);
  if (copy !== undefined) copy.endedAt ??= event.effectiveAt;
  if (reports.length === STRAY_REPORTS_MAX) reports.shift();
  reports.push({ nodeId, type: event.type, at: event.effectiveAt, eventPosition: event.position });
}
