/** A recorded event as one line of an export: the stored members first, byte for byte, then the ledger's own. */
import type { RecordedEvent } from '../event.ts';
import { formatTime, type Micros, parseTime } from '../time.ts';

/** What a line says. */
export interface RecordedLine {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly recordedAt: Micros;
  /** What the hash covers, where that is not `recordedAt`: earlier than it. */
  readonly chainedAt?: Micros | undefined;
  /** Whether the source sent a time. */
  readonly occurredAtKnown: boolean;
  /** As stored: the bytes that are hashed. */
  readonly envelope: string;
  /** As stored; null where it was erased or left out. */
  readonly dataText: string | null;
  /** Hex; null where `dataText` is. */
  readonly salt: string | null;
  /** Hex; null where it follows from salt and data. */
  readonly dataHash: string | null;
  /** Hex. */
  readonly hash: string;
  /** Why there is no data: `erased` in its ledger for good, `withheld` from this copy. */
  readonly absent: 'erased' | 'withheld' | null;
}

/**
 * One event as a line without its end. `time` is always given, and where the source sent none `timeknown` is false. An
 * event whose data is withheld from this copy, and one whose data was erased, have its digest instead.
 */
export function recordedLine(event: RecordedEvent, options: { readonly withheld?: boolean } = {}): string {
  const absent = event.erased ? 'erased' : options.withheld ? 'withheld' : null;
  const payload = absent === null ? `,"data":${event.dataText}` : '';
  return `${event.envelope.slice(0, -1)}${payload},${ownMembers({ ...event, absent })}}`;
}

function ownMembers(line: Omit<RecordedLine, 'envelope' | 'dataText'>): string {
  const recordedAt = formatTime(line.recordedAt);
  const time = line.occurredAtKnown ? '' : `"time":"${recordedAt}","timeknown":false,`;
  const place = `"position":${line.position},"stream":${JSON.stringify(line.stream)},"revision":${line.revision}`;
  const salt = line.absent === null ? `,"salt":"${line.salt}"` : '';
  const absent = line.absent === null ? '' : `,"${line.absent}":true,"datahash":"${line.dataHash}"`;
  const chained = line.chainedAt === undefined ? '' : `,"chainedat":"${formatTime(line.chainedAt)}"`;
  return `${time}${place},"recordedat":"${recordedAt}"${chained}${salt},"hash":"${line.hash}"${absent}`;
}

const DATA_MEMBER = ',"data":';

/** Reads a line; in words what is wrong where no export writes it so. Whether its hash holds is not looked at. */
export function readRecordedLine(text: string): RecordedLine | string {
  let raw: Record<string, unknown> | null;
  try {
    raw = JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    return 'it is no JSON';
  }
  if (raw === null || typeof raw !== 'object' || Array.isArray(raw)) return 'it is no JSON object';
  const own = ownOf(raw);
  if (typeof own === 'string') return own;
  const tail = `,${ownMembers(own)}}`;
  if (!text.endsWith(tail)) return "the ledger's members are not written as an export writes them";
  const stored = text.slice(0, -tail.length);
  // No text in the envelope can hold these bytes: within one, the quotes would be escaped.
  const at = stored.indexOf(DATA_MEMBER);
  if (at < 0 !== (own.absent !== null))
    return own.absent === null ? 'its data is missing' : `it has data, though ${own.absent}`;
  const envelope = `${at < 0 ? stored : stored.slice(0, at)}}`;
  return { ...own, envelope, dataText: at < 0 ? null : stored.slice(at + DATA_MEMBER.length) };
}

function ownOf(raw: Record<string, unknown>): Omit<RecordedLine, 'envelope' | 'dataText'> | string {
  const { position, stream, revision, recordedat, salt, hash, datahash, timeknown, erased, withheld } = raw;
  if (!isCount(position) || !isCount(revision)) return 'position and revision must be whole numbers';
  if (typeof stream !== 'string') return 'stream is missing';
  const recordedAt = typeof recordedat === 'string' ? parseTime(recordedat) : null;
  if (typeof recordedAt !== 'number') return 'recordedat must be a time';
  const chainedAt = chainedAtOf(raw, recordedAt);
  if (chainedAt === null) return 'chainedat must be a time before recordedat';
  const absent = erased === true ? 'erased' : withheld === true ? 'withheld' : null;
  if (!isHex(hash, 64)) return 'hash must be 64 hexadecimal digits';
  if (absent === null && !isHex(salt, 32)) return 'salt must be 32 hexadecimal digits';
  if (absent !== null && !isHex(datahash, 64)) return 'datahash must be 64 hexadecimal digits';
  const evidence =
    absent === null ? { salt: salt as string, dataHash: null } : { salt: null, dataHash: datahash as string };
  const place = { position, stream, revision, recordedAt, occurredAtKnown: timeknown !== false };
  return { ...place, ...(chainedAt === undefined ? {} : { chainedAt }), hash, absent, ...evidence };
}

/** Undefined where the line has none; null where it is not what an export writes. */
export function chainedAtOf(raw: Readonly<Record<string, unknown>>, recordedAt: Micros): Micros | undefined | null {
  const text = raw['chainedat'];
  if (text === undefined) return undefined;
  const at = typeof text === 'string' ? parseTime(text) : null;
  return typeof at === 'number' && at < recordedAt ? at : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isHex(value: unknown, length: number): value is string {
  return typeof value === 'string' && value.length === length && /^[0-9a-f]+$/.test(value);
}
