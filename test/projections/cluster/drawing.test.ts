/** A cluster drawn after each event, against one drawn from nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cluster } from '../../../projections/cluster/cluster.ts';
import { ClusterDrawing } from '../../../projections/cluster/drawing.ts';
import { clusterView } from '../../../projections/cluster/view.ts';
import { gaps } from '../../../projections/gaps/gaps.ts';
import { gapsOf, inForceAt } from '../../../projections/gaps/view.ts';
import { foldable, foldSet } from '../../support/fold.ts';
import { historyOf } from '../../support/histories.ts';

test('after every event of any history the view is the one that is drawn anew', () => {
  let redrawn = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 20, max: 120 }), (seed, events) => {
      const history = historyOf({ seed, events, subjects: 1, categories: ['cluster', 'collector'] });
      const stated = gapsOf(foldSet(gaps, history));
      const drawing = new ClusterDrawing();
      let state = cluster.initial('c0');
      let nodes: unknown = null;
      for (const event of foldable(history).filter(({ category }) => category === 'cluster')) {
        state = cluster.fold(state, event);
        const inForce = inForceAt(stated, event.effectiveAt);
        const view = drawing.after(event, state, inForce);
        assert.deepEqual(view, clusterView(state, inForce), `after ${event.type} at position ${event.position}`);
        if (view.nodes === nodes) redrawn += 1;
        nodes = view.nodes;
      }
    }),
    { numRuns: 25 },
  );
  assert.ok(redrawn > 100, `only ${redrawn} views were redrawn in part`);
});
