/**
 * Appends over the wire, as the server's `Streams.BatchAppend` and `Streams.Append` take them: a batch comes in chunks under one
 * correlation id, is judged when its last chunk is there, and answered in the order of judgement; a batch that is not complete by its
 * deadline is answered with a timeout.
 */

import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type statuses from '@eventstore/db-client/generated/status_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ServerDuplexStream, type ServerReadableStream, type sendUnaryData, status } from '@grpc/grpc-js';
import type { Faults } from './faults.ts';
import * as say from './messages.ts';
import type { Append, Expected, Outcome, Proposed, Store } from './store.ts';

/** `MaxAppendSize`, the server's default. */
export const APPEND_BYTES_MAX = 1024 * 1024;
/** Prepare and commit timeout together, the longest that a server waits for a batch whatever the client's deadline. */
const WRITE_TIMEOUT_MS = 4000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface Context {
  readonly store: Store;
  readonly faults: Faults;
  /** Cuts the connection that a call came on. */
  readonly drop: (peer: string) => void;
  /** The calls that are subscriptions now. */
  readonly subscriptions: Set<unknown>;
  /** Whether a subscriber is told that it caught up or fell behind. */
  readonly tellsCaughtUp: boolean;
}

/** What an append comes to on the wire. */
type Verdict =
  | Outcome
  | { readonly kind: 'timeout' | 'access-denied' | 'busy' }
  | { readonly kind: 'not-leader'; readonly leader: say.Endpoint };

/** Writes, or does what a fault says. `answer` is called in the same tick, later or never. */
function judge(context: Context, peer: string, append: Append, answer: (verdict: Verdict) => void): void {
  const injected = context.faults.appends.firing(append);
  const fault = injected?.fault;
  switch (fault?.kind) {
    case undefined:
      answer(context.store.append(append));
      break;
    case 'late': {
      const outcome = context.store.append(append);
      void injected?.released.then(() => answer(outcome));
      break;
    }
    case 'drop-after':
      context.store.append(append);
      context.drop(peer);
      break;
    case 'drop-before':
      context.drop(peer);
      break;
    case 'silence':
      if (fault.written) context.store.append(append);
      break;
    case 'timeout':
      if (fault.written) context.store.append(append);
      answer({ kind: 'timeout' });
      break;
    case 'access-denied':
    case 'busy':
    case 'not-leader':
      answer(fault);
  }
}

type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface Batch {
  readonly correlation: shared.UUID | undefined;
  readonly stream: string;
  readonly expected: Expected;
  readonly events: Proposed[];
  readonly timer: NodeJS.Timeout;
  bytes: number;
}

export class BatchAppends {
  readonly #context: Context;
  readonly #call: BatchCall;
  /** By correlation id, those whose last chunk is not there yet. */
  readonly #open = new Map<string, Batch>();

  constructor(context: Context, call: BatchCall) {
    this.#context = context;
    this.#call = call;
    call.on('data', (request: streams.BatchAppendReq) => {
      try {
        this.#take(request);
      } catch (error) {
        // As the server does with whatever goes wrong in it.
        this.#refuse(request, say.refusedRequest(String(error)));
      }
    });
    call.on('end', () => call.end());
    call.on('cancelled', () => this.#close());
    // A cut connection shows here; the client's side is what tests look at.
    call.on('error', () => this.#close());
  }

  #take(request: streams.BatchAppendReq): void {
    const key = request.getCorrelationId()?.getString() ?? '';
    const refusal = this.#begin(key, request) ?? this.#add(key, request);
    const batch = this.#open.get(key);
    if (refusal !== undefined) this.#refuse(request, refusal);
    else if (batch !== undefined && request.getIsFinal()) {
      this.#finish(key);
      judge(this.#context, this.#call.getPeer(), batch, (verdict) => this.#answer(batch, verdict));
    }
  }

  #refuse(request: streams.BatchAppendReq, refusal: statuses.Status): void {
    const correlation = request.getCorrelationId();
    const key = correlation?.getString() ?? '';
    const stream = this.#open.get(key)?.stream ?? say.streamName(request.getOptions()?.getStreamIdentifier());
    this.#finish(key);
    this.#write(say.batchRefusal({ correlation, stream }, refusal));
  }

  /** The first chunk of a batch carries its options. Gives a refusal. */
  #begin(key: string, request: streams.BatchAppendReq): statuses.Status | undefined {
    const options = request.getOptions();
    if (options === undefined) return undefined;
    if (!options.hasStreamIdentifier()) return say.refusedRequest('Required field StreamIdentifier not set.');
    const deadline = options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY;
    const timeoutMs = Math.min(deadline - Date.now(), WRITE_TIMEOUT_MS);
    if (timeoutMs <= 0) return say.refusedTimeout();
    const batch: Batch = {
      correlation: request.getCorrelationId(),
      stream: say.streamName(options.getStreamIdentifier()),
      expected: expectedOf(options, options.getStreamPosition()),
      events: [],
      timer: setTimeout(() => {
        this.#finish(key);
        this.#answer(batch, { kind: 'timeout' });
      }, timeoutMs).unref(),
      bytes: 0,
    };
    this.#open.set(key, batch);
    return undefined;
  }

