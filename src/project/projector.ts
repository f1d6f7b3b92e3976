/**
 * Runs all projections over one scan of the ledger and keeps their views. Live, each event is published within
 * milliseconds; behind, thousands are folded between two writes. What lags behind the others (new, at a new version,
 * stopped before) is always brought up first, so that all that run stand at one position again.
 */
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { ChangedKeys } from './changed.ts';
import { dropStopped, Erasures } from './erasures.ts';
import { Folder } from './folder.ts';
import { CHECKPOINT_EVENTS_MIN } from './keeper.ts';
import { Pace } from './pace.ts';
import { route } from './route.ts';
import { answeringPosition, type Running, stateOf } from './running.ts';
import type { Slot, Store } from './store.ts';
import { isOfThisLedger, tipText } from './tip.ts';
import type { ProjectionStatus, Publication } from './views.ts';

/** Events read at once when behind: large, so that what is late by less than a page costs nothing. */
const PAGE_EVENTS = 8_192;

/** Where the projector stands, told after each commit. */
export interface Progress {
  readonly publication: Publication;
  readonly statuses: readonly ProjectionStatus[];
  /** Of what was erased at or below it, no byte is left in the store. */
  readonly scrubbedUpTo: Position;
}

export interface ProjectorOptions {
  readonly projections: readonly Projection<unknown>[];
  readonly reader: LedgerReader;
  readonly store: Store;
  readonly onProgress: (progress: Progress) => void;
  /** Events read at once. */
  readonly pageEvents?: number;
  /** Events of a key after which its state is kept for ever, at the least; absent: 64. */
  readonly checkpointEventsMin?: number;
  /** Awaited between pages: lets others have the thread, or holds a projector that runs ahead of its audience. */
  readonly breathe?: () => Promise<void>;
  /** Scrubs the store, with the help of those who read it; absent: nobody reads it elsewhere. */
  readonly scrub?: () => Promise<boolean>;
  /** Milliseconds, rising; for the pace of writes only. */
  readonly stopwatch?: () => number;
}

export class Projector {
  readonly #options: ProjectorOptions;
  readonly #store: Store;
  readonly #pace: Pace;
  readonly #erasures: Erasures;
  #running: Running[] = [];
  /** The last event read, by which the ledger is known again after a restart. */
  #tip: { readonly position: number; readonly text: string } | null = null;
  #head = 0;
  /** Positions of slots as the store has them. */
  readonly #written = new Map<number, number>();
  /** Where all stood at the last publication. */
  #published = '';
  /** What changed since the last publication. */
  readonly #changed = new ChangedKeys();
  /** Projections that others fold from zero meanwhile. */
  #built: ReadonlySet<string> = new Set();

  private constructor(options: ProjectorOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#erasures = new Erasures(options.store);
    this.#pace = new Pace(options.stopwatch ?? (() => performance.now()));
  }

  /** Takes up where the store stands; views of another ledger, other versions and dropped projections are rebuilt or removed. */
  static async open(options: ProjectorOptions): Promise<Projector> {
    const projector = new Projector(options);
    if (!(await isOfThisLedger(options)))
      for (const { slot } of options.store.reader.slots()) options.store.deleteSlot(slot);
    projector.#takeUp();
    projector.#head = (await options.reader.head()).position;
    return projector;
  }

