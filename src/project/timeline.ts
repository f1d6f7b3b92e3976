/** The timeline of one cluster as of a set of events: reads what it is drawn from, page by page. */
import { setImmediate } from 'node:timers/promises';
import { cluster, isKnown } from '../../projections/cluster/cluster.ts';
import type { ClusterState } from '../../projections/cluster/state.ts';
import { elections } from '../../projections/elections/elections.ts';
import {
  completenessOf,
  type GapView,
  gapsCoveringCluster,
  gapsOf,
  gapsOverlapping,
} from '../../projections/gaps/view.ts';
import { incident } from '../../projections/incident/incident.ts';
import { maintenance, maintenanceView } from '../../projections/maintenance/maintenance.ts';
import type { Projection } from '../../projections/projection.ts';
import {
  chooseLanes,
  everyLane,
  type LaneChoice,
  mayOverflow,
  NO_LANES,
  sharesOf,
  withChosenJobs,
} from '../../projections/timeline/choice.ts';
import { ClusterLanes } from '../../projections/timeline/cluster-lanes.ts';
import { gapLanes, incidentLane, maintenanceLane } from '../../projections/timeline/stated.ts';
import { allLanes, lanesMax } from '../../projections/timeline/timeline.ts';
import type { LaneView, TimelineView } from '../../projections/timeline/view.ts';
import { type Window, windowOf } from '../../projections/timeline/window.ts';
import { streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { gapsStateAt } from './answers.ts';
import { BEFORE_ALL } from './place.ts';
import type { ViewReader, Views } from './views.ts';

export interface TimelineAsked {
  readonly clusterId: string;
  readonly from: Micros;
  /** After `from`. */
  readonly to: Micros;
  /** At least one. */
  readonly buckets: number;
  /** What lies after it has not happened, so that nothing but statements is drawn there. */
  readonly now: Micros;
  /** When the set was known; what followed later is not. */
  readonly knownAt?: Micros | null;
}

/** `reader`: the set, whenever its events happened. Null where the set knows no such cluster. */
export async function timelineAt(views: Views, reader: ViewReader, asked: TimelineAsked): Promise<TimelineView | null> {
  const { clusterId, from, to } = asked;
  const afterwards = (await reader.get(cluster, clusterId))?.state ?? null;
  if (afterwards === null || !isKnown(afterwards)) return null;
  const window = windowOf(from, to, asked.buckets);
  const room = lanesMax(asked.buckets);
  const gaps = gapsCoveringCluster(gapsOf(await gapsStateAt(reader)), clusterId, afterwards.sources);
  const watching = { views, reader, window, room, gaps, afterwards, clusterId };
  const stated = await statedLanes(watching);
  const choice = from > asked.now ? NO_LANES : await choiceOf(watching, room - stated.drawn.length);
  const before = await stateBefore(watching, from, choice);
  const now = Math.min(asked.now, asked.knownAt ?? asked.now);
  const watched = new ClusterLanes({ window, state: before, gaps, choice, now });
  const after = from === 0 ? BEFORE_ALL : { effectiveAt: from - 1, position: Number.POSITIVE_INFINITY };
  const facts = { stream: streamName('cluster', clusterId), upTo: reader.position, after, until: (to - 1) as Micros };
  for await (const page of views.facts(facts)) {
    for (const event of page) watched.take(event);
    // Others get their turn between the pages of a long stretch.
    await setImmediate();
  }
  const electionsState = (await reader.get(elections, clusterId))?.state ?? elections.initial(clusterId);
  const all = allLanes(watched, stated.drawn, {
    window,
    afterwards: { state: afterwards, elections: electionsState },
    room,
  });
  const { state } = watched;
  return {
    from,
    to,
    bucketMs: window.bucketMs,
    counts: watched.counts,
    followers: watched.followers,
    lanes: all.lanes,
    lanesOmitted: all.omitted + choice.omitted + stated.omitted,
    latestEffectiveAt: state.latestEffectiveAt,
    completeness: completenessOf(gapsOverlapping(gaps, { from, to })),
  };
}

interface Watching {
  readonly views: Views;
  readonly reader: ViewReader;
  readonly window: Window;
  /** For lanes of every kind. */
  readonly room: number;
  readonly gaps: readonly GapView[];
  readonly afterwards: Readonly<ClusterState>;
  readonly clusterId: string;
}

/** Entries of a list read at once. */
const PAGE = 200;

/** Incidents, maintenances and gaps that reach into the window; they may fill half of the room, the latest first. */
async function statedLanes({ reader, window, room, gaps, clusterId }: Watching) {
  const incidents = await listed(reader, incident, clusterId, (state) => incidentLane(state, window));
  const maintenances = await listed(reader, maintenance, clusterId, (state) => {
    const view = maintenanceView(state);
    return view === null ? null : maintenanceLane(view, window);
  });
  const silent = gapLanes(gaps, window);
  const kinds = [incidents, maintenances, silent];
  const shares = sharesOf(
    kinds.map((lanes) => lanes.length),
    Math.floor(room / 2),
  );
  const drawn = kinds.flatMap((lanes, index) => lanes.slice(0, shares[index]));
  return { drawn, omitted: kinds.reduce((sum, lanes) => sum + lanes.length, 0) - drawn.length };
}

/** The lanes of all that name the cluster, the latest first. */
async function listed<State>(
  reader: ViewReader,
  projection: Projection<State>,
  clusterId: string,
  laneOf: (state: Readonly<State>) => LaneView | null,
): Promise<readonly LaneView[]> {
  const lanes: LaneView[] = [];
  const asked = { allTags: ['exists', `cluster:${clusterId}`], limit: PAGE, descending: true };
  for (let after = {}; ; ) {
    const entries = await reader.list(projection, { ...asked, ...after });
    for (const { state } of entries) {
      const lane = laneOf(state);
      if (lane !== null) lanes.push(lane);
    }
    const last = entries.at(-1);
    if (entries.length < PAGE || last === undefined) return lanes;
    after = { after: last.cursor };
    await setImmediate();
  }
}

/** As of the window's end, where there are more lanes than fit. */
async function choiceOf(watching: Watching, room: number): Promise<LaneChoice> {
  const { afterwards, window } = watching;
  if (!mayOverflow(afterwards, room)) return everyLane(room);
  const state = await clusterAsOf(watching, (window.to - 1) as Micros);
  return state === null ? everyLane(room) : chooseLanes(state, { window, room });
}

/** The state just before the window, of its own so that it may be folded on. */
async function stateBefore(watching: Watching, from: Micros, choice: LaneChoice): Promise<ClusterState> {
  const state = from === 0 ? null : await clusterAsOf(watching, (from - 1) as Micros);
  if (state === null) return cluster.initial(watching.clusterId);
  return structuredClone(withChosenJobs(state, choice));
}

async function clusterAsOf(
  { views, reader, afterwards, clusterId }: Watching,
  at: Micros,
): Promise<Readonly<ClusterState> | null> {
  const { latestEffectiveAt } = afterwards;
  if (latestEffectiveAt !== null && latestEffectiveAt <= at) return afterwards;
  const view = await views.at(reader.position, at).get(cluster, clusterId);
  return view?.state ?? null;
}
