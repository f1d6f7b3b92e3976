/** What the client throws, as `StoreError`; and what of it the ledger's callers are told. */
import {
  AccessDeniedError,
  isCommandError,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { MusterbookError } from '../../errors.ts';
import { NO_STREAM, StoreError } from './store.ts';

/** gRPC status codes (grpc/grpc: doc/statuscodes.md). */
const GRPC = { cancelled: 1, permissionDenied: 7, resourceExhausted: 8, unavailable: 14, unauthenticated: 16 } as const;

/** Sorts what a call threw. `isWrite`: a lost link may have carried it, so that its outcome is unknown. */
export function storeError(failure: unknown, isWrite: boolean): StoreError {
  if (failure instanceof StoreError) return failure;
  if (failure instanceof WrongExpectedVersionError) {
    // `actualVersion` is a bigint or the text "no_stream".
    const { actualVersion: actual, streamName } = failure;
    const revision = typeof actual === 'bigint' ? Number(actual) : NO_STREAM;
    return new StoreError('wrong-revision', `${streamName} ends at ${actual}`, { actual: revision, cause: failure });
  }
  if (failure instanceof MaxAppendSizeExceededError) {
    const message = `the store takes ${failure.maxAppendSize} bytes at once`;
    return new StoreError('too-large', message, { bytesMax: failure.maxAppendSize, cause: failure });
  }
  const { code, message } = failure as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(failure);
  // What comes from the link has a gRPC status; the store's refusal of one append among others has none.
  const isAnswer = failure instanceof Error && isCommandError(failure) && code === undefined;
  const more = { cause: failure, isAnswer };
  if (failure instanceof NotLeaderError) return new StoreError('not-leader', 'the node only follows a leader', more);
  if (failure instanceof AccessDeniedError || code === GRPC.permissionDenied || code === GRPC.unauthenticated) {
    return new StoreError('refused', text === '[object Object]' ? 'access denied' : text, more);
  }
  if (failure instanceof StreamDeletedError)
    return new StoreError('refused', `${failure.streamName} was deleted`, more);
  // Thrown before anything is sent: no node of the cluster answered.
  if (text.startsWith('Failed to discover')) return new StoreError('unreachable', text, more);
  if (!isWrite && (code === GRPC.unavailable || code === GRPC.cancelled)) {
    return new StoreError('unreachable', text, more);
  }
  return new StoreError(isWrite ? 'unknown' : 'unreachable', text, more);
}

/** Whether the client that threw it may be one that never works again. */
export function isClientSuspect({ fault, isAnswer }: StoreError): boolean {
  if (isAnswer) return false;
  return fault === 'unreachable' || fault === 'unknown';
}

/** As an operating error. `outcome`: what is known of what was to be appended. */
export function operatingError(failure: unknown, outcome: 'unknown' | 'nothing appended', shown: string): Error {
  if (!(failure instanceof StoreError)) return failure instanceof Error ? failure : new Error(String(failure));
  const { fault, message, bytesMax } = failure;
  const facts = { store: shown, outcome };
  switch (fault) {
    case 'refused':
      return new MusterbookError('STORE_REFUSED', `${shown} refuses: ${message}`, facts, failure);
    case 'too-large': {
      const limits = { ...facts, ...(bytesMax > 0 && { bytesMax }) };
      return new MusterbookError('BODY_TOO_LARGE', `The request is too large: ${message}`, limits, failure);
    }
    case 'unreachable':
    case 'not-leader':
    case 'unknown':
    case 'wrong-revision':
      return new MusterbookError(
        'STORE_UNREACHABLE',
        `${shown} does not answer as it must: ${message}`,
        facts,
        failure,
      );
  }
}
