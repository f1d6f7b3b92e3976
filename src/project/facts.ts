/** The facts of one stream in the order of every fold, as a set of events has them. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Revision } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { comparePlaces } from './place.ts';
import type { FactsQuery } from './views.ts';

const PAGE = 1_000;

export async function* factsInOrder(
  reader: LedgerReader,
  { stream, upTo, after, until }: FactsQuery,
): AsyncGenerator<readonly AnyFoldEvent[], void, undefined> {
  const facts: AnyFoldEvent[] = [];
  for (let from = 0; ; ) {
    const events = await reader.readStream(stream, { from: from as Revision, upTo, limit: PAGE });
    const retracted = await reader.retractedAmong(
      events.map(({ position }) => position),
      upTo,
    );
    for (const event of events) {
      if (event.type === 'EventRetracted' || event.erased || retracted.has(event.position)) continue;
      if (comparePlaces(event, after) > 0 && (until === null || event.effectiveAt <= until))
        facts.push(event as AnyFoldEvent);
    }
    const last = events.at(-1);
    if (events.length < PAGE || last === undefined) break;
    from = last.revision + 1;
  }
  facts.sort(comparePlaces);
  for (let from = 0; from < facts.length; from += PAGE) yield facts.slice(from, from + PAGE);
}
