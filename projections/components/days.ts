/** A component's course by days, UTC: how long it had which status, and what the day is shown as. */
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus } from '../../schemas/words.ts';
import type { KnownStretch } from './course.ts';

const MICROS_PER_DAY = 86_400_000_000;

/**
 * What a day is shown as: its worst status; `no_data` where nothing is known of it; `incomplete` where all that is known
 * is good, but something is not.
 */
export type DayKind = ComponentStatus | 'no_data' | 'incomplete';

export interface ComponentDay {
  /** Its first instant. */
  readonly from: Micros;
  readonly kind: DayKind;
  /** What is not `operational` of it, by time. */
  readonly troubles: readonly KnownStretch[];
}

export interface ComponentHistory {
  readonly days: readonly ComponentDay[];
  /** The share of the time with data, from 0 to 1, in which it had neither a partial nor a major outage; null without data. */
  readonly available: number | null;
}

function firstInstantOfDay(at: Micros): Micros {
  return (Math.floor(at / MICROS_PER_DAY) * MICROS_PER_DAY) as Micros;
}

/** The first instant of so many days that end with the day of `at`. */
export function firstInstantOfDays(at: Micros, days: number): Micros {
  return Math.max(0, firstInstantOfDay(at) - (days - 1) * MICROS_PER_DAY) as Micros;
}

/** By days. The stretches cover whole days, except perhaps the last one. */
export function historyOfDays(stretches: readonly KnownStretch[]): ComponentHistory {
  const days: ComponentDay[] = [];
  const first = stretches[0]?.from ?? 0;
  const end = stretches.at(-1)?.to ?? 0;
  let next = 0;
  for (let from = first; from < end; from = (from + MICROS_PER_DAY) as Micros) {
    const to = Math.min(from + MICROS_PER_DAY, end) as Micros;
    while ((stretches[next]?.to ?? to) <= from) next += 1;
    const inDay: KnownStretch[] = [];
    for (let index = next; (stretches[index]?.from ?? to) < to; index += 1) {
      const stretch = stretches[index] as KnownStretch;
      inDay.push({ ...stretch, from: Math.max(stretch.from, from) as Micros, to: Math.min(stretch.to, to) as Micros });
    }
    const troubles = inDay.filter(({ status }) => status !== 'operational');
    days.push({ from: from as Micros, kind: kindOf(inDay), troubles });
  }
  return { days, available: availability(stretches) };
}

const BY_GRAVITY: readonly ComponentStatus[] = [
  'major_outage',
  'partial_outage',
  'degraded_performance',
  'under_maintenance',
];

function kindOf(stretches: readonly KnownStretch[]): DayKind {
  const statuses = new Set(stretches.map(({ status }) => status));
  const worst = BY_GRAVITY.find((status) => statuses.has(status));
  if (worst !== undefined) return worst;
  if (!statuses.has('no_data')) return 'operational';
  return statuses.size === 1 ? 'no_data' : 'incomplete';
}

function availability(stretches: readonly KnownStretch[]): number | null {
  let known = 0;
  let down = 0;
  for (const { from, to, status } of stretches) {
    if (status === 'no_data') continue;
    known += to - from;
    if (status === 'partial_outage' || status === 'major_outage') down += to - from;
  }
  return known === 0 ? null : (known - down) / known;
}
