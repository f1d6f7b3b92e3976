/** The rows of an incident's timeline: what happened, when, when it became known, and which words were put right. Pure. */
import { duration } from '../ui/moment.ts';
import type { Amendment, Cited, Entry, Update } from './query.ts';

export interface StoryRow {
  readonly key: string;
  readonly at: string;
  /** It happened between this and `at`. */
  readonly notBefore: string | null;
  readonly recordedAt: string;
  /** How much later than it happened it became known; empty: at once. */
  readonly lag: string;
  readonly kind: string;
  readonly words: string;
  /** Null: the incident's own. */
  readonly clusterId: string | null;
  /** Known only after the incident was resolved. */
  readonly isLate: boolean;
  /** How many events it stands for, and until when. */
  readonly count: number;
  readonly until: string | null;
  readonly event: Cited;
  /** What was posted, where the row is a post. */
  readonly update: Update | null;
  /** The first wording, where it was put right. */
  readonly firstWords: string | null;
  readonly amendments: readonly Amendment[];
}

const POSTS: ReadonlySet<string> = new Set(['declared', 'updated', 'resolved', 'reopened']);
/** Shorter than that counts as at once: clocks differ, and a command takes a moment. */
const AT_ONCE_MS = 2_000;

export function storyRows(entries: readonly Entry[], updates: readonly Update[]): readonly StoryRow[] {
  const posted = new Map(updates.map((update) => [update.event.position, update]));
  return entries.map((entry) => {
    const { at, notBefore, recordedAt, kind, summary, clusterId, late, count, until, event } = entry;
    const update = POSTS.has(kind) && clusterId === null ? (posted.get(event.position) ?? null) : null;
    const amendments = update?.amendments ?? [];
    const isReworded = amendments.some(({ message }) => message !== null);
    return {
      key: `${kind} ${event.position}`,
      at,
      notBefore,
      recordedAt,
      lag: lagOf(until ?? at, recordedAt),
      kind: kind.replaceAll('_', ' '),
      words: summary,
      clusterId,
      isLate: late,
      count,
      until,
      event,
      update,
      firstWords: isReworded ? (update?.event.data?.message ?? '') : null,
      amendments,
    };
  });
}

/** `31 min later`; empty where it was known at once. */
export function lagOf(at: string, recordedAt: string): string {
  const ms = Date.parse(recordedAt) - Date.parse(at);
  return ms < AT_ONCE_MS ? '' : `${duration(ms)} later`;
}

/** `14 min`, or a range where an anchor is known only as an interval. */
export function measureWords({ ms, msMax }: { readonly ms: number; readonly msMax: number }): string {
  return ms === msMax ? duration(ms) : `${duration(ms)} to ${duration(msMax)}`;
}
