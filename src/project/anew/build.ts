/** A share of all views, folded from zero up to a position into a store of its own, in this thread. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Projection } from '../../../projections/projection.ts';
import type { EventName } from '../../../schemas/catalogue.ts';
import { type Position, START } from '../../../schemas/ids.ts';
import type { LedgerReader } from '../../ledger/port.ts';
import type { LedgerScan, Share } from '../../ledger/scan.ts';
import { Folder } from '../folder.ts';
import { CHECKPOINT_EVENTS_MIN } from '../keeper.ts';
import { route } from '../route.ts';
import type { Store } from '../store.ts';
import { Holding } from './holding.ts';

export interface BuildOptions {
  readonly projections: readonly Projection<unknown>[];
  readonly scan: LedgerScan;
  readonly reader: LedgerReader;
  /** Empty, and nobody else's until this is done. */
  readonly store: Store;
  /** The streams whose states are folded here. */
  readonly share: Share;
  /** Whether the projections that have one state over all streams are folded here too. */
  readonly withWhole: boolean;
  readonly upTo: Position;
  readonly pageEvents?: number;
  /** As the projector's. */
  readonly checkpointEventsMin?: number;
  /** Called after each page with the position reached. */
  readonly onProgress?: (position: Position) => void;
}

const PAGE_EVENTS = 8_192;
/** Nobody reads what is being built: it is written when it is much, or when checkpoints wait since long. */
const DIRTY_BYTES_MAX = 32 * 1024 * 1024;
const FLUSH_EVERY_PAGES = 32;

/** Gives the projections that stopped, by name, each with the reason. Throws what reading and writing throw. */
export async function buildShare(options: BuildOptions): Promise<ReadonlyMap<string, string>> {
  const { scan, reader, store, share, upTo } = options;
  const limit = options.pageEvents ?? PAGE_EVENTS;
  const ofStreams = foldersOf(options, 'stream');
  const ofWhole = options.withWhole ? foldersOf(options, 'whole') : [];
  const folders = [...ofStreams, ...ofWhole];
  const beside = ofWhole.length === 0 ? null : dataTypes(ofWhole);
  const holding = new Holding({ scan, reader, share, upTo });
  let pages = 0;
  for (let after = START; after < upTo && folders.some(({ failure }) => failure === null); ) {
    const page = scan.page({ after, upTo, limit, share, beside });
    const last = page.all.at(-1);
    const end = page.all.length < limit || last === undefined ? upTo : last.position;
    route(await holding.pass(page.shared, end), ofStreams);
    route(page.all, ofWhole);
    for (const folder of folders) await folder.settle(end);
    pages += 1;
    const dirtyBytes = folders.reduce((bytes, folder) => bytes + folder.dirtyBytes(), 0);
    if (pages % FLUSH_EVERY_PAGES === 0 || dirtyBytes > DIRTY_BYTES_MAX) flush(store, folders);
    options.onProgress?.(end);
    after = end;
    await nextTurn();
  }
  flush(store, folders);
  store.settleDigests();
  return new Map(folders.flatMap(({ projection, failure }) => (failure === null ? [] : [[projection.name, failure]])));
}

function foldersOf(
  { projections, reader, store, checkpointEventsMin = CHECKPOINT_EVENTS_MIN }: BuildOptions,
  keyed: Projection<unknown>['keyed'],
): readonly Folder[] {
  return projections
    .filter((projection) => projection.keyed === keyed)
    .map((projection) => {
      const { slot, position } = store.createSlot(projection.name, projection.version, true);
      return new Folder({
        projection,
        slot,
        position,
        reader,
        store: store.reader,
        checkpointEventsMin,
      });
    });
}

/** Whose data those that fold all streams read. A retraction's data says what it names. */
function dataTypes(folders: readonly Folder[]): readonly EventName[] {
  const types = folders.flatMap(({ projection }) => projection.dataOf ?? projection.types);
  return [...new Set<EventName>([...types, 'EventRetracted'])];
}

function flush(store: Store, folders: readonly Folder[]): void {
  const flushed = folders.map((folder) => ({ folder, ...folder.flush() }));
  const standing = flushed.filter(({ folder }) => folder.failure === null);
  store.commit({
    rows: standing.flatMap(({ rows }) => rows),
    checkpoints: standing.flatMap(({ checkpoints }) => checkpoints),
    displaced: standing.flatMap(({ displaced }) => displaced),
    // What was erased has no bytes left that a fold from zero could keep.
    erased: null,
    positions: new Map(standing.map(({ folder }) => [folder.slot, folder.position])),
    tip: null,
  });
}
