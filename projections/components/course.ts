/**
 * What the status page said of each component over a time: the register of public statements, looked at after every
 * event. Told the events of the time in fold order; the state it begins with is the fold of all before.
 */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus } from '../../schemas/words.ts';
import type { GapView } from '../gaps/view.ts';
import { entryOf } from '../record.ts';
import { components } from './components.ts';
import type { ComponentsState } from './state.ts';

/** From `from` until the next stretch, the component's status was this one. */
export interface StatusStretch {
  readonly from: Micros;
  /** Null: no component of this id was registered. */
  readonly status: ComponentStatus | null;
  /** `source` of whoever told so: for the gaps that concern it. */
  readonly source: string | null;
}

/** A stretch with its end, exclusive; `no_data` where nobody could have told. */
export interface KnownStretch {
  readonly from: Micros;
  readonly to: Micros;
  readonly status: ComponentStatus | 'no_data';
}

export interface ComponentCourses {
  /** The fold so far. Whoever keeps it must not change it. */
  readonly state: ComponentsState;
  /** By component, by time; two that follow each other differ. */
  readonly stretches: ReadonlyMap<string, readonly StatusStretch[]>;
  /** Takes the next event in fold order. */
  take(event: AnyFoldEvent): void;
}

const FOLDED: ReadonlySet<string> = new Set(components.types);

/** `state` is taken over, and changed in place. */
export function coursesFrom(state: ComponentsState, from: Micros): ComponentCourses {
  const stretches = new Map<string, StatusStretch[]>();
  let folded = state;
  const look = (at: Micros): void => {
    for (const id of Object.keys(folded.registrations)) note(stretches, id, { ...now(folded, id), from: at });
  };
  look(from);
  return {
    get state() {
      return folded;
    },
    stretches,
    take(event) {
      if (!FOLDED.has(event.type)) return;
      folded = components.fold(folded, event);
      look(event.effectiveAt);
    },
  };
}

function now(state: ComponentsState, id: string): Omit<StatusStretch, 'from'> {
  const registration = entryOf(state.registrations, id);
  if (registration === undefined || registration.retired) return { status: null, source: null };
  const standing = entryOf(state.registers.page.standings, id);
  return { status: standing?.status ?? 'operational', source: standing?.source ?? registration.source };
}

function note(stretches: Map<string, StatusStretch[]>, id: string, seen: StatusStretch): void {
  const known = stretches.get(id) ?? [];
  const last = known.at(-1);
  if (last?.status === seen.status && last.source === seen.source) return;
  // Several events of one instant: what they say together holds from it on.
  if (last?.from === seen.from) known.pop();
  known.push(seen);
  stretches.set(id, known);
}

export interface KnownSpan {
  readonly from: Micros;
  /** Exclusive. */
  readonly to: Micros;
}

/** The whole of a span in stretches: before the first one, and inside a gap of whoever told it, there is no data. */
export function knownStretches(
  id: string,
  { stretches, gaps }: { readonly stretches: readonly StatusStretch[]; readonly gaps: readonly GapView[] },
  span: KnownSpan,
): readonly KnownStretch[] {
  const unregistered: StatusStretch = { from: span.from, status: null, source: null };
  const all = [unregistered, ...stretches];
  const found: KnownStretch[] = [];
  for (const [index, { status, source, ...each }] of all.entries()) {
    const from = Math.max(each.from, span.from);
    const to = Math.min(all[index + 1]?.from ?? span.to, span.to);
    const own = status === null ? [] : gaps.filter((gap) => gap.collector === source && concerns(gap, id));
    for (const piece of piecesOf({ from, to }, own))
      push(found, { ...piece, status: (!piece.unseen && status) || 'no_data' });
  }
  return found;
}

function concerns(gap: GapView, id: string): boolean {
  return gap.componentIds?.includes(id) ?? gap.clusterIds === null;
}

interface Piece {
  readonly from: Micros;
  readonly to: Micros;
  readonly unseen: boolean;
}

/** A span cut where gaps begin and end. */
function piecesOf({ from, to }: { readonly from: number; readonly to: number }, gaps: readonly GapView[]): Piece[] {
  const bounds = gaps.flatMap((gap) => [gap.from, gap.to]).filter((at) => at !== null && at > from && at < to);
  const cuts = [...new Set([from, ...(bounds as number[]), to])].sort((first, second) => first - second);
  return cuts.slice(0, -1).map((start, index) => ({
    from: start as Micros,
    to: (cuts[index + 1] ?? to) as Micros,
    unseen: gaps.some(
      (gap) => (gap.from ?? Number.NEGATIVE_INFINITY) <= start && start < (gap.to ?? Number.POSITIVE_INFINITY),
    ),
  }));
}

function push(found: KnownStretch[], { from, to, status }: KnownStretch): void {
  if (to <= from) return;
  const last = found.at(-1);
  if (last?.status === status && last.to === from) found[found.length - 1] = { from: last.from, to, status };
  else found.push({ from, to, status });
}
