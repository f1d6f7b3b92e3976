/**
 * The files of a `kubectl cluster-info dump`: `nodes.json`, `*events.json` (also .gz) and logs of the control plane. The
 * cluster is called after the folder they lie in. docs/imports.md says what follows from them.
 */
import { basename, dirname } from 'node:path';
import { EARLIEST, formatTime, type Micros } from '../../../schemas/time.ts';
import { type AnyMadeEvent, cloudEventOf, type ImportFormat, type ImportSource, unreadable } from './format.ts';
import { readKlog } from './kubernetes/klog.ts';
import { type Dump, livenessEvents } from './kubernetes/liveness.ts';
import { type DumpedEvent, type DumpedNode, readEvent, readItems, readNode } from './kubernetes/objects.ts';
import { assignmentEvents, leadershipEvents } from './kubernetes/placement.ts';
import {
  distinct,
  type LeaseLost,
  leasesLostIn,
  type Report,
  reportsOfEvent,
  reportsOfLog,
  WANTED_LINES,
} from './kubernetes/words.ts';

export const kubernetesDump: ImportFormat = {
  name: 'kubernetes-dump',
  description: 'files of a kubectl cluster-info dump: nodes.json, *events.json(.gz), control plane *.log',
  async *read(files, source) {
    const { nodes, reports, leasesLost, dump } = await readDump(files, source);
    const events = [
      ...nodes.flatMap((node) => nodeEvents(node, dump)),
      ...nodes.flatMap((node) => livenessEvents(node, nodeReports(node, reports), dump)),
      ...leadershipEvents(reports, leasesLost, dump),
      ...assignmentEvents(reports, dump),
    ];
    // A dump is one cluster's recent past: it is held whole, since its files have to be put into one order.
    events.sort((first, second) => first.recordedAt - second.recordedAt || first.time - second.time);
    for (const event of events) yield cloudEventOf(event);
  },
};

interface Contents {
  readonly nodes: readonly DumpedNode[];
  readonly reports: readonly Report[];
  readonly leasesLost: readonly LeaseLost[];
  readonly dump: Dump;
}

async function readDump(files: readonly string[], source: ImportSource): Promise<Contents> {
  const nodes: DumpedNode[] = [];
  const events: DumpedEvent[] = [];
  const logs: string[] = [];
  for (const file of files) {
    const kind = kindOf(file);
    if (kind === 'log') logs.push(file);
    if (kind === 'nodes') nodes.push(...(await readItems(file, source)).map((item) => readNode(item, file)));
    if (kind === 'events') events.push(...(await readItems(file, source)).map((item) => readEvent(item, file)));
  }
  const latest = latestOf(nodes, events);
  if (latest === EARLIEST) throw unreadable(files.join(', '), 'neither nodes.json nor an *events.json is among them');
  const reports = events.flatMap(reportsOfEvent);
  const leasesLost: LeaseLost[] = [];
  for (const file of logs) {
    const log = await readKlog(file, source, { latest, wanted: WANTED_LINES });
    reports.push(...reportsOfLog(log));
    leasesLost.push(...leasesLostIn(log));
  }
  const clusterId = clusterOf(files);
  const takenAt = reports.reduce((newest, { at }) => Math.max(newest, at), latest as number) as Micros;
  return {
    nodes,
    reports: distinct(reports),
    leasesLost,
    dump: { clusterId, source: `kubernetes-dump/${clusterId}`, takenAt },
  };
}

function kindOf(file: string): 'nodes' | 'events' | 'log' | 'other' {
  const name = basename(file).replace(/\.gz$/, '');
  if (name === 'nodes.json') return 'nodes';
  if (name.endsWith('events.json')) return 'events';
  return name.endsWith('.log') || name === 'logs.txt' ? 'log' : 'other';
}

function clusterOf(files: readonly string[]): string {
  const folder = basename(dirname(files.find((file) => kindOf(file) === 'nodes') ?? files[0] ?? ''));
  return folder === '' || folder === '.' || folder === '..' ? 'kubernetes' : folder;
}

function latestOf(nodes: readonly DumpedNode[], events: readonly DumpedEvent[]): Micros {
  let latest: number = EARLIEST;
  for (const { createdAt, ready } of nodes) latest = Math.max(latest, createdAt, ready?.heartbeatAt ?? 0);
  for (const { lastAt } of events) latest = Math.max(latest, lastAt);
  return latest as Micros;
}

function nodeReports({ name }: DumpedNode, reports: readonly Report[]): readonly Report[] {
  return reports.filter(({ object }) => object.kind === 'Node' && object.name === name);
}

const ZONE_LABELS = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/**
 * The node joined when it was created. The rest is as listed when the dump was taken: it came to be since then, and is
 * dated by the node's last own word, so that the list is not taken for a sign of life.
 */
function nodeEvents(node: DumpedNode, dump: Dump): readonly AnyMadeEvent[] {
  const { name, createdAt, address, labels, isSchedulable, ready } = node;
  const zone = ZONE_LABELS.map((label) => labels[label]).find((each) => each !== undefined);
  const isControlPlane = CONTROL_PLANE_LABELS.some((label) => labels[label] !== undefined);
  const origin = { type: 'NodeJoined' as const, subject: dump.clusterId, source: dump.source };
  const joined: AnyMadeEvent = {
    ...origin,
    id: `node/${name}/joined/${formatTime(createdAt)}`,
    time: createdAt,
    notBefore: null,
    recordedAt: createdAt,
    data: { nodeId: name, kind: isControlPlane ? 'voter' : 'worker' },
  };
  const listedAt = ready?.heartbeatAt ?? createdAt;
  const listed: AnyMadeEvent = {
    ...origin,
    id: `node/${name}/listed/${formatTime(dump.takenAt)}`,
    time: listedAt,
    notBefore: createdAt,
    recordedAt: dump.takenAt,
    data: {
      nodeId: name,
      name,
      ...(address === null ? {} : { address }),
      ...(zone === undefined ? {} : { zone }),
      labels,
      kind: isControlPlane ? 'voter' : 'worker',
      schedulable: isSchedulable,
    },
  };
  return [joined, listed];
}
