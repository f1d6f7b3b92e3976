/** Why a record may be refused at the door, and what its sender can do. */
import type { CATEGORIES } from '../../schemas/ids.ts';

type Judged = Exclude<(typeof CATEGORIES)[number], 'cluster' | 'collector'>;

const REJECTION_HINTS = {
  JSON_UNREADABLE: 'Send one CloudEvent as a JSON object in UTF-8.',
  JSON_DUPLICATE_KEY: 'Name each member of an object once: readers differ in which of two they believe.',
  JSON_TOO_DEEP: 'Nest objects and lists at most 32 deep.',
  NUMBER_OUT_OF_RANGE: 'Send numbers that a double can hold, or send them as text.',
  LONE_SURROGATE: 'Send text that UTF-8 can hold: \\uD800 to \\uDFFF in pairs only.',
  EVENT_TOO_LARGE: 'An event is at most 256 KiB: keep logs and dumps elsewhere and link to them.',
  ENVELOPE_INVALID: 'Send the attributes of CloudEvents 1.0: specversion, id, source, type, subject, time, data.',
  ID_INVALID: 'Ids have 1 to 200 characters, no control characters and no white space at the ends.',
  EVENT_TYPE_UNKNOWN: 'GET /schemas lists every event type.',
  TIME_UNREADABLE: 'Write times as RFC 3339, such as 2022-12-13T20:14:00Z.',
  TIME_WITHOUT_ZONE: 'End times with Z or an offset such as -05:00.',
  TIME_OUT_OF_RANGE: 'Times lie between 1970 and 2200.',
  DATA_INVALID: 'GET /schemas/<Name>.json shows what the event’s data may hold.',
  EVENT_ID_REUSED: 'The same source and id name an event with other content: give every event an id of its own.',
  UNKNOWN_EVENT: 'Retract an event that the ledger holds: eventSource and eventId are its source and id.',
  UNKNOWN_INCIDENT: 'Send IncidentDeclared first.',
  UNKNOWN_COMPONENT: 'Send ComponentRegistered first.',
  UNKNOWN_MAINTENANCE: 'Send MaintenanceScheduled first.',
  FORBIDDEN: 'Role ingest appends cluster and collector events; everything else takes operate, erasing admin.',
  RECORDEDAT_MISSING: 'Restoring needs `recordedat` on every line: import without --restore to record them now.',
  RECORDEDAT_INVALID: 'Write recordedat as RFC 3339, such as 2022-12-13T20:14:00Z.',
  EVIDENCE_INVALID: 'salt, hash and datahash are lower-case hexadecimal as `musterbook export` prints them.',
} as const;

export type RejectionCode = keyof typeof REJECTION_HINTS;

/** What is wrong with a record. */
export interface Fault {
  readonly code: RejectionCode;
  readonly message: string;
  /** JSON pointer into the record; null where it cannot be read at all. */
  readonly path: string | null;
}

/** What a stream that has no opening event is refused with. */
export const UNKNOWN_SUBJECT: Readonly<Record<Judged, RejectionCode>> = {
  incident: 'UNKNOWN_INCIDENT',
  component: 'UNKNOWN_COMPONENT',
  maintenance: 'UNKNOWN_MAINTENANCE',
};

/** The hint for a code; one that is not ours has none. */
export function hintOf(code: string): string | null {
  return Object.hasOwn(REJECTION_HINTS, code) ? REJECTION_HINTS[code as RejectionCode] : null;
}
