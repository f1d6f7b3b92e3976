// Holds T1 of docs/invariants.md.
/** A timeline against what moments say, on histories with late, retracted and equal-timed events and gaps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { electingOf, leaderOf } from '../../projections/cluster/answers.ts';
import type { ClusterView } from '../../projections/cluster/view.ts';
import { elections } from '../../projections/elections/elections.ts';
import { gapsCoveringCluster, gapsInForceAt } from '../../projections/gaps/view.ts';
import type { LaneKind, LaneView, TimelineView } from '../../projections/timeline/view.ts';
import { clusterAt, gapsStateAt, incidentAt } from '../../src/project/answers.ts';
import { timelineAt } from '../../src/project/timeline.ts';
import { foldable } from '../support/fold.ts';
import { CLUSTER, instantsOf, LATER, shapes, withCase } from './timelines.ts';

function indexAt({ starts, ends }: LaneView, at: number): number {
  return starts.findIndex((start, index) => start <= at && at < (ends[index] ?? Number.POSITIVE_INFINITY));
}

/** What the lane says at an instant; null: nothing. Undefined where it only says so roughly. */
function saidAt(lane: LaneView | undefined, at: number): string | null | undefined {
  if (lane === undefined) return null;
  const index = indexAt(lane, at);
  if (index < 0) return null;
  return (lane.merged[index] as number) > 0 ? undefined : (lane.values[index] as string);
}

function lanesOf({ lanes }: TimelineView, kind: LaneKind): ReadonlyMap<string, LaneView> {
  return new Map(lanes.filter((lane) => lane.kind === kind).map((lane) => [lane.id, lane]));
}

function nodesSaid(view: ClusterView | null): Map<string, string> {
  return new Map(view?.nodes.map(({ id, liveness }) => [id, liveness]));
}

function jobsSaid(view: ClusterView | null): Map<string, string> {
  return new Map(view?.jobs.map(({ id, state, node }) => [id, node === null ? state : `${state} ${node.id}`]));
}

function leadersSaid(view: ClusterView | null): Map<string, string> {
  const said = new Map<string, string>();
  for (const name of Object.keys(view?.state.leadership.scopes ?? {})) {
    const leader = view && leaderOf(view, name);
    said.set(name === '' ? CLUSTER : name, leader?.id ?? (view && electingOf(view, name) ? 'electing' : 'none'));
  }
  return said;
}

const SAID = [
  ['node', nodesSaid],
  ['job', jobsSaid],
  ['leader', leadersSaid],
] as const;

function isOver(kind: LaneKind, said: string): boolean {
  return (kind === 'node' && said === 'LEFT') || (kind === 'job' && said.startsWith('COMPLETED'));
}

test('a timeline says at any instant what a moment says: who leads, who lives, what is where', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(shapes, (shape) =>
      withCase(shape, async (found) => {
        const { views, position, from, to } = found;
        const asked = { clusterId: CLUSTER, from, to, buckets: 10_000, now: LATER };
        const timeline: TimelineView | null = await timelineAt(views, views.at(position), asked);
        const present = await clusterAt(views.at(position), CLUSTER);
        assert.equal(timeline === null, present === null);
        if (timeline === null) return;
        assert.equal(timeline.lanesOmitted, 0);
        for (const at of instantsOf(found, timeline)) {
          const view = await clusterAt(views.at(position, at), CLUSTER);
          for (const [kind, saidBy] of SAID) {
            const lanes = lanesOf(timeline, kind);
            const said = saidBy(view);
            for (const [id, expected] of said) {
              if (!lanes.has(id) && isOver(kind, expected)) continue;
              const drawn = saidAt(lanes.get(id), at);
              if (drawn !== undefined) assert.equal(drawn, expected, `${kind} ${id} at ${at}`);
              compared += 1;
            }
            // Nothing is drawn of what is not known yet.
            for (const [id, lane] of lanes)
              if (!id.includes('#'))
                assert.ok(said.has(id) || (saidAt(lane, at) ?? null) === null, `${kind} ${id} at ${at}`);
          }
        }
      }),
    ),
    { numRuns: 60 },
  );
  assert.ok(compared > 1_000, `only ${compared} comparisons`);
});

