/** The rows of the ledger's file in a bare loop: nothing validated, nothing looked up, nothing counted. */
import { envelopeText } from '../../schemas/cloudevents/envelope.ts';
import type { NewEvent } from '../../schemas/event.ts';
import { microsFromMs } from '../../schemas/time.ts';
import { digestData, FIRST_PREVIOUS, linkHash, newSalt } from '../../src/ledger/chain.ts';
import { openForWriting } from '../../src/ledger/sqlite/schema.ts';
import { ACTOR } from './assignments.ts';

/** An event and the texts of it that are stored. */
export interface Texts {
  readonly event: Pick<NewEvent, 'id' | 'subject' | 'time'>;
  readonly envelope: string;
  readonly dataText: string;
}

export function textsOf(event: NewEvent): Texts {
  return { event, envelope: envelopeText(event, ACTOR), dataText: JSON.stringify(event.data) };
}

export interface BareRows {
  /** One durable transaction; hashes as the ledger does, or not at all. */
  insert(batch: readonly Texts[]): void;
  close(): void;
}

interface StreamEnd {
  readonly id: number;
  revision: number;
  hash: Uint8Array;
}

export function openBareRows(path: string, { hashes }: { readonly hashes: boolean }): BareRows {
  const database = openForWriting(path);
  const insert = database.prepare(
    `INSERT INTO event (position, stream_id, revision, category, type_id, source_id, actor_id, synthetic, recorded_at,
       occurred_at, not_before, id, envelope, data, salt, data_hash, hash)
     VALUES (?, ?, ?, 0, 1, 1, NULL, 0, ?, ?, NULL, ?, ?, ?, ?, NULL, ?)`,
  );
  const ends = new Map<string, StreamEnd>();
  const endOf = (subject: string): StreamEnd => {
    const known = ends.get(subject);
    if (known) return known;
    const end = { id: ends.size + 1, revision: -1, hash: FIRST_PREVIOUS };
    ends.set(subject, end);
    return end;
  };
  const noSalt = newSalt();
  let position = 0;
  const insertOne = ({ event, envelope, dataText }: Texts): void => {
    position += 1;
    const end = endOf(event.subject);
    const recordedAt = microsFromMs(Date.now());
    end.revision += 1;
    let salt = noSalt;
    if (hashes) {
      salt = newSalt();
      const dataHash = digestData(salt, dataText);
      const stream = `cluster-${event.subject}`;
      end.hash = linkHash({ previous: end.hash, stream, revision: end.revision, recordedAt, envelope, dataHash });
    }
    insert.run(position, end.id, end.revision, recordedAt, event.time, event.id, envelope, dataText, salt, end.hash);
  };
  return {
    insert(batch) {
      database.exec('BEGIN IMMEDIATE');
      for (const texts of batch) insertOne(texts);
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}
