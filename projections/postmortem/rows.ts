/** Rows of a postmortem's timeline: one event each, or a run of like events. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { TimelineEntryView } from '../incident/view.ts';

export interface PostmortemRow {
  /** When it happened, µs; of a run its first event. */
  readonly at: Micros;
  readonly notBefore: Micros | null;
  /** When the ledger took it; of a run when it had taken the last of it. */
  readonly recordedAt: Micros;
  readonly kind: string;
  /** Plain text from events: whoever prints it must escape it. */
  readonly summary: string;
  readonly eventPosition: Position;
  /** The events it rests on, its own first; of a run its first and its last. */
  readonly eventPositions: readonly Position[];
  /** How many events it stands for. */
  readonly count: number;
  /** Of a run: when the last of its events happened; else null. */
  readonly until: Micros | null;
  /** Null: of the incident itself. */
  readonly clusterId: string | null;
  /** It had happened when the incident was resolved, but was recorded only after that. */
  readonly late: boolean;
}

/** A row before it is known whether it was late. `what` names it in a run: a node, a job, a deployment. */
export interface TellingRow extends Omit<PostmortemRow, 'late'> {
  readonly what: string | null;
}

export function incidentRow(entry: TimelineEntryView): TellingRow {
  const { at, notBefore, recordedAt, kind, summary, eventPosition } = entry;
  return {
    at,
    notBefore,
    recordedAt,
    kind,
    summary,
    eventPosition,
    eventPositions: [eventPosition],
    count: 1,
    until: null,
    clusterId: null,
    what: null,
  };
}

/** By time, then by position. */
function inTime(first: TellingRow, second: TellingRow): number {
  return first.at - second.at || first.eventPosition - second.eventPosition;
}

const MICROS_PER_SECOND = 1_000_000;
/** Stretches in which like events become one row, in s: the first under which a timeline is short enough is taken. */
const STRETCHES = [1, 10, 60, 300, 900, 3_600, 21_600, 86_400, Number.POSITIVE_INFINITY];
/** How many names a run gives. */
const NAMES = 3;

/**
 * At most `rowsMax` rows, by time. Where there are more, events of one cluster and one kind within one stretch of time
 * become a run with their number, first those of clusters, and the incident's own only where that is not enough.
 */
export function boundedRows(rows: readonly TellingRow[], rowsMax: number): readonly TellingRow[] {
  if (rows.length <= rowsMax) return [...rows].sort(inTime);
  const own = rows.filter(({ clusterId }) => clusterId === null);
  const told = rows.filter(({ clusterId }) => clusterId !== null);
  for (const seconds of STRETCHES) {
    const runs = runsOf(told, seconds);
    if (own.length + runs.length <= rowsMax) return [...own, ...runs].sort(inTime);
  }
  const runs = runsOf(told, Number.POSITIVE_INFINITY);
  for (const seconds of STRETCHES) {
    const ownRuns = runsOf(own, seconds);
    if (ownRuns.length + runs.length <= rowsMax) return [...ownRuns, ...runs].sort(inTime);
  }
  return [...runsOf(own, Number.POSITIVE_INFINITY), ...runs].sort(inTime);
}

function runsOf(rows: readonly TellingRow[], seconds: number): TellingRow[] {
  const groups = new Map<string, TellingRow[]>();
  for (const row of rows) {
    const stretch = Math.floor(row.at / (seconds * MICROS_PER_SECOND));
    const key = JSON.stringify([row.clusterId, row.kind, stretch]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map((group) => runOf(group.sort(inTime)));
}

function runOf(rows: readonly TellingRow[]): TellingRow {
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined || rows.length === 1) return first as TellingRow;
  const names = [...new Set(rows.flatMap(({ what }) => what ?? []))];
  const named = names.slice(0, NAMES).join(', ');
  const more = names.length > NAMES ? ` and ${names.length - NAMES} more` : '';
  return {
    ...first,
    recordedAt: rows.reduce((latest, { recordedAt }) => Math.max(latest, recordedAt), 0) as Micros,
    summary: `${rows.length} × ${first.kind.replaceAll('_', ' ')}${named === '' ? '' : `: ${named}${more}`}`,
    eventPositions: [first.eventPosition, last.eventPosition],
    count: rows.length,
    until: last.at,
    what: null,
  };
}
