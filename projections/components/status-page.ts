/** The status page: public statements alone. */
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus } from '../../schemas/words.ts';
import { type CompletenessView, completenessOf, type GapView } from '../gaps/view.ts';
import { publicIncidentView } from '../incident/answers.ts';
import type { Moment } from '../incident/reading.ts';
import type { IncidentState } from '../incident/state.ts';
import type { IncidentView } from '../incident/view.ts';
import { type MaintenanceState, maintenanceView } from '../maintenance/maintenance.ts';
import type { MaintenanceView } from '../maintenance/view.ts';
import { pageComponentViews } from './answers.ts';
import type { ComponentsState } from './state.ts';
import type { ComponentView } from './view.ts';

type Indicator = 'none' | 'minor' | 'major' | 'critical' | 'maintenance';

export interface StatusPageView {
  readonly indicator: Indicator;
  readonly description: string;
  readonly components: readonly ComponentView[];
  /** Unresolved ones, the newest first. */
  readonly incidents: readonly IncidentView[];
  /** Scheduled and in progress, by planned start. */
  readonly maintenances: readonly MaintenanceView[];
  readonly completeness: CompletenessView;
  /** The latest effective time among what it shows; null while nothing was folded. */
  readonly latestEffectiveAt: Micros | null;
}

export interface StatusPageSources {
  readonly components: Readonly<ComponentsState>;
  /** At least those with the tag `page`; of others, those that are not on the page are left out here. */
  readonly incidents: readonly Readonly<IncidentState>[];
  /** At least those with the tag `open`. */
  readonly maintenances: readonly Readonly<MaintenanceState>[];
  /** Those in force at the moment. */
  readonly gaps: readonly GapView[];
}

export function statusPageView(sources: StatusPageSources, moment: Moment = {}): StatusPageView {
  const components = pageComponentViews(sources.components, sources.gaps);
  const incidents = sources.incidents
    .map((state) => publicIncidentView(state, moment))
    .filter((view): view is IncidentView => view !== null && view.status !== 'resolved')
    .sort((first, second) => second.declaredAt - first.declaredAt || byId(first, second));
  const maintenances = sources.maintenances
    .map(maintenanceView)
    .filter(
      (view): view is MaintenanceView => view !== null && (view.state === 'scheduled' || view.state === 'in_progress'),
    )
    .sort((first, second) => first.startsAt - second.startsAt || byId(first, second));
  const indicator = rollUp(components.map(({ status }) => status));
  return {
    indicator,
    description: describe(indicator, components),
    components,
    incidents,
    maintenances,
    completeness: completenessOf([...new Set(components.flatMap((component) => component.completeness.gaps))]),
    latestEffectiveAt: sources.components.latestEffectiveAt,
  };
}

/** How bad it is as a whole, in the Statuspage API's way: all components together give the page's indicator, an incident's give its impact. */
export function rollUp(statuses: readonly ComponentStatus[]): Indicator {
  const any = (...words: ComponentStatus[]) => statuses.some((status) => words.includes(status));
  const all = (word: ComponentStatus) => statuses.length > 0 && statuses.every((status) => status === word);
  if (all('major_outage')) return 'critical';
  if (any('major_outage') || all('partial_outage')) return 'major';
  if (any('partial_outage', 'degraded_performance')) return 'minor';
  return any('under_maintenance') ? 'maintenance' : 'none';
}

const DESCRIPTIONS: Readonly<Record<Indicator, string>> = {
  none: 'All systems operational',
  minor: 'Some systems are disturbed',
  major: 'Major outage',
  critical: 'Critical outage of all systems',
  maintenance: 'Maintenance in progress',
};

/** No data never looks like health. */
function describe(indicator: Indicator, components: readonly ComponentView[]): string {
  if (components.length === 0) return 'No components are registered';
  const unheard = components.filter(({ noData }) => noData).length;
  if (unheard === 0) return DESCRIPTIONS[indicator];
  const gap = `no data for ${unheard} of ${components.length} components`;
  return indicator === 'none' ? `${gap[0]?.toUpperCase()}${gap.slice(1)}` : `${DESCRIPTIONS[indicator]}; ${gap}`;
}

function byId(first: { readonly id: string }, second: { readonly id: string }): number {
  return first.id < second.id ? -1 : 1;
}
