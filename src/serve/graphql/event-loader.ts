/** Recorded events by position: what views refer to. Loaded once a request and kept among requests, for they never change unless erased. */

import type { RecordedEvent } from '../../../schemas/event.ts';
import type { Position } from '../../../schemas/ids.ts';
import type { LedgerReader } from '../../ledger/port.ts';

export interface EventLoader {
  at(position: Position): RecordedEvent | Promise<RecordedEvent>;
}

export interface EventCache {
  get(position: Position): RecordedEvent | undefined;
  /** `era`: of when the event began to be read. */
  put(event: RecordedEvent, era: number): void;
  /** Rises with `forget`. */
  era(): number;
  /** Drops all: something was erased. What was begun to be read before is not kept any more. */
  forget(): void;
}

const CACHE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Events by position, the least recently read leave first; weighs at most about 32 MB. */
export function createEventCache(): EventCache {
  const kept = new Map<Position, RecordedEvent>();
  let weight = 0;
  let era = 0;
  return {
    get(position) {
      const event = kept.get(position);
      if (event === undefined) return undefined;
      kept.delete(position);
      kept.set(position, event);
      return event;
    },
    era: () => era,
    forget() {
      era += 1;
      kept.clear();
      weight = 0;
    },
    put(event, readIn) {
      if (kept.has(event.position) || readIn !== era) return;
      kept.set(event.position, event);
      weight += weightOf(event);
      for (const [position, oldest] of kept) {
        if (weight <= CACHE_CHARACTERS_MAX) break;
        kept.delete(position);
        weight -= weightOf(oldest);
      }
    },
  };
}

function weightOf(event: RecordedEvent): number {
  return event.envelope.length + (event.dataText?.length ?? 0) + 500;
}

/** Adjacent positions at most this far apart are read in one page. */
const PAGE_SPREAD = 64;

/** Gathers the positions asked for in one turn and reads neighbours together. */
export function createEventLoader(ledger: LedgerReader, cache: EventCache): EventLoader {
  let waiting = new Map<Position, PromiseWithResolvers<RecordedEvent>>();
  const flush = (): void => {
    const batch = waiting;
    waiting = new Map();
    for (const group of neighbours([...batch.keys()].sort((a, b) => a - b))) void load(ledger, cache, group, batch);
  };
  return {
    at(position) {
      const known = cache.get(position);
      if (known) return known;
      let pending = waiting.get(position);
      if (!pending) {
        if (waiting.size === 0) queueMicrotask(flush);
        pending = Promise.withResolvers<RecordedEvent>();
        waiting.set(position, pending);
      }
      return pending.promise;
    },
  };
}

type Waiting = ReadonlyMap<Position, PromiseWithResolvers<RecordedEvent>>;

async function load(
  ledger: LedgerReader,
  cache: EventCache,
  group: readonly Position[],
  waiting: Waiting,
): Promise<void> {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return;
  const era = cache.era();
  try {
    const events =
      first === last
        ? [await ledger.eventAt(first)]
        : await ledger.readAllRecorded({ after: (first - 1) as Position, upTo: last, limit: last - first + 1 });
    const found = new Map(events.flatMap((event) => (event ? [[event.position, event] as const] : [])));
    for (const position of group) {
      const event = found.get(position);
      if (event) {
        cache.put(event, era);
        waiting.get(position)?.resolve(event);
      } else
        waiting.get(position)?.reject(new Error(`a view names position ${position}, where the ledger has no event`));
    }
  } catch (error) {
    for (const position of group) waiting.get(position)?.reject(error);
  }
}

function neighbours(sorted: readonly Position[]): Position[][] {
  const groups: Position[][] = [];
  for (const position of sorted) {
    const group = groups.at(-1);
    if (group?.[0] !== undefined && position - group[0] < PAGE_SPREAD) group.push(position);
    else groups.push([position]);
  }
  return groups;
}
