/** What the clusters of an incident told: read stretch by stretch, folded on from the state before each. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cluster } from '../../../projections/cluster/cluster.ts';
import type { ClusterState } from '../../../projections/cluster/state.ts';
import type { IncidentView } from '../../../projections/incident/view.ts';
import { ClusterStory, type OrphanedSpell } from '../../../projections/postmortem/cluster-story.ts';
import type { Contradiction } from '../../../projections/postmortem/contradictions.ts';
import { pictureOf } from '../../../projections/postmortem/picture.ts';
import type { ClusterPicture } from '../../../projections/postmortem/record.ts';
import type { TellingRow } from '../../../projections/postmortem/rows.ts';
import { utc } from '../../../projections/postmortem/words.ts';
import { streamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { clusterAt, componentsAt } from '../answers.ts';
import { placeBefore } from '../incident-scope.ts';
import { componentRows, maintenanceRows } from './components.ts';
import { contestedLeaders, operationalWhileOrphaned } from './contradictions.ts';
import type { PostmortemSources } from './gather.ts';
import {
  CLUSTERS_MAX,
  clustersOf,
  impactFrom,
  isWithin,
  leadUpOf,
  type Stretch,
  united,
  WITHOUT_BEGINNING,
  windowsOf,
} from './stretches.ts';

const EVENTS_MAX = 100_000;
/** What counts also where it happened shortly before the impact. */
const LEAD_UP_KINDS: ReadonlySet<string> = new Set([
  'deployment_started',
  'deployment_finished',
  'leader_elected',
  'leader_lost',
  'anomaly_detected',
]);

export interface ClusterStories {
  readonly rows: readonly TellingRow[];
  readonly pictures: readonly ClusterPicture[];
  readonly contradictions: readonly Contradiction[];
  readonly omissions: readonly string[];
}

export async function clusterStories(sources: PostmortemSources, view: IncidentView): Promise<ClusterStories> {
  const all = clustersOf(view);
  const ids = all.slice(0, CLUSTERS_MAX);
  const telling = {
    sources,
    view,
    eventsMax: Math.floor((sources.eventsMax ?? EVENTS_MAX) / Math.max(1, ids.length)),
    rows: [] as TellingRow[],
    pictures: [] as ClusterPicture[],
    contradictions: [] as Contradiction[],
    omissions: [] as string[],
  };
  if (all.length > ids.length) {
    telling.omissions.push(`Of its ${all.length} clusters the first ${CLUSTERS_MAX} are read.`);
  }
  if (view.evidence.some(({ from }) => from === null)) {
    const since = Math.max(0, impactFrom(view) - WITHOUT_BEGINNING) as Micros;
    telling.omissions.push(`Evidence linked without a beginning is read from ${utc(since)} on.`);
  }
  for (const id of ids) await tellCluster(telling, id);
  telling.rows.push(...(await maintenanceRows(sources, view, ids)), ...(await componentRows(sources, view)));
  return telling;
}

interface Telling {
  readonly sources: PostmortemSources;
  readonly view: IncidentView;
  readonly eventsMax: number;
  readonly rows: TellingRow[];
  readonly pictures: ClusterPicture[];
  readonly contradictions: Contradiction[];
  readonly omissions: string[];
}

async function tellCluster(telling: Telling, id: string): Promise<void> {
  const { sources, view } = telling;
  const windows = windowsOf(view, id);
  const stretches = united([...windows, leadUpOf(view)]);
  const budget = { left: telling.eventsMax };
  const from = impactFrom(view);
  // The impact first: evidence of other days must not use up what may be read.
  const inOrder = [...stretches].sort(
    (first, second) => Number(isWithin(from, [second])) - Number(isWithin(from, [first])),
  );
  for (const stretch of inOrder) {
    const { rows, spells } = await tellStretch(telling, { id, stretch, budget });
    for (const row of rows) if (isWithin(row.at, windows) || LEAD_UP_KINDS.has(row.kind)) telling.rows.push(row);
    for (const spell of spells) {
      if (!isWithin(spell.from, windows)) continue;
      telling.contradictions.push(...(await operationalWhileOrphaned(sources, { clusterId: id, spell, stretch })));
    }
  }
  await tellPictures(telling, id);
  await tellOpenDeployments(telling, id);
  const contested = await contestedLeaders(sources, { clusterId: id, windows });
  telling.contradictions.push(...contested.contradictions);
  telling.omissions.push(...contested.omissions);
}

