/** The facts of one stream in the order of every fold, as a set of events has them. */
import type { AnyFoldEvent } from '../../schemas/event.ts';
import { splitStream } from '../../schemas/ids.ts';
import type { Micros } from '../../schemas/time.ts';
import type { LedgerReader } from '../ledger/port.ts';
import { displacedByReading } from './displaced.ts';
import { type Checkpoint, factsOfSet } from './fold.ts';
import { streamHistory } from './history.ts';
import { comparePlaces, type FoldPlace } from './place.ts';
import { displacedOf, type Slot, type StoreReader } from './store.ts';
import type { FactsQuery } from './views.ts';

export interface FactsSources {
  readonly reader: LedgerReader;
  readonly store: StoreReader;
  /** Of a projection that folds every type of the stream's events; null: what is displaced is found by reading. */
  readonly slot: Slot | null;
}

export async function* factsInOrder(
  { reader, store, slot }: FactsSources,
  { stream, upTo, after, until }: FactsQuery,
): AsyncGenerator<readonly AnyFoldEvent[], void, undefined> {
  const set = { position: upTo, happenedAt: until };
  const history = streamHistory(reader, stream, null);
  const key = splitStream(stream)?.subject ?? '';
  const displaced =
    slot === null ? await displacedByReading(history, reader, upTo) : displacedOf(store, slot.slot, key);
  const start =
    slot === null
      ? null
      : latestBefore(after, store.checkpoints(slot.slot, key, { ...set, happenedAt: after.effectiveAt as Micros }));
  for await (const { facts } of factsOfSet({ history, displaced, set, after, start }))
    if (facts.length > 0) yield facts;
}

/** What a checkpoint holds stands at or before its frontier, or is retracted in every later set: reading goes on behind it. */
function latestBefore(place: FoldPlace, checkpoints: Iterable<Checkpoint>): Checkpoint | null {
  for (const checkpoint of checkpoints) if (comparePlaces(checkpoint.frontier, place) <= 0) return checkpoint;
  return null;
}
