/**
 * What the server says, as messages of the client's own protobuf definitions. Names of exceptions and of their trailing metadata are those
 * of the server's `RpcExceptions`, the bodies of refused batch appends those of its `Google.Rpc.Status`; the client's `CommandError`
 * reads them.
 */

import codes from '@eventstore/db-client/generated/code_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import type { Expected, Outcome, Recorded } from './store.ts';

/** An error that ends a call. */
export type CallError = StatusObject & Error;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** `EventNumber.Invalid` and its neighbours: how expectations are numbered in text. */
const EXPECTED_NUMBERS = { no_stream: -1n, any: -2n, stream_exists: -4n } as const;
const TICKS_PER_MS = 10_000n;

export function callError(code: status, details: string, facts: Readonly<Record<string, string>> = {}): CallError {
  const metadata = new Metadata();
  // Trailing metadata is ASCII: a stream's name that is not cannot be told whole.
  for (const [key, value] of Object.entries(facts)) metadata.set(key, value.replace(/[^\x20-\x7e]/g, '?'));
  return Object.assign(new Error(details), { code, details, metadata });
}

export const notLeader = ({ host, port }: Endpoint): CallError =>
  callError(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': `${port}`,
  });

export const accessDenied = (): CallError =>
  callError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const tooBusy = (): CallError => callError(status.UNAVAILABLE, 'Server Is Too Busy');

export const notReady = (): CallError => callError(status.UNAVAILABLE, 'Server Is Not Ready');

export const invalidPosition = (): CallError =>
  callError(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');

export const streamDeleted = (stream: string): CallError =>
  callError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongVersion = (stream: string, expected: Expected, current: bigint): CallError =>
  callError(
    status.FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${numbered(expected)}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': `${numbered(expected)}`,
      'actual-version': `${current}`,
    },
  );

