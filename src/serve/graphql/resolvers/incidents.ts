/** Fields of incidents, components, maintenances and the status page. Fields without a resolver here are properties of the views. */

import type { FoldEvent } from '../../../../schemas/event.ts';
import type { Position } from '../../../../schemas/ids.ts';
import {
  type Anomaly,
  allOf,
  andThen,
  type ComponentView,
  clusterAt,
  clustersAt,
  completenessOf,
  componentSources,
  componentsAt,
  type EvidenceView,
  gapsCoveringIncident,
  gapsOf,
  gapsStateAt,
  type IncidentView,
  incidentAt,
  isOnPage,
  type MaintenanceView,
  type MeasureView,
  measures,
  namedComponentView,
  namedPageComponentView,
  originOf,
  publicIncidentAt,
  type StatusPageView,
} from '../../../project/views.ts';
import type { GraphContext } from '../context.ts';
import type { Resolvers } from '../schema.ts';
import { asOf } from './as-of.ts';
import { eventOfView } from './events.ts';

export const INCIDENT_RESOLVERS: Resolvers = {
  Incident: {
    duplicateOf: (view: IncidentView, _args: unknown, { reader }: GraphContext) => {
      if (view.duplicateOfId === null) return null;
      return (originOf(view).isPublic ? publicIncidentAt : incidentAt)(reader, view.duplicateOfId);
    },
    components: (view: IncidentView, _args: unknown, { reader }: GraphContext) => {
      const named = originOf(view).isPublic ? namedPageComponentView : namedComponentView;
      return andThen(componentsAt(reader), ({ state, open }) =>
        view.components.map(({ componentId, status }) => ({ component: named(state, componentId, open), status })),
      );
    },
    clusters: ({ clusterIds }: IncidentView, _args: unknown, { reader }: GraphContext) =>
      clustersAt(reader, clusterIds),
    measures: async (view: IncidentView, _args: unknown, context: GraphContext) => {
      const { state, isPublic, moment } = originOf(view);
      return isPublic ? [] : measures(state, await anomaliesInEvidence(view, context), moment);
    },
    asOf: (view: IncidentView, _args: unknown, context: GraphContext) => asOf(view.latestEffectiveAt, context),
    completeness: (view: IncidentView, _args: unknown, { reader }: GraphContext) => {
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
            return completenessOf(gapsCoveringIncident(gapsOf(gaps), scope));
          }),
        ),
      );
    },
  },
  IncidentUpdate: { event: eventOfView },
  TimelineEntry: { event: eventOfView },
  Evidence: {
    event: eventOfView,
    cluster: ({ clusterId }: EvidenceView, _args: unknown, { reader }: GraphContext) => clusterAt(reader, clusterId),
  },
  Measure: {
    anchors: ({ anchors }: MeasureView, _args: unknown, { events }: GraphContext) =>
      allOf(anchors.map((position) => events.at(position))),
    minutes: ({ ms }: MeasureView) => ms / MS_PER_MINUTE,
  },
  Component: {
    cluster: ({ clusterId }: ComponentView, _args: unknown, { reader }: GraphContext) =>
      clusterId === null ? null : clusterAt(reader, clusterId),
  },
  Maintenance: {
    components: (view: MaintenanceView, _args: unknown, { reader }: GraphContext) => {
      const named = isOnPage(view) ? namedPageComponentView : namedComponentView;
      return andThen(componentsAt(reader), ({ state, open }) => view.componentIds.map((id) => named(state, id, open)));
    },
    clusters: ({ clusterIds }: MaintenanceView, _args: unknown, { reader }: GraphContext) =>
      clustersAt(reader, clusterIds),
  },
  StatusPage: {
    asOf: (page: StatusPageView, _args: unknown, context: GraphContext) => asOf(page.latestEffectiveAt, context),
  },
};

const MS_PER_MINUTE = 60_000;
const PAGE_EVENTS = 1_000;

/** `AnomalyDetected` events of the clusters that the incident's evidence is of, retracted ones left out. */
async function anomaliesInEvidence(view: IncidentView, { sources, reader }: GraphContext): Promise<readonly Anomaly[]> {
  const clusterIds = new Set(view.evidence.map(({ clusterId }) => clusterId));
  if (clusterIds.size === 0) return [];
  const found: FoldEvent[] = [];
  let after = 0 as Position;
  for (;;) {
    const page = await sources.ledger.readAll({
      after,
      upTo: reader.position,
      limit: PAGE_EVENTS,
      types: ['AnomalyDetected'],
    });
    found.push(...page.filter(({ subject }) => clusterIds.has(subject)));
    const last = page.at(-1);
    if (page.length < PAGE_EVENTS || last === undefined) break;
    after = last.position;
  }
  const retracted = await sources.ledger.retractedAmong(
    found.map(({ position }) => position),
    reader.position,
  );
  return found
    .filter(({ position, erased }) => !erased && !retracted.has(position))
    .map(({ subject, effectiveAt, notBefore, position }) => ({
      clusterId: subject,
      at: effectiveAt,
      notBefore,
      eventPosition: position,
    }));
}
