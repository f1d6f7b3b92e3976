// Holds C1 and C2 of docs/invariants.md.
/** Differences between any two sets of events, held against views that are folded from nothing after every event. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { inPlace } from '../support/fold.ts';
import { historyOf } from '../support/histories.ts';
import {
  CAUSES_MAX,
  compared,
  factsIn,
  inverted,
  moments,
  naiveCauses,
  rowsOf,
  said,
  setAt,
  shapes,
  told,
  toldAs,
  viewOf,
} from './differing.ts';

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
