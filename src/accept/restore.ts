/** Bringing a ledger back from its export: what was known when, who said it, and the chain. */
import { decodeErased, decodeEvent } from '../../schemas/cloudevents/decode.ts';
import { chainedAtOf } from '../../schemas/cloudevents/recorded-line.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { type Position, START, type StreamName, splitStream } from '../../schemas/ids.ts';
import { type Micros, parseTime } from '../../schemas/time.ts';
import { MusterbookError } from '../errors.ts';
import type { AppendOutcome, Ledger, RestoreEvent } from '../ledger/port.ts';
import type { FactsResult, Rejected } from './accept.ts';
import { type ErasureDoor, erases, settleErasures } from './erasure.ts';
import { type RawRecord, readText, sizeFault } from './read-record.ts';
import type { Fault } from './rejections.ts';

/** A line that can be restored, and what it states of its place in the chain. */
interface Restorable {
  readonly index: number;
  readonly event: RestoreEvent;
  /** Hex; null where the line does not say. */
  readonly hash: string | null;
  readonly revision: number | null;
}

interface Refused {
  readonly id: string | null;
  readonly fault: Fault;
}

const HEX = /^[0-9a-f]+$/;
const SALT_LENGTH = 32;
const DIGEST_LENGTH = 64;
const CHAINEDAT_INVALID: Fault = {
  code: 'EVIDENCE_INVALID',
  message: 'chainedat must be RFC 3339 and before recordedat, as an export writes it',
  path: '/chainedat',
};

/** Restores lines in order; throws what `Ledger.restore` throws, and `HASH_MISMATCH`. */
export async function restoreLines(
  door: ErasureDoor,
  lines: readonly { readonly text: string }[],
): Promise<FactsResult> {
  const { ledger } = door;
  const restorable: Restorable[] = [];
  const rejected: Rejected[] = [];
  for (const [index, { text }] of lines.entries()) {
    const line = readLine(text, index);
    if ('fault' in line) rejected.push({ index, id: line.id, ...line.fault });
    else restorable.push(line);
  }
  const before = (await ledger.head()).position;
  const outcomes = restorable.length > 0 ? await ledger.restore(restorable.map(({ event }) => event)) : [];
  let position: Position = START;
  let appended = 0;
  let duplicates = 0;
  for (const [at, outcome] of outcomes.entries()) {
    const { index, event } = restorable[at] as Restorable;
    if (outcome.kind === 'appended') appended += 1;
    else if (outcome.kind === 'duplicate') duplicates += 1;
    else rejected.push({ index, id: event.event.id, ...outcomeFault(event, outcome) });
    if ('positions' in outcome) position = Math.max(position, ...outcome.positions) as Position;
  }
  await assertHashes(ledger, before, restorable, outcomes);
  if (restorable.some(({ event }) => erases(event.event))) await settleErasures(door, position);
  rejected.sort((left, right) => left.index - right.index);
  return { appended, duplicates, rejected, position: position === START ? before : position };
}

/**
 * Holds what was restored against the hashes that the lines state. A hash stands for its whole stream up to there, so it
 * is held only where the event got the revision that it had.
 */
async function assertHashes(
  ledger: Ledger,
  after: Position,
  restorable: readonly Restorable[],
  outcomes: readonly AppendOutcome[],
): Promise<void> {
  const stated = new Map<Position, Restorable>();
  for (const [at, outcome] of outcomes.entries()) {
    const line = restorable[at] as Restorable;
    if (outcome.kind !== 'appended' || line.hash === null || line.revision !== outcome.revision) continue;
    if (line.event.salt === null && line.event.erasedDataHash === null) continue;
    stated.set(outcome.positions[0] as Position, line);
  }
  if (stated.size === 0) return;
  for (const recorded of await ledger.readAllRecorded({ after, limit: outcomes.length })) {
    const line = stated.get(recorded.position);
    if (!line || line.hash === recorded.hash) continue;
    const { source, id, stream, revision } = recorded;
    const message = `the event ${JSON.stringify(id)} at ${stream}@${revision} does not give the hash that its line states`;
    throw new MusterbookError('HASH_MISMATCH', message, { index: line.index, source, id, stream, revision });
  }
}

