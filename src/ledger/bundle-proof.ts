/** The proof of a bundle, line by line, with nothing but the file: what holds, what does not, and in which line. */
import { createHash } from 'node:crypto';
import { type RecordedLine, readRecordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import { splitStream } from '../../schemas/ids.ts';
import {
  type BundleEnd,
  type BundleHeader,
  type BundleStream,
  type BundleTrailer,
  LINE_DIGEST_HEX,
  lineDigest,
  readTrailer,
} from './bundle.ts';
import { readBundleHeader } from './bundle-header.ts';
import { FIRST_PREVIOUS, fromHex, HASH_BYTES, linkHolds, SALT_BYTES, type StreamEnd, toHex } from './chain.ts';

export type BundleFindingKind =
  /** The line's bytes are not those that were exported. */
  | 'digest'
  /** The first line is none, or does not describe what follows it. */
  | 'header'
  /** An event's hash is not that of its contents and of the event before it. */
  | 'hash'
  /** Revisions of a stream do not follow one another. */
  | 'revision'
  /** Lines are not in the order of the ledger. */
  | 'order'
  /** An event that the first line does not announce: of another bundle, or of another ledger. */
  | 'foreign'
  /** The line cannot be read. */
  | 'unreadable'
  /** The file ends before its last line, or goes on after it. */
  | 'length'
  /** The bundle does not belong to the ledger of the checkpoint. */
  | 'checkpoint'
  | 'signature';

/** One place where a bundle is not what was exported; null where it is not about one place. Lines count from 1. */
export interface BundleFinding {
  readonly kind: BundleFindingKind;
  readonly line: number | null;
  readonly stream: string | null;
  readonly revision: number | null;
  readonly message: string;
}

type At = Partial<Pick<BundleFinding, 'line' | 'stream' | 'revision'>>;

/** How far one stream has come. */
export interface Strand {
  readonly announced: BundleStream;
  revision: number;
  hash: Uint8Array;
  /** Revision → hash at the checkpoint's end, once passed. */
  readonly hashes: Map<number, string>;
}

/** Takes the lines in order, then the end. */
export class BundleLines {
  header: BundleHeader | null = null;
  events = 0;
  erased = 0;
  withheld = 0;
  readonly findings: BundleFinding[] = [];
  readonly strands = new Map<string, Strand>();
  readonly ends: StreamEnd[] = [];
  readonly #digests: string[] = [];
  /** Line → what it says of its place. */
  readonly #places = new Map<number, At>();
  readonly #whole = createHash('sha256');
  #trailer: { readonly line: number; readonly text: string } | null = null;
  #position = 0;
  #recordedAt = 0;
  #line = 0;

  find(kind: BundleFindingKind, at: At, message: string): void {
    const { line = null, stream = null, revision = null } = at;
    this.findings.push({ kind, line, stream, revision, message });
  }

  /** False where nothing more can be said of the file. */
  take(bytes: Uint8Array): boolean {
    this.#line += 1;
    const line = this.#line;
    if (this.#trailer) {
      const fault = readTrailer(this.#trailer.text);
      if (typeof fault === 'string') this.find('digest', { line: this.#trailer.line }, `the last line: ${fault}`);
      else
        this.find(
          'length',
          { line },
          'the file goes on after its last line: two were put together, or something was added',
        );
      return false;
    }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    if (line > 1 && text.startsWith('{"lines":')) {
      this.#trailer = { line, text };
      return true;
    }
    this.#whole.update(bytes);
    this.#digests.push(lineDigest(bytes));
    const content = text.endsWith('\n') ? text.slice(0, -1) : text;
    if (line === 1) return this.#takeHeader(content);
    if (content.startsWith('{"end":')) this.#takeEnd(content, line);
    else this.#takeEvent(content, line);
    return true;
  }

  /** What only the end shows: changed lines, lines that are missing, streams that stop early. */
  finish(): void {
    this.#compareDigests();
    for (const { announced, revision } of this.strands.values()) {
      if (revision === announced.to) continue;
      const { stream, to } = announced;
      const message = `revision ${revision + 1} was due next; the first line announces events up to ${to}, which are missing`;
      this.find('revision', { stream, revision: revision + 1 }, message);
    }
    const placeOf = ({ line }: BundleFinding): number => line ?? Number.MAX_SAFE_INTEGER;
    this.findings.sort((left, right) => placeOf(left) - placeOf(right));
  }

  #compareDigests(): void {
    const trailer = this.#trailer && readTrailer(this.#trailer.text);
    if (this.#line === 0) this.find('length', {}, 'the file is empty');
    else if (trailer === null) {
      this.find('length', { line: this.#line }, 'the file ends without its last line: it was cut short');
    } else if (typeof trailer === 'string') {
      this.find('digest', { line: this.#line }, `the last line: ${trailer}`);
    } else {
      this.#compareWith(trailer);
    }
  }

  #compareWith({ digests, sha256 }: BundleTrailer): void {
    const due = digests.match(new RegExp(`.{${LINE_DIGEST_HEX}}`, 'g')) ?? [];
    const changed = this.#digests.flatMap((digest, index) => (digest === due[index] ? [] : [index]));
    if (due.length !== this.#digests.length) {
      const line = (changed[0] ?? this.#digests.length) + 1;
      const message = `${due.length} lines were exported before the last one, here are ${this.#digests.length}; this is the first that differs`;
      this.find('digest', { line }, message);
      return;
    }
    for (const index of changed) {
      if (this.findings.some((finding) => finding.line === index + 1)) continue;
      const place = this.#places.get(index + 1) ?? { line: index + 1 };
      this.find('digest', place, 'its bytes are not those that were exported');
    }
    if (changed.length === 0 && this.#whole.digest('hex') !== sha256) {
      this.find('digest', {}, 'the file is not the one that was exported, though no line shows where');
    }
  }

  #takeHeader(text: string): boolean {
    const header = readBundleHeader(text);
    if (typeof header === 'string') {
      this.find('header', { line: 1 }, header);
      return false;
    }
    this.header = header;
    for (const announced of header.streams) {
      const { stream, from, previous } = announced;
      if (from === 0 && previous !== toHex(FIRST_PREVIOUS)) {
        this.find('header', { line: 1, stream }, 'nothing comes before revision 0, but a hash before it is given');
      }
      const hash = fromHex(previous, HASH_BYTES) ?? FIRST_PREVIOUS;
      this.strands.set(stream, { announced, revision: from - 1, hash, hashes: new Map([[from - 1, previous]]) });
    }
    return true;
  }

  #takeEvent(text: string, line: number): void {
    const event = readRecordedLine(text);
    if (typeof event === 'string') {
      const at = salvaged(text);
      this.find('unreadable', { line, ...at }, event);
      // Going on behind it as it stands names this line, not everything that follows it.
      const strand = at && this.strands.get(at.stream);
      if (strand && at.hash) [strand.revision, strand.hash] = [at.revision, at.hash];
      return;
    }
    this.events += 1;
    if (event.absent === 'erased') this.erased += 1;
    if (event.absent === 'withheld') this.withheld += 1;
    const at = { line, stream: event.stream, revision: event.revision };
    this.#places.set(line, at);
    const fault = envelopeFault(event);
    if (fault !== null) this.find('unreadable', at, fault);
    this.#takeOrder(event, at);
    this.#takeLink(event, at);
  }

  #takeOrder({ position, recordedAt }: RecordedLine, at: At): void {
    if (position <= this.#position) this.find('order', at, `position ${position} does not rise`);
    else if (recordedAt < this.#recordedAt)
      this.find('order', at, 'recordedat is earlier than that of a line before it');
    this.#position = Math.max(this.#position, position);
    this.#recordedAt = Math.max(this.#recordedAt, recordedAt);
  }

  #takeLink(event: RecordedLine, at: At): void {
    const { stream, revision, envelope, dataText } = event;
    const recordedAt = event.chainedAt ?? event.recordedAt;
    const strand = this.strands.get(stream);
    if (!strand) {
      this.find('foreign', at, 'the first line announces no such stream');
      return;
    }
    const hash = fromHex(event.hash, HASH_BYTES) ?? FIRST_PREVIOUS;
    if (revision !== strand.revision + 1) {
      const message = `revision ${strand.revision + 1} was due, here is ${revision}: lines are missing or out of order`;
      this.find('revision', at, message);
    } else {
      const salt = event.salt === null ? null : fromHex(event.salt, SALT_BYTES);
      const dataHash = event.dataHash === null ? null : fromHex(event.dataHash, HASH_BYTES);
      const link = { previous: strand.hash, stream, revision, recordedAt, envelope, dataText, salt, dataHash, hash };
      if (!linkHolds(link)) this.find('hash', at, 'its hash is not that of its contents and of the event before it');
    }
    if (revision > strand.announced.to)
      this.find('foreign', at, `the first line announces it up to ${strand.announced.to}`);
    [strand.revision, strand.hash] = [revision, hash];
    if (this.header?.checkpoint) strand.hashes.set(revision, event.hash);
  }

  #takeEnd(text: string, line: number): void {
    const end = readEnd(text);
    if (end === null) this.find('unreadable', { line }, 'it is no end of a stream as an export writes it');
    else this.ends.push(end);
  }
}

/** What the line says of itself beside the envelope must be what the envelope says. */
function envelopeFault({ stream, envelope, occurredAtKnown }: RecordedLine): string | null {
  const parts = splitStream(stream);
  if (!parts) return `${JSON.stringify(stream)} is no stream`;
  const { subject, time } = JSON.parse(envelope) as Record<string, unknown>;
  if (subject !== parts.subject)
    return `its subject is ${JSON.stringify(subject)}, which does not belong into ${stream}`;
  if ((time !== undefined) !== occurredAtKnown) return 'timeknown does not say whether its envelope has a time';
  return null;
}

function readEnd(text: string): StreamEnd | null {
  try {
    const { end, revision, hash } = JSON.parse(text) as BundleEnd;
    const bytes = fromHex(hash, HASH_BYTES);
    if (typeof end !== 'string' || !Number.isSafeInteger(revision) || revision < 0 || !bytes) return null;
    return { stream: end, revision, hash: bytes };
  } catch {
    return null;
  }
}

/** Where a line that cannot be read seems to belong. */
function salvaged(text: string): { stream: string; revision: number; hash: Uint8Array | null } | null {
  const place = /,"stream":"([^"\\]+)","revision":(\d{1,15}),/.exec(text);
  if (!place?.[1]) return null;
  const hash = /,"hash":"([0-9a-f]{64})"/.exec(text.slice(place.index))?.[1];
  return { stream: place[1], revision: Number(place[2]), hash: hash === undefined ? null : fromHex(hash, HASH_BYTES) };
}
