/**
 * Reads and subscriptions over the wire, as the server's `Streams.Read` and its enumerators give them: a confirmation, the past, "caught
 * up", then what is appended. A subscription begins behind its position, a read at it.
 */
import { randomUUID } from 'node:crypto';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { Context } from './appending.ts';
import type { ReadFault, SubscriptionFault } from './faults.ts';
import * as say from './messages.ts';
import type { Recorded, Store } from './store.ts';

/** `ReadBatchSize`: the search window of a filter that names none. */
const WINDOW = 32;
/** `MaxLiveEventBufferCount`: a live subscriber that is further behind than this is told so and catches up anew. */
const LIVE_EVENTS_MAX = 32;

type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;
type Matches = (event: Recorded) => boolean;

/** Answers a read or serves a subscription until it ends. Never rejects: an error ends the call. */
export async function read(context: Context, call: ReadCall): Promise<void> {
  call.on('error', () => undefined);
  try {
    await serve(context, call);
  } catch (error) {
    fail(call, error instanceof Error && 'code' in error ? error : say.callError(status.UNKNOWN, String(error)));
  } finally {
    context.subscriptions.delete(call);
  }
}

async function serve(context: Context, call: ReadCall): Promise<void> {
  const options = call.request.getOptions();
  if (options === undefined) throw say.callError(status.INVALID_ARGUMENT, 'No options.');
  const stream = options.hasAll() ? '$all' : say.streamName(options.getStream()?.getStreamIdentifier());
  const fault = context.faults.reads.firing({ stream, subscription: options.hasSubscription() })?.fault;
  if (fault?.kind === 'drop') return context.drop(call.getPeer());
  if (fault?.kind === 'silence') return;
  if (fault !== undefined) throw errorOf(fault);
  if (context.store.isTombstoned(stream)) throw say.streamDeleted(stream);
  if (options.hasSubscription()) {
    context.subscriptions.add(call);
    await follow(context, call, followed(context.store, options, stream));
  } else {
    await answer(context, call, stream);
  }
}

function fail(call: ReadCall, error: Error): void {
  call.emit('error', error);
}

function errorOf(fault: Exclude<ReadFault, { kind: 'drop' | 'silence' }>): say.CallError {
  switch (fault.kind) {
    case 'not-leader':
      return say.notLeader(fault.leader);
    case 'access-denied':
      return say.accessDenied();
    case 'not-ready':
      return say.notReady();
  }
}

// A read

const isBackwards = (options: Options): boolean => options.getReadDirection() === 1;

async function answer(context: Context, call: ReadCall, stream: string): Promise<void> {
  const { store, faults } = context;
  const options = call.request.getOptions()!;
  const events = stream === '$all' ? allFrom(store, options) : streamFrom(store, options, stream);
  if (events === undefined) await send(call, say.notFoundMessage(stream));
  const count = Number(options.getCount());
  const matches = filterOf(options);
  let sent = 0;
  for (const event of events ?? []) {
    if (sent >= count) break;
    if (!matches(event)) continue;
    if (!(await send(call, say.eventMessage(event)))) return;
    if (await interfere(context, call, faults.midread.firing(event)?.fault)) return;
    sent += 1;
  }
  call.end();
}

/** Forwards from the event at the position, backwards from the one before it. */
function allFrom(store: Store, options: Options): Iterable<Recorded> {
  const all = options.getAll();
  const position = all?.getPosition();
  const edge = all?.hasEnd() === true ? store.log.length : 0;
  const place = position === undefined ? edge : placeOf(store, BigInt(position.getCommitPosition()));
  return isBackwards(options) ? backwardsFrom(store.log, place - 1) : forwardsFrom(store.log, place);
}

function* forwardsFrom(log: readonly Recorded[], place: number): Generator<Recorded> {
  // What is appended meanwhile is not part of the read.
  for (let at = place, end = log.length; at < end; at += 1) yield log[at]!;
}

function* backwardsFrom(log: readonly Recorded[], place: number): Generator<Recorded> {
  for (let at = place; at >= 0; at -= 1) yield log[at]!;
}

/** Undefined when there is no such stream, or it was deleted softly. */
function streamFrom(store: Store, options: Options, stream: string): readonly Recorded[] | undefined {
  if (store.currentRevision(stream) < 0n || store.isSoftDeleted(stream)) return undefined;
  const chosen = options.getStream()!;
  const backwards = isBackwards(options);
  const events = store.visible(stream);
  if (chosen.hasRevision()) {
    const from = BigInt(chosen.getRevision());
    return backwards
      ? events.filter(({ revision }) => revision <= from).reverse()
      : events.filter(({ revision }) => revision >= from);
  }
  if (chosen.hasEnd()) return backwards ? [...events].reverse() : [];
  return backwards ? events.slice(0, 1) : events;
}

