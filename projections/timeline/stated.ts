/** Lanes of what is stated with its times: incidents, maintenances, gaps. They hold whatever had happened by when. */
import type { GapView } from '../gaps/view.ts';
import { incidentView } from '../incident/answers.ts';
import { impactIntervals } from '../incident/impact.ts';
import type { IncidentState } from '../incident/state.ts';
import type { MaintenanceView } from '../maintenance/view.ts';
import { Lane } from './lane.ts';
import type { LaneView } from './view.ts';
import type { Window } from './window.ts';

/** What an incident's intervals say when nobody stated its impact. */
const UNSTATED = 'unstated';
/** In UTF-16 units. Reasons are free text, and a lane may have thousands. */
const REASON_LENGTH_MAX = 200;

/** Null where it has no interval inside the window. */
export function incidentLane(state: Readonly<IncidentState>, window: Window): LaneView | null {
  const view = incidentView(state);
  if (view === null) return null;
  const lane = new Lane(window);
  let lasts = false;
  for (const { start, end } of impactIntervals(state)) {
    lane.state(start, end, view.impact ?? UNSTATED);
    lasts = end === null;
  }
  return orNull({ id: view.id, kind: 'incident', name: view.title, group: null, ...lane.finish(lasts) });
}

/** From its beginning to its end, or as planned where it did not begin. Null where that lies beside the window. */
export function maintenanceLane(view: MaintenanceView, window: Window): LaneView | null {
  const { id, title, state, startsAt, endsAt, startedAt, endedAt } = view;
  const lane = new Lane(window);
  const end = startedAt === null ? endsAt : endedAt;
  lane.state(startedAt ?? startsAt, end, state);
  return orNull({ id, kind: 'maintenance', name: title, group: null, ...lane.finish(end === null) });
}

/** One lane for each collector; where several of its gaps overlap, the reason is that of the last to begin. */
export function gapLanes(gaps: readonly GapView[], window: Window): readonly LaneView[] {
  const byCollector = new Map<string, GapView[]>();
  for (const gap of gaps) {
    if (gap.from !== null && gap.to !== null && gap.to <= gap.from) continue;
    const known = byCollector.get(gap.collector);
    if (known === undefined) byCollector.set(gap.collector, [gap]);
    else known.push(gap);
  }
  return [...byCollector].flatMap(([collector, of]) => gapLane(collector, of, window) ?? []);
}

function gapLane(id: string, gaps: readonly GapView[], window: Window): LaneView | null {
  const bounds = gaps.flatMap((gap) => [
    { at: gap.from ?? Number.NEGATIVE_INFINITY, gap, begins: true },
    ...(gap.to === null ? [] : [{ at: gap.to as number, gap, begins: false }]),
  ]);
  const lane = new Lane(window);
  const inForce = new Set<GapView>();
  // Of those in force the last to begin; looked for only when it ends.
  let last: GapView | null = null;
  for (const { at, gap, begins } of bounds.sort((first, second) => first.at - second.at)) {
    if (at >= window.to) break;
    if (begins) {
      inForce.add(gap);
      last = gap;
    } else {
      inForce.delete(gap);
      if (last === gap) last = [...inForce].at(-1) ?? null;
    }
    lane.turn(at, last === null ? null : cut(last.reason), null);
  }
  return orNull({ id, kind: 'gap', name: null, group: null, ...lane.finish(last?.to === null) });
}

function orNull(lane: LaneView): LaneView | null {
  return lane.starts.length === 0 ? null : lane;
}

/** Not between the halves of a character. */
function cut(text: string): string {
  return text.length <= REASON_LENGTH_MAX
    ? text
    : text
        .slice(0, REASON_LENGTH_MAX)
        .toWellFormed()
        .replace(/\uFFFD$/, '');
}
