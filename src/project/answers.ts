/** What a reader's set of events says of each subject: the views that fields are read from, drawn once for each state. */
import { cluster, isKnown } from '../../projections/cluster/cluster.ts';
import type { ClusterState } from '../../projections/cluster/state.ts';
import { type ClusterView, clusterView } from '../../projections/cluster/view.ts';
import { components } from '../../projections/components/components.ts';
import type { ComponentsState } from '../../projections/components/state.ts';
import { type StatusPageView, statusPageView } from '../../projections/components/status-page.ts';
import { gaps } from '../../projections/gaps/gaps.ts';
import type { GapsState } from '../../projections/gaps/state.ts';
import { type GapView, gapsInForceAt, openGapsOf } from '../../projections/gaps/view.ts';
import { incidentView, publicIncidentView } from '../../projections/incident/answers.ts';
import { incident } from '../../projections/incident/incident.ts';
import type { Moment } from '../../projections/incident/reading.ts';
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
    view === null || !isKnown(view.state)
      ? null
      : andThen(gapsInForce(reader), (open) => drawCluster(view.state, open)),
  );
}

/** As `clusterAt`, but empty where all was taken back: a subscriber must hear of that, too. */
export function clusterOrEmptyAt(reader: ViewReader, id: string): MaybePromise<ClusterView | null> {
  return andThen(reader.get(cluster, id), (view) =>
    view === null ? null : andThen(gapsInForce(reader), (open) => drawCluster(view.state, open)),
  );
}

export function clustersAt(reader: ViewReader, ids: readonly string[]): MaybePromise<readonly ClusterView[]> {
  return andThen(allOf(ids.map((id) => clusterAt(reader, id))), (views) => views.filter((view) => view !== null));
}

export function listClusters(reader: ViewReader, query: ListQuery): MaybePromise<readonly Listed<ClusterView>[]> {
  return andThen(reader.list(cluster, { ...query, allTags: ['exists'] }), (entries) =>
    andThen(gapsInForce(reader), (open) =>
      entries.map(({ cursor, state }) => ({ cursor, view: drawCluster(state, open) })),
    ),
  );
}

export function incidentAt(reader: ViewReader, id: string): MaybePromise<IncidentView | null> {
  return andThen(reader.get(incident, id), (view) => (view === null ? null : drawIncident(view.state, reader)));
}

/** From public statements alone. */
export function publicIncidentAt(reader: ViewReader, id: string): MaybePromise<IncidentView | null> {
  return andThen(reader.get(incident, id), (found) => {
    const moment = momentOf(reader);
    const view = found && publicIncidentView(found.state, moment);
    if (found && view) origins.set(view, { state: found.state, isPublic: true, moment });
    return view;
  });
}

export function listIncidents(reader: ViewReader, query: ListQuery): MaybePromise<readonly Listed<IncidentView>[]> {
  return andThen(reader.list(incident, query), (entries) =>
    entries.flatMap(({ cursor, state }) => {
      const view = drawIncident(state, reader);
      return view === null ? [] : [{ cursor, view }];
    }),
  );
}

/** Those of which something public was said, from public statements alone; the newest first. */
export function listPublicIncidents(reader: ViewReader, limit: number): MaybePromise<readonly IncidentView[]> {
  const asked = { allTags: ['public'], limit, descending: true };
  return andThen(reader.list(incident, asked), (entries) =>
    entries.flatMap(({ state }) => publicIncidentView(state, momentOf(reader)) ?? []),
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
    andThen(gapsInForce(reader), (open) => ({ state: view?.state ?? components.initial(''), open })),
  );
}

/** Entries of one page of the status page at most: it shows what is open. */
const PAGE_ENTRIES = 200;

export function statusPageAt(reader: ViewReader): MaybePromise<StatusPageView> {
  const open = <State>(projection: Projection<State>, tag: string) =>
    andThen(reader.list(projection, { allTags: [tag], limit: PAGE_ENTRIES, descending: true }), (entries) =>
      entries.map(({ state }) => state),
    );
  return andThen(componentsAt(reader), ({ state, open: gaps }) =>
    andThen(open<IncidentState>(incident, 'page'), (incidents) =>
      andThen(open<MaintenanceState>(maintenance, 'open'), (maintenances) => {
        const moment = momentOf(reader);
        const page = statusPageView({ components: state, incidents, maintenances, gaps }, moment);
        for (const view of page.incidents) {
          const of = incidents.find(({ id }) => id === view.id);
          if (of) origins.set(view, { state: of, isPublic: true, moment });
        }
        for (const view of page.maintenances) onPage.add(view);
        return page;
      }),
    ),
  );
}

export function gapsStateAt(reader: ViewReader): MaybePromise<Readonly<GapsState>> {
  return andThen(reader.statedGaps?.() ?? null, (stated) =>
    stated === null ? andThen(reader.get(gaps, ''), (view) => view?.state ?? gaps.initial('')) : stated,
  );
}

/** Of a moment the gaps that it lies inside; without one those that are open. */
export function gapsInForce(reader: ViewReader): MaybePromise<readonly GapView[]> {
  const { happenedAt } = reader;
  return andThen(gapsStateAt(reader), (state) =>
    happenedAt === null ? drawOpenGaps(state) : orNone(gapsInForceAt(state, happenedAt)),
  );
}

/** What an incident reads its state at; empty: after everything. */
function momentOf({ happenedAt }: ViewReader): Moment {
  return happenedAt === null ? {} : { happenedAt };
}

/** What an incident's view was drawn from. */
interface IncidentOrigin {
  readonly state: Readonly<IncidentState>;
  /** Whether for the status page. */
  readonly isPublic: boolean;
  readonly moment: Moment;
}

export function originOf(view: IncidentView): IncidentOrigin {
  const origin = origins.get(view);
  if (origin === undefined) throw new Error(`expected to know what the view of incident ${view.id} was drawn from`);
  return origin;
}

/** Whether the view was drawn for the status page. */
export function isOnPage(view: MaintenanceView): boolean {
  return onPage.has(view);
}

const onPage = new WeakSet<MaintenanceView>();
const origins = new WeakMap<IncidentView, IncidentOrigin>();

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

function drawIncident(state: Readonly<IncidentState>, reader: ViewReader): IncidentView | null {
  const moment = momentOf(reader);
  const isShared = reader.happenedAt === null;
  const drawn = isShared ? drawnIncidents.get(state) : undefined;
  if (drawn !== undefined) return drawn;
  const view = incidentView(state, moment);
  if (isShared) drawnIncidents.set(state, view);
  if (view) origins.set(view, { state, isPublic: false, moment });
  return view;
}

function drawOpenGaps(state: Readonly<GapsState>): readonly GapView[] {
  let drawn = drawnGaps.get(state);
  if (drawn === undefined) {
    drawn = orNone(openGapsOf(state));
    drawnGaps.set(state, drawn);
  }
  return drawn;
}

/** One list for all that have none, so that what is drawn with it is known again. */
function orNone(gaps: readonly GapView[]): readonly GapView[] {
  return gaps.length === 0 ? NO_GAPS : gaps;
}
