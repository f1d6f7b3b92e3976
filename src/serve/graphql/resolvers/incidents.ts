/** Fields of incidents, components, maintenances and the status page. Fields without a resolver here are properties of the views. */

import {
  allOf,
  andThen,
  anomaliesInEvidence,
  type ComponentView,
  clusterAt,
  clustersAt,
  completenessOf,
  componentsAt,
  type EvidenceView,
  gapsOfIncident,
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
import { TIMELINE_ENTRY_RESOLVERS } from './postmortem.ts';

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
    measures: async (view: IncidentView, _args: unknown, { sources, reader }: GraphContext) => {
      const { state, isPublic, moment } = originOf(view);
      return isPublic ? [] : measures(state, await anomaliesInEvidence(view, { views: sources.views, reader }), moment);
    },
    asOf: (view: IncidentView, _args: unknown, context: GraphContext) => asOf(view.latestEffectiveAt, context),
    completeness: (view: IncidentView, _args: unknown, { reader }: GraphContext) => {
      return andThen(gapsOfIncident(view, reader), completenessOf);
    },
  },
  IncidentUpdate: { event: eventOfView },
  TimelineEntry: TIMELINE_ENTRY_RESOLVERS,
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
