/**
 * Brings events of another ledger into an empty store, in their order across streams: each append waits for the answer to the
 * one before it. Sent behind one another they would be faster, but one that the store refuses for a moment, being busy, would
 * come after those behind it, and with that recordedAt would be another.
 */
import { envelopeText } from '../../../schemas/cloudevents/envelope.ts';
import type { Position, Revision, StreamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import type { Timer } from '../../clock.ts';
import { MusterbookError } from '../../errors.ts';
import { FIRST_PREVIOUS, fromHex, HASH_BYTES, newSalt, SALT_BYTES } from '../chain.ts';
import { isSameContent, namedBy, subjectOf } from '../judge.ts';
import type { KnownEvent, Mirror } from '../mirror.ts';
import type { AppendOutcome, RestoreEvent } from '../port.ts';
import { streamOfRestored } from '../restored.ts';
import { storeEvent } from './event-format.ts';
import type { Follower } from './follower.ts';
import { keyTextOf } from './judging.ts';
import type { LinkRecord } from './link-record.ts';
import { APPEND_BYTES_MAX, APPEND_EVENTS_MAX, type Store, type StoreEvent } from './store.ts';
import { writeOnce } from './writing.ts';

export interface RestorerParts {
  readonly store: Store;
  readonly mirror: Mirror;
  readonly follower: Follower;
  readonly prefix: string;
  readonly shown: string;
  readonly timer: Timer;
  readonly random: () => number;
  readonly link: LinkRecord;
  /** Aborted: what fails is not tried again. */
  readonly signal: AbortSignal;
  readonly settleMsMax: number;
}

/** One append of a restore. */
interface Run {
  readonly stream: StreamName;
  /** The stream's last revision before it. */
  readonly expected: number;
  readonly events: StoreEvent[];
  /** Which of the given events they are. */
  readonly indexes: number[];
  bytes: number;
}

/** Restores events; the caller has made sure that the ledger may be restored into, and calls one after another. */
export async function restoreInto(
  parts: RestorerParts,
  events: readonly RestoreEvent[],
): Promise<readonly AppendOutcome[]> {
  await assertRising(parts.mirror, events);
  const plan = new RestorePlan(parts.mirror);
  for (const [index, event] of events.entries()) await plan.add(event, index);
  await writeAll(parts, plan.runs);
  const positions = await positionsOf(parts, plan.runs);
  return plan.outcomes.map((outcome, index): AppendOutcome => {
    if (outcome.kind === 'wrong-revision') return outcome;
    const position = positions.get(outcome.at) ?? outcome.position;
    if (position === null) throw new Error('A restored event has no position');
    if (outcome.kind === 'appended') {
      const { recordedAt } = events[index] as RestoreEvent;
      return { kind: 'appended', positions: [position], revision: outcome.revision, recordedAt };
    }
    if (outcome.kind === 'duplicate') return { kind: 'duplicate', positions: [position] };
    return { kind: 'id-reused', index: 0, existing: position };
  });
}

type Planned =
  | { readonly kind: 'wrong-revision'; readonly actual: null }
  | { readonly kind: 'duplicate' | 'id-reused'; readonly at: number; readonly position: Position | null }
  | { readonly kind: 'appended'; readonly at: number; readonly position: null; readonly revision: Revision };

/** What is known of an event that comes in this call; `at`: its index. */
type Coming = Omit<KnownEvent, 'position'> & { readonly at: number };

class RestorePlan {
  readonly runs: Run[] = [];
  readonly outcomes: Planned[] = [];
  readonly #mirror: Mirror;
  readonly #ends = new Map<StreamName, { revision: number; hash: Uint8Array }>();
  readonly #coming = new Map<string, Coming>();

  constructor(mirror: Mirror) {
    this.#mirror = mirror;
  }

  async add(restored: RestoreEvent, index: number): Promise<void> {
    this.outcomes.push(await this.#planned(restored, index));
  }

  async #planned(restored: RestoreEvent, index: number): Promise<Planned> {
    const { event, erasedDataHash } = restored;
    const { type, time } = event;
    const dataText = JSON.stringify(event.data);
    const stream = streamOfRestored(restored) ?? (await this.#streamOfNamed(dataText));
    if (stream === null) return { kind: 'wrong-revision', actual: null };
    const known = await this.#known(stream, event);
    if (known) {
      const recorded = { ...known, subject: subjectOf(known.stream) };
      const isSame = isSameContent(recorded, { type, time, dataText, subject: event.subject });
      const place = 'at' in known ? { at: known.at, position: null } : { at: -1, position: known.position };
      return { kind: isSame ? 'duplicate' : 'id-reused', ...place };
    }
    const isErased = erasedDataHash !== null;
    this.#coming.set(keyTextOf(event), { stream, type, time, dataText: isErased ? null : dataText, at: index });
    const revision = await this.#chain(stream, restored, { dataText, index });
    return { kind: 'appended', at: index, position: null, revision: revision as Revision };
  }

  async #streamOfNamed(dataText: string): Promise<StreamName | null> {
    const named = namedBy(dataText);
    const coming = this.#coming.get(keyTextOf(named));
    return coming?.stream ?? (await this.#mirror.eventByKey(named))?.stream ?? null;
  }

  async #known(stream: StreamName, event: RestoreEvent['event']): Promise<KnownEvent | Coming | null> {
    const coming = this.#coming.get(keyTextOf(event));
    if (coming) return coming;
    const [known] = await this.#mirror.known(stream, [event]);
    return known ?? null;
  }

  async #chain(
    stream: StreamName,
    { event, actor, recordedAt, chainedAt, salt, erasedDataHash }: RestoreEvent,
    { dataText, index }: { readonly dataText: string; readonly index: number },
  ): Promise<number> {
    const end = this.#ends.get(stream) ?? (await this.#mirror.streamEnd(stream));
    const revision = (end?.revision ?? -1) + 1;
    const erased = erasedDataHash === null ? null : fromHex(erasedDataHash, HASH_BYTES);
    const given = salt === null ? null : fromHex(salt, SALT_BYTES);
    const made = storeEvent({
      ...{ key: event, type: event.type, stream, revision, previous: end?.hash ?? FIRST_PREVIOUS },
      ...{ chainedAt: chainedAt ?? recordedAt, envelope: envelopeText(event, actor) },
      ...{ dataText: erased ? null : dataText, salt: erased ? null : (given ?? newSalt()), erasedDataHash: erased },
      ...{ isRestored: true, more: 0 },
    });
    this.#ends.set(stream, { revision, hash: made.hash });
    const bytes = Buffer.byteLength(dataText) + Buffer.byteLength(JSON.stringify(made.event.metadata)) + 100;
    const run = this.#run(stream, revision - 1, bytes);
    run.events.push(made.event);
    run.indexes.push(index);
    run.bytes += bytes;
    return revision;
  }

  #run(stream: StreamName, expected: number, bytes: number): Run {
    const last = this.runs.at(-1);
    const fits = last && last.events.length < APPEND_EVENTS_MAX && last.bytes + bytes <= APPEND_BYTES_MAX;
    if (fits && last.stream === stream) return last;
    const run: Run = { stream, expected, events: [], indexes: [], bytes: 0 };
    this.runs.push(run);
    return run;
  }
}

