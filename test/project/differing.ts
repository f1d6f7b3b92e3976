/** What tests of differences between two sets of events ask of a history, the plain way. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leaderOf, termOf } from '../../projections/cluster/answers.ts';
import { cluster } from '../../projections/cluster/cluster.ts';
import { type ClusterView, clusterView } from '../../projections/cluster/view.ts';
import { gaps } from '../../projections/gaps/gaps.ts';
import { gapsInForceAt, openGapsOf } from '../../projections/gaps/view.ts';
import { PROJECTIONS } from '../../projections/list.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { projectHere } from '../../src/project/here.ts';
import { type TopologyDifference, topologyDifference } from '../../src/project/views.ts';
import { foldable, foldSet, inPlace } from '../support/fold.ts';
import { restorable } from '../support/restorable.ts';

const ID = 'c0';
export const CAUSES_MAX = 20;

/** Everything at or below the position, of this what had happened by the time; null: whenever. */
interface EventSet {
  readonly position: Position;
  readonly happenedAt: Micros | null;
}

/** The facts of the cluster that a set holds, in fold order. */
export function factsIn(history: readonly AnyFoldEvent[], { position, happenedAt }: EventSet): readonly AnyFoldEvent[] {
  return foldable(history.filter((event) => event.position <= position)).filter(
    (event) => event.stream === `cluster-${ID}` && (happenedAt === null || event.effectiveAt <= happenedAt),
  );
}

export function viewOf(history: readonly AnyFoldEvent[], set: EventSet, facts = factsIn(history, set)): ClusterView {
  const known = foldSet(
    gaps,
    history.filter((event) => event.position <= set.position),
  );
  const inForce = set.happenedAt === null ? openGapsOf(known) : gapsInForceAt(known, set.happenedAt);
  return clusterView(foldSet(cluster, facts, ID), inForce);
}

/** A node is told of as one, whatever of it differs. */
export const toldAs = (row: string): string => row.replace(/^(condition|role|attributes) /, 'node ');

/** All that is compared. */
export function rowsOf(view: ClusterView): Map<string, string> {
  const rows = new Map([
    ['leader', JSON.stringify(leaderOf(view)?.id ?? null)],
    ['term', JSON.stringify(termOf(view))],
  ]);
  for (const name of Object.keys(view.state.leadership.scopes)) {
    const shown = [leaderOf(view, name)?.id ?? null, termOf(view, name)];
    if (shown.some((each) => each !== null)) rows.set(`scope ${name}`, JSON.stringify(shown));
  }
  for (const node of view.nodes) {
    const { id, liveness, role, name, address, zone, kind, schedulable, incarnation, labels } = node;
    const left = view.state.nodes[id]?.liveness === 'LEFT';
    rows.set(`condition ${id}`, JSON.stringify([left, liveness]));
    rows.set(`role ${id}`, role);
    rows.set(`attributes ${id}`, JSON.stringify([name, address, zone, kind, schedulable, incarnation, labels]));
    if (node.following) rows.set(`following ${id}`, JSON.stringify([node.following.id, node.followingTerm]));
  }
  for (const { id, state, node } of view.jobs) rows.set(`job ${id}`, JSON.stringify([state, node?.id ?? null]));
  return rows;
}

/** The differences with what they say, by row. */
export function told(difference: TopologyDifference): Map<string, { causePositions: readonly Position[] }> {
  const rows = new Map<string, { causePositions: readonly Position[] }>();
  if (difference.leader) rows.set('leader', difference.leader);
  if (difference.term) rows.set('term', difference.term);
  for (const row of difference.scopes) rows.set(`scope ${row.scope ?? ''}`, row);
  for (const row of difference.nodes) rows.set(`node ${row.id}`, row);
  for (const row of difference.followings) rows.set(`following ${row.id}`, row);
  for (const row of difference.jobs) rows.set(`job ${row.id}`, row);
  return rows;
}

/** What a difference says, in words that can be compared. */
export function said(difference: TopologyDifference) {
  const scalars = (row: object) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        value && !Array.isArray(value) && typeof value === 'object' ? value.id : value,
      ]),
    );
  const { leader, term, scopes, nodes, followings, jobs } = difference;
  return {
    leader: leader && scalars(leader),
    term: term && scalars(term),
    scopes: scopes.map(scalars),
    nodes: nodes.map(scalars),
    followings: followings.map(scalars),
    jobs: jobs.map(scalars),
  };
}

