/** `POST /v1/events`: CloudEvents 1.0 in structured, batch and binary mode, plain JSON, and NDJSON of any size. */
import { Buffer, isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { binaryAttributes, type ContentMode, contentMode } from '../../../schemas/cloudevents/http.ts';
import type { Accept, Caller, IncomingRecord } from '../../accept/accept.ts';
import { splitList } from '../../accept/json-text.ts';
import { TEXT_LENGTH_MAX, unreadable } from '../../accept/read-record.ts';
import { MusterbookError } from '../../errors.ts';
import { type Answer, answerOf, failureAnswer, refusal, unreadableAnswer } from './answer.ts';
import { Body, type BodyLimits, DEFAULT_BODY_LIMITS } from './body.ts';
import { Feed } from './feed.ts';
import { LineReader } from './lines.ts';

/** A request as the server hands it over. */
export interface EventsRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Reading slowly slows the sender down. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Whoever sends; roles are judged for each event by its stream. */
  readonly caller: Caller;
}

/** A door of the server: `src/serve` mounts it. */
export interface EventsRoute {
  readonly method: 'POST';
  readonly path: string;
  readonly role: 'ingest';
  handle(request: EventsRequest): Promise<Answer>;
}

/** Parsed at once before others get their turn. */
const PARSED_AT_ONCE = 1_000;
/** More events than this in one list are asked for as NDJSON, which needs no memory. */
const LIST_MAX = 100_000;
/** What is kept of a body that cannot be read. */
const KEPT_BYTES = 64 * 1024;
const BYTE_ORDER_MARK = '\uFEFF';
const TAKEN =
  'application/cloudevents+json, application/cloudevents-batch+json, application/x-ndjson, application/json, or binary mode with ce- headers';

/** The door; never rejects but for a broken assumption. */
export function eventsRoute(accept: Accept, limits: BodyLimits = DEFAULT_BODY_LIMITS): EventsRoute {
  const held = { bytes: 0 };
  return {
    method: 'POST',
    path: '/v1/events',
    role: 'ingest',
    async handle(request) {
      const feed = new Feed(accept, request.caller);
      let body: Body | null = null;
      try {
        const encoding = textOf(request, 'content-encoding')?.trim().toLowerCase() ?? 'identity';
        body = new Body(request.body, encoding === 'gzip' || encoding === 'x-gzip', limits);
        const mode = modeOf(request, encoding);
        const visit = { accept, request, feed, body, limits, hold: holdIn(held, limits) };
        return mode === 'ndjson' ? await takeLines(visit) : await takeWhole(visit, mode);
      } catch (error) {
        if (!(error instanceof MusterbookError)) throw error;
        // A sender that is slow or gone reads no sooner for being read.
        if (error.code !== 'BODY_TOO_SLOW' && error.code !== 'BAD_REQUEST') await body?.drain();
        return failureAnswer(error, feed.tally);
      }
    },
  };
}

interface Visit {
  readonly accept: Accept;
  readonly request: EventsRequest;
  readonly feed: Feed;
  readonly body: Body;
  readonly limits: BodyLimits;
  readonly hold: Hold;
}

/** What one body that is read whole takes of the memory for all of them. */
interface Hold {
  /** Throws `TOO_BUSY` where there is no room. */
  take(bytes: number): void;
  release(): void;
}

function holdIn(held: { bytes: number }, { bytesMaxTogether }: BodyLimits): Hold {
  let own = 0;
  return {
    take(bytes) {
      if (held.bytes + bytes > bytesMaxTogether) throw refusal('TOO_BUSY', 'too much is being sent at once');
      own += bytes;
      held.bytes += bytes;
    },
    release() {
      held.bytes -= own;
      own = 0;
    },
  };
}

