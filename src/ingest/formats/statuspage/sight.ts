/** A readable poll as a place in time: what it shows first came to be since the readable poll before it. */
import { formatTime, type Micros } from '../../../../schemas/time.ts';
import type { AnyMadeEvent } from '../format.ts';

export interface Sight {
  /** The page: the `source` of all its events. */
  readonly source: string;
  readonly at: Micros;
  /** The readable poll before; null for the first. */
  readonly previousAt: Micros | null;
}

/** The subjects that left the page and are remembered, in case they come back. */
const GONE_REMEMBERED_MAX = 1_000;

type Bounds = Pick<AnyMadeEvent, 'time' | 'notBefore'>;

/** A change known from the comparison of two polls: it happened after the one and no later than the other. */
export function betweenPolls({ at, previousAt }: Sight): Bounds {
  return { time: at, notBefore: previousAt };
}

/** The same, where the page also says when it last touched the thing: no later than that, if that fits. */
export function touchedBetweenPolls(sight: Sight, touchedAt: Micros): Bounds {
  const fits = touchedAt <= sight.at && touchedAt > (sight.previousAt ?? sight.at);
  return fits ? { time: touchedAt, notBefore: sight.previousAt } : betweenPolls(sight);
}

/** An id for what a poll shows and the page gives no id for. */
export function idOf(subject: string, what: string, { at }: Pick<Sight, 'at'>): string {
  return `${subject}/${what}/${formatTime(at)}`;
}

/** Puts a subject that left the page among those remembered, and forgets the one that left first when there are too many. */
export function rememberGone<Known>(gone: Map<string, Known>, id: string, known: Known): void {
  gone.set(id, known);
  if (gone.size <= GONE_REMEMBERED_MAX) return;
  for (const oldest of gone.keys()) {
    gone.delete(oldest);
    return;
  }
}
