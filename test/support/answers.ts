/** Asks a story: folds it the plain way and draws the answer. */
import { componentViews, namedComponentView, pageComponentViews } from '../../projections/components/answers.ts';
import { components } from '../../projections/components/components.ts';
import { type StatusPageView, statusPageView } from '../../projections/components/status-page.ts';
import type { ComponentView } from '../../projections/components/view.ts';
import { gaps } from '../../projections/gaps/gaps.ts';
import { type GapView, gapsOf, openGapsOf } from '../../projections/gaps/view.ts';
import { incidentView, publicIncidentView } from '../../projections/incident/answers.ts';
import { incident } from '../../projections/incident/incident.ts';
import type { IncidentState } from '../../projections/incident/state.ts';
import type { IncidentView } from '../../projections/incident/view.ts';
import { type MaintenanceState, maintenance, maintenanceView } from '../../projections/maintenance/maintenance.ts';
import type { MaintenanceView } from '../../projections/maintenance/view.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { StreamCategory } from '../../schemas/ids.ts';
import { micros, type Story, type TestTime } from './events.ts';
import { foldSet } from './fold.ts';

type Told = Pick<Story, 'events'>;

export function incidentState(story: Told, id = 'outage'): IncidentState {
  return foldSet(incident, story.events, id);
}

/** The incident at a time; without one, after everything. */
export function incidentIn(story: Told, at?: TestTime, id?: string): IncidentView | null {
  return incidentView(incidentState(story, id), at === undefined ? {} : { happenedAt: micros(at) });
}

export function publicIncidentIn(story: Told, at?: TestTime, id?: string): IncidentView | null {
  return publicIncidentView(incidentState(story, id), at === undefined ? {} : { happenedAt: micros(at) });
}

/** As above, where the test knows that it exists. */
export function existing<Value>(value: Value | null): Value {
  if (value === null) throw new Error('it does not exist');
  return value;
}

export function openGapsIn(story: Told): readonly GapView[] {
  return openGapsOf(foldSet(gaps, story.events));
}

export function allGapsIn(story: Told): readonly GapView[] {
  return gapsOf(foldSet(gaps, story.events));
}

/** The component's status over all statements, and what else is known of it, registered or not. */
export function componentIn(story: Told, id = 'api'): ComponentView {
  return namedComponentView(foldSet(components, story.events), id, openGapsIn(story));
}

export function componentsIn(story: Told): readonly ComponentView[] {
  return componentViews(foldSet(components, story.events), openGapsIn(story));
}

export function pageComponentsIn(story: Told): readonly ComponentView[] {
  return pageComponentViews(foldSet(components, story.events), openGapsIn(story));
}

export function maintenanceIn(story: Told, id = 'upgrade'): MaintenanceView | null {
  return maintenanceView(foldSet(maintenance, story.events, id));
}

export function pageIn(story: Told): StatusPageView {
  const maintenances: MaintenanceState[] = subjectsOf(story.events, 'maintenance').map((id) =>
    foldSet(maintenance, story.events, id),
  );
  return statusPageView({
    components: foldSet(components, story.events),
    incidents: subjectsOf(story.events, 'incident').map((id) => foldSet(incident, story.events, id)),
    maintenances,
    gaps: openGapsIn(story),
  });
}

function subjectsOf(events: readonly AnyFoldEvent[], category: StreamCategory): readonly string[] {
  return [...new Set(events.filter((event) => event.category === category).map(({ subject }) => subject))];
}