function modeOf(request: EventsRequest, encoding: string): ContentMode {
  if (!['identity', 'gzip', 'x-gzip', ''].includes(encoding)) {
    throw refusal('UNSUPPORTED_MEDIA_TYPE', `the content encoding ${JSON.stringify(encoding)} is not read: use gzip`);
  }
  const contentType = textOf(request, 'content-type');
  const mode = contentMode(contentType, request.headers);
  if (mode === null) {
    const found = contentType === undefined ? 'none' : JSON.stringify(contentType.slice(0, 100));
    throw refusal('UNSUPPORTED_MEDIA_TYPE', `content-type ${found} is not read here: use ${TAKEN}`);
  }
  const charset = /charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset)) {
    throw refusal('UNSUPPORTED_MEDIA_TYPE', `the charset ${JSON.stringify(charset)} is not read: use UTF-8`);
  }
  return mode;
}

async function takeLines({ feed, body, limits }: Visit): Promise<Answer> {
  const lines = new LineReader();
  try {
    for (let bytes = await body.next(); bytes !== null; bytes = await body.next()) {
      const records = lines.add(bytes);
      if (records.length > 0) body.progressed();
      if (lines.bytesUnderWay > limits.bytesMax) {
        throw refusal('BODY_TOO_LARGE', `a line is larger than ${limits.bytesMax} bytes`);
      }
      await feed.add(records);
    }
    await feed.add(lines.end());
  } catch (error) {
    // What came before the fault was taken, and is told.
    await feed.finish();
    throw error;
  }
  await feed.finish();
  return answerOf(feed);
}

async function takeWhole(visit: Visit, mode: ContentMode): Promise<Answer> {
  const { accept, request, feed, hold } = visit;
  try {
    const bytes = await wholeBytes(visit);
    const records = isUtf8(bytes) ? await recordsOf(textIn(bytes), mode, request) : 'it is not UTF-8';
    if (typeof records === 'string') {
      const kept = bytes.toString('utf8', 0, KEPT_BYTES);
      await accept.facts([{ unreadable: kept, fault: unreadable(records) }], request.caller);
      return unreadableAnswer(`the body cannot be read: ${records}`);
    }
    await feed.add(records);
    await feed.finish();
    return answerOf(feed);
  } finally {
    hold.release();
  }
}

async function wholeBytes({ body, limits, hold }: Visit): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await body.next(); chunk !== null; chunk = await body.next()) {
    bytes += chunk.byteLength;
    if (bytes > limits.bytesMax) {
      throw refusal('BODY_TOO_LARGE', `a body that is not NDJSON has at most ${limits.bytesMax} bytes after inflation`);
    }
    hold.take(chunk.byteLength);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

function textIn(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** The records of a body, or why it cannot be read. */
async function recordsOf(
  text: string,
  mode: ContentMode,
  { headers }: EventsRequest,
): Promise<readonly IncomingRecord[] | string> {
  if (mode === 'binary') return binaryRecord(text, headers);
  const isList = mode === 'batch' || (mode === 'plain-json' && /^\s*\[/.test(text));
  if (!isList) {
    // What is too long to be an event is refused as such, unread.
    if (text.length > TEXT_LENGTH_MAX) return [{ text }];
    const parsed = parse(text);
    return 'reason' in parsed ? parsed.reason : [{ text, parsed: parsed.value }];
  }
  const elements = splitList(text);
  if (elements === null) return 'expected a list of events';
  if (elements.length > LIST_MAX) throw refusal('BODY_TOO_LARGE', `a list has at most ${LIST_MAX} events: send NDJSON`);
  const records: IncomingRecord[] = [];
  for (const element of elements) {
    const parsed = parse(element);
    if ('reason' in parsed) return `event ${records.length}: ${parsed.reason}`;
    records.push({ text: element, parsed: parsed.value });
    if (records.length % PARSED_AT_ONCE === 0) await setImmediate();
  }
  return records;
}

/** Attributes from headers and data from the body, put together as structured mode would have sent them. */
function binaryRecord(text: string, headers: EventsRequest['headers']): readonly IncomingRecord[] | string {
  const attributes = JSON.stringify(binaryAttributes(headers));
  if (text.trim() === '') return [{ text: attributes }];
  // The data stands for itself before it is put between ours: it cannot close our object.
  const parsed = parse(text);
  return 'reason' in parsed ? parsed.reason : [{ text: `${attributes.slice(0, -1)},"data":${text}}` }];
}

function parse(text: string): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}

function textOf({ headers }: EventsRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}
