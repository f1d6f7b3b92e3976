/**
 * How a cluster's topology differs between two sets of events, each difference with the events that caused it. Reads the state of
 * each set from its views, and the facts only from the first place on at which the sets differ, by pages, giving way to
 * other work between them. What is kept meanwhile is two states and at most 40 places for each facet that differs.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cluster, isKnown } from '../../projections/cluster/cluster.ts';
import type { ClusterState } from '../../projections/cluster/state.ts';
import { type ClusterView, clusterView } from '../../projections/cluster/view.ts';
import { type Both, type Cause, CauseWalk, type Holder } from '../../projections/compare/causes.ts';
import type { GapSight } from '../../projections/compare/gaps.ts';
import { TopologyReading } from '../../projections/compare/reading.ts';
import { TopologyComparison } from '../../projections/compare/rows.ts';
import { type TopologyDiffView, topologyDiffView } from '../../projections/compare/view.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type Position, type StreamName, streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { gapsInForce, gapsStateAt } from './answers.ts';
import { firstDifference } from './divergence.ts';
import { comparePlaces } from './place.ts';
import type { ViewReader, Views } from './views.ts';

/** Events folded in one turn of the event loop. */
const TURN_EVENTS = 500;
/** Positions asked about at once. */
const ASKED_AT_ONCE = 1_000;

export interface DifferenceParts {
  readonly views: Pick<Views, 'facts' | 'at'>;
  readonly ledger: Pick<LedgerReader, 'readPlaces' | 'readRetractions' | 'eventAt' | 'retractedAmong'>;
}

/** One of the two moments: what the cluster was then. */
export interface ComparedSide {
  readonly reader: ViewReader;
  /** Drawn for this comparison alone. */
  readonly cluster: ClusterView;
  /** False where nothing had been said of the cluster, or all of it was taken back. */
  readonly exists: boolean;
}

export interface TopologyDifference extends TopologyDiffView {
  readonly sides: Both<ComparedSide>;
}

interface Side extends ComparedSide {
  readonly gaps: GapSight;
}

export async function topologyDifference(
  parts: DifferenceParts,
  clusterId: string,
  readers: Both<ViewReader>,
): Promise<TopologyDifference> {
  const sides = { from: await sideOf(clusterId, readers.from), to: await sideOf(clusterId, readers.to) };
  const comparison = new TopologyComparison(
    { from: new TopologyReading(sides.from.cluster.state), to: new TopologyReading(sides.to.cluster.state) },
    { from: sides.from.gaps, to: sides.to.gaps },
  );
  const walk = comparison.told.length === 0 ? null : await walked(parts, clusterId, { readers, comparison });
  const rows = comparison.explained(walk);
  const cited = await citing(
    parts.ledger,
    rows.flatMap(({ causes }) => causes),
    readers,
  );
  const explained = rows.map(({ row, causes }) => ({ row, causePositions: [...new Set(causes.map(cited))] }));
  const views = { from: sides.from.cluster, to: sides.to.cluster };
  return { ...topologyDiffView(explained, views), sides };
}

async function sideOf(clusterId: string, reader: ViewReader): Promise<Side> {
  const state = (await reader.get(cluster, clusterId))?.state ?? cluster.initial(clusterId);
  const drawn = clusterView(state, await gapsInForce(reader));
  const gaps = { gaps: await gapsStateAt(reader), covering: drawn.completeness.gaps };
  return { reader, cluster: drawn, exists: isKnown(state), gaps };
}

interface Walking {
  readonly readers: Both<ViewReader>;
  readonly comparison: TopologyComparison;
}

/** Folds both sets from where they come apart, watching the rows that differ. */
async function walked(parts: DifferenceParts, clusterId: string, { readers, comparison }: Walking): Promise<CauseWalk> {
  const stream = streamName('cluster', clusterId);
  const apartAt = await firstDifference(parts.ledger, stream, readers);
  // The last instant up to which both sets are the same.
  const alike = (apartAt - 1) as Micros;
  const upTo = Math.min(readers.from.position, readers.to.position) as Position;
  const base = (await parts.views.at(upTo, alike).get(cluster, clusterId))?.state ?? cluster.initial(clusterId);
  const copy = (): ClusterState => structuredClone(base) as ClusterState;
  const walk = new CauseWalk({ from: copy(), to: copy() }, comparison.told, comparison.silents);
  let taken = 0;
  for await (const { event, holder } of factsOfBoth(parts.views, stream, { readers, alike })) {
    walk.take(event, holder);
    taken += 1;
    if (taken % TURN_EVENTS === 0) await nextTurn();
  }
  return walk;
}

interface HeldFact {
  readonly event: AnyFoldEvent;
  readonly holder: Holder;
}

/** The facts of both sets after an instant, in the order of every fold, each once. */
async function* factsOfBoth(
  views: Pick<Views, 'facts'>,
  stream: StreamName,
  { readers, alike }: { readonly readers: Both<ViewReader>; readonly alike: Micros },
): AsyncGenerator<HeldFact, void, undefined> {
  const after = { effectiveAt: alike, position: Number.POSITIVE_INFINITY };
  const factsOf = ({ position, happenedAt }: ViewReader) =>
    oneByOne(views.facts({ stream, upTo: position, after, until: happenedAt }));
  const [ofFrom, ofTo] = [factsOf(readers.from), factsOf(readers.to)];
  try {
    let [from, to] = [await ofFrom.next(), await ofTo.next()];
    while (!from.done || !to.done) {
      const order = from.done ? 1 : to.done ? -1 : comparePlaces(from.value, to.value);
      const event = (order <= 0 ? from.value : to.value) as AnyFoldEvent;
      yield { event, holder: order === 0 ? 'both' : order < 0 ? 'from' : 'to' };
      if (order <= 0) from = await ofFrom.next();
      if (order >= 0) to = await ofTo.next();
    }
  } finally {
    await ofFrom.return();
    await ofTo.return();
  }
}

async function* oneByOne(pages: AsyncIterable<readonly AnyFoldEvent[]>): AsyncGenerator<AnyFoldEvent, void, undefined> {
  for await (const page of pages) yield* page;
}

/** What to cite for a cause: the event itself, or the retraction because of which one of the sets is without it. */
async function citing(
  ledger: DifferenceParts['ledger'],
  causes: readonly Cause[],
  readers: Both<ViewReader>,
): Promise<(cause: Cause) => Position> {
  const retractions = { from: new Map<Position, Position>(), to: new Map<Position, Position>() };
  for (const side of ['from', 'to'] as const) {
    const { position: upTo } = readers[side];
    const lacked = causes.filter(({ holder, position }) => holder !== 'both' && holder !== side && position <= upTo);
    const positions = [...new Set(lacked.map(({ position }) => position))];
    for (let start = 0; start < positions.length; start += ASKED_AT_ONCE) {
      const asked = positions.slice(start, start + ASKED_AT_ONCE);
      for (const [named, retraction] of await ledger.retractedAmong(asked, upTo))
        retractions[side].set(named, retraction);
    }
  }
  return ({ holder, position }) => {
    if (holder === 'both') return position;
    return retractions[holder === 'from' ? 'to' : 'from'].get(position) ?? position;
  };
}
