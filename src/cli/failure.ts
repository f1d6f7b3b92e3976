/** How a command ends: the exit codes that scripts rely on, and failures that carry one. */

export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  conflict: 5,
  unreachable: 6,
  /** What was asked about is not so: `verify`, `rebuild --verify`, `cluster diff --exit-code`. */
  conditionFalse: 7,
} as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** A command that cannot do what it was asked: printed as code, message and hint on stderr. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exit: Exit;
  readonly code: string;
  readonly hint: string | null;

  constructor(exit: Exit, { code, message, hint }: { code: string; message: string; hint?: string | null }) {
    super(message);
    this.exit = exit;
    this.code = code;
    this.hint = hint ?? null;
  }
}

const EXIT_OF_CODE: Readonly<Record<string, Exit>> = {
  UNAUTHENTICATED: EXIT.auth,
  UNAUTHORIZED: EXIT.auth,
  FORBIDDEN: EXIT.auth,
  SIGN_IN_LIMIT: EXIT.auth,
  UNKNOWN_CLUSTER: EXIT.notFound,
  UNKNOWN_EVENT: EXIT.notFound,
  UNKNOWN_INCIDENT: EXIT.notFound,
  UNKNOWN_COMPONENT: EXIT.notFound,
  UNKNOWN_MAINTENANCE: EXIT.notFound,
  LEDGER_MISSING: EXIT.notFound,
  NOT_FOUND: EXIT.notFound,
  LEDGER_HELD: EXIT.conflict,
  LEDGER_NOT_EMPTY: EXIT.conflict,
  FOLDER_NOT_EMPTY: EXIT.conflict,
  LEDGER_NEWER: EXIT.error,
  RECORDED_AT_FALLS: EXIT.conflict,
  EVENT_ID_REUSED: EXIT.conflict,
  CHECKPOINT_FOREIGN: EXIT.conflict,
  CHECKPOINT_UNREADABLE: EXIT.usage,
  KEY_UNREADABLE: EXIT.usage,
  BAD_VALUE: EXIT.usage,
  FROM_AFTER_TO: EXIT.usage,
  MOMENT_IN_FUTURE: EXIT.usage,
  TIME_UNREADABLE: EXIT.usage,
  NOT_YET: EXIT.unreachable,
  LEDGER_CLOSED: EXIT.unreachable,
  STORE_UNREACHABLE: EXIT.unreachable,
  STORE_REFUSED: EXIT.auth,
  LEDGER_FOREIGN: EXIT.conflict,
  CHAIN_BROKEN: EXIT.conditionFalse,
};

/** The exit code that an error code of the server or the ledger means. */
export function exitOfCode(code: string): Exit {
  return EXIT_OF_CODE[code] ?? EXIT.error;
}

const EXIT_OF_REFUSAL: Readonly<Record<string, Exit>> = {
  UnknownSubject: EXIT.notFound,
  IllegalTransition: EXIT.conflict,
  RevisionConflict: EXIT.conflict,
  InvalidInput: EXIT.usage,
};

/** A refused command (a `Refusal` of the GraphQL answer) as a failure. */
export function refusalFailure(refusal: { __typename: string; code: string; message: string }): CommandFailure {
  return new CommandFailure(EXIT_OF_REFUSAL[refusal.__typename] ?? EXIT.error, refusal);
}

export function usageFailure(message: string, hint?: string): CommandFailure {
  return new CommandFailure(EXIT.usage, {
    code: 'USAGE',
    message,
    hint: hint ?? 'Try `musterbook help`, or the command with --help.',
  });
}

export function notFoundFailure(what: string, hint?: string): CommandFailure {
  return new CommandFailure(EXIT.notFound, { code: 'NOT_FOUND', message: `there is no ${what}`, hint: hint ?? null });
}