interface StretchOf {
  readonly id: string;
  readonly stretch: Stretch;
  readonly budget: { left: number };
}

async function tellStretch(
  { sources, omissions }: Telling,
  { id, stretch, budget }: StretchOf,
): Promise<{ readonly rows: readonly TellingRow[]; readonly spells: readonly OrphanedSpell[] }> {
  const { views, reader } = sources;
  const { state: components } = await componentsAt(reader);
  const registered = Object.entries(components.registrations).flatMap(([componentId, { clusterId, jobIds }]) =>
    clusterId === id && jobIds.length > 0 ? [{ componentId, jobIds }] : [],
  );
  const story = new ClusterStory({ id, state: await stateBefore(sources, id, stretch.from), registered });
  const rows: TellingRow[] = [];
  const until = Math.min(stretch.until, reader.happenedAt ?? Number.POSITIVE_INFINITY);
  const pages = views.facts({
    stream: streamName('cluster', id),
    upTo: reader.position,
    after: placeBefore(stretch.from),
    until: until === Number.POSITIVE_INFINITY ? null : (until as Micros),
  });
  for await (const page of pages) {
    for (const event of page) {
      if (budget.left === 0) {
        omissions.push(
          `Of cluster ${id} the events from ${utc(event.effectiveAt)} on are left out: there are too many to be read for one postmortem.`,
        );
        return { rows, spells: story.spells };
      }
      budget.left -= 1;
      const row = story.take(event);
      if (row !== null) rows.push(row);
    }
    await nextTurn();
  }
  return { rows, spells: story.spells };
}

/** A copy of the cluster as it was before an instant, to be folded on from. */
async function stateBefore({ views, reader }: PostmortemSources, id: string, from: number): Promise<ClusterState> {
  if (from <= 0) return cluster.initial(id);
  const before = await views.at(reader.position, (from - 1) as Micros).get(cluster, id);
  return before === null ? cluster.initial(id) : (structuredClone(before.state) as ClusterState);
}

/** The cluster when the impact began, and when it ended or was said to be over. */
async function tellPictures({ sources, view, pictures }: Telling, id: string): Promise<void> {
  const { views, reader } = sources;
  const end = view.impactEndedAt ?? view.resolvedAt;
  const instants = [
    { at: impactFrom(view), when: 'start' as const },
    ...(end === null ? [] : [{ at: end, when: 'end' as const }]),
  ];
  for (const { at, when } of instants) {
    if (reader.happenedAt !== null && at > reader.happenedAt) continue;
    const seen = await clusterAt(views.at(reader.position, at), id);
    if (seen !== null) pictures.push(pictureOf(seen, at, when));
  }
}

const OPEN_DEPLOYMENTS_MAX = 10;

/** Deployments that were still going on when the impact began, though they had begun long before it. */
async function tellOpenDeployments({ sources, view, rows }: Telling, id: string): Promise<void> {
  const { views, reader } = sources;
  const seen = await views.at(reader.position, impactFrom(view)).get(cluster, id);
  if (seen === null) return;
  const known = new Set(rows.map(({ eventPosition }) => eventPosition));
  const open = Object.values(seen.state.deployments)
    .filter(({ finishedAt, startedAt }) => finishedAt === null && startedAt < leadUpOf(view).from)
    .slice(-OPEN_DEPLOYMENTS_MAX);
  for (const { startedAt } of open) {
    const stretch = { from: startedAt, until: startedAt };
    const story = new ClusterStory({ id, state: cluster.initial(id), registered: [] });
    const pages = views.facts({
      stream: streamName('cluster', id),
      upTo: reader.position,
      after: placeBefore(stretch.from),
      until: startedAt,
    });
    for await (const page of pages) {
      for (const event of page) {
        const row = event.type === 'DeploymentStarted' ? story.take(event) : null;
        if (row !== null && !known.has(row.eventPosition)) rows.push(row);
        if (row !== null) known.add(row.eventPosition);
      }
    }
  }
}
