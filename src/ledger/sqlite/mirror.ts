/** The mirror in one SQLite file: reads on this thread's own connection, fills through one writer. */
import type { StreamName } from '../../../schemas/ids.ts';
import { MusterbookError } from '../../errors.ts';
import type { KnownEvent, Mirror, MirrorBatch, StreamEnd } from '../mirror.ts';
import type { EventKey, RejectionPage } from '../port.ts';
import { type Channel, channelHere, channelToThread } from './channel.ts';
import { errorOf, type FromWriter, type ToMirrorWriter } from './messages.ts';
import { packMirrored } from './mirror-messages.ts';
import { MirrorWriter } from './mirror-writer.ts';
import { SqliteReader } from './reader.ts';

export interface MirrorOptions {
  /** The file, made where there is none; its folder must exist. */
  readonly path: string;
  /** As in `SqliteLedgerOptions`. */
  readonly thread: 'worker' | 'here';
}

/**
 * Opens a mirror for filling and reading. The caller owes: that no other writer has the file (`holdLock` on its folder),
 * and `close()`. Throws `LEDGER_FOREIGN` for a ledger of its own, and what `openSqliteLedger` throws.
 */
export async function openMirror({ path, thread }: MirrorOptions): Promise<Mirror> {
  const channel = await (thread === 'worker'
    ? channelToThread<ToMirrorWriter>({ path, kind: 'mirror', maxPageCount: null })
    : channelHere<ToMirrorWriter>(new MirrorWriter(path)));
  try {
    return new SqliteMirror(path, channel);
  } catch (failure) {
    await channel.close();
    throw failure;
  }
}

const KNOWN = `SELECT event.position, stream.name, type.name, occurred_at, data
  FROM source JOIN event ON event.source_id = source.id AND event.id = ?
    JOIN stream ON stream.id = event.stream_id JOIN type ON type.id = event.type_id
  WHERE source.name = ? ORDER BY stream.name <> ?, event.position LIMIT 1`;

class SqliteMirror extends SqliteReader implements Mirror {
  readonly #channel: Channel<ToMirrorWriter>;
  #recordId: string | null;
  #cursor: string | null;
  #isClosed = false;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(path: string, channel: Channel<ToMirrorWriter>) {
    super(path);
    this.#channel = channel;
    [this.#recordId, this.#cursor] = this.all('SELECT record_id, cursor FROM mirror', [])[0] as [
      string | null,
      string | null,
    ];
  }

  get recordId(): string | null {
    return this.#recordId;
  }

  get cursor(): string | null {
    return this.#cursor;
  }

  async adopt(recordId: string): Promise<void> {
    await this.#send({ kind: 'adopt', recordId });
    this.#recordId = recordId;
  }

  async take(batch: MirrorBatch): Promise<void> {
    const { events, rejections, cursor } = batch;
    await this.#send({ kind: 'take', events: packMirrored(events), rejections, cursor });
    this.#cursor = cursor;
  }

  async known(stream: StreamName, keys: readonly EventKey[]): Promise<readonly (KnownEvent | null)[]> {
    return keys.map(({ source, id }) => {
      const [row] = this.all(KNOWN, [id, source, stream]);
      if (row === undefined) return null;
      const [position, name, type, time, dataText] = row as unknown as Row<KnownEvent>;
      return { position, stream: name, type, time, dataText };
    });
  }

  async streamEnd(stream: StreamName): Promise<StreamEnd | null> {
    const [row] = this.all('SELECT revision, position, hash FROM stream WHERE name = ?', [stream]);
    if (row === undefined) return null;
    const [revision, position, hash] = row as unknown as [
      StreamEnd['revision'],
      StreamEnd['position'],
      StreamEnd['hash'],
    ];
    return { revision, position, hash };
  }

  async rejections(query: { readonly before?: number; readonly limit: number }): Promise<RejectionPage> {
    return this.readRejections(query);
  }

  async scrub(): Promise<void> {
    const { isScrubOwed } = await this.#send({ kind: 'scrub' });
    if (!isScrubOwed) return;
    throw new MusterbookError('ERASURE_INCOMPLETE', 'a reader keeps erased text in the log of the mirror');
  }

  /** Waits for what is under way. */
  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
    await super.close();
    await this.#channel.close();
  }

  async #send(message: ToMirrorWriter): Promise<FromWriter> {
    if (this.#isClosed) throw new MusterbookError('LEDGER_CLOSED', 'The mirror is closed');
    const sent = this.#channel.send(message).finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
    const answer = await sent;
    const [reply] = answer.replies;
    if (reply && 'failure' in reply) throw errorOf(reply.failure);
    return answer;
  }
}

type Row<Event extends KnownEvent> = [Event['position'], StreamName, Event['type'], Event['time'], string | null];
