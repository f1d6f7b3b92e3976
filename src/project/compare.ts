/** Holds live views against a fold from zero, byte for byte, changing neither. */
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { memoryStore } from './memory/store.ts';
import { Projector } from './projector.ts';
import type { Slot, StoreReader } from './store.ts';

export interface CompareOptions {
  readonly reader: LedgerReader;
  /** The live views, standing still. */
  readonly store: StoreReader;
  readonly projections: readonly Projection<unknown>[];
  /** Called with the events folded so far and those there are. */
  readonly onProgress?: (done: number, all: number) => void;
}

export interface Compared {
  readonly projection: string;
  readonly version: number;
  /** Views that were compared. */
  readonly keys: number;
  /** The first keys whose bytes differ, or that only one side has. */
  readonly different: readonly string[];
  readonly differentCount: number;
}

const DIFFERENT_NAMED_MAX = 20;

/** One entry per projection, in the order given. */
export async function compareRebuild(options: CompareOptions): Promise<readonly Compared[]> {
  const { store, projections } = options;
  const slots = projections.flatMap(({ name, version }) =>
    store.slots().filter((slot) => slot.answering && slot.name === name && slot.version === version),
  );
  const compared = new Map<string, Compared>();
  // Those that stand at one position are folded in one scan.
  for (const position of new Set(slots.map((slot) => slot.position))) {
    const group = slots.filter((slot) => slot.position === position);
    const anew = await foldFromZero(options, group, position as Position);
    for (const slot of group) compared.set(slot.name, compareSlot(slot, store, anew));
  }
  return projections.map((projection) => compared.get(projection.name) ?? notBuilt(projection));
}

/** A projection without live views does not equal its rebuild. */
export function notBuilt({ name, version }: Projection<unknown>): Compared {
  return { projection: name, version, keys: 0, different: ['not built'], differentCount: 1 };
}

async function foldFromZero(options: CompareOptions, slots: readonly Slot[], upTo: Position): Promise<StoreReader> {
  const { projections, onProgress } = options;
  const names = new Set(slots.map(({ name }) => name));
  const store = memoryStore();
  const projector = await Projector.open({
    projections: projections.filter(({ name }) => names.has(name)),
    reader: readerUpTo(options.reader, upTo),
    store,
    onProgress: ({ publication }) => onProgress?.(publication.position, upTo),
  });
  await projector.run();
  return store.reader;
}

/** The ledger as it was at a position, for a projector that folds to the head. */
function readerUpTo(reader: LedgerReader, upTo: Position): LedgerReader {
  return new Proxy(reader, {
    get(target, name) {
      if (name === 'head') return async () => ({ ...(await target.head()), position: upTo });
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

function compareSlot(live: Slot, store: StoreReader, anew: StoreReader): Compared {
  const rebuilt = anew.slots().find(({ name, answering: answers }) => answers && name === live.name);
  const textAnew = (key: string): string | undefined => (rebuilt ? anew.row(rebuilt.slot, key)?.text : undefined);
  const different: string[] = [];
  let differentCount = 0;
  const note = (key: string): void => {
    differentCount += 1;
    if (different.length < DIFFERENT_NAMED_MAX) different.push(key);
  };
  const keys = new Set(store.keys(live.slot));
  for (const key of keys) if (store.row(live.slot, key)?.text !== textAnew(key)) note(key);
  for (const key of rebuilt ? anew.keys(rebuilt.slot) : []) if (!keys.has(key)) note(key);
  return { projection: live.name, version: live.version, keys: keys.size, different, differentCount };
}
