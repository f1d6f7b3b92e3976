/** Who leads and what was placed where. */
import { formatTime } from '../../../../schemas/time.ts';
import type { AnyMadeEvent } from '../format.ts';
import type { Dump } from './liveness.ts';
import { type LeaseLost, type Report, secondOf } from './words.ts';

/** `k8s-master3 became leader`; newer versions add `_<uuid>` to the holder's name. */
const BECAME_LEADER = /^(\S+?)(?:_[0-9a-f]{8}-[0-9a-f-]+)? became leader$/;

/**
 * Elections by lease, `<namespace>/<lease>`. Kubernetes has no term that can be trusted, so none is stated: a new holder
 * is the election. That the new controller then registers every node is no join.
 */
export function leadershipEvents(
  reports: readonly Report[],
  lost: readonly LeaseLost[],
  dump: Dump,
): readonly AnyMadeEvent[] {
  const elected = reports.flatMap((report): AnyMadeEvent[] => {
    const { at, reason, object, message } = report;
    const leaderId = BECAME_LEADER.exec(message)?.[1];
    if (reason !== 'LeaderElection' || leaderId === undefined) return [];
    const scope = `${object.namespace}/${object.name}`;
    const id = `lease/${scope}/${leaderId}/${formatTime(secondOf(at))}`;
    return [{ ...originOf(dump), type: 'LeaderElected', id, ...exactly(at), data: { scope, leaderId } }];
  });
  const ended = lost.map(({ at, node, container }): AnyMadeEvent => {
    const scope = `kube-system/${container}`;
    const data = { scope, leaderId: node, reason: 'lease_expired' as const };
    return {
      ...originOf(dump),
      type: 'LeaderLost',
      id: `lease/${scope}/${node}/lost/${formatTime(at)}`,
      ...exactly(at),
      data,
    };
  });
  return [...elected, ...ended];
}

/** `Successfully assigned web-1 to node-2`; newer versions put the namespace before the pod. */
const ASSIGNED = /^Successfully assigned \S+ to (\S+)$/;
const SCHEDULER_SCOPE = 'kube-system/kube-scheduler';

/** Each pod that the scheduler placed: the job is the pod, its group what the pod is a copy of. */
export function assignmentEvents(reports: readonly Report[], dump: Dump): readonly AnyMadeEvent[] {
  const owners = ownersIn(reports);
  const placed = new Set<string>();
  return reports.flatMap((report): AnyMadeEvent[] => {
    const jobId = report.object.uid;
    if (report.object.kind !== 'Pod' || jobId === '') return [];
    if (report.reason === 'Started') return placed.has(jobId) ? startOf(report, dump) : [];
    const nodeId = ASSIGNED.exec(report.message)?.[1];
    if (report.reason !== 'Scheduled' || nodeId === undefined) return [];
    const isNew = !placed.has(jobId);
    placed.add(jobId);
    return [...(isNew ? [submissionOf(report, owners, dump)] : []), assignmentOf(report, nodeId, dump)];
  });
}

function submissionOf({ at, object }: Report, owners: ReadonlyMap<string, string>, dump: Dump): AnyMadeEvent {
  const { uid: jobId, name, namespace } = object;
  const groupId = groupOf(name, namespace, owners);
  const data = { jobId, ...(groupId === null ? {} : { groupId }), name };
  return { ...originOf(dump), type: 'JobSubmitted', id: `pod/${jobId}/submitted`, ...exactly(at), data };
}

function assignmentOf({ at, object }: Report, nodeId: string, dump: Dump): AnyMadeEvent {
  const id = `pod/${object.uid}/assigned/${formatTime(secondOf(at))}`;
  const data = { jobId: object.uid, nodeId, scope: SCHEDULER_SCOPE };
  return { ...originOf(dump), type: 'JobAssigned', id, ...exactly(at), data };
}

/** A container of the pod began: the pod runs there. */
function startOf({ at, object, host }: Report, dump: Dump): AnyMadeEvent[] {
  if (host === '') return [];
  const id = `pod/${object.uid}/started/${formatTime(secondOf(at))}`;
  return [{ ...originOf(dump), type: 'JobStarted', id, ...exactly(at), data: { jobId: object.uid, nodeId: host } }];
}

/** What owns what, by `<namespace>/<name>`: a pod its replica set, a replica set its deployment, a daemon set's pod the daemon set. */
function ownersIn(reports: readonly Report[]): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { reason, object, message } of reports) {
    const made = reason === 'SuccessfulCreate' ? /^Created pod: (\S+)$/ : /^Scaled up replica set (\S+) to \d+/;
    const name = reason === 'Scheduled' ? undefined : made.exec(message)?.[1];
    if (name !== undefined) owners.set(`${object.namespace}/${name}`, object.name);
  }
  return owners;
}

/** Deployment's pods are called `<deployment>-<template hash>-<five letters>`. */
const DEPLOYMENT_POD = /^(.+)-[a-z0-9]{8,10}-[a-z0-9]{5}$/;

/** What the pod is a copy of, stable over redeploys: as recorded, else by the pod's name; null where that says nothing. */
function groupOf(pod: string, namespace: string, owners: ReadonlyMap<string, string>): string | null {
  const owner = owners.get(`${namespace}/${pod}`);
  const deployment = owner === undefined ? DEPLOYMENT_POD.exec(pod)?.[1] : owners.get(`${namespace}/${owner}`);
  const name = deployment ?? DEPLOYMENT_POD.exec(pod)?.[1] ?? owner;
  return name === undefined ? null : `${namespace}/${name}`;
}

function originOf({ clusterId, source }: Dump) {
  return { subject: clusterId, source };
}

function exactly(at: AnyMadeEvent['time']) {
  return { time: at, notBefore: null, recordedAt: at };
}
