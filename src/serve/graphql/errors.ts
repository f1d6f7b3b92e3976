/** What callers see of errors: the expected ones with their code, the unexpected masked, with an id that stands in the log. */
import { GraphQLError } from 'graphql';
import type { NewId } from '../../clock.ts';
import { type ErrorCode, MusterbookError } from '../../errors.ts';

/** The part of a pino logger that we use. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** An expected error of a field, with its own `extensions.code`. */
export function codedError(code: string, message: string, facts: Readonly<Record<string, unknown>> = {}): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...facts } });
}

export type MaskError = (error: GraphQLError) => GraphQLError;

export function createMask(log: Log, newId: NewId): MaskError {
  return (error) => {
    const cause = originOf(error);
    if (cause === null || cause instanceof GraphQLError) return withCode(error, 'BAD_VALUE');
    if (cause instanceof MusterbookError && cause.code !== 'INTERNAL') {
      return located(error, cause.message, operating(cause.code, cause));
    }
    const errorId = newId();
    log.error({ err: cause, errorId, path: error.path }, 'a GraphQL field failed unexpectedly');
    return located(error, 'Unexpected error.', { code: 'INTERNAL', errorId });
  };
}

function operating(code: ErrorCode, cause: MusterbookError): Record<string, unknown> {
  return { code, hint: cause.hint, retryable: cause.retryable };
}

/** The error that a resolver threw; null when graphql-js made the error itself. */
function originOf(error: GraphQLError): unknown {
  let { originalError } = error;
  while (originalError instanceof GraphQLError && originalError.originalError)
    originalError = originalError.originalError;
  return originalError ?? null;
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions['code'] !== undefined) return error;
  return located(error, error.message, { ...error.extensions, code });
}

function located(error: GraphQLError, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, { nodes, source, positions, path, extensions });
}
