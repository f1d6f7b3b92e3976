/**
 * Proof, offline: that nothing inside a stream was changed, removed or reordered; and with a checkpoint kept elsewhere,
 * that no tail and no stream is missing.
 */
import { type Position, START, type StreamName } from '../../schemas/ids.ts';
import { formatTime, type Micros } from '../../schemas/time.ts';
import { MusterbookError } from '../errors.ts';
import { digestEnds, type StreamEnd, toHex } from './chain.ts';
import type { KeptCheckpoint } from './checkpoint-text.ts';
import { erasuresOf } from './erasures.ts';
import { evidenceOf } from './evidence.ts';
import { namedBy } from './judge.ts';
import type { LedgerReader, Retraction, StoredEvent } from './port.ts';
import { type Checkpoint, Proof, type Verification } from './proof.ts';
import { judgeSignature } from './signature.ts';

export interface VerifyOptions {
  /** What the ledger is held against; absent: its end stays unproved. */
  readonly checkpoint?: KeptCheckpoint;
  /** Whose signature the checkpoint must bear, as `readPublicKey` gives it; absent: anyone's, or none. */
  readonly publicKey?: string;
  /** Called after each page with the events looked at so far and those there are. */
  readonly onProgress?: (done: number, all: number) => void;
  /** Ends early by throwing its reason. */
  readonly signal?: AbortSignal;
}

// Small enough that a page's events are gone before the collector looks at them twice.
const PAGE_EVENTS = 500;

/**
 * Proves the ledger as it stands when called; what is appended meanwhile is left out. Memory: one entry per stream and
 * per retraction. Throws only what reading throws, and never for what it finds.
 */
export async function verifyLedger(reader: LedgerReader, options: VerifyOptions = {}): Promise<Verification> {
  const { checkpoint } = options;
  const head = await reader.head();
  const proof = new Proof(checkpoint?.position ?? null, head.restoredUpTo);
  for await (const page of readablePages(reader, head.position, proof)) {
    options.signal?.throwIfAborted();
    for (const event of page) proof.take(event);
    const positions = page.map((event) => event.position);
    proof.takeRetracted(await reader.retractedAmong(positions, head.position));
    options.onProgress?.(proof.events, head.events);
  }
  proof.compareRetractions(await retractionsMeant(reader, proof.retractions));
  const { erasures, faults } = await erasuresOf(reader, {
    erased: proof.erased,
    retractions: proof.retractions,
    upTo: head.position,
  });
  proof.erasures = erasures;
  for (const fault of faults) proof.find('retraction', fault, fault.message);
  for (const end of proof.ends()) {
    const counted = await reader.streamHead(end.stream);
    if (counted?.revision === end.revision || (counted && counted.position > head.position)) continue;
    const to = counted?.revision ?? 'none';
    proof.find('count', end, `the ledger counts this stream to revision ${to}, but it ends at ${end.revision}`);
  }
  proof.compareCounts(head);
  if (checkpoint) {
    proof.takeSignature(judgeSignature(checkpoint, options.publicKey ?? null));
    proof.compareCheckpoint(checkpoint, head.position);
  }
  return proof.result(head.position);
}

/** What the recorded retractions mean: event → its first retraction. */
async function retractionsMeant(
  reader: LedgerReader,
  retractions: readonly StoredEvent[],
): Promise<ReadonlyMap<Position, Position>> {
  const meant = new Map<Position, Position>();
  for (const retraction of retractions) {
    const target = await targetOf(reader, retraction);
    if (target && !meant.has(target)) meant.set(target, retraction.position);
  }
  return meant;
}

async function targetOf(reader: LedgerReader, retraction: StoredEvent): Promise<Retraction['target'] | null> {
  try {
    const target = await reader.eventByKey(namedBy(retraction.dataText ?? ''), retraction.stream);
    if (!target || target.type === 'EventRetracted') return null;
    return target.position < retraction.position ? target.position : null;
  } catch {
    // One of the two is damaged, which was found already at its own place.
    return null;
  }
}

export interface LedgerEnds {
  readonly checkpoint: Checkpoint;
  /** What `checkpoint.ends` digests: the last event of every stream. */
  readonly ends: readonly StreamEnd[];
}

/** Digests the ledger as it stands. Keep the result where whoever can write to the ledger cannot. Reads every event. */
export async function makeCheckpoint(
  reader: LedgerReader,
  options: Pick<VerifyOptions, 'onProgress' | 'signal'> = {},
): Promise<Checkpoint> {
  return (await readEnds(reader, options)).checkpoint;
}

/** A checkpoint with the stream ends behind it; at `upTo`, absent: at the head. */
export async function readEnds(
  reader: LedgerReader,
  options: Pick<VerifyOptions, 'onProgress' | 'signal'> & { readonly upTo?: Position } = {},
): Promise<LedgerEnds> {
  const head = await reader.head();
  const upTo = options.upTo ?? head.position;
  const ends = new Map<StreamName, StreamEnd>();
  let events = 0;
  let last: { readonly position: Position; readonly recordedAt: Micros } | null = null;
  for (;;) {
    options.signal?.throwIfAborted();
    const after: Position = last?.position ?? START;
    const page: readonly StoredEvent[] = await reader.readAllStored({ after, upTo, limit: PAGE_EVENTS });
    for (const event of page) {
      const { stream, revision } = event;
      ends.set(stream, { stream, revision, hash: evidenceOf(event).hash });
    }
    events += page.length;
    last = page.at(-1) ?? last;
    options.onProgress?.(events, head.events);
    if (page.length < PAGE_EVENTS) break;
  }
  const all = [...ends.values()];
  const checkpoint = {
    position: upTo,
    events,
    streams: all.length,
    recordedAt: last && formatTime(last.recordedAt),
    ends: toHex(digestEnds(all)),
  };
  return { checkpoint, ends: all };
}

/** Reads by pages; where one cannot be read, event by event, to name what is damaged and go on behind it. */
async function* readablePages(
  reader: LedgerReader,
  upTo: Position,
  proof: Proof,
): AsyncGenerator<readonly StoredEvent[]> {
  let after = START;
  let singles = 0;
  while (after < upTo) {
    const limit = singles > 0 ? 1 : PAGE_EVENTS;
    singles = Math.max(0, singles - 1);
    try {
      const page = await reader.readAllStored({ after, upTo, limit });
      yield page;
      after = page.length < limit ? upTo : (page.at(-1)?.position ?? upTo);
    } catch (failure) {
      if (!(failure instanceof MusterbookError) || failure.code !== 'LEDGER_CORRUPT') throw failure;
      if (limit === 1) {
        after = await unreadableAfter(reader, after);
        proof.takeUnreadable(after, failure.message);
      } else {
        singles = PAGE_EVENTS;
      }
    }
  }
}

/** Where the first event after a position is, which cannot be read: positions have gaps, and it cannot say itself. */
async function unreadableAfter(reader: LedgerReader, after: Position): Promise<Position> {
  const isBefore = async (upTo: number): Promise<boolean> => {
    try {
      await reader.readAllStored({ after, upTo: upTo as Position, limit: 1 });
      return false;
    } catch (failure) {
      if (failure instanceof MusterbookError && failure.code === 'LEDGER_CORRUPT') return true;
      throw failure;
    }
  };
  let step = 1;
  while (!(await isBefore(after + step))) step *= 2;
  let [below, at] = [after + Math.floor(step / 2), after + step];
  while (at - below > 1) {
    const middle = Math.floor((below + at) / 2);
    if (await isBefore(middle)) at = middle;
    else below = middle;
  }
  return at as Position;
}
