/**
 * A register of component statuses: the last statement wins. There are two of them, over all statements and over the
 * public ones alone, kept by the same rules.
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

export interface Standing {
  status: ComponentStatus;
  /** Since when the status is this one. */
  since: Micros;
  /** `source` of the event that the status goes back to. */
  source: string;
  /** The stream whose statement it is; null: the component's own, or no one's. */
  subject: string | null;
  /** The event after which it stood like this. */
  place: Place;
  /** Set when an ending brought it here: where the subject that it fell back to had spoken; `nowhere`: there was none. */
  fellBackTo: Place | 'nowhere' | null;
}

export interface Subject {
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

/** Takes a statement. It may take a place before others: then it counts there. */
export function say(register: Register, statement: Statement): void {
  const { componentId, status, source, place, subject } = statement;
  if (subject !== null) setEntry(subjectOf(register, subject).says, componentId, { status, source, place });
  const before = entryOf(register.standings, componentId);
  if (!before) {
    setEntry(register.standings, componentId, { status, since: place.at, source, subject, place, fellBackTo: null });
  } else if (isBefore(before.place, place)) {
    change(before, { status, source, subject, place, fellBackTo: null });
  } else if (subject !== null && before.fellBackTo !== null && isBefore(before.fellBackTo, place)) {
    // Another's ending has come in between: it would have fallen back to this statement.
    change(before, { status, source, subject, place: before.place, fellBackTo: place });
  }
}

/** The subject goes on, or goes on again. */
export function open(register: Register, subject: string): void {
  const entry = entryOf(register.subjects, subject);
  if (entry) entry.open = true;
}

/**
 * The subject ended at an event of `source`. Components whose status is its statement go to what the open subject that spoke of
 * them last says, which then counts as that one's statement, else to `operational`.
 */
export function end(register: Register, subject: string, { place, source }: { place: Place; source: string }): void {
  const ended = subjectOf(register, subject);
  ended.open = false;
  for (const componentId of Object.keys(ended.says)) {
    const standing = entryOf(register.standings, componentId);
    if (standing?.subject !== subject) continue;
    const heir = lastToSpeak(register, componentId);
    const latest = isBefore(standing.place, place) ? place : standing.place;
    change(standing, {
      status: heir?.saying.status ?? 'operational',
      source: heir?.saying.source ?? source,
      subject: heir?.subject ?? null,
      place: latest,
      fellBackTo: heir?.saying.place ?? 'nowhere',
    });
  }
}

function change(standing: Standing, to: Omit<Standing, 'since'>): void {
  if (standing.status !== to.status) standing.since = to.place.at;
  Object.assign(standing, to);
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

function isBefore(first: Place | 'nowhere', second: Place): boolean {
  if (first === 'nowhere') return true;
  return first.at < second.at || (first.at === second.at && first.position < second.position);
}
