/** Facts: appended as they were reported, unless they cannot be read, may not be said by this caller, or hang in the air. */
import { CATALOGUE } from '../../schemas/catalogue.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, START, type StreamName, splitStream, streamName } from '../../schemas/ids.ts';
import type { Clock } from '../clock.ts';
import { MusterbookError } from '../errors.ts';
import type { Actor, AppendOutcome, AppendRequest, EventKey, Ledger } from '../ledger/port.ts';
import type { Caller, FactsResult, IncomingRecord, Rejected, Role } from './accept.ts';
import { type ErasureDoor, erases, settleErasures } from './erasure.ts';
import type { LeftOut } from './left-out.ts';
import { type ReadRecord, readRecord, recordText } from './read-record.ts';
import { type Fault, UNKNOWN_SUBJECT } from './rejections.ts';

export interface FactsDoor extends ErasureDoor {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly leftOut: LeftOut;
}

/** Events in one append call at most: they are durable together, so this bounds how long the first waits for the last. */
const APPEND_MAX = 1_000;
/** As much of a rejected record goes to the ledger, which cuts it to 64 KiB of UTF-8. */
const KEPT_LENGTH_MAX = 64 * 1024;

export function actorOf(caller: Caller): Actor {
  return { authType: caller.authType, authId: caller.name };
}

/** A batch of facts under way: records that were read, and what became of them so far. */
export class FactBatch {
  readonly #door: FactsDoor;
  readonly #caller: Caller;
  readonly #records: readonly IncomingRecord[];
  readonly #read: readonly ReadRecord[];
  /** Added to the places of this batch's records. */
  readonly #firstIndex: number;
  readonly #rejected: { readonly at: number; readonly id: string | null; readonly fault: Fault }[] = [];
  #appended = 0;
  #duplicates = 0;
  #hasErased = false;
  #position: Position = START;
  /** Requests to be appended next, and the records they come from. */
  #requests: AppendRequest[] = [];
  #places: number[] = [];

  /** Reads the records at once. */
  constructor(door: FactsDoor, caller: Caller, records: readonly IncomingRecord[], firstIndex = 0) {
    this.#door = door;
    this.#caller = caller;
    this.#records = records;
    this.#firstIndex = firstIndex;
    this.#read = records.map(readRecord);
  }

