/** The views as the main thread answers from them: the published commit, and folds of what lies before it. */
import { gaps } from '../../projections/gaps/gaps.ts';
import type { GapsState } from '../../projections/gaps/state.ts';
import type { Projection } from '../../projections/projection.ts';
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { type Position, splitStream } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { ChangeFeed } from './changes.ts';
import { factsInOrder } from './facts.ts';
import type { EventSet } from './fold.ts';
import type { LiveGaps } from './gap-starts.ts';
import { cursorOf, listed, rowQuery, rowsThen } from './listing.ts';
import { type LiveView, ParsedViews } from './parsed.ts';
import { PastViews } from './past.ts';
import type { Progress } from './projector.ts';
import { StatedGaps } from './stated-gaps.ts';
import type { RowQuery, Slot, StoreReader, ViewRow } from './store.ts';
import type {
  Building,
  Change,
  ChangeSubject,
  FactsQuery,
  ListEntry,
  ListQuery,
  PresentReader,
  ProjectionStatus,
  Publication,
  View,
  ViewReader,
  Views,
} from './views.ts';
import { Waiting } from './waiting.ts';

export interface LiveViewsOptions {
  readonly reader: LedgerReader;
  /** Stands still between two publications. */
  readonly store: StoreReader;
  readonly onClose: () => Promise<void>;
}

export class LiveViews implements Views {
  readonly #reader: LedgerReader;
  readonly #store: StoreReader;
  readonly #onClose: () => Promise<void>;
  readonly #past: PastViews;
  readonly #gaps: StatedGaps;
  readonly #parsed = new ParsedViews();
  readonly #listeners = new Set<(publication: Publication) => void>();
  readonly #waiting = new Waiting();
  readonly #feed: ChangeFeed;
  #slots = new Map<string, Slot>();
  #statuses: readonly ProjectionStatus[] = [];
  #position = 0 as Position;
  #building: Building | null = null;
  #scrubbedUpTo = 0 as Position;
  #isClosed = false;

  constructor({ reader, store, onClose }: LiveViewsOptions) {
    this.#reader = reader;
    this.#store = store;
    this.#onClose = onClose;
    this.#past = new PastViews(reader, store);
    this.#gaps = new StatedGaps(reader, store, () => this.#liveGaps());
    this.#feed = new ChangeFeed(reader, this);
  }

