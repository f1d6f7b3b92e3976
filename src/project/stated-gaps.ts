/**
 * What was stated of gaps, as of any position, without a fold of the whole ledger. The projection of gaps reads every event,
 * since a gap may begin where its collector was last heard; where each of them states its beginning, the statements alone
 * tell it, and they are few.
 */
import { gaps } from '../../projections/gaps/gaps.ts';
import type { GapsState } from '../../projections/gaps/state.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Position, START } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { foldInOrder } from './fold.ts';
import { retractedEvent } from './history.ts';
import { comparePlaces } from './place.ts';

type Statement = FoldEvent<'CollectorGapRecorded'> & AnyFoldEvent;

const PAGE = 1_000;

export class StatedGaps {
  readonly #reader: LedgerReader;
  #statements: Statement[] = [];
  /** By the position of a statement, that of its first retraction. */
  readonly #retractedAt = new Map<number, number>();
  #upTo: number = START;
  #reading: Promise<void> | null = null;
  /** Rises whenever all is forgotten. */
  #era = 0;
  /** The last answer, and the statements and retractions that it is of. */
  #last: { readonly of: string; readonly state: GapsState | null } | null = null;

  constructor(reader: LedgerReader) {
    this.#reader = reader;
  }

  /** The state as far as answers show it; null where one of the gaps begins where its collector was last heard. */
  async at(position: Position): Promise<GapsState | null> {
    while (this.#upTo < position) {
      this.#reading ??= this.#read(position).finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
    const known = this.#statements.filter((statement) => {
      const retractedAt = this.#retractedAt.get(statement.position);
      return statement.position <= position && (retractedAt === undefined || retractedAt > position);
    });
    const of = known.map((statement) => statement.position).join();
    if (this.#last?.of !== of) {
      const isStated = known.every(({ data }) => data.from !== undefined);
      const state = isStated ? foldInOrder(gaps, gaps.initial(''), known.toSorted(comparePlaces)) : null;
      this.#last = { of, state };
    }
    return this.#last.state;
  }

  /** Forgets what it read: some of it was erased. */
  forget(): void {
    this.#statements = [];
    this.#retractedAt.clear();
    this.#upTo = START;
    this.#last = null;
    this.#era += 1;
  }

  async #read(upTo: Position): Promise<void> {
    const era = this.#era;
    const asked = { categories: ['collector'] as const, after: this.#upTo as Position, upTo, limit: PAGE };
    const events = (await this.#reader.readAll(asked)) as readonly AnyFoldEvent[];
    const retractions: (readonly [named: number, position: number])[] = [];
    for (const event of events) {
      if (event.type !== 'EventRetracted') continue;
      const named = await retractedEvent(this.#reader, event);
      if (named) retractions.push([named.position, event.position]);
    }
    // What was read before it was to be forgotten may hold what was erased.
    if (era !== this.#era) return;
    for (const event of events) {
      if (event.type === 'CollectorGapRecorded' && !event.erased) this.#statements.push(event);
    }
    for (const [named, position] of retractions) {
      if (!this.#retractedAt.has(named)) this.#retractedAt.set(named, position);
    }
    this.#upTo = events.length < PAGE ? upTo : (events.at(-1)?.position ?? upTo);
  }
}
