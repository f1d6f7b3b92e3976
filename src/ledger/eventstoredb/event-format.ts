/**
 * How an event of ours lies in an EventStoreDB, and how it is read back. Pure. The store's event has the bare name as type,
 * our data as JSON, and in its metadata what is hashed beside it, so that others who read the store need nothing of ours.
 */
import { createHash } from 'node:crypto';
import { type EventName, isEventName } from '../../../schemas/catalogue.ts';
import { TYPE_PREFIX } from '../../../schemas/event.ts';
import { type Position, type Revision, type StreamName, splitStream } from '../../../schemas/ids.ts';
import { type Micros, parseTime } from '../../../schemas/time.ts';
import { digestData, fromHex, HASH_BYTES, linkHash, SALT_BYTES, toHex } from '../chain.ts';
import type { MirroredEvent } from '../mirror.ts';
import type { EventKey } from '../port.ts';
import type { ReadEvent, StoreContent, StoreEvent } from './store.ts';

/** The namespace (RFC 9562) of the ids that we give to events in a store. */
const NAMESPACE = Buffer.from('6d0c2f0e3b6b5c0f9a0f4d7573746572', 'hex');

/** What becomes one event of the store; everything of it is fixed before the store is asked, so that it can be sent again. */
export interface ChainedEvent {
  readonly key: EventKey;
  readonly type: EventName;
  readonly stream: StreamName;
  readonly revision: number;
  /** 32 bytes: of the event before it in its stream. */
  readonly previous: Uint8Array;
  readonly chainedAt: number;
  readonly envelope: string;
  /** null of an event that is restored as erased. */
  readonly dataText: string | null;
  /** 16 bytes; null where `dataText` is. */
  readonly salt: Uint8Array | null;
  /** 32 bytes, of an event that is restored as erased. */
  readonly erasedDataHash: Uint8Array | null;
  readonly isRestored: boolean;
  /** How many events of the same append come after it: they are shown together. */
  readonly more: number;
}

/** The store's event and the hash that the next one of its stream links to. */
export function storeEvent(event: ChainedEvent): { readonly event: StoreEvent; readonly hash: Uint8Array } {
  const { stream, revision, previous, chainedAt, envelope, dataText, salt, erasedDataHash } = event;
  const dataHash = salt !== null && dataText !== null ? digestData(salt, dataText) : erasedDataHash;
  if (dataHash === null) throw new Error(`An event of ${stream} has neither data nor its digest`);
  const hash = linkHash({ previous, stream, revision, recordedAt: chainedAt, envelope, dataHash });
  const metadata = {
    envelope,
    recordedat: chainedAt,
    ...(salt !== null ? { salt: toHex(salt) } : { datahash: toHex(dataHash) }),
    hash: toHex(hash),
    ...(event.isRestored && { restored: true }),
    ...(event.more > 0 && { more: event.more }),
  };
  return { event: { id: storeId(event.key), type: event.type, content: contentOf(dataText), metadata }, hash };
}

/** UUIDv5 of (source, id): the same event has the same id whoever sends it, and however often. */
export function storeId({ source, id }: EventKey): string {
  const bytes = createHash('sha1')
    .update(NAMESPACE)
    .update(JSON.stringify([source, id]))
    .digest();
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** An event in a stream of ours that is not as we write them: why. */
export class FormatFault extends Error {
  override readonly name = 'FormatFault';
}

/** How many events of the same append come after this one. */
export function moreAfter({ metadata }: ReadEvent): number {
  const more = isObject(metadata) ? metadata['more'] : 0;
  return typeof more === 'number' && Number.isSafeInteger(more) && more > 0 ? more : 0;
}

/** An event of the store as the mirror takes it; whether its hash is right is the mirror's to say. Throws `FormatFault`. */
export function mirroredEvent(read: ReadEvent, stream: StreamName): MirroredEvent {
  const metadata = metadataOf(read);
  const envelope = envelopeOf(metadata.envelope);
  if (!isEventName(read.type)) throw new FormatFault(`it has the type ${JSON.stringify(read.type)}`);
  if (envelope.type !== `${TYPE_PREFIX}${read.type}`) throw new FormatFault('its envelope names another type');
  if (envelope.subject !== splitStream(stream)?.subject) throw new FormatFault('its envelope names another subject');
  const { source, id } = envelope;
  if (read.id !== storeId({ source, id })) throw new FormatFault('its id is not that of its source and id');
  const { dataHash } = metadata;
  return {
    position: read.position as Position,
    stream,
    revision: read.revision as Revision,
    id,
    source,
    type: read.type,
    time: timeOf(envelope.time),
    notBefore: timeOf(envelope.notbefore),
    synthetic: envelope.synthetic === true,
    actor: typeof envelope.authid === 'string' ? envelope.authid : null,
    envelope: metadata.envelope,
    dataText: dataHash === null ? textOf(read.content) : null,
    salt: metadata.salt,
    dataHash,
    hash: metadata.hash,
    chainedAt: metadata.chainedAt,
    isRestored: metadata.isRestored,
  };
}

/** JSON where the client, which parses and prints it again, gives the same text back; else its bytes. */
function contentOf(dataText: string | null): StoreContent {
  if (dataText === null) return { json: {} };
  const json: unknown = JSON.parse(dataText);
  return JSON.stringify(json) === dataText ? { json } : { bytes: Buffer.from(dataText, 'utf8') };
}

function textOf(content: StoreContent): string {
  return 'json' in content ? JSON.stringify(content.json) : Buffer.from(content.bytes).toString('utf8');
}

function metadataOf({ metadata }: ReadEvent) {
  if (!isObject(metadata)) throw new FormatFault('it has no metadata of ours');
  const { envelope, recordedat, restored } = metadata;
  const bytes = (name: string, length: number): Uint8Array | null => {
    const text = metadata[name];
    return typeof text === 'string' ? fromHex(text, length) : null;
  };
  const [hash, salt, dataHash] = [bytes('hash', HASH_BYTES), bytes('salt', SALT_BYTES), bytes('datahash', HASH_BYTES)];
  if (typeof envelope !== 'string') throw new FormatFault('its metadata has no envelope');
  if (hash === null) throw new FormatFault('its metadata has no hash');
  if ((salt === null) === (dataHash === null)) throw new FormatFault('its metadata has not one of salt and datahash');
  if (typeof recordedat !== 'number' || !Number.isSafeInteger(recordedat) || recordedat < 0) {
    throw new FormatFault('its metadata has no recordedat');
  }
  return { envelope, hash, salt, dataHash, chainedAt: recordedat as Micros, isRestored: restored === true };
}

interface Envelope extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
}

function envelopeOf(text: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormatFault('its envelope is not JSON');
  }
  const isNamed =
    isObject(value) && ['id', 'source', 'type', 'subject'].every((name) => typeof value[name] === 'string');
  if (!isNamed) throw new FormatFault('its envelope does not name id, source, type and subject');
  return value as Envelope;
}

function timeOf(value: unknown): Micros | null {
  if (value === undefined) return null;
  const time = typeof value === 'string' ? parseTime(value) : 'TIME_UNREADABLE';
  if (typeof time !== 'number') throw new FormatFault('its envelope has a time that cannot be read');
  return time;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}
