/** Events and requests for tests of the ledger, which cares little about what they say. */
import type { EventName } from '../../schemas/catalogue.ts';
import type { NewEvent, RecordedEvent } from '../../schemas/event.ts';
import { type Position, type Revision, type StreamName, streamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { Actor, AppendOutcome, AppendRequest, ExpectedRevision, Ledger } from '../../src/ledger/port.ts';

export const nobody: Actor = { authType: 'unauthenticated', authId: null };
const MINUTE = 60_000_000;
export const at = (minutes: number): Micros => (1_670_961_600_000_000 + minutes * MINUTE) as Micros;
export const position = (number: number): Position => number as Position;
export const revision = (number: number): Revision => number as Revision;
export const cluster = (subject: string): StreamName => streamName('cluster', subject);

type Parts = Partial<Omit<NewEvent, 'type' | 'data'>> & { readonly type?: EventName; readonly data?: object };

/** A leader's election in the cluster `web`, unless said otherwise. */
export function sample(id: string, parts: Parts = {}): NewEvent {
  return {
    id,
    source: 'test://collector',
    type: 'LeaderElected',
    subject: 'web',
    time: at(0),
    notBefore: null,
    synthetic: false,
    extensions: {},
    data: { leaderId: 'n1', term: 1 },
    ...parts,
  } as NewEvent;
}

export function retraction(id: string, of: NewEvent): NewEvent {
  const data = { eventSource: of.source, eventId: of.id, reason: 'mistaken' };
  return sample(id, { type: 'EventRetracted', subject: of.subject, data });
}

export function erasure(id: string, of: NewEvent): NewEvent {
  const data = { eventSource: of.source, eventId: of.id, reason: 'mistaken', erase: true };
  return sample(id, { type: 'EventRetracted', subject: of.subject, data });
}

/** A request to the stream of its first event, a cluster's. */
export function request(
  events: readonly NewEvent[],
  expected: ExpectedRevision = 'any',
  actor = nobody,
): AppendRequest {
  return { stream: cluster(events[0]?.subject ?? ''), expected, events, actor };
}

/** One request for each event. */
export function facts(events: readonly NewEvent[]): readonly AppendRequest[] {
  return events.map((event) => request([event]));
}

/** Where the events of these outcomes are; none may have failed. */
export function positionsOf(outcomes: readonly AppendOutcome[]): readonly Position[] {
  return outcomes.flatMap((outcome) => {
    if ('positions' in outcome) return outcome.positions;
    throw new Error(`an append met ${outcome.kind}`);
  });
}

/** Appends each event by itself, and says where they are: which positions a backend gives is its own affair. */
export async function placed(ledger: Ledger, events: readonly NewEvent[]): Promise<readonly Position[]> {
  return positionsOf(await ledger.append(facts(events)));
}

/** The events of a ledger, but for the positions, which every ledger gives anew. */
export async function withoutPositions(ledger: Ledger): Promise<readonly Omit<RecordedEvent, 'position'>[]> {
  return (await ledger.readAllRecorded({ limit: 1_000 })).map(({ position: _position, ...event }) => event);
}

/** Of positions that were given: the one at an index, which must be there. */
export function nth(positions: readonly Position[], index: number): Position {
  const found = positions.at(index);
  if (found === undefined) throw new Error(`there are ${positions.length} positions`);
  return found;
}
