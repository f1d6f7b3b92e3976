/** Gaps as answers show them, and which of them concern what. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { GapStatement, GapsState } from './state.ts';

/** A stated interval [from, to) in which a collector did not see. `clusterIds` and `componentIds` both null: all that it reports. */
export interface GapView {
  /** The `source` of the collector's events. */
  readonly collector: string;
  /** Null: since before its first event. */
  readonly from: Micros | null;
  /** Null: still open. */
  readonly to: Micros | null;
  readonly reason: string;
  /** The `CollectorGapRecorded` that stated it first. */
  readonly eventPosition: Position;
  readonly clusterIds: readonly string[] | null;
  readonly componentIds: readonly string[] | null;
}

export interface CompletenessView {
  readonly complete: boolean;
  readonly gaps: readonly GapView[];
}

/** An interval [from, to); null: without that end. */
interface Span {
  readonly from: Micros | null;
  readonly to: Micros | null;
}

/**
 * Every gap, open and closed, in the order in which they were first stated. A statement with an end closes what the same
 * collector left open since the same instant, whatever ids it names; where it left nothing open it is a gap of its own.
 */
export function gapsOf(state: Readonly<GapsState>): readonly GapView[] {
  const gaps: Changeable<GapView>[] = [];
  const open = new Map<string, Changeable<GapView>[]>();
  for (const statement of state.statements) {
    const { collector, from, to, reason, eventPosition, clusterIds, componentIds } = statement;
    const key = `${from} ${collector}`;
    const left = open.get(key) ?? [];
    if (to !== null && left.length > 0) {
      for (const gap of left) gap.to = to;
      open.delete(key);
    } else if (!left.some((gap) => concernsTheSame(gap, statement))) {
      const gap = { collector, from, to, reason, eventPosition, clusterIds, componentIds };
      gaps.push(gap);
      if (to === null) open.set(key, [...left, gap]);
    }
  }
  return gaps;
}

type Changeable<View> = { -readonly [Key in keyof View]: View[Key] };

/** The gaps in force at present: those to which no end was stated. */
export function openGapsOf(state: Readonly<GapsState>): readonly GapView[] {
  return gapsOf(state).filter((gap) => gap.to === null);
}

/** The gaps in force at a moment: open or closed, those that it lies inside. */
export function gapsInForceAt(state: Readonly<GapsState>, at: Micros): readonly GapView[] {
  return inForceAt(gapsOf(state), at);
}

/** The same of gaps that are drawn already. */
export function inForceAt(gaps: readonly GapView[], at: Micros): readonly GapView[] {
  return gaps.filter((gap) => (gap.from === null || gap.from <= at) && (gap.to === null || at < gap.to));
}

/** The gaps that share an instant with a span. A gap that ends before it begins shares none. */
export function gapsOverlapping(gaps: readonly GapView[], span: Span): readonly GapView[] {
  return gaps.filter(
    (gap) =>
      !isEmpty(gap) &&
      (gap.to === null || span.from === null || gap.to > span.from) &&
      (gap.from === null || span.to === null || gap.from < span.to),
  );
}

/** Those that concern a cluster; `sources`: the `source` of everyone who reported about it. */
export function gapsCoveringCluster(
  gaps: readonly GapView[],
  clusterId: string,
  sources: readonly string[],
): readonly GapView[] {
  return gaps.filter(
    (gap) => gap.clusterIds?.includes(clusterId) || (isAboutAll(gap) && sources.includes(gap.collector)),
  );
}

/** Those that concern a component; `sources`: the `source` of whoever told what is known of it. */
export function gapsCoveringComponent(
  gaps: readonly GapView[],
  componentId: string,
  sources: readonly string[],
): readonly GapView[] {
  return gaps.filter(
    (gap) => gap.componentIds?.includes(componentId) || (isAboutAll(gap) && sources.includes(gap.collector)),
  );
}

/** What an incident is about, and since and until when. */
export interface IncidentScope {
  readonly span: Span;
  /** The `source` of the incident's own events, and of everyone who reported about its clusters and components. */
  readonly sources: readonly string[];
  readonly clusterIds: readonly string[];
  readonly componentIds: readonly string[];
}

/** Of all gaps, closed ones too, those that overlap an incident's time and concern what it is about. */
export function gapsCoveringIncident(gaps: readonly GapView[], scope: IncidentScope): readonly GapView[] {
  return gapsOverlapping(gaps, scope.span).filter(
    (gap) =>
      gap.clusterIds?.some((id) => scope.clusterIds.includes(id)) ||
      gap.componentIds?.some((id) => scope.componentIds.includes(id)) ||
      (isAboutAll(gap) && scope.sources.includes(gap.collector)),
  );
}

export function completenessOf(gaps: readonly GapView[]): CompletenessView {
  return { complete: gaps.length === 0, gaps };
}

function isAboutAll(gap: GapView): boolean {
  return gap.clusterIds === null && gap.componentIds === null;
}

function isEmpty(gap: Span): boolean {
  return gap.from !== null && gap.to !== null && gap.to <= gap.from;
}

function concernsTheSame(gap: GapView, statement: GapStatement): boolean {
  return (
    JSON.stringify([gap.clusterIds, gap.componentIds]) ===
    JSON.stringify([statement.clusterIds, statement.componentIds])
  );
}
