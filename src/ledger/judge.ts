/** The judgements that every backend makes in the same way. */
import { sameContent } from '../../schemas/cloudevents/envelope.ts';
import type { NewEvent } from '../../schemas/event.ts';
import type { Position, StreamName } from '../../schemas/ids.ts';
import { splitStream } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { AppendRequest, EventKey, ExpectedRevision, NewRejection } from './port.ts';

/** The most that is kept of a rejected record, in bytes of UTF-8. */
const REJECTION_BYTES_MAX = 64 * 1024;
/** How many rejections are kept; beyond it the oldest go. */
export const REJECTIONS_MAX = 100_000;

/** Whether a stream is where the caller believes it to be; `revision` is its last one, -1 for none. */
export function expectationHolds(expected: ExpectedRevision, revision: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'none') return revision < 0;
  if (expected === 'exists') return revision >= 0;
  return expected === revision;
}

/** What identity is judged by: of a recorded event, or of one that comes. */
export interface Content {
  readonly type: string;
  readonly subject: string;
  /** null where the source sent no time. */
  readonly time: number | null;
  /** JSON; null of a recorded event that was erased. */
  readonly dataText: string | null;
}

/** Whether an incoming event says the same as the recorded one with its (source, id). */
export function isSameContent(recorded: Content, incoming: Content & { readonly dataText: string }): boolean {
  const event = { ...incoming, data: JSON.parse(incoming.dataText) as unknown } as unknown as NewEvent;
  return sameContent({ ...recorded, time: recorded.time as Micros | null }, event);
}

/** The event that an `EventRetracted` names, and whether its data is to go. */
export interface Named extends EventKey {
  readonly erase: boolean;
}

export function namedBy(dataText: string): Named {
  const { eventSource, eventId, erase } = JSON.parse(dataText) as {
    eventSource: string;
    eventId: string;
    erase?: boolean;
  };
  return { source: eventSource, id: eventId, erase: erase === true };
}

/** What every caller owes; a request that breaks it is a mistake in our own code. */
export function assertRequest({ stream, events }: AppendRequest): void {
  if (events.length === 0) throw new Error(`An append to ${stream} without events`);
  const subject = subjectOf(stream);
  const stray = events.find((event) => event.subject !== subject);
  if (stray) throw new Error(`An event with subject ${stray.subject} was appended to ${stream}`);
  if (events.length === 1) return;
  const keys = new Set(events.map(({ source, id }) => JSON.stringify([source, id])));
  if (keys.size < events.length) throw new Error(`An append to ${stream} names an event twice`);
}

/** The subject of a stream that the ledger holds. */
export function subjectOf(stream: StreamName | string): string {
  const parts = splitStream(stream);
  if (!parts) throw new Error(`${stream} is no stream of ours`);
  return parts.subject;
}

/** A rejection as it is kept: its record cut at 64 KiB, at a character's border. */
export function cutRejection(rejection: NewRejection): NewRejection {
  if (Buffer.byteLength(rejection.record) <= REJECTION_BYTES_MAX) return rejection;
  const bytes = Buffer.from(rejection.record).subarray(0, REJECTION_BYTES_MAX);
  return { ...rejection, record: new TextDecoder().decode(bytes, { stream: true }), truncated: true };
}

/** The earlier of occurredAt and recordedAt; recordedAt where the source sent no time. */
export function effectiveTime(occurredAt: number | null, recordedAt: number): Micros {
  return (occurredAt === null ? recordedAt : Math.min(occurredAt, recordedAt)) as Micros;
}

/** Positions, ascending, each once. */
export function sortedPositions(positions: readonly Position[]): readonly Position[] {
  return [...new Set(positions)].sort((left, right) => left - right);
}