  /** Events of any chunk; those of a batch that was refused already are passed over. Gives a refusal. */
  #add(key: string, request: streams.BatchAppendReq): statuses.Status | undefined {
    const batch = this.#open.get(key);
    if (batch === undefined) return undefined;
    const events = request.getProposedMessagesList().map(proposed);
    if (events.some(({ id }) => !UUID.test(id))) return say.refusedRequest('An event id is not a UUID.');
    batch.events.push(...events);
    batch.bytes += bytesOf(events);
    return batch.bytes > APPEND_BYTES_MAX ? say.refusedSize(APPEND_BYTES_MAX) : undefined;
  }

  #answer(batch: Batch, verdict: Verdict): void {
    switch (verdict.kind) {
      case 'timeout':
        this.#write(say.batchRefusal(batch, say.refusedTimeout()));
        break;
      case 'access-denied':
        this.#write(say.batchRefusal(batch, say.refusedAccess()));
        break;
      case 'busy':
        this.#write(say.batchRefusal(batch, say.refusedBusy()));
        break;
      case 'not-leader':
        this.#close();
        this.#call.emit('error', say.notLeader(verdict.leader));
        break;
      default:
        this.#write(say.batchAnswer(batch, batch.expected, verdict));
    }
  }

  #write(answer: streams.BatchAppendResp): void {
    if (!this.#call.cancelled && this.#call.writable) this.#call.write(answer);
  }

  #finish(key: string): void {
    clearTimeout(this.#open.get(key)?.timer);
    this.#open.delete(key);
  }

  #close(): void {
    for (const key of this.#open.keys()) this.#finish(key);
  }
}

type AppendCall = ServerReadableStream<streams.AppendReq, streams.AppendResp>;
type AppendAnswer = sendUnaryData<streams.AppendResp>;

/** The older way, which the client takes when it is given credentials: a header, then event by event, one answer. */
export function append(context: Context, call: AppendCall, answer: AppendAnswer): void {
  let options: streams.AppendReq.Options | undefined;
  const events: Proposed[] = [];
  call.on('data', (request: streams.AppendReq) => {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message !== undefined) events.push(proposed(message));
  });
  call.on('error', () => undefined);
  call.on('end', () => {
    try {
      finish(context, call, { options, events }, answer);
    } catch (error) {
      answer(say.callError(status.UNKNOWN, String(error)));
    }
  });
}

interface Sent {
  readonly options: streams.AppendReq.Options | undefined;
  readonly events: readonly Proposed[];
}

function finish(context: Context, call: AppendCall, { options, events }: Sent, answer: AppendAnswer): void {
  if (options === undefined) throw new Error('The first message has no options.');
  if (bytesOf(events) > APPEND_BYTES_MAX) {
    answer(say.appendTooLarge(APPEND_BYTES_MAX));
    return;
  }
  const expected = expectedOf(options, options.getRevision());
  const stream = say.streamName(options.getStreamIdentifier());
  judge(context, call.getPeer(), { stream, expected, events }, (verdict) => {
    const { kind } = verdict;
    if (kind === 'appended' || kind === 'wrong-version') answer(null, say.appendAnswer(expected, verdict));
    else answer(errorOf(stream, verdict));
  });
}

function errorOf(stream: string, verdict: Exclude<Verdict, say.Answerable>): say.CallError {
  switch (verdict.kind) {
    case 'deleted':
      return say.streamDeleted(stream);
    case 'timeout':
      return say.callError(status.ABORTED, 'Operation timed out: PrepareTimeout');
    case 'access-denied':
      return say.accessDenied();
    case 'busy':
      return say.tooBusy();
    case 'not-leader':
      return say.notLeader(verdict.leader);
  }
}

interface Expectation {
  hasAny(): boolean;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

/** @param revision what the request says if it says a revision: the messages name that field differently. */
export function expectedOf(options: Expectation, revision: string): Expected {
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return BigInt(revision);
}

function proposed(message: streams.BatchAppendReq.ProposedMessage | streams.AppendReq.ProposedMessage): Proposed {
  const metadata = message.getMetadataMap();
  return {
    id: message.getId()?.getString().toLowerCase() ?? '',
    type: metadata.get('type') ?? '',
    json: metadata.get('content-type') === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** `Event.SizeOnDisk`, summed. */
function bytesOf(events: readonly Proposed[]): number {
  return events.reduce((sum, { type, data, metadata }) => sum + data.length + metadata.length + type.length * 2, 0);
}
