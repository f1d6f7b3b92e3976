/** The bytes that a chain is proved with, whichever way a backend gives them. */
import { fromHex, HASH_BYTES, SALT_BYTES } from './chain.ts';
import type { Evidence, StoredEvent } from './port.ts';

const NONE = new Uint8Array(0);

/** Bytes of the wrong length, or hexadecimal digits that are none, are as if they were missing. */
export function evidenceOf(event: StoredEvent): Evidence {
  if (event.evidence) return event.evidence;
  return {
    salt: event.salt === null ? null : fromHex(event.salt, SALT_BYTES),
    dataHash: event.dataText === null ? fromHex(event.dataHash, HASH_BYTES) : null,
    hash: fromHex(event.hash, HASH_BYTES) ?? NONE,
  };
}
