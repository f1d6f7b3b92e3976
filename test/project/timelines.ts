/** Histories with late, retracted and equal-timed events and gaps, and windows of them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PROJECTIONS } from '../../projections/list.ts';
import type { TimelineView } from '../../projections/timeline/view.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { openMemoryLedger } from '../../src/ledger/memory/ledger.ts';
import { projectHere } from '../../src/project/here.ts';
import type { Views } from '../../src/project/views.ts';
import { type HistoryOptions, historyOf } from '../support/histories.ts';
import { restorable } from '../support/restorable.ts';

export const CLUSTER = 'c0';
export const LATER = Number.MAX_SAFE_INTEGER as Micros;

export interface Case {
  readonly views: Views;
  readonly history: readonly AnyFoldEvent[];
  readonly position: Position;
  readonly from: Micros;
  readonly to: Micros;
}

export const shapes = fc.record({
  seed: fc.nat({ max: 1_000_000 }),
  events: fc.integer({ min: 20, max: 160 }),
  /** Of the history, as shares. */
  known: fc.double({ min: 0.3, max: 1, noNaN: true }),
  begins: fc.double({ min: -0.2, max: 0.9, noNaN: true }),
  lasts: fc.double({ min: 0.05, max: 1.2, noNaN: true }),
});

/** With a history and a window of it. */
export async function withCase(
  {
    seed,
    events,
    known,
    begins,
    lasts,
  }: { seed: number; events: number; known: number; begins: number; lasts: number },
  check: (found: Case) => Promise<void>,
  more: Partial<HistoryOptions> = {},
): Promise<void> {
  const history = historyOf({ seed, events, ...more });
  const ledger = openMemoryLedger();
  await ledger.restore(history.map(restorable));
  const { views, close } = await projectHere({ ledger, projections: PROJECTIONS, onTrouble: assert.ifError });
  assert.ok(await views.reached(history.length as Position, 10_000));
  const position = Math.max(1, Math.round(known * history.length)) as Position;
  const times = history.map(({ effectiveAt }) => effectiveAt).sort((first, second) => first - second);
  const [first, last] = [times[0] ?? 0, times.at(-1) ?? 0];
  const span = last - first;
  const from = Math.round(first + begins * span) as Micros;
  const to = Math.round(from + Math.max(10, lasts * span)) as Micros;
  await check({ views, history, position, from, to });
  await close();
}

/** Instants worth asking at: around every event and every bound drawn. */
export function instantsOf({ history, from, to }: Case, { lanes }: TimelineView): readonly Micros[] {
  const bounds = lanes.flatMap(({ starts, ends }) => [...starts, ...ends.filter((end) => end !== null)]);
  const times = [...bounds, ...history.map(({ effectiveAt }) => effectiveAt)].flatMap((at) => [at - 1, at, at + 1]);
  return [...new Set([from, ...times])].filter((at) => at >= from && at < to) as Micros[];
}
