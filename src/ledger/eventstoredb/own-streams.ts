/** The two streams beside the ledger's own: which ledger the store holds, and what was refused at the doors. */

import type { Micros } from '../../../schemas/time.ts';
import type { KeptRejection, NewRejection } from '../port.ts';
import type { ReadEvent, StoreEvent } from './store.ts';

/** Names after the prefix; no stream of a ledger is named so, since those have a hyphen. */
export const LEDGER_STREAM = 'ledger';
export const REJECTIONS_STREAM = 'rejections';

const LEDGER_TYPE = 'LedgerNamed';
const REJECTION_TYPE = 'RecordRejected';

export function namingEvent(recordId: string, eventId: string): StoreEvent {
  return { id: eventId, type: LEDGER_TYPE, content: { json: { id: recordId, format: 1 } }, metadata: {} };
}

/** The id of the ledger that a store's first event of `LEDGER_STREAM` names; null where it names none. */
export function readNaming({ type, content }: ReadEvent): string | null {
  if (type !== LEDGER_TYPE || !('json' in content)) return null;
  const { id } = Object(content.json) as { readonly id?: unknown };
  return typeof id === 'string' && id !== '' ? id : null;
}

export function rejectionEvent(rejection: NewRejection, eventId: string): StoreEvent {
  return { id: eventId, type: REJECTION_TYPE, content: { json: { ...rejection } }, metadata: {} };
}

/** Null of an event that is no rejection of ours. */
export function readRejection({ type, content, revision }: ReadEvent): KeptRejection | null {
  if (type !== REJECTION_TYPE || !('json' in content)) return null;
  const { at, door, code, message, path, record, truncated } = Object(content.json) as Record<
    keyof NewRejection,
    unknown
  >;
  const isText = [door, code, message, record].every((text) => typeof text === 'string');
  if (!isText || !Number.isSafeInteger(at) || !(path === null || typeof path === 'string')) return null;
  return {
    ...{ at: at as Micros, door: String(door), code: String(code), message: String(message), record: String(record) },
    ...{ path: path as string | null, truncated: truncated === true, seq: revision },
  };
}