test('every claim of the elections is on a lane of its scope, and an open end lasts in every later moment', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, (shape) =>
      withCase(shape, async (found) => {
        const { views, position, from, to, history } = found;
        const asked = { clusterId: CLUSTER, from, to, buckets: 10_000, now: LATER };
        const timeline: TimelineView | null = await timelineAt(views, views.at(position), asked);
        if (timeline === null) return;
        const claims = (await views.at(position).get(elections, CLUSTER))?.state.claims;
        for (const at of instantsOf(found, timeline)) {
          for (const scope of new Set(claims?.scope)) {
            const lanes: readonly LaneView[] = timeline.lanes.filter(
              ({ kind, group }) => kind === 'leader' && group === (scope || null),
            );
            const drawn: readonly (string | null | undefined)[] = lanes.map((lane) => saidAt(lane, at));
            if (drawn.includes(undefined)) continue;
            const open = claims?.leaderId.filter(
              (_, claim) =>
                claims.scope[claim] === scope &&
                (claims.startedAt[claim] as number) <= at &&
                at < (claims.endedAt[claim] ?? Number.POSITIVE_INFINITY),
            );
            const leaders: unknown[] = drawn.filter((said) => said !== null && said !== 'none' && said !== 'electing');
            assert.deepEqual(leaders.toSorted(), open?.toSorted(), `${scope} at ${at}`);
          }
        }
        const later = history.map(({ effectiveAt }) => effectiveAt).filter((at) => at >= to);
        for (const at of [...later, LATER]) {
          const view = await clusterAt(views.at(position, at), CLUSTER);
          for (const [kind, saidBy] of SAID) {
            const said = saidBy(view);
            for (const [id, { ends, values, merged }] of lanesOf(timeline, kind)) {
              if (ends.at(-1) !== null || id.includes('#') || merged.at(-1) !== 0) continue;
              assert.equal(values.at(-1), said.get(id), `${kind} ${id} at ${at}`);
            }
          }
        }
      }),
    ),
    { numRuns: 60 },
  );
});

test('incidents and gaps are drawn where moments say that they are open', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, (shape) =>
      withCase(shape, async (found) => {
        const { views, position, from, to } = found;
        const reader = views.at(position);
        const asked = { clusterId: CLUSTER, from, to, buckets: 10_000, now: LATER };
        const timeline: TimelineView | null = await timelineAt(views, reader, asked);
        if (timeline === null) return;
        const sources = (await clusterAt(reader, CLUSTER))?.state.sources ?? [];
        const silences = await gapsStateAt(reader);
        for (const at of instantsOf(found, timeline)) {
          for (const id of ['outage-0', 'outage-1']) {
            const naming = (await incidentAt(reader, id))?.clusterIds.includes(CLUSTER) ?? false;
            const isOpen = naming && (await incidentAt(views.at(position, at), id))?.impactOpen === true;
            const lane: LaneView | undefined = lanesOf(timeline, 'incident').get(id);
            assert.equal(lane !== undefined && indexAt(lane, at) >= 0, isOpen, `incident ${id} at ${at}`);
          }
          const inForce = gapsCoveringCluster(gapsInForceAt(silences, at), CLUSTER, sources);
          const drawn: readonly LaneView[] = timeline.lanes.filter(
            (lane) => lane.kind === 'gap' && indexAt(lane, at) >= 0,
          );
          assert.deepEqual(
            new Set(drawn.map(({ id }) => id)),
            new Set(inForce.map(({ collector }) => collector)),
            `gaps at ${at}`,
          );
          assert.ok(
            inForce.every((gap) => timeline.completeness.gaps.some((each) => each.eventPosition === gap.eventPosition)),
          );
        }
      }),
    ),
    { numRuns: 60 },
  );
});

test('at any fineness: as many intervals, no more than the buckets, and every event counted once', async () => {
  await fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 40 }), (shape, buckets) =>
      withCase(shape, async ({ views, history, position, from, to }) => {
        const draw = (count: number) =>
          timelineAt(views, views.at(position), { clusterId: CLUSTER, from, to, buckets: count, now: LATER });
        const [rough, fine] = [await draw(buckets), await draw(10_000)];
        if (rough === null || fine === null) return;
        assert.deepEqual(
          rough.lanes.map(({ kind, id }) => [kind, id]),
          fine.lanes.map(({ kind, id }) => [kind, id]),
        );
        const intervals = ({ merged }: LaneView) => merged.reduce((sum, count) => sum + Math.max(1, count), 0);
        for (const [index, lane] of rough.lanes.entries()) {
          assert.ok(lane.starts.length <= buckets);
          assert.equal(intervals(lane), intervals(fine.lanes[index] as LaneView), `${lane.kind} ${lane.id}`);
          assert.equal(lane.starts[0], fine.lanes[index]?.starts[0]);
          assert.equal(lane.ends.at(-1), fine.lanes[index]?.ends.at(-1));
        }
        assert.equal(rough.counts.length, buckets);
        const facts = foldable(history.filter((event) => event.position <= position)).filter(
          ({ category, subject, effectiveAt }) =>
            category === 'cluster' && subject === CLUSTER && effectiveAt >= from && effectiveAt < to,
        );
        const expected = new Array<number>(buckets).fill(0);
        for (const { effectiveAt } of facts) {
          const bucket = Math.floor((effectiveAt - from) / (rough.bucketMs * 1_000));
          expected[bucket] = (expected[bucket] ?? 0) + 1;
        }
        assert.deepEqual(rough.counts, expected);
      }),
    ),
    {
      numRuns: 100,
      examples: [
        // A node that had left, unknown while a gap lasted: both joined into one interval that says that it left.
        [{ seed: 945_738, events: 62, known: 0.3, begins: 0.52270229250652, lasts: 0.12429115944112411 }, 1],
      ],
    },
  );
});
