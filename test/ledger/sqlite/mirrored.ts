/** A record as a store holds it, made of a ledger's events: positions shifted and with gaps. */
import type { RecordedEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import { digestData, FIRST_PREVIOUS, fromHex, HASH_BYTES, linkHash, SALT_BYTES } from '../../../src/ledger/chain.ts';
import type { MirrorBatch, MirroredEvent } from '../../../src/ledger/mirror.ts';
import type { LedgerReader } from '../../../src/ledger/port.ts';

/** Where a record has the event that a ledger has at a position. */
export const shifted = (position: number): Position => (1_000 + position * 57 + (position % 3)) as Position;

/** An event of a ledger as a record would give it. */
export function mirrored(event: RecordedEvent): MirroredEvent {
  const { stream, revision, id, source, type, notBefore, synthetic, actor, envelope, dataText } = event;
  return {
    ...{ stream, revision, id, source, type, notBefore, synthetic, actor, envelope, dataText },
    position: shifted(event.position),
    time: event.occurredAtKnown ? event.occurredAt : null,
    salt: event.salt === null ? null : fromHex(event.salt, SALT_BYTES),
    dataHash: event.erased ? fromHex(event.dataHash, HASH_BYTES) : null,
    hash: fromHex(event.hash, HASH_BYTES) as Uint8Array,
    chainedAt: event.chainedAt ?? event.recordedAt,
    isRestored: false,
  };
}

/** All events of a ledger as a record would give them. */
export async function recordOf(ledger: LedgerReader): Promise<readonly MirroredEvent[]> {
  return (await ledger.readAllRecorded({ limit: 100_000 })).map(mirrored);
}

export function batch(events: readonly MirroredEvent[], parts: Partial<MirrorBatch> = {}): MirrorBatch {
  return { events, rejections: [], cursor: `after ${events.at(-1)?.position ?? 0}`, ...parts };
}

/** The event with the hash that it has behind another: what whoever can write to a store can make. */
export function rehashed(event: MirroredEvent, previous: Uint8Array | null): MirroredEvent {
  const { stream, revision, chainedAt: recordedAt, envelope, salt, dataText } = event;
  if (salt === null || dataText === null) throw new Error('an erased event keeps its hash');
  const link = { previous: previous ?? FIRST_PREVIOUS, stream, revision, recordedAt, envelope };
  return { ...event, hash: linkHash({ ...link, dataHash: digestData(salt, dataText) }) };
}