export const appendTooLarge = (bytesMax: number): CallError =>
  callError(status.INVALID_ARGUMENT, `Maximum Append Size of ${bytesMax} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': `${bytesMax}`,
  });

function numbered(expected: Expected): bigint {
  return typeof expected === 'bigint' ? expected : EXPECTED_NUMBERS[expected];
}

// What a batch append is answered with

export interface Answered {
  readonly correlation: shared.UUID | undefined;
  readonly stream: string;
}

export function batchAnswer(to: Answered, expected: Expected, outcome: Outcome): streams.BatchAppendResp {
  if (outcome.kind === 'deleted') return batchRefusal(to, refusedDeleted(to.stream));
  if (outcome.kind === 'wrong-version') return batchRefusal(to, refusedVersion(expected, outcome.current));
  const success = new streams.BatchAppendResp.Success();
  if (outcome.revision < 0n) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(`${outcome.revision}`);
  if (outcome.position === undefined) success.setNoPosition(new shared.Empty());
  else success.setPosition(allPosition(outcome.position));
  return answerTo(to).setSuccess(success);
}

export function batchRefusal(to: Answered, refusal: statuses.Status): streams.BatchAppendResp {
  return answerTo(to).setError(refusal);
}

function answerTo({ correlation, stream }: Answered): streams.BatchAppendResp {
  const answer = new streams.BatchAppendResp().setStreamIdentifier(streamIdentifier(stream));
  return correlation === undefined ? answer : answer.setCorrelationId(correlation);
}

interface Packed {
  readonly name: string;
  readonly code: codes.Code;
  readonly body: { serializeBinary(): Uint8Array };
}

function refused({ name, code, body }: Packed): statuses.Status {
  // The package that holds `Any` is the client's dependency, not ours: an empty `details` field (3) brings one.
  const refusal = statuses.Status.deserializeBinary(Uint8Array.of((3 << 3) | 2, 0))
    .setCode(code)
    .setMessage(name);
  refusal.getDetails()?.pack(body.serializeBinary(), `event_store.client.${name}`);
  return refusal;
}

export const refusedAccess = (): statuses.Status =>
  refused({ name: 'AccessDenied', code: codes.Code.PERMISSION_DENIED, body: new shared.AccessDenied() });

export const refusedTimeout = (): statuses.Status =>
  refused({ name: 'Timeout', code: codes.Code.DEADLINE_EXCEEDED, body: new shared.Timeout() });

export const refusedSize = (bytesMax: number): statuses.Status => {
  const body = new shared.MaximumAppendSizeExceeded().setMaxappendsize(bytesMax);
  return refused({ name: 'MaximumAppendSizeExceeded', code: codes.Code.INVALID_ARGUMENT, body });
};

export const refusedRequest = (message: string): statuses.Status =>
  refused({
    name: 'BadRequest',
    code: codes.Code.INVALID_ARGUMENT,
    body: new shared.BadRequest().setMessage(message),
  });

export const refusedBusy = (): statuses.Status => {
  const refusal = refused({ name: 'Server Is Busy', code: codes.Code.OK, body: new shared.Empty() });
  refusal.getDetails()?.pack(new shared.Empty().serializeBinary(), 'google.protobuf.Empty');
  return refusal;
};

const refusedDeleted = (stream: string): statuses.Status => {
  const body = new shared.StreamDeleted().setStreamIdentifier(streamIdentifier(stream));
  return refused({ name: 'StreamDeleted', code: codes.Code.NOT_FOUND, body });
};

function refusedVersion(expected: Expected, current: bigint): statuses.Status {
  const body = new shared.WrongExpectedVersion();
  if (current < 0n) body.setCurrentNoStream(new shared.Empty());
  else body.setCurrentStreamRevision(`${current}`);
  if (typeof expected === 'bigint') body.setExpectedStreamPosition(`${expected}`);
  else if (expected === 'any') body.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') body.setExpectedNoStream(new shared.Empty());
  else body.setExpectedStreamExists(new shared.Empty());
  return refused({ name: 'WrongExpectedVersion', code: codes.Code.ALREADY_EXISTS, body });
}

/** What the older append answers, rather than ends with an error. */
export type Answerable = Exclude<Outcome, { readonly kind: 'deleted' }>;

/** The answer of the older append: a wrong version is an answer, not an error. */
export function appendAnswer(expected: Expected, outcome: Answerable): streams.AppendResp {
  if (outcome.kind === 'appended') {
    const success = new streams.AppendResp.Success();
    if (outcome.revision < 0n) success.setNoStream(new shared.Empty());
    else success.setCurrentRevision(`${outcome.revision}`);
    if (outcome.position === undefined)
      return new streams.AppendResp().setSuccess(success.setNoPosition(new shared.Empty()));
    const position = new streams.AppendResp.Position().setCommitPosition(`${outcome.position}`);
    return new streams.AppendResp().setSuccess(success.setPosition(position.setPreparePosition(`${outcome.position}`)));
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (outcome.current < 0n) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(`${outcome.current}`);
  if (typeof expected === 'bigint') wrong.setExpectedRevision(`${expected}`);
  else if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else wrong.setExpectedStreamExists(new shared.Empty());
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
}

// What a read is answered with

export function eventMessage(event: Recorded): streams.ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(event.id))
    .setStreamIdentifier(streamIdentifier(event.stream))
    .setStreamRevision(`${event.revision}`)
    .setCommitPosition(`${event.position}`)
    .setPreparePosition(`${event.position}`)
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('created', `${BigInt(event.created) * TICKS_PER_MS}`)
    .set('content-type', event.json ? 'application/json' : 'application/octet-stream');
  const read = new streams.ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(`${event.position}`);
  return new streams.ReadResp().setEvent(read);
}

export function checkpointMessage(position: bigint): streams.ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(`${position}`).setPreparePosition(`${position}`);
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

export function confirmationMessage(subscriptionId: string): streams.ReadResp {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return new streams.ReadResp().setConfirmation(confirmation);
}

export function notFoundMessage(stream: string): streams.ReadResp {
  const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return new streams.ReadResp().setStreamNotFound(notFound);
}

export const caughtUpMessage = (): streams.ReadResp =>
  new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp());

export const fellBehindMessage = (): streams.ReadResp =>
  new streams.ReadResp().setFellBehind(new streams.ReadResp.FellBehind());

export function streamName(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();
}

function streamIdentifier(stream: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream));
}

function allPosition(position: bigint): shared.AllStreamPosition {
  return new shared.AllStreamPosition().setCommitPosition(`${position}`).setPreparePosition(`${position}`);
}
