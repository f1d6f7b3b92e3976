// Holds C1 and C2 of docs/invariants.md.
/** Differences between any two sets of events, held against views that are folded from nothing after every event. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
import { historyOf } from '../support/histories.ts';
import { restorable } from '../support/restorable.ts';

const ID = 'c0';
const CAUSES_MAX = 20;

/** Everything at or below the position, of this what had happened by the time; null: whenever. */
interface EventSet {
  readonly position: Position;
  readonly happenedAt: Micros | null;
}

/** The facts of the cluster that a set holds, in fold order. */
function factsIn(history: readonly AnyFoldEvent[], { position, happenedAt }: EventSet): readonly AnyFoldEvent[] {
  return foldable(history.filter((event) => event.position <= position)).filter(
    (event) => event.stream === `cluster-${ID}` && (happenedAt === null || event.effectiveAt <= happenedAt),
  );
}

function viewOf(history: readonly AnyFoldEvent[], set: EventSet, facts = factsIn(history, set)): ClusterView {
  const known = foldSet(
    gaps,
    history.filter((event) => event.position <= set.position),
  );
  const inForce = set.happenedAt === null ? openGapsOf(known) : gapsInForceAt(known, set.happenedAt);
  return clusterView(foldSet(cluster, facts, ID), inForce);
}

/** A node is told of as one, whatever of it differs. */
const toldAs = (row: string): string => row.replace(/^(condition|role|attributes) /, 'node ');

/** All that is compared. */
function rowsOf(view: ClusterView): Map<string, string> {
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
function told(difference: TopologyDifference): Map<string, { causePositions: readonly Position[] }> {
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
function said(difference: TopologyDifference) {
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
function inverted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inverted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      SWAPPED[key] ?? key,
      key === 'change' ? OPPOSITE[inner as string] : inverted(inner),
    ]),
  );
}

async function compared(
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
const shapes = fc.noBias(fc.record({ seed: fc.nat({ max: 1_000_000 }), events: fc.integer({ min: 1, max: 140 }) }));
const share = fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000);
/** Where a moment lies, as shares of the history: by position (`knownAt` is one), by time, or both. */
const moments = fc.noBias(
  fc.record({ position: fc.option(share, { nil: null, freq: 2 }), happened: fc.option(share, { nil: null, freq: 2 }) }),
);

function setAt(
  history: readonly AnyFoldEvent[],
  { position, happened }: { position: number | null; happened: number | null },
): EventSet {
  const times = history.map(({ effectiveAt }) => effectiveAt).sort((a, b) => a - b);
  return {
    position: Math.round((position ?? 1) * history.length) as Position,
    happenedAt: happened === null ? null : (times[Math.floor(happened * (times.length - 1))] as Micros),
  };
}

test('exactly the rows that differ are told, as both moments show them, and the other way round inverted for the same causes', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, moments, moments, async (shape, first, second) => {
      const history = historyOf({ ...shape, categories: ['cluster', 'collector'] });
      const [from, to] = [setAt(history, first), setAt(history, second)];
      await compared(history, async (differenceOf) => {
        const difference = await differenceOf(from, to);
        const [before, after] = [viewOf(history, from), viewOf(history, to)];
        const [shownBefore, shownAfter] = [rowsOf(before), rowsOf(after)];
        const differing = new Set(
          [...shownBefore.keys(), ...shownAfter.keys()].filter((row) => shownBefore.get(row) !== shownAfter.get(row)),
        );
        assert.deepEqual([...told(difference).keys()].sort(), [...new Set([...differing].map(toldAs))].sort());
        for (const { id, from: node, to: later } of difference.nodes) {
          assert.deepEqual(
            [node?.liveness, later?.liveness],
            [before.nodesById.get(id)?.liveness, after.nodesById.get(id)?.liveness],
          );
        }
        for (const { id, fromState, toState } of difference.jobs) {
          assert.deepEqual(
            [fromState, toState],
            [before.jobsById.get(id)?.state ?? null, after.jobsById.get(id)?.state ?? null],
          );
        }
        assert.deepEqual(said(await differenceOf(to, from)), inverted(said(difference)));
        assert.equal(told(await differenceOf(from, from)).size, 0);
      });
    }),
    { numRuns: 150 },
  );
});

