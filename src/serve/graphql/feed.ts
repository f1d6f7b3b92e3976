/** Events in order of position, from any cursor into the present, as far as the views have come: a subscriber can always query what it was told. */

import type { RecordedEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import type { Gate, Ledger, ReadAll } from '../../ledger/port.ts';
import type { Views } from '../../project/views.ts';

/** Every event after a position, in order, without end until aborted. */
export type Feed = (after: Position, signal: AbortSignal) => AsyncGenerator<RecordedEvent>;

export function createFeed(ledger: Ledger, views: Views): Feed {
  const gate = viewsGate(views);
  const pages = sharedPages(ledger);
  views.onPublish(({ erased }) => {
    if (erased) pages.forget();
  });
  const { read } = pages;
  return (after, signal) => ledger.follow({ after, signal, gate, read });
}

/** Followers go as far as the views. */
function viewsGate(views: Views): Gate {
  return { limit: () => views.position(), onRise: (listener) => views.onPublish(() => listener()) };
}

const SHARED_PAGES = 16;

/** Reads each page once for all that ask for the same one: followers are woken together and read the same new events. */
function sharedPages(ledger: Ledger) {
  const pages = new Map<string, Promise<readonly RecordedEvent[]>>();
  const read = (page: ReadAll): Promise<readonly RecordedEvent[]> => {
    const key = `${page.after} ${page.upTo} ${page.limit}`;
    let reading = pages.get(key);
    if (!reading) {
      reading = ledger.readAllRecorded(page);
      reading.catch(() => pages.delete(key));
      pages.set(key, reading);
      if (pages.size > SHARED_PAGES) pages.delete(pages.keys().next().value as string);
    }
    return reading;
  };
  return { read, forget: () => pages.clear() };
}
