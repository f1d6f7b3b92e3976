/**
 * The newest events of one stream, in memory: where facts come late, the same stretch is folded anew again and again, and
 * reading and parsing its events costs many times what folding them does.
 */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import { NOTHING_READ } from './fold.ts';
import type { History } from './history.ts';

/** What an event takes without its data, and a member of its data without its text; in bytes, about. */
const EVENT_BYTES = 320;
const MEMBER_BYTES = 16;

/** What those of all streams take. */
export class RecentEventsPool {
  readonly #all = new Set<RecentEvents>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  open(): RecentEvents {
    const opened = new RecentEvents((bytes) => {
      this.#bytes += bytes;
    });
    this.#all.add(opened);
    return opened;
  }

  close(recent: RecentEvents): void {
    recent.clear();
    this.#all.delete(recent);
  }

  /** Where together they take too much, each lets go of its oldest half. */
  shrink(): void {
    if (this.#bytes > this.#bytesMax) for (const recent of this.#all) recent.halve();
  }
}

/** Every event of the stream that its projection folds, from the first of them on, in order of position. */
export class RecentEvents {
  readonly #onTaken: (bytes: number) => void;
  #events: AnyFoldEvent[] = [];
  #weights: number[] = [];

  /** `onTaken` hears what is taken, and with a minus what is let go. */
  constructor(onTaken: (bytes: number) => void) {
    this.#onTaken = onTaken;
  }

  /** Takes what comes next in the stream. */
  push(events: readonly AnyFoldEvent[]): void {
    for (const event of events) {
      const weight = EVENT_BYTES + weightOf(event.data);
      this.#events.push(event);
      this.#weights.push(weight);
      this.#onTaken(weight);
    }
  }

  first(): AnyFoldEvent | undefined {
    return this.#events[0];
  }

  /** After a revision, up to a position. */
  between(revision: number, upTo: number): readonly AnyFoldEvent[] {
    const from = this.#indexWhere((event) => event.revision > revision);
    return this.#events.slice(
      from,
      this.#indexWhere((event) => event.position > upTo),
    );
  }

  at(position: number): AnyFoldEvent | undefined {
    const found = this.#events[this.#indexWhere((event) => event.position >= position)];
    return found?.position === position ? found : undefined;
  }

  halve(): void {
    this.#letGo(Math.ceil(this.#events.length / 2));
  }

  clear(): void {
    this.#letGo(this.#events.length);
  }

  #letGo(count: number): void {
    for (const weight of this.#weights.slice(0, count)) this.#onTaken(-weight);
    this.#events = this.#events.slice(count);
    this.#weights = this.#weights.slice(count);
  }

  /** The first index of which it holds, as it does of all after it. */
  #indexWhere(holds: (event: AnyFoldEvent) => boolean): number {
    let [below, above] = [-1, this.#events.length];
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (holds(this.#events[middle] as AnyFoldEvent)) above = middle;
      else below = middle;
    }
    return above;
  }
}

/** As `history`, of which the newest events are at hand. */
export function withRecent(history: History, recent: RecentEvents): History {
  return {
    folds: history.folds,
    resumeAfter: history.resumeAfter,
    async *eventsAfter(start, upTo) {
      const first = recent.first();
      const after = start?.resume ?? NOTHING_READ;
      const isAtHand = first !== undefined && first.position <= upTo;
      if (!isAtHand || after < first.revision - 1)
        yield* history.eventsAfter(start, isAtHand ? ((first.position - 1) as Position) : upTo);
      if (isAtHand) yield recent.between(after, upTo);
    },
    async factsAt(positions) {
      const atHand = positions.flatMap((position) => recent.at(position) ?? []);
      const known = new Set<number>(atHand.map(({ position }) => position));
      const others = await history.factsAt(positions.filter((position) => !known.has(position)));
      // One may have been erased before it was read, by a retraction that is still to come.
      return [...others, ...atHand.filter(({ type, erased }) => history.folds(type) && !erased)];
    },
  };
}

function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.values(value).reduce<number>((sum, member) => sum + MEMBER_BYTES + weightOf(member), MEMBER_BYTES);
}
