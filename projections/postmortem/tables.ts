/** Tables of rows, and how events are cited: position, id, and the first digits of the hash. */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import { code, eventRef, type Inlines, joined, strong, type Table, text } from './document.ts';
import type { PostmortemRow } from './rows.ts';
import { length, millisecondsBetween, utc } from './words.ts';

/** What an event's envelope says, for those who want to see for themselves. */
export interface Citation {
  readonly position: Position;
  readonly type: string;
  readonly source: string;
  readonly id: string;
  readonly stream: string;
  /** Who appended it; null without tokens. */
  readonly actor: string | null;
  readonly hash: string;
  readonly recordedAt: Micros;
  readonly occurredAtKnown: boolean;
  readonly synthetic: boolean;
}

export type Cite = (position: Position) => Citation;

/** Rows with both times, who said each, and its events. */
export function timelineTable(rows: readonly PostmortemRow[], cite: Cite): Table {
  return {
    kind: 'table',
    columns: ['Time (UTC)', 'What', 'Said by', 'Known', 'Event'],
    rows: rows.map((row) => ({
      cells: [[text(when(row))], what(row), saidBy(row, cite), [text(known(row, cite))], cited(row, cite)],
    })),
  };
}

export function when({ at, notBefore, until }: PostmortemRow): string {
  if (until !== null) return `${utc(at)} to ${utc(until)}`;
  return notBefore === null || notBefore >= at ? utc(at) : `between ${utc(notBefore)} and ${utc(at)}`;
}

/** What a post did stands before its words; other summaries say it themselves. */
const POSTED = ['declared', 'resolved', 'reopened', 'amended'];

function what({ clusterId, summary, kind }: PostmortemRow): Inlines {
  const said = text(summary === '' ? words(kind) : summary);
  if (clusterId !== null) return [code(clusterId), text(': '), said];
  return POSTED.includes(kind) && summary !== '' ? [strong(words(kind)), text(' '), said] : [said];
}

function saidBy({ eventPositions }: PostmortemRow, cite: Cite): Inlines {
  const citations = eventPositions.map(cite);
  const named = [...new Set(citations.map(({ source, actor }) => JSON.stringify([source, actor])))];
  const speakers = named.map((name): Inlines => {
    const [source, actor] = JSON.parse(name) as [string, string | null];
    return actor === null ? [code(source)] : [code(source), text(' by '), code(actor)];
  });
  const isSynthetic = citations.every(({ synthetic }) => synthetic);
  return [...joined(speakers, ', '), ...(isSynthetic ? [text(' (synthetic)')] : [])];
}

const AT_ONCE_MS = 1_000;

/** When the ledger took it, where that is not when it happened. */
function known({ at, until, recordedAt, late, eventPosition }: PostmortemRow, cite: Cite): string {
  const after = late ? '; only after the resolution' : '';
  if (!cite(eventPosition).occurredAtKnown && at === recordedAt) return `when it happened is not stated${after}`;
  const delay = millisecondsBetween(until ?? at, recordedAt);
  if (delay < AT_ONCE_MS) return `at once${after}`;
  const [date, time] = utc(recordedAt).split(' ');
  const isSameDay = utc(until ?? at).startsWith(`${date} `);
  return `${isSameDay ? time : utc(recordedAt)}, ${length(delay)} later${after}`;
}

export function cited({ eventPositions }: PostmortemRow, cite: Cite): Inlines {
  return joined(
    eventPositions.map((position) => citation(cite(position))),
    ' … ',
  );
}

/** Position, id, and the first digits of the event's hash in its chain. */
export function citation({ position, id, hash }: Citation): Inlines {
  return [eventRef(position), text(' '), code(id), text(' '), code(hash.slice(0, HASH_DIGITS))];
}

/** Enough to recognise a hash by; the whole of it stands among the cited events. */
const HASH_DIGITS = 8;

export function words(name: string): string {
  return name.replaceAll('_', ' ');
}
