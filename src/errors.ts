/**
 * The catalogue of error codes: what each means outside (HTTP status), whether trying again can help, and what to do.
 * A refusal is a returned value; an operating error is a thrown `MusterbookError`; a broken assumption is an assertion.
 */

interface ErrorEntry {
  readonly status: number;
  readonly retryable: boolean;
  /** What the reader can do about it. */
  readonly hint: string;
}

export const ERRORS = {
  JSON_UNREADABLE: { status: 400, retryable: false, hint: 'Send UTF-8 JSON; in NDJSON one object on each line.' },
  STORAGE_FULL: {
    status: 503,
    retryable: true,
    hint: 'Free space on the disk that holds the ledger, then send the same events again: those already taken are answered as duplicates.',
  },
  STORAGE_FAILED: {
    status: 503,
    retryable: true,
    hint: 'Look at the server log for the cause; events already acknowledged are safe.',
  },
  IMPORT_UNREADABLE: {
    status: 422,
    retryable: false,
    hint: 'Check the file against what `musterbook import --help` says of its format; what was imported before it stays.',
  },
  ERASURE_INCOMPLETE: {
    status: 503,
    retryable: true,
    hint: 'The event is erased and answers show it no more, but a reader (a backup, a shell) keeps old bytes in a file under MUSTERBOOK_DATA: end it. Erasing goes on by itself; send the same again to hear that it is done. An EventStoreDB cannot blank one event: the text that the message names stays in its log, and nowhere under MUSTERBOOK_DATA (docs/privacy.md).',
  },
  LEDGER_CLOSED: { status: 503, retryable: true, hint: 'The server is shutting down; try again.' },
  LEDGER_NOT_EMPTY: {
    status: 409,
    retryable: false,
    hint: 'Restore into an empty ledger: choose another MUSTERBOOK_DATA.',
  },
  FOLDER_NOT_EMPTY: {
    status: 409,
    retryable: false,
    hint: 'Name a folder that is empty or does not exist: it is made.',
  },
  RECORDED_AT_FALLS: {
    status: 422,
    retryable: false,
    hint: 'Merge the files by recordedat before restoring, or name them all in one command.',
  },
  HASH_MISMATCH: {
    status: 422,
    retryable: false,
    hint: 'The file was changed after its export: delete what was restored and take another copy.',
  },
  CHECKPOINT_UNREADABLE: {
    status: 422,
    retryable: false,
    hint: 'Give the file as `musterbook checkpoint` printed it; take another copy where it was cut short.',
  },
  KEY_UNREADABLE: {
    status: 422,
    retryable: false,
    hint: 'Give an Ed25519 key in PEM, as `musterbook checkpoint --new-key FILE` makes one: the private key to sign, the public key to verify.',
  },
  BUNDLE_NOT_VERIFIED: {
    status: 422,
    retryable: false,
    hint: 'Nothing was taken. Take another copy from whoever exported it; `musterbook verify --bundle FILE` lists everything that is wrong with this one.',
  },
  CHECKPOINT_FOREIGN: {
    status: 409,
    retryable: false,
    hint: 'Give a checkpoint of this ledger; `musterbook verify --checkpoint FILE` says whether one is.',
  },
  LEDGER_CORRUPT: {
    status: 500,
    retryable: false,
    hint: 'Restore the ledger file from a backup; `musterbook verify` names the place.',
  },
  CHAIN_BROKEN: {
    status: 500,
    retryable: false,
    hint: 'The record was changed outside Musterbook: nothing from this place on is shown. Compare with another copy of the store and mend it, or restore it from a backup; delete mirror.sqlite and views.sqlite under MUSTERBOOK_DATA only if this copy is what is wrong.',
  },
  LEDGER_FOREIGN: {
    status: 409,
    retryable: false,
    hint: 'This folder holds a copy of another ledger: name the store (MUSTERBOOK_STORE, MUSTERBOOK_ESDB_PREFIX) that it was made from, or another MUSTERBOOK_DATA.',
  },
  STORE_UNREACHABLE: {
    status: 503,
    retryable: true,
    hint: 'Look whether the store that MUSTERBOOK_STORE names is up and can be reached from here; it is tried again. Send the same events again: those already taken are answered as duplicates.',
  },
  STORE_REFUSED: {
    status: 503,
    retryable: true,
    hint: 'The store refuses what is asked of it: check user name, password and certificates in MUSTERBOOK_STORE, and what that user may do.',
  },
  KAFKA_UNREACHABLE: {
    status: 503,
    retryable: true,
    hint: 'Look whether the brokers that MUSTERBOOK_KAFKA_BROKERS names are up and can be reached from here, also under the names that they advertise; it is tried again.',
  },
  KAFKA_REFUSED: {
    status: 503,
    retryable: true,
    hint: 'The brokers refuse what is asked of them: check MUSTERBOOK_KAFKA_TLS, _SASL, _USERNAME, _PASSWORD, and what that user may do with topic and group.',
  },
  KAFKA_TOPIC_MISSING: {
    status: 503,
    retryable: true,
    hint: 'Create the topic, or name another with MUSTERBOOK_KAFKA_TOPIC or MUSTERBOOK_KAFKA_OUT; it is looked for again.',
  },
  KAFKA_PLACE_UNKNOWN: {
    status: 503,
    retryable: true,
    hint: 'What went out to the topic is not known to come from this ledger. Name another, empty topic with MUSTERBOOK_KAFKA_OUT, or the store that the topic was written from; or set by hand the position after which to go on (docs/kafka-out.md). It is looked at again.',
  },
  LEDGER_NEWER: {
    status: 500,
    retryable: false,
    hint: 'This ledger was written by a newer Musterbook: run that version or newer.',
  },
  LEDGER_MISSING: {
    status: 404,
    retryable: false,
    hint: 'Name the folder that holds ledger.sqlite with MUSTERBOOK_DATA, or start `musterbook serve` to make one.',
  },
  LEDGER_HELD: {
    status: 409,
    retryable: true,
    hint: 'Another Musterbook serves this MUSTERBOOK_DATA: stop it, or talk to it with MUSTERBOOK_URL.',
  },
  TIME_UNREADABLE: {
    status: 400,
    retryable: false,
    hint: 'Write times as RFC 3339 with a zone, such as 2022-12-13T20:14:00Z.',
  },
  TIME_WITHOUT_ZONE: {
    status: 400,
    retryable: false,
    hint: 'Write times with their zone, such as 2022-12-13T20:14:00Z.',
  },
  TIME_OUT_OF_RANGE: { status: 400, retryable: false, hint: 'Times lie between the years 1970 and 2200.' },
  MOMENT_IN_FUTURE: {
    status: 400,
    retryable: false,
    hint: 'Ask about a moment that has come, or leave it out for the present.',
  },
  NOT_YET: { status: 503, retryable: true, hint: 'The views are still catching up with the ledger; try again.' },
  BAD_REQUEST: { status: 400, retryable: false, hint: 'See the message for what could not be read.' },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    hint: 'Send `Authorization: Bearer <token>` with a token of this server: `musterbook token create`.',
  },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    hint: 'This needs a token with another role: read, ingest, operate or admin.',
  },
  FOREIGN_ORIGIN: {
    status: 403,
    retryable: false,
    hint: 'Pages of another origin may not use this server; set MUSTERBOOK_PUBLIC_URL to the origin it is reached by.',
  },
  FOREIGN_HOST: {
    status: 421,
    retryable: false,
    hint: 'Reach this server by a loopback name, its MUSTERBOOK_HOST or its MUSTERBOOK_PUBLIC_URL.',
  },
  NOT_FOUND: { status: 404, retryable: false, hint: 'GET / lists what is here.' },
  METHOD_NOT_ALLOWED: { status: 405, retryable: false, hint: 'See the Allow header.' },
  NOT_ACCEPTABLE: {
    status: 406,
    retryable: false,
    hint: 'Accept application/json, application/graphql-response+json or text/event-stream.',
  },
  BODY_TOO_LARGE: { status: 413, retryable: false, hint: 'Send less at once.' },
  BODY_TOO_SLOW: { status: 408, retryable: true, hint: 'Send the body without long pauses, or in smaller parts.' },
  TOO_BUSY: {
    status: 429,
    retryable: true,
    hint: 'Wait as Retry-After says, then send again; send large amounts as application/x-ndjson, which is not held in memory.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    hint: 'Use one of the content types that the message names.',
  },
  TOO_MANY_SIGN_INS: {
    status: 429,
    retryable: true,
    hint: 'Too many sign-ins failed from this address; wait a minute.',
  },
  INTERNAL: {
    status: 500,
    retryable: true,
    hint: 'Look at the server log; please report it with the lines around it.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An operating error: code, the facts of the case, and what to do. */
export class MusterbookError extends Error {
  override readonly name = 'MusterbookError';
  readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, facts: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }

  get hint(): string {
    return ERRORS[this.code].hint;
  }
  get status(): number {
    return ERRORS[this.code].status;
  }
  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The hint of a code that came as a text; empty for one that this version does not know. */
export function hintOf(code: string): string {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].hint : '';
}
