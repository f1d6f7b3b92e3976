/**
 * Holds a stream's events back while one that stands before them is still to come, as a fold from zero over a ledger that
 * ends can know: late facts and retractions then come together with what they displace, and nothing is folded twice.
 *
 * It spares work and decides nothing: whatever it lets through too early takes the way of every late fact.
 */
import type { FoldEvent } from '../../../schemas/event.ts';
import type { Position, StreamName } from '../../../schemas/ids.ts';
import type { LedgerReader } from '../../ledger/port.ts';
import type { LateEvent, LedgerScan, Share } from '../../ledger/scan.ts';

/** How far ahead of the fold late facts and retractions are looked for, in positions. */
const AHEAD_POSITIONS = 262_144;
/**
 * What is late by less stands mostly in one page with what it displaces. In µs: the first of these that few enough events
 * exceed, as a source may send all it says some seconds late.
 */
const LATE_BY = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000] as const;
/** Where more are late than this, by each of these, an old history was brought in at once: late, but in order. */
const LATE_SHARE_MAX = 0.05;
/** Events held at most: bounds memory. */
const HELD_MAX = 60_000;

interface Hold {
  /** The stream's events at or after this position, or recorded after this time (µs), wait. */
  readonly from: { readonly position: number } | { readonly recordedAt: number };
  /** Position of what they wait for. */
  readonly until: number;
}

export interface HoldingOptions {
  readonly scan: LedgerScan;
  readonly reader: LedgerReader;
  readonly share: Share;
  readonly upTo: Position;
}

export class Holding {
  readonly #options: HoldingOptions;
  readonly #holds = new Map<StreamName, Hold[]>();
  readonly #held = new Map<StreamName, FoldEvent[]>();
  #heldCount = 0;
  #seenUpTo = 0;

  constructor(options: HoldingOptions) {
    this.#options = options;
  }

  /** Takes a page that ends at `end` and gives what may be folded, each stream in order of position. */
  async pass(events: readonly FoldEvent[], end: Position): Promise<readonly FoldEvent[]> {
    await this.#look(end);
    const free: FoldEvent[] = [];
    for (const event of events) {
      if (this.#holds.has(event.stream)) this.#hold(event);
      else free.push(event);
    }
    for (const [stream, held] of this.#held) this.#letGo(stream, held, { end, into: free });
    for (const [stream, holds] of this.#holds) this.#forget(stream, holds, end);
    if (this.#heldCount > HELD_MAX) this.#letAllGo(free);
    return free;
  }

  #hold(event: FoldEvent): void {
    const held = this.#held.get(event.stream);
    if (held) held.push(event);
    else this.#held.set(event.stream, [event]);
    this.#heldCount += 1;
  }

  #letGo(stream: StreamName, held: FoldEvent[], { end, into }: { end: number; into: FoldEvent[] }): void {
    const waits = (this.#holds.get(stream) ?? []).filter(({ until }) => until > end);
    const first = held.findIndex((event) => waits.some(({ from }) => isFrom(event, from)));
    const free = first < 0 ? held : held.slice(0, first);
    for (const event of free) into.push(event);
    this.#heldCount -= free.length;
    if (first < 0) this.#held.delete(stream);
    else this.#held.set(stream, held.slice(first));
  }

  #letAllGo(into: FoldEvent[]): void {
    for (const held of this.#held.values()) for (const event of held) into.push(event);
    this.#held.clear();
    this.#heldCount = 0;
    this.#holds.clear();
  }

  #forget(stream: StreamName, holds: readonly Hold[], end: number): void {
    const left = holds.filter(({ until }) => until > end);
    if (left.length === 0) this.#holds.delete(stream);
    else if (left.length < holds.length) this.#holds.set(stream, left);
  }

  async #look(end: number): Promise<void> {
    const { scan, reader, share, upTo } = this.#options;
    while (this.#seenUpTo < upTo && this.#seenUpTo < end + AHEAD_POSITIONS) {
      const after = this.#seenUpTo as Position;
      const to = Math.min(upTo, after + AHEAD_POSITIONS) as Position;
      const limit = Math.ceil((to - after) * LATE_SHARE_MAX);
      for (const moreThan of LATE_BY) {
        const late = scan.late({ after, upTo: to, share, moreThan, limit });
        if (late.length === limit) continue;
        for (const event of late) this.#await(event);
        break;
      }
      const retractions = await reader.readRetractions({ after, upTo: to, limit });
      for (const { stream, target, position } of retractions) {
        // One that lies far back would hold its stream for long: folding it anew costs less.
        if (position - target > AHEAD_POSITIONS) continue;
        this.#add(stream, { from: { position: target }, until: position });
      }
      this.#seenUpTo = to;
    }
  }

  #await({ stream, effectiveAt, position }: LateEvent): void {
    this.#add(stream, { from: { recordedAt: effectiveAt }, until: position });
  }

  #add(stream: StreamName, hold: Hold): void {
    const holds = this.#holds.get(stream);
    if (holds) holds.push(hold);
    else this.#holds.set(stream, [hold]);
  }
}

function isFrom(event: FoldEvent, from: Hold['from']): boolean {
  return 'position' in from ? event.position >= from.position : event.recordedAt > from.recordedAt;
}
