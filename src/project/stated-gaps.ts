/**
 * What was stated of gaps, as of any position, without a fold of the whole ledger. The projection of gaps reads every event,
 * since a gap may begin where its collector was last heard; the statements alone are few, and their beginnings can be told.
 */
import { type GapsState, statementOf } from '../../projections/gaps/state.ts';
import type { AnyFoldEvent, FoldEvent } from '../../schemas/event.ts';
import { type Position, START } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { GapStarts, type LiveGaps } from './gap-starts.ts';
import { retractedEvent } from './history.ts';
import { comparePlaces } from './place.ts';
import type { StoreReader } from './store.ts';

type Statement = FoldEvent<'CollectorGapRecorded'> & AnyFoldEvent;

const PAGE = 1_000;
/** Many readers ask for the same position. */
const ANSWERS_MAX = 16;

export class StatedGaps {
  readonly #reader: LedgerReader;
  readonly #starts: GapStarts;
  #statements: Statement[] = [];
  /** By the position of a statement, that of its first retraction. */
  readonly #retractedAt = new Map<number, number>();
  #upTo: number = START;
  #reading: Promise<void> | null = null;
  /** Rises whenever all is forgotten. */
  #era = 0;
  /** The last answers, the latest last. */
  readonly #answers = new Map<Position, GapsState>();

  constructor(reader: LedgerReader, store: StoreReader, live: () => LiveGaps | null) {
    this.#reader = reader;
    this.#starts = new GapStarts(reader, store, live);
  }

  /** The state as far as answers show it: its statements. */
  async at(position: Position): Promise<GapsState> {
    const answered = this.#answers.get(position);
    if (answered !== undefined) return answered;
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
    const era = this.#era;
    const statements = [];
    for (const statement of known.toSorted(comparePlaces)) {
      const start = statement.data.from === undefined ? await this.#starts.startOf(statement, position) : null;
      statements.push(statementOf(statement, start));
    }
    const state: GapsState = { sources: [], statements };
    if (era === this.#era) this.#keep(position, state);
    return state;
  }

  #keep(position: Position, state: GapsState): void {
    this.#answers.set(position, state);
    const oldest = this.#answers.keys().next();
    if (this.#answers.size > ANSWERS_MAX && !oldest.done) this.#answers.delete(oldest.value);
  }

  /** Forgets what it read: some of it was erased. */
  forget(): void {
    this.#statements = [];
    this.#retractedAt.clear();
    this.#upTo = START;
    this.#answers.clear();
    this.#starts.forget();
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
