/** How long it took: the six measures of an incident, each between two events. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { evidenceOf } from './people.ts';
import { type Moment, type Reading, readIncident, type StatedBound, visibilityOf } from './reading.ts';
import type { IncidentState } from './state.ts';
import type { EvidenceView, MeasureName, MeasureView } from './view.ts';

const MICROS_PER_MS = 1_000;

/** An `AnomalyDetected` of a cluster. */
export interface Anomaly {
  readonly clusterId: string;
  readonly at: Micros;
  readonly notBefore: Micros | null;
  readonly eventPosition: Position;
}

/** Something that happened between two instants, mostly one and the same. */
interface Anchor {
  readonly earliest: number;
  readonly latest: number;
  readonly eventPosition: Position;
}

/**
 * The measures both anchors of which are known; only stated bounds of the impact are anchors. `anomalies`: those of the
 * clusters of the linked evidence; the ones outside its windows do not count. A duplicate has no measures.
 */
export function measures(
  state: Readonly<IncidentState>,
  anomalies: readonly Anomaly[] = [],
  moment: Moment = {},
): readonly MeasureView[] {
  const reading = readIncident(state, 'all', moment);
  if (!reading || reading.happened.some(({ entry }) => entry.duplicateOfId !== null)) return [];
  const start = boundAnchor(reading.impactStart);
  const end = boundAnchor(reading.impactEnd);
  const notified = entryAnchors(reading, 'notified');
  const resolution = reading.resolution && postAnchor(reading.resolution);
  return [
    ...measure('detect', start, first([...notified, ...anomalyAnchors(reading, anomalies)])),
    ...measure('acknowledge', first(notified), first(entryAnchors(reading, 'acknowledged'))),
    ...measure('inform', start, first(publicAnchors(reading))),
    ...measure('mitigate', start, end),
    ...measure('settle', end, resolution),
    ...measure('resolve', start, resolution),
  ];
}

function measure(name: MeasureName, from: Anchor | null, to: Anchor | null): readonly MeasureView[] {
  if (!from || !to) return [];
  return [
    {
      name,
      anchors: [from.eventPosition, to.eventPosition],
      ms: milliseconds(to.earliest - from.latest),
      msMax: milliseconds(to.latest - from.earliest),
    },
  ];
}

function milliseconds(micros: number): number {
  // Without the addition a hair below zero would round to -0.
  return Math.round(micros / MICROS_PER_MS) + 0;
}

/** The first of several: it lies between the earliest of their earliest and the earliest of their latest instants. */
function first(anchors: readonly Anchor[]): Anchor | null {
  const [head, ...others] = anchors;
  if (!head) return null;
  return others.reduce(
    (before, next) => ({
      ...(next.latest < before.latest ? next : before),
      earliest: Math.min(before.earliest, next.earliest),
    }),
    head,
  );
}

function boundAnchor(bound: StatedBound | null): Anchor | null {
  return bound && { earliest: bound.at, latest: bound.at, eventPosition: bound.eventPosition };
}

function anchorOf(entry: Omit<Anomaly, 'clusterId'>): Anchor {
  return { earliest: entry.notBefore ?? entry.at, latest: entry.at, eventPosition: entry.eventPosition };
}

function postAnchor({ entry, at, notBefore }: Reading['posts'][number]): Anchor {
  return anchorOf({ at, notBefore, eventPosition: entry.eventPosition });
}

function entryAnchors({ state, until }: Reading, kind: 'notified' | 'acknowledged'): readonly Anchor[] {
  return state.entries.filter((entry) => entry.kind === kind && entry.at <= until).map(anchorOf);
}

function publicAnchors({ state, happened, declaration, until }: Reading): readonly Anchor[] {
  const accounts = state.entries.filter(
    (entry) => entry.kind === 'postmortem' && entry.at <= until && visibilityOf(entry, declaration) === 'public',
  );
  return [...happened.filter((post) => post.visibility === 'public').map(postAnchor), ...accounts.map(anchorOf)];
}

function anomalyAnchors(reading: Reading, anomalies: readonly Anomaly[]): readonly Anchor[] {
  const windows = evidenceOf(reading.state);
  return anomalies
    .filter((anomaly) => anomaly.at <= reading.until && windows.some((window) => isInside(anomaly, window)))
    .map(anchorOf);
}

function isInside({ clusterId, at }: Anomaly, { clusterId: linked, from, to }: EvidenceView): boolean {
  return clusterId === linked && (from === null || at >= from) && (to === null || at < to);
}
