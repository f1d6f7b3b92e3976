/** The proof of a ledger, event by event: what it proves, what it finds, and in which words. */
import { type Position, type Revision, START, type StreamName } from '../../schemas/ids.ts';
import { digestEnds, FIRST_PREVIOUS, HASH_BYTES, linkHolds, type StreamEnd, toHex } from './chain.ts';
import { EnvelopeComparison } from './envelope-comparison.ts';
import type { ErasedEvent, Erasure } from './erasures.ts';
import { evidenceOf } from './evidence.ts';
import type { Head, StoredEvent } from './port.ts';
import type { SignatureVerdict } from './signature.ts';

/** What to keep elsewhere: whoever holds it can tell later whether the ledger still begins with these events. */
export interface Checkpoint {
  readonly position: Position;
  /** Events at or below `position`. */
  readonly events: number;
  readonly streams: number;
  /** recordedAt of the event at `position`, RFC 3339; null in an empty ledger. */
  readonly recordedAt: string | null;
  /** SHA-256 over the sorted stream ends at `position` (docs/ledger-port.md), hex. */
  readonly ends: string;
}

export type FindingKind =
  /** Bytes that the hash covers, or the hash itself, are not what was recorded. */
  | 'hash'
  /** What is kept beside the envelope says something else than it. */
  | 'envelope'
  /** Revisions of a stream do not follow one another: events are missing or out of order. */
  | 'revision'
  /** recordedAt falls with position. */
  | 'order'
  /** The event cannot be read at all. */
  | 'unreadable'
  /** Which events are retracted is not what the retractions say. */
  | 'retraction'
  /** The ledger's own counts do not fit its events: something is gone. */
  | 'count'
  /** The events up to the checkpoint are not those it was made of. */
  | 'checkpoint'
  /** The checkpoint's signature is not what it should be. */
  | 'signature';

/** One place where the ledger is not what was recorded; null where the finding is not about one place. */
export interface Finding {
  readonly kind: FindingKind;
  readonly stream: StreamName | null;
  readonly revision: Revision | null;
  readonly position: Position | null;
  /** What differs, in words. */
  readonly message: string;
}

export interface Verification {
  /** True when nothing was found. */
  readonly ok: boolean;
  /** The head when it began: what was appended since was not looked at. */
  readonly position: Position;
  readonly events: number;
  readonly streams: number;
  /** Positions of events whose data was erased; their place, envelope, data digest and hash were proved. */
  readonly erased: readonly Position[];
  /** Who erased them, when and why, in order of position. */
  readonly erasures: readonly Erasure[];
  /** Whether a checkpoint proved the end up to it; false: a cut tail or a missing stream might not show. */
  readonly endProved: boolean;
  /** Of the checkpoint; null without one. */
  readonly signature: SignatureVerdict | null;
  /** The first 100. */
  readonly findings: readonly Finding[];
  /** How many more there are. */
  readonly findingsOmitted: number;
}

const FINDINGS_MAX = 100;

type At = { readonly stream: StreamName | null; readonly revision: Revision | null; readonly position: Position };
interface End extends StreamEnd {
  readonly stream: StreamName;
  revision: Revision;
  position: Position;
  hash: Uint8Array;
}

/** Takes every event in order of position, then comparisons, then gives the result. */
export class Proof {
  events = 0;
  readonly retractions: StoredEvent[] = [];
  readonly #checkpointAt: Position | null;
  readonly #restoredUpTo: Position;
  readonly #ends = new Map<StreamName, End>();
  readonly #envelopes = new EnvelopeComparison();
  readonly #retracted = new Map<Position, Position>();
  readonly erased: ErasedEvent[] = [];
  erasures: readonly Erasure[] = [];
  readonly #findings: Finding[] = [];
  #omitted = 0;
  #recordedAt = 0;
  #atCheckpoint: { readonly events: number; readonly ends: readonly StreamEnd[] } | null = null;
  #isEndProved = false;
  #signature: SignatureVerdict | null = null;

  /** `restoredUpTo`: as in `Head`. */
  constructor(checkpointAt: Position | null, restoredUpTo: Position | null) {
    this.#checkpointAt = checkpointAt;
    this.#restoredUpTo = restoredUpTo ?? START;
  }

  ends(): Iterable<End> {
    return this.#ends.values();
  }

