/** From where on two sets of one stream's events differ. */
import type { Position, Revision, StreamName } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';

/** Every event at or below the position; of these those that had happened by `happenedAt`, where it is not null. */
interface EventSet {
  readonly position: Position;
  readonly happenedAt: Micros | null;
}

const PAGE = 1_000;

/**
 * The earliest effective time at which an event may stand in one set and not in the other; infinite where there is none. Reads the places
 * of what was recorded between their positions, without its data.
 */
export async function firstDifference(
  ledger: Pick<LedgerReader, 'readPlaces' | 'readRetractions' | 'eventAt'>,
  stream: StreamName,
  { from, to }: { readonly from: EventSet; readonly to: EventSet },
): Promise<number> {
  const [earlier, later] = from.position <= to.position ? [from, to] : [to, from];
  const between = { stream, after: earlier.position, upTo: later.position };
  return Math.min(
    happenedApart(earlier.happenedAt, later.happenedAt),
    await earliestRecorded(ledger, between),
    await earliestRetracted(ledger, between),
  );
}

/** What happened after the earlier of the times is in one set alone. */
function happenedApart(first: Micros | null, second: Micros | null): number {
  return first === second ? Number.POSITIVE_INFINITY : Math.min(first ?? Infinity, second ?? Infinity) + 1;
}

interface Stretch {
  readonly stream: StreamName;
  readonly after: Position;
  readonly upTo: Position;
}

async function earliestRecorded(
  ledger: Pick<LedgerReader, 'readPlaces'>,
  { stream, after, upTo }: Stretch,
): Promise<number> {
  let earliest = Number.POSITIVE_INFINITY;
  let to: Revision | null = null;
  while (upTo > after) {
    const asked = { upTo, backwards: true, limit: PAGE, ...(to === null ? {} : { to }) };
    const places = await ledger.readPlaces(stream, asked);
    for (const { position, effectiveAt, type } of places) {
      if (position > after && type !== 'EventRetracted') earliest = Math.min(earliest, effectiveAt);
    }
    const last = places.at(-1);
    if (last === undefined || last.position <= after || last.revision === 0) break;
    to = (last.revision - 1) as Revision;
  }
  return earliest;
}

/** A retraction counts at the place of the event that it takes out. */
async function earliestRetracted(
  ledger: Pick<LedgerReader, 'readRetractions' | 'eventAt'>,
  { stream, after, upTo }: Stretch,
): Promise<number> {
  let earliest = Number.POSITIVE_INFINITY;
  for (let start = after; start < upTo; ) {
    const retractions = await ledger.readRetractions({ after: start, upTo, limit: PAGE });
    for (const retraction of retractions) {
      if (retraction.stream !== stream) continue;
      const named = await ledger.eventAt(retraction.target);
      if (named !== null) earliest = Math.min(earliest, named.effectiveAt);
    }
    const last = retractions.at(-1);
    if (retractions.length < PAGE || last === undefined) break;
    start = last.position;
  }
  return earliest;
}
