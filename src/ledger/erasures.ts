/** What `verify` says of erased events: which, who erased them, when and why; and where that does not add up. */
import type { Position, Revision, StreamName } from '../../schemas/ids.ts';
import { formatTime, type Micros } from '../../schemas/time.ts';
import { namedBy } from './judge.ts';
import type { EventKey, LedgerReader, StoredEvent } from './port.ts';

/** An event whose data was erased; its place, envelope, data digest and hash were proved. */
export interface Erasure {
  readonly position: Position;
  readonly stream: StreamName;
  /** Position of the retraction that erased it. */
  readonly retractedBy: Position;
  /** Who appended that: the token's name; null without tokens. */
  readonly by: string | null;
  /** When it was recorded, RFC 3339. */
  readonly at: string;
  readonly reason: string;
}

/** An event that is erased, but by nobody; or one that is not, although a retraction says so. */
export interface ErasureFault {
  readonly position: Position;
  readonly stream: StreamName;
  readonly revision: Revision;
  readonly message: string;
}

export type ErasedEvent = Pick<StoredEvent, 'position' | 'stream' | 'revision' | 'source' | 'id'>;

const PAGE_EVENTS = 1_000;

/**
 * Lists the erasures among `erased`, in order of position. `retractions`: all up to `upTo`, in order. Events may be erased
 * while this runs, by retractions after `upTo`: these are no fault, and are left out.
 */
export async function erasuresOf(
  reader: LedgerReader,
  proved: {
    readonly erased: readonly ErasedEvent[];
    readonly retractions: readonly StoredEvent[];
    readonly upTo: Position;
  },
): Promise<{ readonly erasures: readonly Erasure[]; readonly faults: readonly ErasureFault[] }> {
  const faults: ErasureFault[] = [];
  const erasures = new Map<Position, Erasure>();
  for (const retraction of proved.retractions) {
    const target = await erasedBy(reader, retraction);
    if (target === null || erasures.has(target.position)) continue;
    const { position, stream, revision } = target;
    if (target.erased) erasures.set(position, erasure(target, retraction));
    else
      faults.push({
        position,
        stream,
        revision,
        message: `the retraction at position ${retraction.position} erases it, but its data is there`,
      });
  }
  const unexplained = proved.erased.filter(({ position }) => !erasures.has(position));
  const later = unexplained.length === 0 ? NO_KEYS : await erasedAfter(reader, proved.upTo);
  for (const { position, stream, revision, ...key } of unexplained) {
    if (later.has(keyText(key))) continue;
    faults.push({ position, stream, revision, message: 'its data is gone, but no retraction erases it' });
  }
  return { erasures: [...erasures.values()].sort((a, b) => a.position - b.position), faults };
}

const NO_KEYS: ReadonlySet<string> = new Set();

function erasure({ position, stream }: ErasedEvent, retraction: StoredEvent): Erasure {
  const { reason } = JSON.parse(retraction.dataText ?? '') as { reason: string };
  const at = formatTime(retraction.recordedAt as Micros);
  return { position, stream, retractedBy: retraction.position, by: retraction.actor, at, reason };
}

/** The event that a retraction erases; null where it erases none. */
async function erasedBy(reader: LedgerReader, retraction: StoredEvent): Promise<StoredEvent | null> {
  try {
    const named = namedBy(retraction.dataText ?? '');
    const target = named.erase ? await reader.eventByKey(named, retraction.stream) : null;
    if (!target || target.type === 'EventRetracted') return null;
    return target.position < retraction.position ? target : null;
  } catch {
    // One of the two is damaged, which was found already at its own place.
    return null;
  }
}

/** Keys of the events that retractions after a position erase. */
async function erasedAfter(reader: LedgerReader, upTo: Position): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  let after = upTo;
  for (;;) {
    const page = await reader.readAllStored({ after, types: ['EventRetracted'], limit: PAGE_EVENTS });
    for (const { dataText } of page) {
      const named = dataText === null ? null : namedBy(dataText);
      if (named?.erase) keys.add(keyText(named));
    }
    const last = page.at(-1);
    if (page.length < PAGE_EVENTS || last === undefined) return keys;
    after = last.position;
  }
}

function keyText({ source, id }: EventKey): string {
  return JSON.stringify([source, id]);
}
