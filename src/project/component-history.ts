/**
 * What the status page said of every component, day by day. Read from a fold at the first day and the events since, never
 * from the whole record; what was read for the present is gone on with as long as nothing late comes and nothing is taken back.
 */

import { components } from '../../projections/components/components.ts';
import { type ComponentCourses, coursesFrom, knownStretches } from '../../projections/components/course.ts';
import { type ComponentHistory, firstInstantOfDays, historyOfDays } from '../../projections/components/days.ts';
import { gapsOf } from '../../projections/gaps/view.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type Position, START } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { gapsStateAt } from './answers.ts';
import { placeBefore } from './incident-scope.ts';
import { positionKnownAt } from './known-at.ts';
import { comparePlaces, type FoldPlace } from './place.ts';
import type { Views } from './views.ts';

export interface HistoryQuery {
  /** The set: what was recorded at or below it. */
  readonly position: Position;
  /** Days, counted back from that of `until`. */
  readonly days: number;
  /** Where the last day ends for now, exclusive. */
  readonly until: Micros;
}

export interface ComponentHistories {
  /** By component, whether registered or retired. */
  at(query: HistoryQuery): Promise<ReadonlyMap<string, ComponentHistory>>;
  /** Forgets what it read: some of it was erased. */
  forget(): void;
}

/** Courses from a first instant on, as a set of events up to a position has them. */
interface Read {
  readonly from: Micros;
  readonly position: Position;
  readonly courses: ComponentCourses;
  readonly last: FoldPlace;
}

type Events = readonly AnyFoldEvent[];

const PAGE = 1_000;

export function componentHistories(reader: LedgerReader, views: Views): ComponentHistories {
  let kept: Read | null = null;
  /** Rises whenever all is forgotten. */
  let era = 0;
  // What is kept is folded on in place: one at a time.
  let turn: Promise<unknown> = Promise.resolve();

  async function readAnew(from: Micros, position: Position): Promise<Read> {
    const before = from === 0 ? null : await views.at(position, (from - 1) as Micros).get(components, '');
    const after = from === 0 ? START : await positionKnownAt(reader, (from - 1) as Micros);
    const events = await statements(reader, after, position);
    const courses = coursesFrom(structuredClone(before?.state ?? components.initial('')) as never, from);
    const facts = factsOf(events).filter(({ effectiveAt }) => effectiveAt >= from);
    return { from, position, courses, last: takeAll(courses, facts.toSorted(inPlace), placeBefore(from)) };
  }

  /** Null where what is new takes its place among what was folded, or takes something back. */
  async function readOn({ from, position: after, courses, last }: Read, position: Position): Promise<Read | null> {
    const events = await statements(reader, after, position);
    const sorted = events.toSorted(inPlace);
    const [first] = sorted;
    if (first !== undefined && comparePlaces(first, last) < 0) return null;
    if (events.some(({ type, erased }) => type === 'EventRetracted' || erased)) return null;
    return { from, position, courses, last: takeAll(courses, sorted, last) };
  }

  async function readFor(from: Micros, position: Position): Promise<Read> {
    const known = kept?.from === from && kept.position <= position ? kept : null;
    const began = era;
    kept = known === null ? kept : null;
    const read = (known && (await readOn(known, position))) ?? (await readAnew(from, position));
    const isNewest = kept === null || kept.position <= position;
    if (began === era && isNewest) kept = read;
    return read;
  }

  async function historiesAt({ position, days, until }: HistoryQuery): Promise<ReadonlyMap<string, ComponentHistory>> {
    const from = firstInstantOfDays(until, days);
    const gaps = gapsOf(await gapsStateAt(views.at(position)));
    const { courses } = await readFor(from, position);
    return new Map(
      [...courses.stretches].map(([id, stretches]) => {
        return [id, historyOfDays(knownStretches(id, { stretches, gaps }, { from, to: until }))];
      }),
    );
  }

  return {
    at(query) {
      const answer = turn.then(() => historiesAt(query));
      turn = answer.catch(() => {});
      return answer;
    },
    forget() {
      kept = null;
      era += 1;
    },
  };
}

/** What incidents, components and maintenances said, in order of position. */
async function statements(reader: LedgerReader, after: Position, upTo: Position): Promise<Events> {
  const found: AnyFoldEvent[] = [];
  for (let from = after; from < upTo; ) {
    const asked = { categories: components.categories, after: from, upTo, limit: PAGE };
    const events = (await reader.readAll(asked)) as Events;
    found.push(...events);
    if (events.length < PAGE) break;
    from = events.at(-1)?.position ?? upTo;
  }
  return found;
}

/** Without retractions, what they name, and what was erased. */
function factsOf(events: Events): Events {
  const keyOf = (source: string, id: string): string => JSON.stringify([source, id]);
  const retracted = new Set(
    events.flatMap((event) =>
      event.type === 'EventRetracted' ? [keyOf(event.data.eventSource, event.data.eventId)] : [],
    ),
  );
  return events.filter(
    ({ type, erased, source, id }) => type !== 'EventRetracted' && !erased && !retracted.has(keyOf(source, id)),
  );
}

function takeAll(courses: ComponentCourses, events: Events, last: FoldPlace): FoldPlace {
  for (const event of events) courses.take(event);
  return events.at(-1) ?? last;
}

function inPlace(first: AnyFoldEvent, second: AnyFoldEvent): number {
  return comparePlaces(first, second);
}