test('every cause is in one of the sets alone, or a retraction of what is, or says of a gap what one of them alone lies in', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, moments, moments, async (shape, first, second) => {
      const history = historyOf({ ...shape, categories: ['cluster', 'collector'] });
      const [from, to] = [setAt(history, first), setAt(history, second)];
      const [held, heldLater] = [factsIn(history, from), factsIn(history, to)];
      const apart = new Set([
        ...held.filter((fact) => !heldLater.includes(fact)),
        ...heldLater.filter((fact) => !held.includes(fact)),
      ]);
      await compared(history, async (differenceOf) => {
        for (const [row, { causePositions }] of told(await differenceOf(from, to))) {
          assert.ok(causePositions.length > 0, `${row} has no cause`);
          assert.ok(causePositions.length <= CAUSES_MAX && new Set(causePositions).size === causePositions.length);
          for (const position of causePositions) {
            const cause = history[position - 1];
            assert.ok(cause);
            const named =
              cause.type === 'EventRetracted'
                ? history.find(({ source, id }) => source === cause.data.eventSource && id === cause.data.eventId)
                : cause;
            assert.ok(named);
            const isGap = named.type === 'CollectorGapRecorded' && /^(node|job) /.test(row);
            assert.ok(isGap || apart.has(named), `${row}: ${cause.type} at ${position}`);
            if (cause.type === 'EventRetracted') {
              assert.ok(
                cause.position > from.position !== cause.position > to.position,
                'a retraction that both know explains nothing',
              );
            }
          }
        }
      });
    }),
    { numRuns: 150 },
  );
});

/** What changed a row since both sets last agreed about it, from whole views after every event. */
function naiveCauses(history: readonly AnyFoldEvent[], from: EventSet, to: EventSet) {
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

test('the causes of a row are what changed it since both sets last agreed', async () => {
  let explained = 0;
  await fc.assert(
    fc.asyncProperty(shapes, moments, moments, async (shape, first, second) => {
      const history = historyOf({
        seed: shape.seed,
        events: Math.ceil(shape.events / 2),
        subjects: 1,
        categories: ['cluster'],
      });
      const [from, to] = [setAt(history, first), setAt(history, second)];
      const retractionOf = (event: AnyFoldEvent): AnyFoldEvent =>
        history.find(
          (each) =>
            each.type === 'EventRetracted' && each.data.eventId === event.id && each.data.eventSource === event.source,
        ) ?? event;
      await compared(history, async (differenceOf) => {
        const naive = naiveCauses(history, from, to);
        for (const [row, { causePositions }] of told(await differenceOf(from, to))) {
          const lacking = (event: AnyFoldEvent) => {
            const other = factsIn(history, from).includes(event) ? to : from;
            const retraction = retractionOf(event);
            return event.position <= other.position && retraction !== event && retraction.position <= other.position
              ? retraction
              : event;
          };
          const facets = [...naive.causes.keys(), ...naive.partedByBoth].filter((facet) => toldAs(facet) === row);
          const blamed = new Set(facets.flatMap((facet) => (naive.causes.get(facet) ?? []).slice(-CAUSES_MAX)));
          const expected = [...blamed]
            .sort(inPlace)
            .map((event) => lacking(event).position)
            .slice(-CAUSES_MAX);
          if (facets.some((facet) => naive.partedByBoth.has(facet))) {
            for (const position of expected) assert.ok(causePositions.includes(position), `${row} at ${position}`);
          } else {
            explained += 1;
            assert.deepEqual(causePositions, expected, row);
          }
        }
      });
    }),
    { numRuns: 100 },
  );
  assert.ok(explained > 100, `${explained} rows explained`);
});

test('a comparison over a long stretch gives way to other work', async () => {
  const history = historyOf({ seed: 7, events: 6_000, subjects: 1, categories: ['cluster'] });
  await compared(history, async (differenceOf) => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const difference = await differenceOf(
      setAt(history, { position: 0, happened: null }),
      setAt(history, { position: 1, happened: null }),
    );
    isOver = true;
    assert.ok(told(difference).size > 0);
    assert.ok(turns >= 10, `${turns} turns of the event loop`);
  });
});