  /** Moves on to what the projector has committed, then tells everyone. */
  accept({ publication, statuses, scrubbedUpTo }: Progress): void {
    if (this.#isClosed) return;
    this.#store.renew();
    this.#slots = new Map(this.#store.slots().flatMap((slot) => (slot.answering ? [[slot.name, slot]] : [])));
    if (publication.erased) {
      this.#past.forget();
      this.#gaps.forget();
    }
    if (publication.keys === 'all' || publication.erased) this.#parsed.clear();
    else for (const [name, keys] of publication.keys) for (const key of keys) this.#parsed.delete(name, key);
    this.#position = publication.position;
    if (publication.position > 0) this.#building = null;
    this.#statuses = statuses;
    this.#scrubbedUpTo = scrubbedUpTo;
    this.#waiting.look();
    for (const listener of this.#listeners) listener(publication);
    this.#feed.published();
  }

  /** Says that nothing moves for the time being, and why; what was published goes on answering. */
  trouble(error: string): void {
    this.#statuses = this.#statuses.map((status) => ({ ...status, state: 'STOPPED', error: status.error ?? error }));
  }

  /** As `trouble`, for good: nobody need wait any longer. */
  fail(error: string): void {
    this.trouble(error);
    this.#waiting.end();
  }

  position(): Position {
    return this.#position;
  }

  statuses(): readonly ProjectionStatus[] {
    return this.#statuses;
  }

  /** Says how far a first fold has come. */
  build(building: Building): void {
    this.#building = building;
  }

  building(): Building | null {
    return this.#building;
  }

  digest(projection: string): string | null {
    const status = this.#statuses.find(({ name }) => name === projection);
    const slot = this.#store.slots().find(({ name, answering }) => answering && name === projection);
    return slot !== undefined && slot.position === status?.position ? this.#store.digest(slot.slot) : null;
  }

  now(): PresentReader {
    return {
      position: this.#position,
      happenedAt: null,
      get: <State>(projection: Projection<State>, key: string) => this.#current(projection, key),
      list: <State>(projection: Projection<State>, query: ListQuery) => this.#listCurrent(projection, query),
    };
  }

  at(position: Position, happenedAt: Micros | null = null): ViewReader {
    if (position > this.#position) throw new RangeError(`views stand at ${this.#position}, before ${position}`);
    const set = { position, happenedAt };
    return {
      ...set,
      statedGaps: () => this.#statedGaps(position),
      get: <State>(projection: Projection<State>, key: string) => this.#asOf(projection, key, set),
      list: <State>(projection: Projection<State>, query: ListQuery) => this.#listAsOf(projection, query, set),
    };
  }

  facts(query: FactsQuery): AsyncGenerator<readonly AnyFoldEvent[], void, undefined> {
    // The projection of a category's own name keeps what is displaced of its streams.
    const slot = this.#slots.get(splitStream(query.stream)?.category ?? '') ?? null;
    return factsInOrder({ reader: this.#reader, store: this.#store, slot }, query);
  }

  reached(position: Position, timeoutMs: number): Promise<boolean> {
    return this.#waiting.until(() => position <= this.#position, timeoutMs);
  }

  scrubbed(position: Position, timeoutMs: number): Promise<boolean> {
    return this.#waiting.until(() => position <= this.#scrubbedUpTo, timeoutMs);
  }

  onPublish(listener: (publication: Publication) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  changes(subject: ChangeSubject, after: Position, signal: AbortSignal): AsyncGenerator<Change, void, undefined> {
    return this.#feed.changes(subject, after, signal);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.end();
    this.#listeners.clear();
    // Before the writer: the last connection to leave folds the log back into the file.
    this.#store.close();
    await this.#onClose();
  }

  #liveGaps(): LiveGaps | null {
    const view = this.#current(gaps, '');
    const slot = this.#slots.get(gaps.name);
    return view === null || slot === undefined ? null : { view, slot, position: this.#position };
  }

  #statedGaps(position: Position): Promise<GapsState> | null {
    const current = this.#current(gaps, '');
    return current === null || current.position <= position ? null : this.#gaps.at(position);
  }

  #current<State>(projection: Projection<State>, key: string): LiveView<State> | null {
    const known = this.#parsed.get(projection.name, key);
    if (known !== undefined) return known as LiveView<State>;
    const slot = this.#slots.get(projection.name);
    const row = slot === undefined ? null : this.#store.row(slot.slot, key);
    return row === null ? null : this.#viewOf<State>(projection.name, row);
  }

  #viewOf<State>(name: string, row: ViewRow): LiveView<State> {
    const known = this.#parsed.get(name, row.key);
    if (known !== undefined) return known as LiveView<State>;
    const view: LiveView<State> = {
      key: row.key,
      state: JSON.parse(row.text) as Readonly<State>,
      position: row.position as Position,
      latestAt: row.high.effectiveAt,
    };
    this.#parsed.set(name, view as LiveView<unknown>, row.text.length);
    return view;
  }

  #listCurrent<State>(projection: Projection<State>, query: ListQuery): readonly ListEntry<State>[] {
    const slot = this.#slots.get(projection.name);
    if (slot === undefined) return [];
    const rows = this.#store.rows(slot.slot, rowQuery(query));
    return rows.map((row) => ({ ...this.#viewOf<State>(projection.name, row), cursor: cursorOf(row) }));
  }

  #asOf<State>(
    projection: Projection<State>,
    key: string,
    { position, happenedAt }: EventSet,
  ): View<State> | null | Promise<View<State> | null> {
    const until = projection.keepsValidTime ? null : happenedAt;
    const current = this.#current(projection, key);
    if (current === null) return null;
    if (current.position <= position && (until === null || current.latestAt <= until)) return current;
    return this.#past.get(projection, this.#slots.get(projection.name) ?? null, key, { position, happenedAt: until });
  }

  async #listAsOf<State>(
    projection: Projection<State>,
    query: ListQuery,
    set: EventSet,
  ): Promise<readonly ListEntry<State>[]> {
    const slot = this.#slots.get(projection.name);
    if (slot === undefined) return [];
    const asked = rowQuery(query);
    if (set.happenedAt !== null) return this.#listHappened(projection, asked, set);
    const { position } = set;
    const changed = new Set(this.#store.changedAfter(slot.slot, position));
    // Of what stands unchanged, enough to fill the page even if every changed one falls out of it.
    const unchanged = this.#store
      .rows(slot.slot, { ...asked, limit: asked.limit + changed.size })
      .filter(({ key }) => !changed.has(key))
      .map((row) => ({ row, view: this.#viewOf<State>(projection.name, row) }));
    const folded = await Promise.all([...changed].map(async (key) => this.#past.get(projection, slot, key, set)));
    return listed([...unchanged, ...rowsThen(projection, folded, { asked, happenedAt: null })], asked);
  }

  /** What a moment lists may differ from what is listed now in every word, so every view is read as of that moment. */
  async #listHappened<State>(
    projection: Projection<State>,
    asked: RowQuery,
    set: EventSet,
  ): Promise<readonly ListEntry<State>[]> {
    const slot = this.#slots.get(projection.name);
    const keys = slot === undefined ? [] : [...this.#store.keys(slot.slot)];
    const views = await Promise.all(keys.map(async (key) => this.#asOf(projection, key, set)));
    return listed(rowsThen(projection, views, { asked, happenedAt: set.happenedAt }), asked);
  }
}
