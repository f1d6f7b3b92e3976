/** Holds live views against a fold from zero, byte for byte, changing neither. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Projection } from '../../projections/projection.ts';
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { buildInThreads } from './anew/run.ts';
import { digestOfView, digestText, NO_VIEWS, replaceInDigest } from './digest.ts';
import { memoryStore } from './memory/store.ts';
import { Projector } from './projector.ts';
import { openSqliteStoreReader } from './sqlite/reader.ts';
import type { Slot, StoreReader } from './store.ts';

export interface CompareOptions {
  readonly reader: LedgerReader;
  /** The live views, standing still. */
  readonly store: StoreReader;
  readonly projections: readonly Projection<unknown>[];
  /** The ledger's file, which threads then fold, into files of their own while it lasts; absent: folded here, in memory. */
  readonly ledgerPath?: string;
  /** Called with the events folded so far and those there are. */
  readonly onProgress?: (done: number, all: number) => void;
}

export interface Compared {
  readonly projection: string;
  readonly version: number;
  /** Where the live views stand, and up to where was folded. */
  readonly position: number;
  /** Views that were compared. */
  readonly keys: number;
  /** Digest of the live views' bytes, and of those folded from zero (64 hexadecimal digits); null: there are none. */
  readonly before: string | null;
  readonly after: string | null;
  /** The first keys whose bytes differ, or that only one side has. */
  readonly different: readonly string[];
  readonly differentCount: number;
}

const DIFFERENT_NAMED_MAX = 20;

/** Views folded from zero: each is in one of the stores. */
interface Anew {
  readonly stores: readonly StoreReader[];
  close(): void;
}

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
    try {
      for (const slot of group) compared.set(slot.name, compareSlot(slot, store, anew));
    } finally {
      anew.close();
    }
  }
  return projections.map((projection) => compared.get(projection.name) ?? notBuilt(projection));
}

/** A projection without live views does not equal its rebuild. */
export function notBuilt({ name, version }: Projection<unknown>): Compared {
  const nothing = { position: 0, keys: 0, before: null, after: null };
  return { projection: name, version, ...nothing, different: ['not built'], differentCount: 1 };
}

function foldFromZero(options: CompareOptions, slots: readonly Slot[], upTo: Position): Promise<Anew> {
  const names = slots.map(({ name }) => name);
  const { ledgerPath } = options;
  return ledgerPath === undefined
    ? foldHere(options, names, upTo)
    : foldInThreads(options, ledgerPath, { names, upTo });
}

async function foldInThreads(
  { onProgress }: CompareOptions,
  ledgerPath: string,
  { names, upTo }: { readonly names: readonly string[]; readonly upTo: Position },
): Promise<Anew> {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-rebuild-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const { files } = await buildInThreads({
      ...{ ledgerPath, module: null, names, upTo, folder },
      onProgress: (position) => onProgress?.(position, upTo),
    });
    const stores = files.map(openSqliteStoreReader);
    return {
      stores,
      close() {
        for (const store of stores) store.close();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

async function foldHere(
  { projections, reader, onProgress }: CompareOptions,
  names: readonly string[],
  upTo: Position,
): Promise<Anew> {
  const store = memoryStore();
  const projector = await Projector.open({
    projections: projections.filter(({ name }) => names.includes(name)),
    reader: readerUpTo(reader, upTo),
    store,
    onProgress: ({ publication }) => onProgress?.(publication.position, upTo),
  });
  await projector.run();
  return { stores: [store.reader], close: () => store.close() };
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

function compareSlot(live: Slot, store: StoreReader, { stores }: Anew): Compared {
  const rebuilt = stores.flatMap((each) => {
    const slot = each.slots().find(({ name, answering }) => answering && name === live.name);
    return slot === undefined ? [] : [{ reader: each, slot: slot.slot }];
  });
  const textAnew = (key: string): string | undefined => {
    for (const { reader, slot } of rebuilt) {
      const row = reader.row(slot, key);
      if (row !== null) return row.text;
    }
    return undefined;
  };
  const different: string[] = [];
  let differentCount = 0;
  let [before, after] = [NO_VIEWS, NO_VIEWS];
  const compare = (key: string, text: string | undefined, anew: string | undefined): void => {
    before = add(before, key, text);
    after = add(after, key, anew);
    if (text === anew) return;
    differentCount += 1;
    if (different.length < DIFFERENT_NAMED_MAX) different.push(key);
  };
  const keys = new Set(store.keys(live.slot));
  for (const key of keys) compare(key, store.row(live.slot, key)?.text, textAnew(key));
  for (const { reader, slot } of rebuilt)
    for (const key of reader.keys(slot)) if (!keys.has(key)) compare(key, undefined, textAnew(key));
  const { name: projection, version, position } = live;
  const digests = { before: digestText(before), after: digestText(after) };
  return { projection, version, position, keys: keys.size, ...digests, different, differentCount };
}

function add(sum: bigint, key: string, text: string | undefined): bigint {
  return text === undefined ? sum : replaceInDigest(sum, { before: NO_VIEWS, now: digestOfView(key, text) });
}

/** Digest of the views of a slot, from their bytes as they are. */
export function digestOfViews(store: StoreReader, slot: number): string {
  let sum = NO_VIEWS;
  for (const key of store.keys(slot)) sum = add(sum, key, store.row(slot, key)?.text);
  return digestText(sum);
}
