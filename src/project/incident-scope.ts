/** What belongs to an incident beyond its own stream: gaps that concern it, anomalies inside its linked evidence. */
import { componentSources } from '../../projections/components/answers.ts';
import { type GapView, gapsCoveringIncident, gapsOf } from '../../projections/gaps/view.ts';
import type { Anomaly } from '../../projections/incident/measures.ts';
import type { EvidenceView, IncidentView } from '../../projections/incident/view.ts';
import { streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { clustersAt, componentsAt, gapsStateAt } from './answers.ts';
import type { FoldPlace } from './place.ts';
import { andThen, type MaybePromise } from './reader.ts';
import type { ViewReader, Views } from './views.ts';

/** Gaps, closed ones too, that overlap its time and concern it, its clusters or its components. */
export function gapsOfIncident(view: IncidentView, reader: ViewReader): MaybePromise<readonly GapView[]> {
  const componentIds = view.components.map(({ componentId }) => componentId);
  return andThen(gapsStateAt(reader), (gaps) =>
    andThen(clustersAt(reader, view.clusterIds), (clusters) =>
      andThen(componentsAt(reader), ({ state }) => {
        const sources = [
          ...view.sources,
          ...clusters.flatMap((cluster) => cluster.state.sources),
          ...componentIds.flatMap((id) => componentSources(state, id)),
        ];
        const scope = { span: view.span, sources, clusterIds: view.clusterIds, componentIds };
        return gapsCoveringIncident(gapsOf(gaps), scope);
      }),
    ),
  );
}

/** The place before everything that happened at `at`, µs. */
export function placeBefore(at: number): FoldPlace {
  return { effectiveAt: at - 1, position: Number.POSITIVE_INFINITY };
}

/** `AnomalyDetected` events inside the linked windows [from, to) of their clusters, retracted ones left out. */
export async function anomaliesInEvidence(
  view: IncidentView,
  { views, reader }: { readonly views: Views; readonly reader: ViewReader },
): Promise<readonly Anomaly[]> {
  const found = new Map<number, Anomaly>();
  for (const { clusterId, from, to } of distinct(view.evidence)) {
    const pages = views.facts({
      stream: streamName('cluster', clusterId),
      upTo: reader.position,
      after: placeBefore(from ?? 0),
      until: to === null ? null : ((to - 1) as Micros),
    });
    for await (const page of pages) {
      for (const { type, effectiveAt, notBefore, position } of page) {
        if (type !== 'AnomalyDetected') continue;
        found.set(position, { clusterId, at: effectiveAt, notBefore, eventPosition: position });
      }
    }
  }
  return [...found.values()].sort((first, second) => first.eventPosition - second.eventPosition);
}

function distinct(windows: readonly EvidenceView[]): readonly EvidenceView[] {
  const byWindow = new Map(
    windows.map((window) => [JSON.stringify([window.clusterId, window.from, window.to]), window] as const),
  );
  return [...byWindow.values()];
}