/** The server refuses positions at which no record begins. */
function placeOf(store: Store, position: bigint): number {
  const place = store.placeOf(position);
  if (position < store.end && store.log[place]?.position !== position) throw say.invalidPosition();
  return place;
}

// A subscription

interface Followed {
  /** The place in the log of the first event to be considered. */
  readonly from: number;
  readonly matches: Matches;
  /** A checkpoint after so many considered events; undefined for none. */
  readonly checkpointEvery: number | undefined;
}

function followed(store: Store, options: Options, stream: string): Followed {
  if (stream !== '$all') return followedStream(store, options, stream);
  const all = options.getAll();
  const position = all?.getPosition();
  const from = position === undefined ? undefined : behind(store, BigInt(position.getCommitPosition()));
  const filter = options.getFilter();
  const window = filter?.hasMax() === true ? filter.getMax() : WINDOW;
  return {
    from: from ?? (all?.hasEnd() === true ? store.log.length : 0),
    matches: filterOf(options),
    checkpointEvery: filter === undefined ? undefined : window * filter.getCheckpointintervalmultiplier(),
  };
}

function followedStream(store: Store, options: Options, stream: string): Followed {
  const chosen = options.getStream()!;
  const after = chosen.hasRevision() ? BigInt(chosen.getRevision()) : -1n;
  const first = store.visible(stream)[0]?.revision ?? 0n;
  return {
    from: chosen.hasEnd() ? store.log.length : 0,
    matches: (event) => event.stream === stream && event.revision > after && event.revision >= first,
    checkpointEvery: undefined,
  };
}

/** Behind the event at the position; at the end of the log, where none is yet, the next event is included. */
function behind(store: Store, position: bigint): number {
  const place = placeOf(store, position);
  return store.log[place]?.position === position ? place + 1 : place;
}

async function follow(context: Context, call: ReadCall, { from, matches, checkpointEvery }: Followed): Promise<void> {
  const { store, faults, tellsCaughtUp } = context;
  let place = from;
  let considered = 0;
  let live = false;
  await send(call, say.confirmationMessage(randomUUID()));
  while (!ended(call)) {
    if (live && store.log.length - place > LIVE_EVENTS_MAX) {
      live = false;
      if (tellsCaughtUp) await send(call, say.fellBehindMessage());
    }
    const event = store.log[place];
    if (event === undefined) {
      if (!live && tellsCaughtUp) await send(call, say.caughtUpMessage());
      live = true;
      if (store.log[place] === undefined) await appendedOrEnded(store, call);
      continue;
    }
    place += 1;
    if (matches(event)) {
      await send(call, say.eventMessage(event));
      if (await interfere(context, call, faults.subscriptions.firing(event)?.fault)) return;
    }
    considered += 1;
    if (checkpointEvery !== undefined && considered >= checkpointEvery) {
      considered = 0;
      await send(call, say.checkpointMessage(event.position));
    }
  }
}

/** Does what a test asked for after an event. True when that ended the call. */
async function interfere(context: Context, call: ReadCall, fault: SubscriptionFault | undefined): Promise<boolean> {
  switch (fault?.kind) {
    case undefined:
      return false;
    case 'checkpoint-ahead':
      await send(call, say.checkpointMessage(context.store.end));
      return false;
    case 'end':
      call.end();
      return true;
    case 'abort':
      fail(call, say.callError(status.UNAVAILABLE, 'The call was dropped.'));
      return true;
    case 'drop':
      context.drop(call.getPeer());
      return true;
  }
}

function filterOf(options: Options): Matches {
  const filter = options.getFilter();
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (filter === undefined || expression === undefined) return () => true;
  const text = filter.hasStreamIdentifier() ? (e: Recorded): string => e.stream : (e: Recorded): string => e.type;
  const pattern = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex());
  const prefixes = expression.getPrefixList();
  return (event) => pattern?.test(text(event)) ?? prefixes.some((prefix) => text(event).startsWith(prefix));
}

// The way out

const ended = (call: ReadCall): boolean => call.cancelled || call.destroyed || call.writableEnded;

/** Writes and waits while the client takes no more. False when it is gone. */
async function send(call: ReadCall, message: streams.ReadResp): Promise<boolean> {
  if (ended(call)) return false;
  if (!call.write(message)) await oneOf(call, ['drain', ...GONE]);
  return !ended(call);
}

const GONE = ['cancelled', 'close', 'error'] as const;

function appendedOrEnded(store: Store, call: ReadCall): Promise<void> {
  return oneOf(call, GONE, (done) => store.onAppended(done));
}

/** Resolves with the first of these events, or what else is listened to; leaves no listener behind. */
function oneOf(
  call: ReadCall,
  names: readonly string[],
  alsoTo: (done: () => void) => () => void = () => () => undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stop();
      for (const name of names) call.off(name, done);
      resolve();
    };
    const stop = alsoTo(done);
    for (const name of names) call.on(name, done);
  });
}
