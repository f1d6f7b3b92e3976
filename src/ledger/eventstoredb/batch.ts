/** What the store gives, as the mirror takes it. Pure. */
import { type StreamName, splitStream } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import type { MirrorBatch, MirroredEvent } from '../mirror.ts';
import type { KeptRejection } from '../port.ts';
import { FormatFault, mirroredEvent, moreAfter } from './event-format.ts';
import { LEDGER_STREAM, REJECTIONS_STREAM, readRejection } from './own-streams.ts';
import type { ReadEvent } from './store.ts';

export interface Batch extends MirrorBatch {
  /** How many events are in no stream of ours. */
  readonly foreign: number;
  /** The first event that is in a stream of ours but not of ours, or changed; what came before it is in the batch. */
  readonly broken: MusterbookError | null;
}

/** `after`: the cursor where nothing of these events could be processed. */
export function batchOf(reads: readonly ReadEvent[], prefix: string, after: string | null): Batch {
  const events: MirroredEvent[] = [];
  const rejections: KeptRejection[] = [];
  let [foreign, cursor] = [0, after ?? ''];
  for (const read of reads) {
    const name = read.stream.slice(prefix.length);
    if (name === REJECTIONS_STREAM) {
      const rejection = readRejection(read);
      if (rejection === null) foreign += 1;
      else rejections.push(rejection);
    } else if (splitStream(name) !== null) {
      const event = readOurs(read, name as StreamName);
      if (event instanceof MusterbookError) return { events, rejections, cursor, foreign, broken: event };
      events.push(event);
    } else if (name !== LEDGER_STREAM) {
      foreign += 1;
    }
    cursor = read.cursor;
  }
  return { events, rejections, cursor, foreign, broken: null };
}

/** How many of these events may be shown: up to the last behind which nothing of its append is missing. */
export function completeCount(reads: readonly ReadEvent[]): number {
  return reads.findLastIndex((read) => moreAfter(read) === 0) + 1;
}

function readOurs(read: ReadEvent, stream: StreamName): MirroredEvent | MusterbookError {
  try {
    return mirroredEvent(read, stream);
  } catch (failure) {
    if (!(failure instanceof FormatFault)) throw failure;
    const { position, revision } = read;
    const reason = failure.message;
    const message = `the record does not hold together at ${stream}@${revision}, position ${position}: ${reason}`;
    return new MusterbookError('CHAIN_BROKEN', message, { position, stream, revision, reason });
  }
}
