/**
 * The proof of a ledger from its export alone, line by line, by what docs/ledger-port.md says and nothing of the server's:
 * what `musterbook verify` finds in the file, as far as an export shows it. Memory: one hash a stream, one entry an erased event.
 */
import type { Checkpoint } from './checkpoint.ts';
import { fromHex, toHex } from './hex.ts';
import { type ExportedEvent, salvaged, takeApart } from './line.ts';
import { Sha256 } from './sha256.ts';
import type { Erasure, Finding, FindingKind, Place, Stated, Verification } from './verification.ts';

const LISTED_MAX = 100;
const HASH_BYTES = 32;
const NOWHERE: Place = { stream: null, revision: null, position: null };

interface End {
  revision: number;
  readonly hash: Uint8Array;
  /** How the envelope of each event of the stream names its subject. */
  readonly subject: string;
}

/** Ledger as of a position. */
interface Then {
  readonly events: number;
  readonly streams: number;
  readonly ends: string;
}

export class Proof {
  events = 0;
  /** Of the last event. */
  position = 0;
  readonly #stated: Stated;
  readonly #checkpoint: Checkpoint | null;
  readonly #sha = new Sha256();
  readonly #ends = new Map<string, End>();
  #recordedAt = 0;
  #erased = 0;
  /** Erased events, by what names them, until the retraction comes that erased them. */
  readonly #unexplained = new Map<string, Place & { readonly position: number }>();
  readonly #erasures: Erasure[] = [];
  readonly #findings: Finding[] = [];
  #omitted = 0;
  /** As of the positions of what it is held against, once passed. */
  readonly #then = new Map<number, Then>();
  readonly #hash = new Uint8Array(HASH_BYTES);
  readonly #digest = new Uint8Array(HASH_BYTES);

  constructor(stated: Stated, checkpoint: Checkpoint | null) {
    this.#stated = stated;
    this.#checkpoint = checkpoint;
  }

  get found(): number {
    return this.#findings.length + this.#omitted;
  }

  /** Whether something was erased, and by no retraction that was read so far. */
  get isUnexplained(): boolean {
    return this.#unexplained.size > 0;
  }

  /** Takes the next line, without its end. */
  take(line: string): void {
    this.events += 1;
    const event = takeApart(line);
    if (event === null) this.#takeUnreadable(line);
    else this.#take(event);
  }

  /** Once there are no more lines; what was erased behind `upTo` may have been so by a retraction that comes later. */
  result(upTo: number): Verification {
    for (const at of this.#unexplained.values()) {
      if (at.position <= upTo) this.#find('retraction', at, 'its data is gone, but no retraction erases it');
    }
    this.#compareStated();
    const endProved = this.#compareCheckpoint();
    return {
      position: this.position,
      events: this.events,
      streams: this.#ends.size,
      erased: this.#erased,
      erasures: this.#erasures.toSorted((left, right) => left.position - right.position),
      ends: this.#at(this.#stated.position).ends,
      endProved,
      findings: this.#findings,
      findingsOmitted: this.#omitted,
    };
  }

  #find(kind: FindingKind, { stream, revision, position }: Place, message: string): void {
    if (this.#findings.length < LISTED_MAX) this.#findings.push({ kind, stream, revision, position, message });
    else this.#omitted += 1;
  }

  #take(event: ExportedEvent): void {
    this.#passTo(event.position);
    this.#takeOrder(event);
    const end = this.#ends.get(event.stream) ?? this.#begun(event.stream);
    fromHex(event.hash, this.#hash);
    if (event.revision !== end.revision + 1) {
      const message = `revision ${end.revision + 1} was due, here is ${event.revision}: events are missing or out of order`;
      this.#find('revision', event, message);
    } else if (!this.#linkHolds(event, end)) {
      this.#find('hash', event, 'its hash is not that of its contents and of the event before it');
    }
    // Going on from the hash as it stands names each changed place, not everything that follows it.
    end.revision = event.revision;
    end.hash.set(this.#hash);
    this.#takeEnvelope(event, end);
    if (event.data === null) this.#takeErased(event);
    else if (event.envelope.includes('"type":"io.musterbook.EventRetracted"')) this.#takeRetraction(event, event.data);
  }

  #takeUnreadable(line: string): void {
    const at = salvaged(line);
    this.#find('unreadable', at ?? NOWHERE, `line ${this.events} is not written as an export writes it`);
    if (at === null) return;
    this.#passTo(at.position);
    this.position = at.position;
    const end = this.#ends.get(at.stream) ?? this.#begun(at.stream);
    end.revision = at.revision;
    fromHex(at.hash, end.hash);
  }

