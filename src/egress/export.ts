/** The ledger as CloudEvents, one JSON object a line: what `import` reads elsewhere, and `import --restore` rebuilds from byte for byte. */
import { recordedLine } from '../../schemas/cloudevents/recorded-line.ts';
import type { RecordedEvent } from '../../schemas/event.ts';
import type { Position, Revision, StreamName } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';

export interface ExportQuery {
  /** Exclusive. */
  readonly after: Position;
  /** Null: every stream. */
  readonly stream: StreamName | null;
}

const PAGE_EVENTS = 500;

/** All lines up to the head as it was when reading began, page by page: each string holds whole lines, ends included. */
export async function* exportPages(ledger: LedgerReader, { after, stream }: ExportQuery): AsyncGenerator<string> {
  const { position: upTo } = await ledger.head();
  let cursor = after;
  let revision = 0 as Revision;
  while (cursor < upTo) {
    const events: readonly RecordedEvent[] =
      stream === null
        ? await ledger.readAllRecorded({ after: cursor, upTo, limit: PAGE_EVENTS })
        : await ledger.readStreamRecorded(stream, { from: revision, upTo, limit: PAGE_EVENTS });
    const last = events.at(-1);
    if (last === undefined) return;
    const lines = events.filter((event) => event.position > after).map((event) => `${recordedLine(event)}\n`);
    if (lines.length > 0) yield lines.join('');
    cursor = last.position;
    revision = (last.revision + 1) as Revision;
  }
}
