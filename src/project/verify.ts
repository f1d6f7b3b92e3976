/** Holds live views to their meaning: folds every key anew from the ledger, without any checkpoint, and compares bytes. */
import type { Projection } from '../../projections/projection.ts';
import type { EventName } from '../../schemas/catalogue.ts';
import type { Position, StreamCategory } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { FoldFailure, foldAsOf } from './fold.ts';
import { historyOf } from './history.ts';
import type { Slot, StoreReader } from './store.ts';

export interface RebuildDifference {
  readonly projection: string;
  readonly key: string;
  /** The state's bytes as kept, and as folded anew; null where there is none. */
  readonly live: string | null;
  readonly rebuilt: string | null;
}

export interface RebuildReport {
  /** States compared. */
  readonly compared: number;
  readonly differences: readonly RebuildDifference[];
  /** Projections that could not be compared, each with the reason: never built, stopped, or at another version. */
  readonly unbuilt: readonly { readonly projection: string; readonly reason: string }[];
}

export interface VerifyOptions {
  readonly reader: LedgerReader;
  readonly store: StoreReader;
  readonly projections: readonly Projection<unknown>[];
  /** One projection only. */
  readonly name?: string;
}

const PAGE = 2_000;
const DIFFERENCES_MAX = 1_000;

export async function verifyRebuild({ reader, store, projections, name }: VerifyOptions): Promise<RebuildReport> {
  const differences: RebuildDifference[] = [];
  const unbuilt: { projection: string; reason: string }[] = [];
  let compared = 0;
  const slots = store.slots().filter(({ answering }) => answering);
  for (const projection of projections) {
    if (name !== undefined && projection.name !== name) continue;
    const slot = slots.find((each) => each.name === projection.name);
    if (slot === undefined || slot.version !== projection.version) {
      const reason =
        slot === undefined
          ? 'it was never built'
          : `version ${slot.version} is kept, ${projection.version} is to be built`;
      unbuilt.push({ projection: projection.name, reason });
      continue;
    }
    for (const key of await keysOf(projection, reader, store, slot)) {
      const live = store.row(slot.slot, key)?.text ?? null;
      const rebuilt = await foldAnew(projection, reader, key, slot.position as Position);
      compared += 1;
      if (live !== rebuilt && differences.length < DIFFERENCES_MAX)
        differences.push({ projection: projection.name, key, live, rebuilt });
    }
  }
  return { compared, differences, unbuilt };
}

async function foldAnew(
  projection: Projection<unknown>,
  reader: LedgerReader,
  key: string,
  upTo: Position,
): Promise<string | null> {
  try {
    const folded = await foldAsOf({
      projection,
      key,
      history: historyOf(reader, projection, key),
      upTo,
      checkpoints: [],
    });
    return folded === null ? null : JSON.stringify(folded.state);
  } catch (error) {
    if (error instanceof FoldFailure) return error.message;
    throw error;
  }
}

/** Keys that have a view, and keys that should have one. */
async function keysOf(
  projection: Projection<unknown>,
  reader: LedgerReader,
  store: StoreReader,
  slot: Slot,
): Promise<ReadonlySet<string>> {
  const keys = new Set(store.keys(slot.slot));
  if (projection.keyed === 'whole') return keys.add('');
  const asked: { categories: readonly StreamCategory[]; types: readonly EventName[] } = projection;
  for (let after = 0; ; ) {
    const { categories, types } = asked;
    const query = { categories, types, after: after as Position, upTo: slot.position as Position, limit: PAGE };
    const events = await reader.readAll(query);
    for (const { subject } of events) keys.add(subject);
    const last = events.at(-1);
    if (events.length < PAGE || last === undefined) return keys;
    after = last.position;
  }
}