  /** The position at which every projection that runs and answers stands. */
  position(): Position {
    const positions = this.#running
      .filter(({ folder }) => folder.failure === null)
      .map((running) => answeringPosition(running));
    return (positions.length === 0 ? this.#head : Math.min(...positions)) as Position;
  }

  /** Where it stands, for whoever begins to listen. */
  progress(): Progress {
    const position = this.position();
    const folders = this.#running.map(({ folder }) => folder);
    const scrubbedUpTo = this.#erasures.scrubbedUpTo(position, { folders, isBuilding: this.#built.size > 0 });
    return { publication: { position, keys: 'all', erased: false }, statuses: this.statuses(), scrubbedUpTo };
  }

  statuses(): readonly ProjectionStatus[] {
    return this.#running.map(({ folder, replaces }) => ({
      name: folder.projection.name,
      version: folder.projection.version,
      position: (replaces?.position ?? folder.position) as Position,
      state: stateOf({ folder, replaces }, this.#head, this.#built),
      error: folder.failure,
    }));
  }

  /** Starts a rebuild of one projection, or of all, beside what answers now; the next `run` brings it up and swaps. */
  rebuild(name?: string): void {
    if (name !== undefined && !this.#running.some(({ folder }) => folder.projection.name === name)) {
      throw new RangeError(`there is no projection ${name}`);
    }
    this.#running = this.#running.map((running) => {
      const { projection } = running.folder;
      if (name !== undefined && projection.name !== name) return running;
      if (running.replaces !== null) this.#store.deleteSlot(running.folder.slot);
      const answering =
        this.#store.reader.slots().find((slot) => slot.name === projection.name && slot.answering) ?? null;
      const slot = this.#store.createSlot(projection.name, projection.version, answering === null);
      return { folder: this.#folder(projection, slot), replaces: answering };
    });
  }

  /** Leaves these to others that fold them from zero, whose work `reset` takes up; what answers of them goes on as before. */
  leave(names: ReadonlySet<string>): void {
    this.#built = names;
  }

  /** An empty slot for each, that `reset` takes up once it is filled. */
  slotsFor(names: readonly string[]): ReadonlyMap<string, number> {
    return new Map(
      this.#options.projections
        .filter(({ name }) => names.includes(name))
        .map(({ name, version }) => [name, this.#store.createSlot(name, version, false).slot]),
    );
  }

  /** Those that have no views yet at their present version. */
  empty(): readonly string[] {
    return this.#running.filter(({ folder }) => folder.position === 0).map(({ folder }) => folder.projection.name);
  }

  /** Folds up to the ledger's present head, writing and publishing on the way. True when it got there. */
  async run(signal?: AbortSignal): Promise<boolean> {
    await this.#options.breathe?.();
    this.#head = Math.max(this.#head, (await this.#options.reader.head()).position);
    while (!signal?.aborted) {
      const advanced = await this.#page();
      if (!advanced) {
        this.#flush();
        this.#swapArrived();
        await this.#scrub();
        return true;
      }
      const dirtyBytes = this.#running.reduce((bytes, { folder }) => bytes + folder.dirtyBytes(), 0);
      if (this.#pace.isDue(dirtyBytes)) this.#flush();
      await this.#options.breathe?.();
    }
    return false;
  }

  /** False where a scrub has to be tried again, as `run` does. */
  isScrubbed = (): boolean => !this.#store.owesScrub();

  /** Forgets what is not written and starts again from the store: after an operating error. */
  reset(): void {
    this.#takeUp();
  }

  /** Reads one page for those that lag most. False when nothing was left to read. */
  async #page(): Promise<boolean> {
    const able = this.#running.filter((running) => running.folder.failure === null && !this.#isLeft(running));
    if (able.length === 0) return false;
    const after = Math.min(...able.map(({ folder }) => folder.position));
    const group = able.filter(({ folder }) => folder.position === after);
    const ahead = able.map(({ folder }) => folder.position).filter((position) => position > after);
    const upTo = Math.min(this.#head, ...ahead);
    if (after >= upTo) return false;
    const limit = this.#options.pageEvents ?? PAGE_EVENTS;
    const events = await this.#options.reader.readAll({ after: after as Position, upTo: upTo as Position, limit });
    const last = events.at(-1);
    const end = events.length < limit || last === undefined ? upTo : last.position;
    this.#erasures.note(events);
    route(
      events,
      group.map(({ folder }) => folder),
    );
    for (const { folder } of group) await folder.settle(end as Position);
    if (last !== undefined && last.position > (this.#tip?.position ?? 0))
      this.#tip = { position: last.position, text: tipText(last) };
    if (end === upTo && upTo < this.#head) {
      // Here it meets those that waited for it.
      this.#flush();
      this.#swapArrived();
    }
    return true;
  }

  /** Not what answers, or goes on, of those that are built elsewhere: only what would begin at zero here. */
  #isLeft({ folder }: Running): boolean {
    return folder.position === 0 && this.#built.has(folder.projection.name);
  }

  /** A rebuilt projection that stands where the one it replaces does takes its place. To be called after a flush. */
  #swapArrived(): void {
    let swapped = false;
    for (const [index, { folder, replaces }] of this.#running.entries()) {
      if (replaces === null || folder.failure !== null || folder.position < replaces.position) continue;
      this.#store.swap(folder.slot);
      this.#running[index] = { folder, replaces: null };
      swapped = true;
    }
    if (!swapped) return;
    this.#changed.noteAll();
    this.#publish();
  }

  #flush(): void {
    const started = this.#pace.startFlush();
    const flushed = this.#running.map((running) => ({ running, ...running.folder.flush() }));
    const standing = flushed.filter(({ running }) => running.folder.failure === null);
    const moved = standing.filter(({ running: { folder } }) => this.#written.get(folder.slot) !== folder.position);
    const positions = new Map(moved.map(({ running: { folder } }) => [folder.slot, folder.position]));
    const rows = standing.flatMap((each) => each.rows);
    const checkpoints = standing.flatMap((each) => each.checkpoints);
    const displaced = standing.flatMap((each) => each.displaced);
    const erased = this.#erasures.toBeWritten(standing.flatMap((each) => each.erased));
    if (rows.length + checkpoints.length + positions.size > 0 || erased !== null) {
      this.#store.commit({ rows, checkpoints, displaced, erased, positions, tip: this.#tip?.text ?? null });
    }
    this.#erasures.written();
    for (const [slot, position] of positions) this.#written.set(slot, position);
    for (const { running, rows: changed } of standing) {
      if (running.replaces === null)
        for (const { key } of changed) this.#changed.note(running.folder.projection.name, key);
    }
    this.#pace.endFlush(started);
    this.#pace.settle(() => this.#store.settleDigests());
    this.#publish();
  }

  #publish(): void {
    const { publication, ...progress } = this.progress();
    const standing = JSON.stringify([publication.position, progress]);
    if (standing === this.#published && this.#changed.areNone()) return;
    this.#published = standing;
    const [keys, erased] = [this.#changed.take(), this.#erasures.toBeTold()];
    this.#options.onProgress({ ...progress, publication: { ...publication, keys, erased } });
  }

  /** To be called where all that run stand at one position. */
  async #scrub(): Promise<void> {
    if (!this.#store.owesScrub()) return;
    if (dropStopped(this.#running, this.#store)) this.#changed.noteAll();
    if (await (this.#options.scrub?.() ?? this.#store.scrub())) this.#publish();
  }

  #takeUp(): void {
    const slots = this.#store.reader.slots();
    const names = new Set(this.#options.projections.map(({ name }) => name));
    for (const { slot, name } of slots) if (!names.has(name)) this.#store.deleteSlot(slot);
    this.#running = this.#options.projections.map((projection) => {
      const own = slots.filter(({ name }) => name === projection.name);
      const answering = own.find((slot) => slot.answering) ?? null;
      const current = own.filter(({ version }) => version === projection.version).sort((a, b) => b.slot - a.slot)[0];
      for (const slot of own) if (slot !== answering && slot !== current) this.#store.deleteSlot(slot.slot);
      const slot = current ?? this.#store.createSlot(projection.name, projection.version, answering === null);
      return { folder: this.#folder(projection, slot), replaces: slot.slot === answering?.slot ? null : answering };
    });
    this.#changed.noteAll();
  }

  #folder(projection: Projection<unknown>, slot: Slot): Folder {
    const { reader, checkpointEventsMin = CHECKPOINT_EVENTS_MIN } = this.#options;
    return new Folder({
      projection,
      slot: slot.slot,
      position: slot.position,
      reader,
      store: this.#store.reader,
      checkpointEventsMin,
    });
  }
}