  take(event: StoredEvent): void {
    this.#passTo(event.position);
    this.events += 1;
    this.#takeTime(event);
    this.#recordedAt = Math.max(this.#recordedAt, event.recordedAt);
    this.#takeLink(event);
    for (const fault of this.#envelopes.faults(event)) this.find('envelope', event, fault);
    if (event.erased) this.erased.push(keyed(event));
    else if (event.type === 'EventRetracted') this.retractions.push(event);
  }

  takeUnreadable(position: Position, message: string): void {
    this.#passTo(position);
    this.events += 1;
    this.find('unreadable', { stream: null, revision: null, position }, message);
  }

  /** What the reader answers of a page: event → first retraction. */
  takeRetracted(retracted: ReadonlyMap<Position, Position>): void {
    for (const [target, retraction] of retracted) this.#retracted.set(target, retraction);
  }

  /** Holds what the reader answered against what the retractions mean. */
  compareRetractions(meant: ReadonlyMap<Position, Position>): void {
    for (const position of new Set([...meant.keys(), ...this.#retracted.keys()])) {
      const [due, answered] = [meant.get(position), this.#retracted.get(position)];
      if (due === answered) continue;
      const message = `it is retracted by ${due ?? 'none'}, but treated as retracted by ${answered ?? 'none'}`;
      this.find('retraction', { stream: null, revision: null, position }, message);
    }
  }

  compareCounts({ events, streams }: Head): void {
    if (events !== this.events)
      this.find('count', null, `the ledger counts ${events} events, but holds ${this.events}`);
    if (streams !== this.#ends.size) {
      this.find('count', null, `the ledger counts ${streams} streams, but holds ${this.#ends.size}`);
    }
  }

  compareCheckpoint({ position, events, streams, ends }: Checkpoint, head: Position): void {
    const then = this.#atCheckpoint ?? { events: this.events, ends: [...this.#ends.values()] };
    const before = this.#findings.length + this.#omitted;
    const found = (message: string): void => this.find('checkpoint', null, message);
    if (head < position) found(`the ledger ends at position ${head}, the checkpoint was made at ${position}`);
    if (then.events !== events) found(`up to position ${position} there were ${events} events, now ${then.events}`);
    if (then.ends.length !== streams)
      found(`up to position ${position} there were ${streams} streams, now ${then.ends.length}`);
    if (toHex(digestEnds(then.ends)) !== ends) {
      found(`the ends of the streams at position ${position} are not those of the checkpoint`);
    }
    const isGenuine = this.#signature === null || this.#signature.fault === null;
    this.#isEndProved = isGenuine && this.#findings.length + this.#omitted === before;
  }

  /** Before the comparison with the checkpoint: one that is not its signer's proves nothing. */
  takeSignature(verdict: SignatureVerdict): void {
    this.#signature = verdict;
    if (verdict.fault !== null) this.find('signature', null, verdict.fault);
  }

  find(kind: FindingKind, at: At | null, message: string): void {
    if (this.#findings.length >= FINDINGS_MAX) {
      this.#omitted += 1;
      return;
    }
    const { stream = null, revision = null, position = null } = at ?? {};
    this.#findings.push({ kind, stream, revision, position, message });
  }

  result(position: Position): Verification {
    return {
      ok: this.#findings.length === 0,
      position,
      events: this.events,
      streams: this.#ends.size,
      erased: this.erased.map((event) => event.position),
      erasures: this.erasures,
      endProved: this.#isEndProved,
      signature: this.#signature,
      findings: this.#findings,
      findingsOmitted: this.#omitted,
    };
  }

  /** Keeps the ends as they were at the checkpoint before going past it. */
  #passTo(position: Position): void {
    if (this.#checkpointAt === null || position <= this.#checkpointAt || this.#atCheckpoint) return;
    // Copies: the ends move on.
    this.#atCheckpoint = { events: this.events, ends: [...this.#ends.values()].map((end) => ({ ...end })) };
  }

  #takeTime(event: StoredEvent): void {
    const { recordedAt, chainedAt } = event;
    if (recordedAt < this.#recordedAt)
      this.find('order', event, 'recordedAt is earlier than that of an event before it');
    if (chainedAt === undefined) return;
    // Where the hash covers another time, recordedAt is that of the event before; but a restore may leave that one out.
    const isStated = chainedAt >= recordedAt || (event.position > this.#restoredUpTo && recordedAt > this.#recordedAt);
    if (isStated) this.find('order', event, 'recordedAt does not follow from the times that are hashed');
  }

  #takeLink(event: StoredEvent): void {
    const { stream, revision, position } = event;
    const { salt, dataHash, hash } = evidenceOf(event);
    const end = this.#ends.get(stream);
    const previous = end?.hash ?? FIRST_PREVIOUS;
    const due = (end?.revision ?? -1) + 1;
    if (revision !== due) {
      const message = `revision ${due} was due, here is ${revision}: events are missing or out of order`;
      this.find('revision', event, message);
    } else {
      const { envelope, dataText } = event;
      const recordedAt = event.chainedAt ?? event.recordedAt;
      const holds = linkHolds({ previous, stream, revision, recordedAt, envelope, dataText, salt, dataHash, hash });
      if (holds === null) this.find('hash', event, 'its salt, or the digest of its erased data, is missing');
      if (holds === false) this.find('hash', event, 'its hash is not that of its contents and of the event before it');
    }
    // Going on from the hash as it stands names each changed place, not everything that follows it.
    const standing = hash.length === HASH_BYTES ? hash : FIRST_PREVIOUS;
    if (!end) this.#ends.set(stream, { stream, revision, position, hash: standing });
    else [end.revision, end.position, end.hash] = [revision, position, standing];
  }
}

function keyed({ position, stream, revision, source, id }: StoredEvent): ErasedEvent {
  return { position, stream, revision, source, id };
}
