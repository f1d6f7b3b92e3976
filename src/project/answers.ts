/** What a reader's set of events says of each subject: the views that fields are read from, drawn once for each state. */
import { cluster, isKnown } from '../../projections/cluster/cluster.ts';
import type { ClusterState } from '../../projections/cluster/state.ts';
import { type ClusterView, clusterView } from '../../projections/cluster/view.ts';
import { components } from '../../projections/components/components.ts';
import type { ComponentsState } from '../../projections/components/state.ts';
import { type StatusPageView, statusPageView } from '../../projections/components/status-page.ts';
import { gaps } from '../../projections/gaps/gaps.ts';
import type { GapsState } from '../../projections/gaps/state.ts';
import { type GapView, openGapsOf } from '../../projections/gaps/view.ts';
import { incidentView, publicIncidentView } from '../../projections/incident/answers.ts';
import { incident } from '../../projections/incident/incident.ts';
import type { IncidentState } from '../../projections/incident/state.ts';
import type { IncidentView } from '../../projections/incident/view.ts';
import { type MaintenanceState, maintenance, maintenanceView } from '../../projections/maintenance/maintenance.ts';
import type { MaintenanceView } from '../../projections/maintenance/view.ts';
import type { Projection } from '../../projections/projection.ts';
import { allOf, andThen, type MaybePromise } from './reader.ts';
import type { ListQuery, ViewReader } from './views.ts';

/** Entries of a list with their cursors; null where the state shows nothing (its opening event is retracted). */
export interface Listed<View> {
  readonly cursor: string;
  readonly view: View;
}

/** Null for one that nobody named, and where all that was said of it was taken back. */
export function clusterAt(reader: ViewReader, id: string): MaybePromise<ClusterView | null> {
  return andThen(reader.get(cluster, id), (view) =>
    view === null || !isKnown(view.state) ? null : andThen(openGapsAt(reader), (open) => drawCluster(view.state, open)),
  );
}

/** As `clusterAt`, but empty where all was taken back: a subscriber must hear of that, too. */
export function clusterOrEmptyAt(reader: ViewReader, id: string): MaybePromise<ClusterView | null> {
  return andThen(reader.get(cluster, id), (view) =>
    view === null ? null : andThen(openGapsAt(reader), (open) => drawCluster(view.state, open)),
  );
}

export function clustersAt(reader: ViewReader, ids: readonly string[]): MaybePromise<readonly ClusterView[]> {
  return andThen(allOf(ids.map((id) => clusterAt(reader, id))), (views) => views.filter((view) => view !== null));
}

export function listClusters(reader: ViewReader, query: ListQuery): MaybePromise<readonly Listed<ClusterView>[]> {
  return andThen(reader.list(cluster, { ...query, allTags: ['exists'] }), (entries) =>
    andThen(openGapsAt(reader), (open) =>
      entries.map(({ cursor, state }) => ({ cursor, view: drawCluster(state, open) })),
    ),
  );
}

export function incidentAt(reader: ViewReader, id: string): MaybePromise<IncidentView | null> {
  return andThen(reader.get(incident, id), (view) => (view === null ? null : drawIncident(view.state)));
}

/** From public statements alone. */
export function publicIncidentAt(reader: ViewReader, id: string): MaybePromise<IncidentView | null> {
  return andThen(reader.get(incident, id), (found) => {
    const view = found && publicIncidentView(found.state);
    if (found && view) origins.set(view, { state: found.state, isPublic: true });
    return view;
  });
}

export function listIncidents(reader: ViewReader, query: ListQuery): MaybePromise<readonly Listed<IncidentView>[]> {
  return andThen(reader.list(incident, query), (entries) =>
    entries.flatMap(({ cursor, state }) => {
      const view = drawIncident(state);
      return view === null ? [] : [{ cursor, view }];
    }),
  );
}

export function maintenanceAt(reader: ViewReader, id: string): MaybePromise<MaintenanceView | null> {
  return andThen(reader.get(maintenance, id), (view) => (view === null ? null : maintenanceView(view.state)));
}