  /** Appends what can be, keeps what cannot. Throws operating errors with the result so far as `facts.partial`. */
  async append(): Promise<FactsResult> {
    try {
      for (const [at, read] of this.#read.entries()) {
        if (read.kind === 'left-out') this.#leaveOut(read.key);
        else if (read.kind === 'fault') await this.#refuse(at, read);
        else await this.#place(at, read.event);
      }
      await this.#flush();
      await this.#keepRejected();
      if (this.#hasErased) await settleErasures(this.#door, this.#position);
      if (this.#position === START) this.#position = (await this.#door.ledger.head()).position;
      return this.#result();
    } catch (error) {
      if (!(error instanceof MusterbookError)) throw error;
      const facts = { ...error.facts, partial: this.#result() };
      throw new MusterbookError(error.code, error.message, facts, error);
    }
  }

  #leaveOut(key: EventKey | null): void {
    this.#duplicates += 1;
    if (key !== null) this.#door.leftOut.add(key);
  }

  /** Whether it retracts an event that was left out, since it was erased elsewhere: then there is nothing to retract. */
  async #goesWithLeftOut(event: NewEvent): Promise<boolean> {
    const { eventSource: source, eventId: id } = (event as NewEvent<'EventRetracted'>).data;
    return this.#door.leftOut.has({ source, id }) && (await this.#streamOf({ source, id })) === null;
  }

  async #place(at: number, event: NewEvent): Promise<void> {
    if (event.type === 'EventRetracted' && (await this.#goesWithLeftOut(event))) return this.#leaveOut(null);
    const forbidden = roleFault(event, this.#caller.roles);
    if (forbidden) return this.#reject(at, event.id, forbidden);
    const { category, opens } = CATALOGUE[event.type];
    if (category === 'any') return this.#placeRetraction(at, event as NewEvent<'EventRetracted'>);
    const isJudged = Object.hasOwn(UNKNOWN_SUBJECT, category);
    const request: AppendRequest = {
      stream: streamName(category, event.subject),
      expected: isJudged && !opens ? 'exists' : 'any',
      events: [event],
      actor: actorOf(this.#caller),
    };
    this.#requests.push(request);
    this.#places.push(at);
    if (this.#requests.length >= APPEND_MAX) await this.#flush();
  }

  async #placeRetraction(at: number, event: NewEvent<'EventRetracted'>): Promise<void> {
    const { eventSource: source, eventId: id } = event.data;
    const stream = await this.#streamOf({ source, id });
    if (stream === null) {
      const message = `the ledger holds no event ${JSON.stringify(id)} of the source ${JSON.stringify(source)}`;
      return this.#reject(at, event.id, { code: 'UNKNOWN_EVENT', message, path: '/data/eventId' });
    }
    const subject = splitStream(stream)?.subject ?? event.subject;
    const request: AppendRequest = {
      stream,
      expected: 'exists',
      events: [{ ...event, subject }],
      actor: actorOf(this.#caller),
    };
    this.#requests.push(request);
    this.#places.push(at);
  }

  /** The stream of the event that a retraction names; it may have come earlier in this very batch. */
  async #streamOf(key: EventKey): Promise<StreamName | null> {
    const { ledger } = this.#door;
    const isWaiting = this.#requests.some(({ events }) =>
      events.some(({ source, id }) => source === key.source && id === key.id),
    );
    if (isWaiting) await this.#flush();
    return (await ledger.eventByKey(key))?.stream ?? null;
  }

  async #flush(): Promise<void> {
    const requests = this.#requests;
    const places = this.#places;
    if (requests.length === 0) return;
    this.#requests = [];
    this.#places = [];
    const outcomes = await this.#door.ledger.append(requests);
    for (const [index, outcome] of outcomes.entries()) {
      this.#note(places[index] as number, requests[index] as AppendRequest, outcome);
    }
  }

  #note(at: number, { events, stream }: AppendRequest, outcome: AppendOutcome): void {
    const event = events[0] as NewEvent;
    switch (outcome.kind) {
      case 'appended':
      case 'duplicate':
        if (outcome.kind === 'appended') this.#appended += 1;
        else this.#duplicates += 1;
        this.#hasErased ||= erases(event);
        this.#reached(outcome.positions);
        break;
      case 'id-reused': {
        const message = `the ledger holds another event with this source and id, at position ${outcome.existing}`;
        this.#reject(at, event.id, { code: 'EVENT_ID_REUSED', message, path: '/id' });
        break;
      }
      case 'wrong-revision':
        this.#reject(at, event.id, unknownSubject(stream));
    }
  }

  #reached(positions: readonly Position[]): void {
    for (const position of positions) if (position > this.#position) this.#position = position;
  }

  /** An erased event again is a duplicate, whatever its content, even one that is no event any more. */
  async #refuse(at: number, { id, source, fault }: Extract<ReadRecord, { kind: 'fault' }>): Promise<void> {
    const known = id === null || source === null ? null : await this.#door.ledger.eventByKey({ source, id });
    if (known?.erased) this.#duplicates += 1;
    else this.#reject(at, id, fault);
  }

  #reject(at: number, id: string | null, fault: Fault): void {
    this.#rejected.push({ at, id, fault });
  }

  async #keepRejected(): Promise<void> {
    if (this.#rejected.length === 0) return;
    const at = this.#door.clock();
    const kept = this.#rejected.map(({ at: place, fault }) => {
      const record = this.#records[place] as IncomingRecord;
      const text = recordText(record).toWellFormed();
      return {
        at,
        door: this.#caller.door,
        code: fault.code,
        message: record.origin === undefined ? fault.message : `${fault.message} (${record.origin})`,
        path: fault.path,
        record: text.slice(0, KEPT_LENGTH_MAX),
        truncated: text.length > KEPT_LENGTH_MAX,
      };
    });
    await this.#door.ledger.keepRejections(kept);
  }

  #result(): FactsResult {
    const rejected = this.#rejected
      .map(({ at, id, fault }): Rejected => ({ index: this.#firstIndex + at, id, ...fault }))
      .sort((left, right) => left.index - right.index);
    return { appended: this.#appended, duplicates: this.#duplicates, rejected, position: this.#position };
  }
}

function unknownSubject(stream: StreamName): Fault {
  const { category, subject } = splitStream(stream) as { category: keyof typeof UNKNOWN_SUBJECT; subject: string };
  return {
    code: UNKNOWN_SUBJECT[category],
    message: `the ledger knows no ${category} ${JSON.stringify(subject)}: its first event must declare it`,
    path: '/subject',
  };
}

/** `ingest` appends what machines report; people's statements and retractions take `operate`, erasing `admin`. */
function roleFault(event: NewEvent, roles: ReadonlySet<Role>): Fault | null {
  const { category } = CATALOGUE[event.type];
  const needed = neededRole(event, category === 'cluster' || category === 'collector');
  if (needed.some((role) => roles.has(role))) return null;
  const message = `appending ${event.type} needs the role ${needed[0]}`;
  return { code: 'FORBIDDEN', message, path: '/type' };
}

function neededRole(event: NewEvent, isReported: boolean): readonly Role[] {
  if (isReported) return ['ingest', 'operate', 'admin'];
  return erases(event) ? ['admin'] : ['operate', 'admin'];
}
