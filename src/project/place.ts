/** The one order of every fold: effective time, then position. */
/** Where an event stands in the order of folds. `effectiveAt` in µs; −1 before everything. */
export interface FoldPlace {
  readonly effectiveAt: number;
  readonly position: number;
}

export const BEFORE_ALL: FoldPlace = { effectiveAt: -1, position: 0 };

/** Negative where `a` folds before `b`. */
export function comparePlaces(a: FoldPlace, b: FoldPlace): number {
  return a.effectiveAt === b.effectiveAt ? a.position - b.position : a.effectiveAt - b.effectiveAt;
}

export function earlier(a: FoldPlace, b: FoldPlace): FoldPlace {
  return comparePlaces(a, b) <= 0 ? a : b;
}