const OPPOSITE: Readonly<Record<string, string>> = { ADDED: 'REMOVED', REMOVED: 'ADDED', CHANGED: 'CHANGED' };
const SWAPPED: Readonly<Record<string, string>> = {
  from: 'to',
  to: 'from',
  fromTerm: 'toTerm',
  toTerm: 'fromTerm',
  fromState: 'toState',
  toState: 'fromState',
};
/** The same differences seen from the other side. */
export function inverted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inverted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      SWAPPED[key] ?? key,
      key === 'change' ? OPPOSITE[inner as string] : inverted(inner),
    ]),
  );
}

export async function compared(
  history: readonly AnyFoldEvent[],
  work: (difference: (from: EventSet, to: EventSet) => Promise<TopologyDifference>) => Promise<void>,
): Promise<void> {
  const ledger = openMemoryLedger();
  // Each event is sent twice: a duplicate is no event.
  await ledger.restore(history.flatMap((event) => [restorable(event), restorable(event)]));
  const { views, close } = await projectHere({ ledger, projections: PROJECTIONS, onTrouble: assert.ifError });
  assert.ok(await views.reached(history.length as Position, 10_000));
  const readerOf = ({ position, happenedAt }: EventSet) => views.at(position, happenedAt);
  await work((from, to) => topologyDifference({ views, ledger }, ID, { from: readerOf(from), to: readerOf(to) }));
  await close();
}

// Without fast-check's leaning to small and extreme values: the whole of a history is where things happen.
export const shapes = fc.noBias(
  fc.record({ seed: fc.nat({ max: 1_000_000 }), events: fc.integer({ min: 1, max: 140 }) }),
);
const share = fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000);
/** Where a moment lies, as shares of the history: by position (`knownAt` is one), by time, or both. */
export const moments = fc.noBias(
  fc.record({ position: fc.option(share, { nil: null, freq: 2 }), happened: fc.option(share, { nil: null, freq: 2 }) }),
);

export function setAt(
  history: readonly AnyFoldEvent[],
  { position, happened }: { position: number | null; happened: number | null },
): EventSet {
  const times = history.map(({ effectiveAt }) => effectiveAt).sort((a, b) => a - b);
  return {
    position: Math.round((position ?? 1) * history.length) as Position,
    happenedAt: happened === null ? null : (times[Math.floor(happened * (times.length - 1))] as Micros),
  };
}

/** What changed a row since both sets last agreed about it, from whole views after every event. */
export function naiveCauses(history: readonly AnyFoldEvent[], from: EventSet, to: EventSet) {
  const sides = { from: factsIn(history, from), to: factsIn(history, to) };
  const union = [...new Set([...sides.from, ...sides.to])].sort(inPlace);
  const folded = { from: [] as AnyFoldEvent[], to: [] as AnyFoldEvent[] };
  const shown = { from: rowsOf(viewOf(history, from, [])), to: rowsOf(viewOf(history, to, [])) };
  const causes = new Map<string, AnyFoldEvent[]>();
  const partedByBoth = new Set<string>();
  for (const event of union) {
    const holders = (['from', 'to'] as const).filter((side) => sides[side].includes(event));
    const before = { ...shown };
    for (const side of holders) {
      folded[side].push(event);
      shown[side] = rowsOf(viewOf(history, side === 'from' ? from : to, folded[side]));
    }
    for (const row of new Set([...before.from.keys(), ...before.to.keys(), ...shown.from.keys(), ...shown.to.keys()])) {
      if (shown.from.get(row) === shown.to.get(row)) {
        causes.delete(row);
        partedByBoth.delete(row);
        continue;
      }
      const hasChanged = holders.some((side) => before[side].get(row) !== shown[side].get(row));
      if (holders.length === 1 && hasChanged) causes.set(row, [...(causes.get(row) ?? []), event]);
      else if (holders.length === 2 && before.from.get(row) === before.to.get(row)) partedByBoth.add(row);
    }
  }
  return { causes, partedByBoth };
}
