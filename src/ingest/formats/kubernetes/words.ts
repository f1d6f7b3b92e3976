/** What a dump's events and logs report, brought to one shape: a log line and an event of one happening are one report. */
import type { Micros } from '../../../../schemas/time.ts';
import type { Klog } from './klog.ts';
import type { DumpedEvent, ObjectReference } from './objects.ts';

/** Something that was reported at one time. */
export interface Report {
  readonly at: Micros;
  readonly reason: string;
  readonly message: string;
  /** Who reports: `kubelet`, or `controller` for all that speak for the control plane. */
  readonly observer: 'kubelet' | 'controller';
  readonly object: ObjectReference;
  /** The node it was reported from; empty where the reporter is bound to none. */
  readonly host: string;
}

/** A lease that its holder could not keep. */
export interface LeaseLost {
  readonly at: Micros;
  readonly node: string;
  readonly container: string;
}

/** `Event(v1.ObjectReference{Kind:"Node", Namespace:"", Name:"n1", UID:"…", …}): type: 'Normal' reason: 'NodeNotReady' words` */
const EVENT_LINE =
  /^Event\(v1\.ObjectReference\{Kind:"([^"]*)", Namespace:"([^"]*)", Name:"([^"]*)", UID:"([^"]*)".*?\}\): type: '\w*' reason: '(\w*)' (.*)$/;
/** A failed renewal that costs the lease; "Failed to update lock" alone does not. */
const LEASE_LOST = /^(?:leaderelection lost|lost master|failed to renew lease|stopped leading)/i;

/** The log lines that say something we read. */
export const WANTED_LINES = new RegExp(`${EVENT_LINE.source}|${LEASE_LOST.source}`, 'i');

const WANTED_REASONS = new Set([
  'LeaderElection',
  'NodeNotReady',
  'NodeReady',
  'Scheduled',
  'Started',
  'SuccessfulCreate',
  'ScalingReplicaSet',
]);
const SECOND_MICROS = 1_000_000;

export function reportsOfLog({ lines }: Klog): readonly Report[] {
  return lines.flatMap(({ at, message }) => {
    const match = EVENT_LINE.exec(message);
    if (!match) return [];
    const [, kind = '', namespace = '', name = '', uid = '', reason = '', words = ''] = match;
    if (!WANTED_REASONS.has(reason)) return [];
    return [
      { at, reason, message: words, observer: 'controller' as const, host: '', object: { kind, namespace, name, uid } },
    ];
  });
}

export function leasesLostIn({ container, node, lines }: Klog): readonly LeaseLost[] {
  if (container === null || node === null) return [];
  return lines.filter(({ message }) => LEASE_LOST.test(message)).map(({ at }) => ({ at, node, container }));
}

/** A repeated event tells its first and its last time; what lay between is not known. */
export function reportsOfEvent({
  reason,
  message,
  component,
  host,
  object,
  firstAt,
  lastAt,
}: DumpedEvent): readonly Report[] {
  if (!WANTED_REASONS.has(reason)) return [];
  const observer = component === 'kubelet' ? 'kubelet' : 'controller';
  const times = firstAt === lastAt ? [firstAt] : [firstAt, lastAt];
  return times.map((at) => ({ at, reason, message, observer, host, object }));
}

/**
 * All reports in order of time, each happening once. Events tell whole seconds, logs microseconds: within the same second
 * the same words on the same object are one, and the log's time is the one kept.
 */
export function distinct(reports: readonly Report[]): readonly Report[] {
  const known = new Map<string, Report>();
  for (const report of reports) {
    const { reason, observer, message, object } = report;
    const key = JSON.stringify([
      secondOf(report.at),
      reason,
      observer,
      object.kind,
      object.namespace,
      object.name,
      message,
    ]);
    const other = known.get(key);
    if (other === undefined || other.at < report.at) known.set(key, report);
  }
  return [...known.values()].sort((first, second) => first.at - second.at);
}

export function secondOf(at: Micros): Micros {
  return (at - (at % SECOND_MICROS)) as Micros;
}