export function listMaintenances(
  reader: ViewReader,
  query: ListQuery,
): MaybePromise<readonly Listed<MaintenanceView>[]> {
  return andThen(reader.list(maintenance, query), (entries) =>
    entries.flatMap(({ cursor, state }) => {
      const view = maintenanceView(state);
      return view === null ? [] : [{ cursor, view }];
    }),
  );
}

/** The register of components with the gaps in force; the register is null while nothing was said of components. */
export function componentsAt(
  reader: ViewReader,
): MaybePromise<{ readonly state: Readonly<ComponentsState>; readonly open: readonly GapView[] }> {
  return andThen(reader.get(components, ''), (view) =>
    andThen(openGapsAt(reader), (open) => ({ state: view?.state ?? components.initial(''), open })),
  );
}

/** Entries of one page of the status page at most: it shows what is open. */
const PAGE_ENTRIES = 200;

export function statusPageAt(reader: ViewReader): MaybePromise<StatusPageView> {
  const open = <State>(projection: Projection<State>, tag: string) =>
    andThen(reader.list(projection, { allTags: [tag], limit: PAGE_ENTRIES, descending: true }), (entries) =>
      entries.map(({ state }) => state),
    );
  return andThen(componentsAt(reader), ({ state, open: gapsInForce }) =>
    andThen(open<IncidentState>(incident, 'page'), (incidents) =>
      andThen(open<MaintenanceState>(maintenance, 'open'), (maintenances) => {
        const page = statusPageView({ components: state, incidents, maintenances, gaps: gapsInForce });
        for (const view of page.incidents) {
          const of = incidents.find(({ id }) => id === view.id);
          if (of) origins.set(view, { state: of, isPublic: true });
        }
        for (const view of page.maintenances) onPage.add(view);
        return page;
      }),
    ),
  );
}

export function gapsStateAt(reader: ViewReader): MaybePromise<Readonly<GapsState>> {
  return andThen(reader.get(gaps, ''), (view) => view?.state ?? gaps.initial(''));
}

function openGapsAt(reader: ViewReader): MaybePromise<readonly GapView[]> {
  return andThen(gapsStateAt(reader), drawOpenGaps);
}

/** What an incident's view was drawn from, and whether for the status page. */
export function originOf(view: IncidentView): { readonly state: Readonly<IncidentState>; readonly isPublic: boolean } {
  const origin = origins.get(view);
  if (origin === undefined) throw new Error(`expected to know what the view of incident ${view.id} was drawn from`);
  return origin;
}

/** Whether the view was drawn for the status page. */
export function isOnPage(view: MaintenanceView): boolean {
  return onPage.has(view);
}

const onPage = new WeakSet<MaintenanceView>();
const origins = new WeakMap<IncidentView, { readonly state: Readonly<IncidentState>; readonly isPublic: boolean }>();

// States are shared and never changed in place, so a view drawn from one holds as long as it is there.
const drawnClusters = new WeakMap<object, { readonly gaps: string; readonly view: ClusterView }>();
const drawnIncidents = new WeakMap<object, IncidentView | null>();
const drawnGaps = new WeakMap<object, readonly GapView[]>();
const gapTexts = new WeakMap<readonly GapView[], string>();
const NO_GAPS: readonly GapView[] = [];

function drawCluster(state: Readonly<ClusterState>, open: readonly GapView[]): ClusterView {
  let text = gapTexts.get(open);
  if (text === undefined) {
    text = JSON.stringify(open);
    gapTexts.set(open, text);
  }
  const drawn = drawnClusters.get(state);
  if (drawn?.gaps === text) return drawn.view;
  const view = clusterView(state, open);
  drawnClusters.set(state, { gaps: text, view });
  return view;
}

function drawIncident(state: Readonly<IncidentState>): IncidentView | null {
  const drawn = drawnIncidents.get(state);
  if (drawn !== undefined) return drawn;
  const view = incidentView(state);
  drawnIncidents.set(state, view);
  if (view) origins.set(view, { state, isPublic: false });
  return view;
}

function drawOpenGaps(state: Readonly<GapsState>): readonly GapView[] {
  let drawn = drawnGaps.get(state);
  if (drawn === undefined) {
    const open = openGapsOf(state);
    drawn = open.length === 0 ? NO_GAPS : open;
    drawnGaps.set(state, drawn);
  }
  return drawn;
}