async function assertRising(mirror: Mirror, events: readonly RestoreEvent[]): Promise<void> {
  let before = (await mirror.head()).recordedAt ?? (0 as Micros);
  for (const { event, recordedAt } of events) {
    if (recordedAt < before) {
      const facts = { id: event.id, source: event.source, recordedAt, before };
      throw new MusterbookError('RECORDED_AT_FALLS', `recordedat falls at the event ${event.id}`, facts);
    }
    before = recordedAt;
  }
}

async function writeAll(parts: RestorerParts, runs: readonly Run[]): Promise<void> {
  const { prefix, timer, settleMsMax, shown } = parts;
  for (const run of runs) {
    const { stream, expected, events } = run;
    const write = { stream: `${prefix}${stream}`, expected, events };
    const endMs = timer.nowMs() + settleMsMax;
    const written = await writeOnce(parts, write, { endMs, sent: () => {} });
    if (written !== 'written') throw othersAppend(run, shown);
  }
}

/** Positions by index of the given events, once the mirror has them all. */
async function positionsOf(
  { mirror, follower, settleMsMax, shown }: RestorerParts,
  runs: readonly Run[],
): Promise<ReadonlyMap<number, Position>> {
  const positions = new Map<number, Position>();
  for (const run of runs) {
    const { stream, expected, events, indexes } = run;
    const [from, to] = [(expected + 1) as Revision, (expected + events.length) as Revision];
    await follower.passed(stream, to, settleMsMax);
    // The store takes others' events with the same ids at the same place for ours.
    const [first] = await mirror.readStreamRecorded(stream, { from, limit: 1 });
    if (first?.hash !== events[0]?.metadata['hash']) throw othersAppend(run, shown);
    for (const [at, { position }] of (await mirror.readPlaces(stream, { from, to, limit: events.length })).entries()) {
      positions.set(indexes[at] as number, position);
    }
  }
  return positions;
}

function othersAppend({ stream, expected }: Run, shown: string): MusterbookError {
  const message = `Others append to ${shown} while it is restored into: ${stream} is not at revision ${expected}`;
  return new MusterbookError('LEDGER_NOT_EMPTY', message, { stream, expected, outcome: 'unknown' });
}