function readLine(text: string, index: number): Restorable | Refused {
  const read = readText(text);
  if ('fault' in read) return { id: null, fault: read.fault };
  const raw = read.value as RawRecord;
  const isObject = raw !== null && typeof raw === 'object';
  const isErased = isObject && raw['erased'] === true;
  const decoded = isErased ? decodeErased(raw) : decodeEvent(raw);
  if (!decoded.ok) return { id: isObject && typeof raw['id'] === 'string' ? raw['id'] : null, fault: decoded.fault };
  const { event } = decoded;
  const fault = isErased ? null : sizeFault(event);
  if (fault) return { id: event.id, fault };
  const recordedAt = recordedAtOf(raw);
  if (typeof recordedAt === 'object') return { id: event.id, fault: recordedAt };
  const chainedAt = chainedAtOf(raw, recordedAt);
  if (chainedAt === null) return { id: event.id, fault: CHAINEDAT_INVALID };
  const evidence = evidenceFault(raw, isErased);
  if (evidence) return { id: event.id, fault: evidence };
  return {
    index,
    event: { ...restoreEvent(raw, event, recordedAt), chainedAt },
    hash: textOf(raw, 'hash'),
    revision: typeof raw['revision'] === 'number' ? raw['revision'] : null,
  };
}

function restoreEvent(raw: RawRecord, event: NewEvent, recordedAt: Micros): RestoreEvent {
  const stream = textOf(raw, 'stream');
  return {
    event,
    actor: { authType: textOf(raw, 'authtype') ?? 'unauthenticated', authId: textOf(raw, 'authid') },
    recordedAt,
    salt: raw['erased'] === true ? null : textOf(raw, 'salt'),
    erasedDataHash: raw['erased'] === true ? textOf(raw, 'datahash') : null,
    ...(stream !== null && splitStream(stream) ? { stream: stream as StreamName } : {}),
  };
}

function recordedAtOf(raw: RawRecord): Micros | Fault {
  const text = raw['recordedat'];
  const path = '/recordedat';
  if (text === undefined) return { code: 'RECORDEDAT_MISSING', message: 'recordedat is missing', path };
  const at = typeof text === 'string' ? parseTime(text) : null;
  if (typeof at === 'number') return at;
  return { code: 'RECORDEDAT_INVALID', message: 'recordedat must be RFC 3339, such as 2022-12-13T20:14:00Z', path };
}

/** An erased event lives on in its digest alone; of others the salt belongs to the chain. */
function evidenceFault(raw: RawRecord, isErased: boolean): Fault | null {
  const lengths = { salt: SALT_LENGTH, hash: DIGEST_LENGTH, datahash: DIGEST_LENGTH };
  for (const [name, length] of Object.entries(lengths)) {
    const text = raw[name];
    if (text === undefined && !(isErased && name === 'datahash')) continue;
    if (typeof text === 'string' && text.length === length && HEX.test(text)) continue;
    return { code: 'EVIDENCE_INVALID', message: `${name} must be ${length} hexadecimal digits`, path: `/${name}` };
  }
  return null;
}

function textOf(raw: RawRecord, name: string): string | null {
  const text = raw[name];
  return typeof text === 'string' ? text : null;
}

function outcomeFault({ event }: RestoreEvent, { kind }: AppendOutcome): Fault {
  if (kind === 'id-reused') {
    return { code: 'EVENT_ID_REUSED', message: 'another event with this source and id came before', path: '/id' };
  }
  return {
    code: 'UNKNOWN_EVENT',
    message: `nothing restored so far tells the stream of the event that ${JSON.stringify(event.id)} names`,
    path: '/data/eventId',
  };
}
