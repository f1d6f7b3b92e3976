/**
 * Where a gap began whose statement does not say: when its collector was last heard before it, as a set of events up to a
 * position has it. The live state of gaps says so of all events; for an earlier position that holds too, unless the very
 * event that it goes by was recorded later and put in late, or a later one than it was taken back since. Both are known as
 * displaced, so only then is the record itself looked at.
 */
import type { GapStatement, GapsState } from '../../projections/gaps/state.ts';
import { heard } from '../../projections/gaps/state.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { type Displaced, isRetraction } from './fold.ts';
import { BEFORE_ALL, comparePlaces } from './place.ts';
import type { Slot, StoreReader } from './store.ts';
import type { View } from './views.ts';

/** The live state of gaps, and where what is displaced of it is kept. */
export interface LiveGaps {
  readonly view: View<GapsState>;
  readonly slot: Slot;
  /** The position that the views have reached. */
  readonly position: Position;
}

/** What the live state and the table of what is displaced said at one position. */
interface Known {
  readonly upTo: number;
  readonly state: Readonly<GapsState>;
  readonly statements: ReadonlyMap<number, GapStatement>;
  /** Late facts by their effective time. */
  readonly late: ReadonlyMap<number, readonly Displaced[]>;
  /** In order of place. */
  readonly retractions: readonly Displaced[];
}

const PAGE = 500;

export class GapStarts {
  readonly #reader: LedgerReader;
  readonly #store: StoreReader;
  readonly #live: () => LiveGaps | null;
  #known: Known | null = null;

  constructor(reader: LedgerReader, store: StoreReader, live: () => LiveGaps | null) {
    this.#reader = reader;
    this.#store = store;
    this.#live = live;
  }

  forget(): void {
    this.#known = null;
  }

  /** µs; null where the collector was never heard before. */
  async startOf(statement: FoldEvent, upTo: Position): Promise<Micros | null> {
    const known = this.#knownAt(upTo);
    const standing = known?.statements.get(statement.position);
    if (known === null || standing === undefined) return this.#lookBack(statement, upTo);
    const doubts = doubtsOf(statement, standing, known).filter(({ position }) => position > upTo);
    return (await this.#concerns(doubts, statement.subject)) ? this.#lookBack(statement, upTo) : standing.from;
  }

  #knownAt(upTo: Position): Known | null {
    if (this.#known !== null && this.#known.upTo >= upTo) return this.#known;
    const live = this.#live();
    if (live === null) return null;
    const { state } = live.view;
    const set = { position: live.position, happenedAt: null };
    const moved = this.#store.displacedBetween(live.slot.slot, '', { after: BEFORE_ALL, set });
    this.#known = {
      upTo: live.position,
      state,
      statements: new Map(state.statements.map((each) => [each.eventPosition, each])),
      late: Map.groupBy(
        moved.filter((each) => !isRetraction(each)),
        ({ place }) => place.effectiveAt,
      ),
      retractions: moved.filter(isRetraction),
    };
    return this.#known;
  }

  async #concerns(doubts: readonly Displaced[], collector: string): Promise<boolean> {
    if (doubts.length === 0) return false;
    const events = await this.#reader.eventsAt(doubts.map(({ place }) => place.position as Position));
    return events.some(({ source }) => source === collector);
  }

  /** Walks back through the record, and looks at what was put in late since the statement. */
  async #lookBack(statement: FoldEvent, upTo: Position): Promise<Micros | null> {
    const slot = this.#live()?.slot.slot ?? null;
    let best: AnyFoldEvent | null = null;
    const take = async (events: readonly FoldEvent[]): Promise<void> => {
      const own = events.filter((event) => bearsWitness(event, statement)) as AnyFoldEvent[];
      const retracted = await this.#reader.retractedAmong(
        own.map(({ position }) => position),
        upTo,
      );
      for (const event of own) {
        if (!retracted.has(event.position) && (best === null || comparePlaces(event, best) > 0)) best = event;
      }
    };
    for (let last = (statement.position - 1) as Position; last > 0; ) {
      const page = await this.#reader.readAll({ upTo: last, backwards: true, limit: PAGE });
      await take(page);
      const found = best as AnyFoldEvent | null;
      // What was recorded before one that is not displaced stands before it.
      if (found !== null && slot !== null && !this.#isLate(slot, found)) break;
      last = ((page.at(-1)?.position ?? 1) - 1) as Position;
    }
    if (slot !== null) {
      const set = { position: upTo, happenedAt: statement.effectiveAt };
      const since = this.#store
        .displacedBetween(slot, '', { after: best ?? BEFORE_ALL, set })
        .filter((each) => !isRetraction(each) && each.position > statement.position);
      if (since.length > 0) await take(await this.#reader.eventsAt(since.map(({ position }) => position as Position)));
    } else await this.#readSince(statement, upTo, take);
    return (best as AnyFoldEvent | null)?.effectiveAt ?? null;
  }

  async #readSince(
    statement: FoldEvent,
    upTo: Position,
    take: (events: readonly FoldEvent[]) => Promise<void>,
  ): Promise<void> {
    for (let after = statement.position; after < upTo; ) {
      const page = await this.#reader.readAll({ after, upTo, limit: PAGE });
      await take(page);
      const last = page.at(-1);
      if (page.length < PAGE || last === undefined) return;
      after = last.position;
    }
  }

  #isLate(slot: number, { effectiveAt, position }: AnyFoldEvent): boolean {
    const set = { position: position as Position, happenedAt: effectiveAt };
    return this.#store
      .displacedBetween(slot, '', { after: { effectiveAt, position: position - 1 }, set })
      .some((each) => each.position === position);
  }
}

/** What, had it been recorded after a position, would make the live answer another than that of the position. */
function doubtsOf(statement: FoldEvent, { from }: GapStatement, known: Known): readonly Displaced[] {
  const retracted = known.retractions.filter(
    ({ place }) => comparePlaces(place, statement) < 0 && place.effectiveAt >= (from ?? 0),
  );
  if (from !== null) return [...(known.late.get(from) ?? []), ...retracted];
  // Heard only later, or never: nothing was put in before the statement.
  return heard(known.state as GapsState, statement.subject) === undefined ? known.retractions : retracted;
}

function bearsWitness(event: FoldEvent, statement: FoldEvent): boolean {
  return (
    event.source === statement.subject &&
    event.type !== 'CollectorGapRecorded' &&
    event.type !== 'EventRetracted' &&
    !event.erased &&
    comparePlaces(event, statement) < 0
  );
}
