/** What was stated of gaps at any position, told without folding every event, equals the fold of every event. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { gaps } from '../../projections/gaps/gaps.ts';
import { gapsOf } from '../../projections/gaps/view.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, streamName } from '../../schemas/ids.ts';
import { formatTime, MICROS_PER_SECOND, type Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { projectHere } from '../../src/project/here.ts';
import { STORY_START } from '../support/events.ts';
import { foldSet } from '../support/fold.ts';
import { allEvents } from './toys.ts';

interface Step {
  /** Who reports, or whose gap it is. */
  readonly who: number;
  readonly kind: 'speaks' | 'gap' | 'gap with its start' | 'gap ends' | 'retract';
  readonly lateBy: number;
  readonly pause: number;
  readonly of: number;
}

const arbitraryStep: fc.Arbitrary<Step> = fc.record({
  who: fc.nat({ max: 2 }),
  kind: fc.constantFrom('speaks', 'speaks', 'speaks', 'gap', 'gap', 'gap with its start', 'gap ends', 'retract'),
  lateBy: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }) }),
  pause: fc.nat({ max: 2 }),
  of: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

function eventOf(step: Step, now: number, told: readonly NewEvent[]) {
  const collector = `/collector/${step.who}`;
  const time = (now - step.lateBy * MICROS_PER_SECOND) as Micros;
  const base = { id: `event-${told.length}`, time, notBefore: null, synthetic: false, extensions: {} };
  const named = told[Math.floor(step.of * told.length)];
  if (step.kind === 'retract' && named !== undefined) {
    const data = { eventSource: named.source, eventId: named.id, reason: 'a mistake' };
    return { ...base, source: '/someone', type: 'EventRetracted', subject: named.subject, data };
  }
  if (step.kind === 'speaks' || step.kind === 'retract') {
    return { ...base, source: collector, type: 'HeartbeatLost', subject: 'web', data: { nodeId: 'n' } };
  }
  const start = formatTime((STORY_START + step.who * MICROS_PER_SECOND) as Micros);
  const data = {
    reason: step.kind,
    ...(step.kind === 'gap' ? {} : { from: start }),
    ...(step.kind === 'gap ends' ? { to: formatTime(time) } : {}),
  };
  return { ...base, source: '/watcher', type: 'CollectorGapRecorded', subject: collector, data };
}

test('gaps of every position', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(arbitraryStep, { minLength: 1, maxLength: 50 }),
      fc.boolean(),
      async (steps, backwards) => {
        let now = STORY_START as number;
        const ledger = openMemoryLedger({ clock: () => now as Micros });
        const { views } = await projectHere({
          ledger,
          projections: [gaps] as never,
          onTrouble: assert.ifError,
          checkpointEventsMin: 2,
          pageEvents: 4,
        });
        const told: NewEvent[] = [];
        const ask = async (position: number): Promise<void> => {
          const known = (await allEvents(ledger)).filter((event) => event.position <= position);
          const stated = await views.at(position as Position).statedGaps?.();
          if (stated) assert.deepEqual(gapsOf(stated), gapsOf(foldSet(gaps, known)), `at ${position}`);
        };
        for (const [index, step] of steps.entries()) {
          now += step.pause * MICROS_PER_SECOND;
          const event = eventOf(step, now, told) as unknown as NewEvent;
          told.push(event);
          const category = event.subject === 'web' ? 'cluster' : 'collector';
          const stream = streamName(category, event.subject);
          const actor = { authType: 'unauthenticated', authId: null };
          await ledger.append([{ stream, expected: 'any', events: [event], actor }]);
          assert.ok(await views.reached((index + 1) as Position, 5_000));
          // Also in between, so that what was looked up before has to be looked up again.
          if (index % 9 === 8) await ask(Math.floor(step.of * index));
        }
        const positions = Array.from({ length: steps.length }, (_, index) =>
          backwards ? steps.length - index : index + 1,
        );
        for (const position of positions) await ask(position);
        await views.close();
      },
    ),
    { numRuns: 150 },
  );
});
