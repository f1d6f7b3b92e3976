/** Which stretches of which clusters' histories an incident is written up from. */
import type { IncidentView } from '../../../projections/incident/view.ts';
import type { Micros } from '../../../schemas/time.ts';

/** From and until in µs, both inclusive; `until` may be infinite. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

/** Deployments, anomalies, maintenances and changes of leadership count as shortly before the impact for one hour, in µs. */
const LEAD_UP = 3_600_000_000;
/** Evidence linked without a beginning is read from one day before the impact, in µs. */
export const WITHOUT_BEGINNING = 86_400_000_000;
/** Clusters read at most. */
export const CLUSTERS_MAX = 20;

/** When the impact began as stated, else the declaration. */
export function impactFrom(view: IncidentView): Micros {
  return view.impactStartedAt ?? view.declaredAt;
}

/** The incident's clusters, and those of which evidence is linked. */
export function clustersOf(view: IncidentView): readonly string[] {
  return [...new Set([...view.clusterIds, ...view.evidence.map(({ clusterId }) => clusterId)])];
}

/** The incident's time where the cluster is one of its own, and the evidence linked of it; stretches that touch are one. */
export function windowsOf(view: IncidentView, clusterId: string): readonly Stretch[] {
  const own = view.clusterIds.includes(clusterId)
    ? [{ from: view.span.from, until: view.span.to ?? Number.POSITIVE_INFINITY }]
    : [];
  const linked = view.evidence
    .filter((evidence) => evidence.clusterId === clusterId)
    .map(({ from, to }) => ({
      from: from ?? Math.max(0, impactFrom(view) - WITHOUT_BEGINNING),
      until: to === null ? Number.POSITIVE_INFINITY : to - 1,
    }))
    .filter(({ from, until }) => from <= until);
  return united([...own, ...linked]);
}

export function leadUpOf(view: IncidentView): Stretch {
  const until = impactFrom(view);
  return { from: Math.max(0, until - LEAD_UP), until };
}

export function united(stretches: readonly Stretch[]): readonly Stretch[] {
  const joined: Stretch[] = [];
  for (const stretch of [...stretches].sort((first, second) => first.from - second.from)) {
    const last = joined.at(-1);
    if (last === undefined || stretch.from > last.until + 1) joined.push(stretch);
    else joined[joined.length - 1] = { from: last.from, until: Math.max(last.until, stretch.until) };
  }
  return joined;
}

export function isWithin(at: number, stretches: readonly Stretch[]): boolean {
  return stretches.some(({ from, until }) => at >= from && at <= until);
}
