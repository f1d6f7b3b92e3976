import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { incidentView, publicIncidentView } from '../../../projections/incident/answers.ts';
import { incident } from '../../../projections/incident/incident.ts';
import { measures } from '../../../projections/incident/measures.ts';
import type { Moment } from '../../../projections/incident/reading.ts';
import type { Micros } from '../../../schemas/time.ts';
import { assertArrivalsEqualFold } from '../../support/arrivals.ts';
import { foldSet } from '../../support/fold.ts';
import { historyOf } from '../../support/histories.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function incidentHistory(seed: number) {
  return historyOf({ seed, events: 80, subjects: 1, categories: ['incident'] });
}

test('incident: the shortcut for late and retracted events agrees with the fold and takes them all', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { declined } = assertArrivalsEqualFold(incident, incidentHistory(seed), 'outage-0');
      assert.equal(declined, 0);
    }),
    { numRuns: 40 },
  );
});

test('incident: whatever was said, it can be answered at every moment, and the page shows no more than there is', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const events = incidentHistory(seed);
      const state = foldSet(incident, events, 'outage-0');
      const moments: readonly Moment[] = [{}, ...events.map(({ effectiveAt }) => ({ happenedAt: effectiveAt }))];
      for (const moment of moments) {
        const view = incidentView(state, moment);
        const shown = publicIncidentView(state, moment);
        measures(state, [], moment);
        // The public start of the impact may be earlier than the one that was put right among ourselves.
        if (view === null) continue;
        const ids = new Set(view.updates.map(({ eventPosition }) => eventPosition));
        assert.ok(shown === null || shown.updates.every(({ eventPosition }) => ids.has(eventPosition)));
        assert.ok(shown === null || shown.updates.every(({ visibility }) => visibility === 'public'));
        const until = moment.happenedAt ?? Infinity;
        assert.ok(view.timeline.every(({ at }) => at <= until));
        assert.ok(view.timeline.every(({ at }, index) => at >= (view.timeline[index - 1]?.at ?? 0)));
      }
    }),
    { numRuns: 30 },
  );
});

test('incident: after the last of everything, the moment makes no difference', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const state = foldSet(incident, incidentHistory(seed), 'outage-0');
      assert.deepEqual(incidentView(state, { happenedAt: Number.MAX_SAFE_INTEGER as Micros }), incidentView(state));
    }),
    { numRuns: 30 },
  );
});
