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
    hint: 'The event is erased and answers show it no more, but a reader (a backup, a shell) keeps old bytes in a file under MUSTERBOOK_DATA: end it. Erasing goes on by itself; send the same again to hear that it is done.',
  },
  LEDGER_CLOSED: { status: 503, retryable: true, hint: 'The server is shutting down; try again.' },
  LEDGER_NOT_EMPTY: {
    status: 409,
    retryable: false,
    hint: 'Restore into an empty ledger: choose another MUSTERBOOK_DATA.',
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
  LEDGER_CORRUPT: {
    status: 500,
    retryable: false,
    hint: 'Restore the ledger file from a backup; `musterbook verify` names the place.',
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
