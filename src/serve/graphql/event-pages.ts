/** Pages of events, filtered, in either direction. A page examines a bounded number of events, so it may be short. */
import { type EventName, isEventName } from '../../../schemas/catalogue.ts';
import { type RecordedEvent, TYPE_PREFIX } from '../../../schemas/event.ts';
import { type Position, type Revision, type StreamName, splitStream, streamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import type { LedgerReader } from '../../ledger/port.ts';

/** As GraphQL gives it: a field left out is undefined or null. */
export interface EventFilter {
  readonly stream?: string | null;
  readonly clusterId?: string | null;
  readonly incidentId?: string | null;
  readonly types?: readonly string[] | null;
  readonly nodeId?: string | null;
  readonly jobId?: string | null;
  readonly from?: Micros | null;
  readonly to?: Micros | null;
  readonly text?: string | null;
}

export interface PageAsked {
  readonly filter: EventFilter;
  /** The latest effective time, inclusive; null: any. */
  readonly happenedAt: Micros | null;
  /** Both exclusive. */
  readonly after: Position;
  readonly before: Position;
  readonly limit: number;
  /** From the newest down; the page is given in order of position all the same. */
  readonly backwards: boolean;
}

export interface EventPage {
  readonly events: readonly RecordedEvent[];
  /** Whether there may be more in the direction of reading. */
  readonly hasMore: boolean;
  /** Where the next page goes on: the last event given, or examined where the page is short. Null: nothing was examined. */
  readonly reached: Position | null;
}

/** The most events that one page looks at. */
const EXAMINED_MAX = 50_000;
const READ_EVENTS = 500;

/** Null: the filter names two streams, or none that can be: nothing matches. */
interface Plan {
  readonly stream: StreamName | null;
  readonly types: readonly EventName[] | null;
  matches(event: RecordedEvent): boolean;
}

export async function readEventPage(ledger: LedgerReader, asked: PageAsked): Promise<EventPage> {
  const plan = planOf(asked.filter);
  if (plan === null) return { events: [], hasMore: false, reached: null };
  const found: RecordedEvent[] = [];
  let reached: Position | null = null;
  let examined = 0;
  for await (const page of pages(ledger, plan, asked)) {
    for (const event of page) {
      if (examined === EXAMINED_MAX) return inOrder(found, asked, { hasMore: true, reached });
      examined += 1;
      if (plan.matches(event) && event.effectiveAt <= (asked.happenedAt ?? Infinity)) {
        if (found.length === asked.limit)
          return inOrder(found, asked, { hasMore: true, reached: found.at(-1)?.position ?? reached });
        found.push(event);
      }
      reached = event.position;
    }
  }
  return inOrder(found, asked, { hasMore: false, reached: found.at(-1)?.position ?? reached });
}

function inOrder(found: RecordedEvent[], { backwards }: PageAsked, rest: Omit<EventPage, 'events'>): EventPage {
  return { events: backwards ? found.reverse() : found, ...rest };
}

/** Whether an event matches; for subscriptions, which read every event anyway. */
export function matcherOf(filter: EventFilter): (event: RecordedEvent) => boolean {
  const plan = planOf(filter);
  if (plan === null) return () => false;
  return (event) =>
    (plan.stream === null || event.stream === plan.stream) &&
    (plan.types === null || plan.types.includes(event.type)) &&
    plan.matches(event);
}

async function* pages(ledger: LedgerReader, plan: Plan, asked: PageAsked): AsyncGenerator<readonly RecordedEvent[]> {
  let after = asked.after;
  let upTo = Math.min(asked.before - 1, Number.MAX_SAFE_INTEGER) as Position;
  let revision: Revision | null = null;
  while (after < upTo) {
    let page: readonly RecordedEvent[];
    if (plan.stream === null) {
      const types = plan.types && { types: plan.types };
      page = await ledger.readAllRecorded({ after, upTo, backwards: asked.backwards, limit: READ_EVENTS, ...types });
    } else {
      const place = revision === null ? {} : asked.backwards ? { to: revision } : { from: revision };
      page = await ledger.readStreamRecorded(plan.stream, {
        ...place,
        upTo,
        backwards: asked.backwards,
        limit: READ_EVENTS,
      });
    }
    const last = page.at(-1);
    if (last === undefined) return;
    const inside = page.filter(({ position }) => position > asked.after);
    yield plan.types === null ? inside : inside.filter(({ type }) => plan.types?.includes(type));
    if (page.length < READ_EVENTS || (asked.backwards && last.position <= asked.after)) return;
    if (asked.backwards) upTo = (last.position - 1) as Position;
    else after = last.position;
    revision = (asked.backwards ? last.revision - 1 : last.revision + 1) as Revision;
    if (revision < 0) return;
  }
}

function planOf(filter: EventFilter): Plan | null {
  const streams = new Set<StreamName>();
  if (typeof filter.stream === 'string') streams.add(filter.stream as StreamName);
  if (typeof filter.clusterId === 'string') streams.add(streamName('cluster', filter.clusterId));
  if (typeof filter.incidentId === 'string') streams.add(streamName('incident', filter.incidentId));
  const [stream = null] = streams;
  if (streams.size > 1 || (stream !== null && splitStream(stream) === null)) return null;
  const types = filter.types?.map(bareName).filter(isEventName) ?? null;
  if (types?.length === 0) return null;
  const text = filter.text?.toLowerCase();
  return {
    stream,
    types,
    matches: (event) =>
      (typeof filter.from !== 'number' || event.occurredAt >= filter.from) &&
      (typeof filter.to !== 'number' || event.occurredAt < filter.to) &&
      (typeof filter.nodeId !== 'string' || names(event, NODE_FIELDS, filter.nodeId)) &&
      (typeof filter.jobId !== 'string' || names(event, JOB_FIELDS, filter.jobId)) &&
      (text === undefined || (event.dataText?.toLowerCase().includes(text) ?? false)),
  };
}

const NODE_FIELDS = ['nodeId', 'leaderId', 'candidateId', 'nodeIds'];
const JOB_FIELDS = ['jobId', 'groupId', 'jobIds'];

function names(event: RecordedEvent, fields: readonly string[], id: string): boolean {
  const payload = event.data as Readonly<Record<string, unknown>>;
  return fields.some((field) => {
    const value = payload[field];
    return value === id || (Array.isArray(value) && value.includes(id));
  });
}

function bareName(type: string): string {
  return type.startsWith(TYPE_PREFIX) ? type.slice(TYPE_PREFIX.length) : type;
}
