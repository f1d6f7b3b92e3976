/** When an incident's impact was open: what its moments say, as intervals. */
import type { Micros } from '../../schemas/time.ts';
import { type Course, courseAfter, hasEnded, readIncident, UNRESOLVED } from './reading.ts';
import type { IncidentState } from './state.ts';

export interface ImpactInterval {
  readonly start: Micros;
  /** Null: open. */
  readonly end: Micros | null;
}

/**
 * By time. From the stated start, absent the declaration, to the stated end, absent the resolution; again from a
 * reopening. Empty for an incident that was never declared.
 */
export function impactIntervals(state: Readonly<IncidentState>): readonly ImpactInterval[] {
  const reading = readIncident(state);
  if (reading === null) return [];
  const { posts, impactStart, impactEnd, declaration } = reading;
  const start = impactStart?.at ?? declaration.at;
  const instants = [start, ...(impactEnd === null ? [] : [impactEnd.at]), ...posts.map(({ at }) => at)];
  const intervals: ImpactInterval[] = [];
  let openSince: Micros | null = null;
  let course: Course = UNRESOLVED;
  let next = 0;
  for (const until of [...new Set(instants)].sort((first, second) => first - second)) {
    for (let post = posts[next]; post !== undefined && post.at <= until; post = posts[next]) {
      course = courseAfter(course, post);
      next += 1;
    }
    const isOpen = until >= start && !hasEnded({ until, impactEnd, ...course });
    if (isOpen) openSince ??= until;
    else if (openSince !== null) {
      intervals.push({ start: openSince, end: until });
      openSince = null;
    }
  }
  if (openSince !== null) intervals.push({ start: openSince, end: null });
  return intervals;
}
