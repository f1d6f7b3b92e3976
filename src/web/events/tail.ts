/** The rows of the live tail: newest first, bounded. Pure. */

export interface TailEvent {
  readonly position: string;
  readonly type: string;
  readonly stream: string;
  readonly subject: string;
  readonly occurredAt: string;
  readonly recordedAt: string;
  readonly synthetic: boolean;
  readonly data: unknown;
}

export interface Tail {
  /** What is drawn, newest first. */
  readonly rows: readonly TailEvent[];
  /** What came while the reader was reading, oldest first. */
  readonly waiting: readonly TailEvent[];
  /** How many of those were let go because too many came: they are in the ledger. */
  readonly skipped: number;
}

export const EMPTY_TAIL: Tail = { rows: [], waiting: [], skipped: 0 };

/** Rows drawn, and rows held back while paused. */
export const ROWS_MAX = 500;

/** Takes new events (ascending), into sight or, while paused, aside. */
export function taken(tail: Tail, events: readonly TailEvent[], isPaused: boolean): Tail {
  const waiting = [...tail.waiting, ...events];
  if (!isPaused) return released({ ...tail, waiting });
  const over = Math.max(0, waiting.length - ROWS_MAX);
  return { ...tail, waiting: waiting.slice(over), skipped: tail.skipped + over };
}

/** Brings what was held back into sight. */
export function released({ rows, waiting }: Tail): Tail {
  return { rows: [...waiting.toReversed(), ...rows].slice(0, ROWS_MAX), waiting: [], skipped: 0 };
}

/** What an event says, in one line: its payload's plain values. */
export function gist(data: unknown): string {
  if (typeof data !== 'object' || data === null) return '';
  return Object.entries(data)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' · ');
}

/** The bare name of an event's type. */
export function bareType(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
