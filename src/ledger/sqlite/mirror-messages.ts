/**
 * A batch of a mirror on its way to the writer's thread: flat lists, with the names that repeat sent once and all bytes in
 * one buffer. Copied as objects, each event would take several times as long, and small buffers drag along the pool that
 * they are cut from.
 */
import type { EventName } from '../../../schemas/catalogue.ts';
import type { Position, Revision, StreamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import { HASH_BYTES, SALT_BYTES } from '../chain.ts';
import type { MirroredEvent } from '../mirror.ts';
import { indexedNames } from './messages.ts';

/** Events, flat. `numbers` and `bytes`: see `packMirrored`, the only one who writes them. */
export interface PackedEvents {
  readonly names: readonly string[];
  /** id and envelope of each event. */
  readonly texts: readonly string[];
  readonly dataTexts: readonly (string | null)[];
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const ABSENT = -1;
const NUMBERS = 10;
/** Of each event: hash, salt, digest of erased data; zeros where there is none, which its flags say. */
const BYTES = HASH_BYTES + SALT_BYTES + HASH_BYTES;
const SALT_AT = HASH_BYTES;
const DIGEST_AT = HASH_BYTES + SALT_BYTES;

const FLAGS = { synthetic: 1, restored: 2, hash: 4, salt: 8, digest: 16 } as const;

/**
 * Packs events: per event position, stream, revision, source, type, actor, time, notBefore, chainedAt, flags.
 * Names are indexes into `names`; -1 is absent. Bytes of a wrong length are as if they were missing.
 */
export function packMirrored(events: readonly MirroredEvent[]): PackedEvents {
  const { names, indexOf } = indexedNames();
  const texts: string[] = [];
  const numbers = new Float64Array(events.length * NUMBERS);
  const bytes = new Uint8Array(events.length * BYTES);
  let number = 0;
  const add = (value: number): void => {
    numbers[number++] = value;
  };
  let at = 0;
  for (const event of events) {
    const { hash, salt, dataHash, actor } = event;
    let flags = (event.synthetic ? FLAGS.synthetic : 0) | (event.isRestored ? FLAGS.restored : 0);
    if (hash.length === HASH_BYTES) flags |= FLAGS.hash;
    if (salt?.length === SALT_BYTES) flags |= FLAGS.salt;
    if (dataHash?.length === HASH_BYTES) flags |= FLAGS.digest;
    if (flags & FLAGS.hash) bytes.set(hash, at);
    if (salt && flags & FLAGS.salt) bytes.set(salt, at + SALT_AT);
    if (dataHash && flags & FLAGS.digest) bytes.set(dataHash, at + DIGEST_AT);
    at += BYTES;
    texts.push(event.id, event.envelope);
    add(event.position);
    add(indexOf(event.stream));
    add(event.revision);
    add(indexOf(event.source));
    add(indexOf(event.type));
    add(actor === null ? ABSENT : indexOf(actor));
    add(event.time ?? ABSENT);
    add(event.notBefore ?? ABSENT);
    add(event.chainedAt);
    add(flags);
  }
  return { names, texts, dataTexts: events.map(({ dataText }) => dataText), numbers, bytes };
}

/** The event at an index. */
export function unpackMirrored(
  { names, texts, dataTexts, numbers, bytes }: PackedEvents,
  index: number,
): MirroredEvent {
  const number = (offset: number): number => numbers[index * NUMBERS + offset] as number;
  const name = (offset: number): string => names[number(offset)] as string;
  const orNull = (offset: number): Micros | null => (number(offset) === ABSENT ? null : (number(offset) as Micros));
  const at = index * BYTES;
  const flags = number(9);
  return {
    position: number(0) as Position,
    stream: name(1) as StreamName,
    revision: number(2) as Revision,
    source: name(3),
    type: name(4) as EventName,
    actor: number(5) === ABSENT ? null : name(5),
    time: orNull(6),
    notBefore: orNull(7),
    chainedAt: number(8) as Micros,
    synthetic: (flags & FLAGS.synthetic) !== 0,
    isRestored: (flags & FLAGS.restored) !== 0,
    id: texts[2 * index] as string,
    envelope: texts[2 * index + 1] as string,
    dataText: dataTexts[index] as string | null,
    // A copy: the ends of streams are remembered, and would keep whole batches.
    hash: (flags & FLAGS.hash) === 0 ? NONE : bytes.slice(at, at + HASH_BYTES),
    salt: (flags & FLAGS.salt) === 0 ? null : bytes.subarray(at + SALT_AT, at + DIGEST_AT),
    dataHash: (flags & FLAGS.digest) === 0 ? null : bytes.subarray(at + DIGEST_AT, at + BYTES),
  };
}

const NONE = new Uint8Array(0);