  #takeOrder(event: ExportedEvent): void {
    const { position, recordedAt, chainedAt } = event;
    if (position <= this.position) this.#find('order', event, `position ${position} does not rise`);
    else if (recordedAt < this.#recordedAt)
      this.#find('order', event, 'recordedat is earlier than that of an event before it');
    // Where the hash covers another time, recordedat is that of the event before; but a restore may leave that one out.
    const isRestored = position <= this.#stated.restoredUpTo;
    if (chainedAt !== null && (chainedAt >= recordedAt || (!isRestored && recordedAt > this.#recordedAt)))
      this.#find('order', event, 'recordedat does not follow from the times that are hashed');
    this.position = position;
    this.#recordedAt = Math.max(this.#recordedAt, recordedAt);
  }

  #begun(stream: string): End {
    const subject = `,"subject":${JSON.stringify(stream.slice(stream.indexOf('-') + 1))}`;
    const end = { revision: -1, hash: new Uint8Array(HASH_BYTES), subject };
    this.#ends.set(stream, end);
    return end;
  }

  #linkHolds(event: ExportedEvent, end: End): boolean {
    const { stream, revision, envelope, data, saltOrDigest } = event;
    const evidence = fromHex(saltOrDigest, this.#digest);
    const digest = data === null ? evidence : this.#sha.bytes(evidence).text(data).digest(this.#digest);
    this.#sha.bytes(end.hash).measuredText(stream).unsigned64(revision);
    this.#sha
      .unsigned64(event.chainedAt ?? event.recordedAt)
      .measuredText(envelope)
      .bytes(digest);
    return this.#sha.digest(this.#digest).every((byte, index) => byte === this.#hash[index]);
  }

  /** What the line says of its place and time beside the envelope must be what the envelope says. */
  #takeEnvelope(event: ExportedEvent, { subject }: End): void {
    const { envelope, isTimeKnown, stream } = event;
    if (!envelope.includes(subject))
      this.#find('envelope', event, `its envelope has a subject that does not belong into ${stream}`);
    if (envelope.includes(',"time":"') !== isTimeKnown)
      this.#find('envelope', event, 'timeknown does not say whether its envelope has a time');
  }

  #takeErased(event: ExportedEvent): void {
    this.#erased += 1;
    const { source, id } = parsed(event.envelope);
    const { stream, revision, position } = event;
    this.#unexplained.set(JSON.stringify([stream, source, id]), { stream, revision, position });
  }

  #takeRetraction({ stream, position, envelope }: ExportedEvent, data: string): void {
    const { eventSource, eventId, erase, reason } = parsed(data);
    const key = JSON.stringify([stream, eventSource, eventId]);
    const erased = erase === true ? this.#unexplained.get(key) : undefined;
    if (erased === undefined) return;
    this.#unexplained.delete(key);
    if (this.#erasures.length >= LISTED_MAX) return;
    const { authid } = parsed(envelope);
    const by = authid === undefined ? null : String(authid);
    this.#erasures.push({ position: erased.position, stream, retractedBy: position, by, reason: String(reason) });
  }

  /** Keeps how things stood at what it is held against, before going past it. */
  #passTo(position: number): void {
    for (const against of [this.#stated, this.#checkpoint]) {
      if (against !== null && position > against.position && !this.#then.has(against.position))
        this.#then.set(against.position, this.#now());
    }
  }

  /** Counts without the line that is being taken. */
  #now(isInside = true): Then {
    return { events: this.events - (isInside ? 1 : 0), streams: this.#ends.size, ends: this.#endsDigest() };
  }

  #at(position: number): Then {
    return this.#then.get(position) ?? this.#now(false);
  }

  #endsDigest(): string {
    const encoder = new TextEncoder();
    const named = [...this.#ends].map(([stream, end]) => ({ name: encoder.encode(stream), stream, end }));
    named.sort((left, right) => compareBytes(left.name, right.name));
    this.#sha.unsigned64(named.length);
    for (const { stream, end } of named) this.#sha.measuredText(stream).unsigned64(end.revision).bytes(end.hash);
    return toHex(this.#sha.digest(this.#digest));
  }

  #compareStated(): void {
    const { position, events, streams, ends } = this.#stated;
    const then = this.#at(position);
    const find = (kind: FindingKind, message: string): void => this.#find(kind, NOWHERE, message);
    if (this.position < position)
      find('count', `the server’s head is ${position}, but its export ends at ${this.position}`);
    if (then.events !== events)
      find(
        'count',
        `the server counts ${events} events up to position ${position}, but its export holds ${then.events}`,
      );
    if (then.streams !== streams)
      find(
        'count',
        `the server counts ${streams} streams up to position ${position}, but its export holds ${then.streams}`,
      );
    if (ends !== null && then.ends !== ends)
      find(
        'digest',
        `the digest that the server states at position ${position} is not that of its export, ${then.ends}`,
      );
  }

  /** Whether it proves the end. */
  #compareCheckpoint(): boolean {
    if (this.#checkpoint === null) return false;
    const { position, events, streams, ends } = this.#checkpoint;
    const then = this.#at(position);
    const before = this.found;
    const find = (message: string): void => this.#find('checkpoint', NOWHERE, message);
    if (this.position < position)
      find(`the ledger ends at position ${this.position}, the checkpoint was made at ${position}`);
    if (then.events !== events) find(`up to position ${position} there were ${events} events, now ${then.events}`);
    if (then.streams !== streams) find(`up to position ${position} there were ${streams} streams, now ${then.streams}`);
    if (then.ends !== ends) find(`the ends of the streams at position ${position} are not those of the checkpoint`);
    return this.found === before;
  }
}

/** Members of what was proved to be as it was recorded, or was found already; nothing of what is no JSON object. */
function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] as number) - (right[at] ?? -1);
}
