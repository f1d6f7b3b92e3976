import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  AccessDeniedError,
  DeadlineExceededError,
  MaxAppendSizeExceededError,
  UnavailableError,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { MusterbookError } from '../../../src/errors.ts';
import { isClientSuspect, operatingError, storeError } from '../../../src/ledger/eventstoredb/failure.ts';
import { StoreError } from '../../../src/ledger/eventstoredb/store.ts';

/** As gRPC reports it. */
const status = (code: number, details = 'gone') => Object.assign(new Error(details), { code, details }) as never;
const versions = { streamName: 's', expected: 3n, current: 7n } as const;

test('each failure of the client is told as what it means for an append, and whether the client may be broken', () => {
  const cases: readonly (readonly [unknown, string, boolean])[] = [
    [new WrongExpectedVersionError(undefined, versions), 'wrong-revision', false],
    [MaxAppendSizeExceededError.fromMaxAppendSize(1_048_576), 'too-large', false],
    [new AccessDeniedError(), 'refused', false],
    [status(7), 'refused', false],
    [status(16), 'refused', false],
    // One append among others was refused or not finished in time: nothing is wrong with the link.
    [new UnknownError(undefined, 'Could not recognize Server Is Busy'), 'unknown', false],
    [new DeadlineExceededError(), 'unknown', false],
    // The link is lost, with what was on it.
    [new UnavailableError(status(14)), 'unknown', true],
    [status(1, 'Cancelled on client'), 'unknown', true],
    [new StoreError('unknown', 'not answered in time'), 'unknown', true],
    [new Error('Failed to discover after 10 attempts.'), 'unreachable', true],
  ];
  for (const [failure, fault, isSuspect] of cases) {
    const error = storeError(failure, true);
    deepEqual([error.fault, isClientSuspect(error)], [fault, isSuspect], String(failure));
  }
  equal(storeError(new WrongExpectedVersionError(undefined, versions), true).actual, 7);
});

test('a read that fails has done nothing', () => {
  for (const failure of [new UnavailableError(status(14)), status(4), new Error('odd')]) {
    equal(storeError(failure, false).fault, 'unreachable');
  }
});

test('callers hear what they can do, and what is known of their events', () => {
  const told = (fault: StoreError) => {
    const error = operatingError(fault, 'unknown', 'esdb://db:2113');
    return error instanceof MusterbookError ? [error.code, error.facts['outcome']] : [];
  };
  deepEqual(told(new StoreError('refused', 'no')), ['STORE_REFUSED', 'unknown']);
  deepEqual(told(new StoreError('too-large', 'no', { bytesMax: 5 })), ['BODY_TOO_LARGE', 'unknown']);
  deepEqual(told(new StoreError('unreachable', 'no')), ['STORE_UNREACHABLE', 'unknown']);
  const ours = new MusterbookError('CHAIN_BROKEN', 'x');
  equal(operatingError(ours, 'unknown', ''), ours);
});
