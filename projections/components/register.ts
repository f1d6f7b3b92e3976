/**
 * A register of component statuses: the last statement wins. There are two of them, over all statements and over the
 * public ones alone, kept by the same rules. Both are told in fold order.
 */
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { ComponentStatus } from '../../schemas/words.ts';
import { entryOf, type Keyed, setEntry } from '../record.ts';

export interface Register {
  /** By component. */
  readonly standings: Keyed<Standing>;
  /** By stream: the incidents and maintenances that spoke or ended. */
  readonly subjects: Keyed<Subject>;
}

/** Where an event stands in fold order. */
export interface Place {
  readonly at: Micros;
  readonly position: Position;
}

interface Standing {
  status: ComponentStatus;
  /** Since when the status is this one. */
  since: Micros;
  /** `source` of the event that the status goes back to. */
  source: string;
  /** The stream whose statement it is; null: the component's own, or no one's. */
  subject: string | null;
}

interface Subject {
  /** Not resolved, completed or cancelled. */
  open: boolean;
  /** What it last said, by component. */
  readonly says: Keyed<Saying>;
}

interface Saying {
  readonly status: ComponentStatus;
  readonly source: string;
  readonly place: Place;
}

export interface Statement extends Saying {
  readonly componentId: string;
  /** The stream of the incident or maintenance; null: the component's own. */
  readonly subject: string | null;
}

export function emptyRegister(): Register {
  return { standings: {}, subjects: {} };
}

export function say(register: Register, statement: Statement): void {
  const { componentId, status, source, place, subject } = statement;
  if (subject !== null) setEntry(subjectOf(register, subject).says, componentId, { status, source, place });
  const before = entryOf(register.standings, componentId);
  const since = before?.status === status ? before.since : place.at;
  setEntry(register.standings, componentId, { status, since, source, subject });
}

/** The subject goes on, or goes on again. */
export function open(register: Register, subject: string): void {
  const entry = entryOf(register.subjects, subject);
  if (entry) entry.open = true;
}

/**
 * The subject ended at an event of `source`. Components whose status is its statement go to what the open subject that
 * spoke of them last says, which then counts as that one's statement, else to `operational`.
 */
export function end(register: Register, subject: string, { place, source }: { place: Place; source: string }): void {
  const ended = subjectOf(register, subject);
  ended.open = false;
  for (const componentId of Object.keys(ended.says)) {
    const standing = entryOf(register.standings, componentId);
    if (standing?.subject !== subject) continue;
    const heir = lastToSpeak(register, componentId);
    const status = heir?.saying.status ?? 'operational';
    if (standing.status !== status) standing.since = place.at;
    standing.status = status;
    standing.source = heir?.saying.source ?? source;
    standing.subject = heir?.subject ?? null;
  }
}

function lastToSpeak(register: Register, componentId: string): { subject: string; saying: Saying } | null {
  let last: { subject: string; saying: Saying } | null = null;
  for (const [subject, { open: isOpen, says }] of Object.entries(register.subjects)) {
    const saying = isOpen ? entryOf(says, componentId) : undefined;
    if (saying && (!last || isBefore(last.saying.place, saying.place))) last = { subject, saying };
  }
  return last;
}

function subjectOf(register: Register, subject: string): Subject {
  const known = entryOf(register.subjects, subject);
  if (known) return known;
  const entry: Subject = { open: true, says: {} };
  setEntry(register.subjects, subject, entry);
  return entry;
}

function isBefore(first: Place, second: Place): boolean {
  return first.at < second.at || (first.at === second.at && first.position < second.position);
}
