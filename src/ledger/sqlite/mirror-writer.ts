/**
 * The one writer of a mirror's file: takes what the record holds as it stands, each event only where its hash follows
 * from the one before it in its stream.
 */
import type { DatabaseSync } from 'node:sqlite';
import { splitStream } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import { HASH_BYTES, linkHolds } from '../chain.ts';
import { type Named, namedBy, REJECTIONS_MAX } from '../judge.ts';
import type { MirroredEvent } from '../mirror.ts';
import { operatingError } from './failure.ts';
import { type FromWriter, failureOf, type IncomingEvent, type ToMirrorWriter, type Writer } from './messages.ts';
import { unpackMirrored } from './mirror-messages.ts';
import { openForWriting } from './schema.ts';
import { type StreamState, WriterState } from './writer-state.ts';

export class MirrorWriter implements Writer<ToMirrorWriter> {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #state: WriterState;

  constructor(path: string) {
    this.#path = path;
    this.#database = openForWriting(path, 'mirror');
    this.#state = new WriterState(this.#database, 'mirror');
    this.scrub();
  }

  handle(message: ToMirrorWriter): FromWriter {
    const failure = this.#done(() => this.#do(message));
    const { erasing, position } = this.#state;
    const reply = failure === null ? { outcomes: [] } : { failure: failureOf(failure) };
    return { replies: [reply], position, isScrubOwed: !erasing.scrub() };
  }

  scrub(): boolean {
    return this.#state.erasing.scrub();
  }

  limitPages(pages: number): void {
    this.#database.exec(`PRAGMA max_page_count = ${pages}`);
  }

  close(): void {
    this.#database.close();
  }

  /** What the message asks, in a transaction of its own; what kept it from being done whole, null where nothing did. */
  #done(work: () => MusterbookError | null): unknown {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      const failure = work();
      this.#state.flush();
      this.#database.exec('COMMIT');
      return failure;
    } catch (failure) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#state.forget();
      return operatingError(this.#path, failure);
    }
  }

  #do(message: ToMirrorWriter): MusterbookError | null {
    switch (message.kind) {
      case 'adopt':
        return this.#adopt(message.recordId);
      case 'take':
        return this.#take(message);
      case 'scrub':
        this.#state.erasing.ask();
        return null;
    }
  }

  #adopt(recordId: string): MusterbookError | null {
    const known = this.#database.prepare('SELECT record_id FROM mirror').get()?.['record_id'];
    if (known === recordId) return null;
    if (known === null) {
      this.#database.prepare('UPDATE mirror SET record_id = ?').run(recordId);
      return null;
    }
    const facts = { path: this.#path, recordId: known, other: recordId };
    return new MusterbookError(
      'LEDGER_FOREIGN',
      `${this.#path} is a copy of the ledger ${known}, not of ${recordId}`,
      facts,
    );
  }

  #take({ events, rejections, cursor }: Extract<ToMirrorWriter, { kind: 'take' }>): MusterbookError | null {
    for (let index = 0; index < events.dataTexts.length; index += 1) {
      const event = unpackMirrored(events, index);
      if (this.#isHere(event)) continue;
      const reason = this.#takeEvent(event);
      if (reason !== null) return broken(event, reason);
    }
    if (rejections.length > 0) this.#state.mirrorRejections(rejections, REJECTIONS_MAX);
    this.#database.prepare('UPDATE mirror SET cursor = ?').run(cursor);
    return null;
  }

  #isHere({ position, hash }: MirroredEvent): boolean {
    if (!(position <= this.#state.position)) return false;
    const here = this.#database.prepare('SELECT hash FROM event WHERE position = ?').get(position)?.['hash'];
    return here instanceof Uint8Array && Buffer.compare(here, hash) === 0;
  }

  /** Why the event does not follow from what is here, in words; null when it was taken. */
  #takeEvent(event: MirroredEvent): string | null {
    const { position, stream: name, revision } = event;
    if (!Number.isSafeInteger(position)) return 'its position is no whole number';
    if (position <= this.#state.position)
      return `its position is not above ${this.#state.position}, which came before it`;
    if (splitStream(name) === null) return 'its stream is none of a ledger';
    const stream = this.#state.stream(name);
    if (revision !== stream.revision + 1) return `revision ${stream.revision + 1} was due`;
    const fault = linkFault(stream, event);
    if (fault !== null) return fault;
    const named = namedIn(event);
    if (named === 'unreadable') return 'it is a retraction that cannot be read';
    const recordedAt = Math.max(event.chainedAt, this.#state.recordedAt);
    const { salt, dataHash, hash, chainedAt } = event;
    const recorded = {
      ...{ position, recordedAt, chainedAt: chainedAt === recordedAt ? null : chainedAt },
      ...{ salt, dataHash, hash },
    };
    if (!this.#state.insert(stream, incoming(event), recorded)) return 'its source and id are in its stream already';
    if (named) this.#state.recordRetraction(stream, named);
    if (event.isRestored) this.#state.restoredUpTo = position;
    return null;
  }
}

/** The event that a retraction names; null of other events, and of a retraction whose own text is gone. */
function namedIn({ type, dataText }: MirroredEvent): Named | 'unreadable' | null {
  if (type !== 'EventRetracted' || dataText === null) return null;
  try {
    const named = namedBy(dataText);
    return typeof named.source === 'string' && typeof named.id === 'string' ? named : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function linkFault({ hash: previous }: StreamState, event: MirroredEvent): string | null {
  const { stream, revision, envelope, dataText, salt, dataHash, hash, chainedAt: recordedAt } = event;
  if ((dataText === null) === (dataHash === null)) return 'it must have either data or the digest of erased data';
  if (hash.length !== HASH_BYTES) return 'its hash is missing';
  const holds = linkHolds({ previous, stream, revision, recordedAt, envelope, dataText, salt, dataHash, hash });
  if (holds === null) return 'its salt, or the digest of its erased data, is missing';
  return holds ? null : 'its hash is not that of its contents and of the event before it';
}

function incoming(event: MirroredEvent): IncomingEvent {
  // Of an event without data nothing is stored: its salt is missing too.
  return { ...event, dataText: event.dataText ?? '', sealAt: 0 };
}

function broken({ position, stream, revision }: MirroredEvent, reason: string): MusterbookError {
  const message = `the record does not hold together at ${stream}@${revision}, position ${position}: ${reason}`;
  return new MusterbookError('CHAIN_BROKEN', message, { position, stream, revision, reason });
}
