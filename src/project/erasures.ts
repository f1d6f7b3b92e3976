/** What a projector has to do about erased events beside folding them out: the store's debt, and word to whoever keeps answers. */
import type { FoldEvent } from '../../schemas/event.ts';
import type { Position } from '../../schemas/ids.ts';
import type { Folder } from './folder.ts';
import type { Erased, Slot, Store } from './store.ts';

export class Erasures {
  readonly #store: Store;
  #isToBeWritten = false;
  #isToBeTold = false;
  #scrubbedUpTo = 0 as Position;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Looks at a page that is folded. */
  note(events: readonly FoldEvent[]): void {
    if (events.some(isErasing)) this.#isToBeWritten = true;
  }

  /** For the next commit: the checkpoints that go; null where nothing was erased. */
  toBeWritten(checkpoints: readonly Erased[]): readonly Erased[] | null {
    return this.#isToBeWritten ? checkpoints : null;
  }

  written(): void {
    this.#isToBeTold ||= this.#isToBeWritten;
    this.#isToBeWritten = false;
  }

  /**
   * Up to where nothing erased is left, `position` being where all stand that answer. What is built elsewhere, or comes
   * after that, may hold an event that was erased meanwhile, until it has been taken over and folded on.
   */
  scrubbedUpTo(
    position: Position,
    { folders, isBuilding }: { folders: readonly Folder[]; isBuilding: boolean },
  ): Position {
    const own = folders.filter(({ failure }) => failure === null).map((folder) => folder.position);
    if (!isBuilding && !this.#store.owesScrub()) this.#scrubbedUpTo = Math.min(position, ...own) as Position;
    return this.#scrubbedUpTo;
  }

  /** Whether an event was erased since this was last asked. */
  toBeTold(): boolean {
    const isToBeTold = this.#isToBeTold;
    this.#isToBeTold = false;
    return isToBeTold;
  }
}

function isErasing(event: FoldEvent): boolean {
  return event.type === 'EventRetracted' && (event as FoldEvent<'EventRetracted'>).data.erase === true;
}

/**
 * Empties the slots of projections that stopped: they cannot fold the event out of what they answered, so they answer
 * nothing until they are rebuilt at the next start. Returns whether there were any.
 */
export function dropStopped(running: { folder: Folder; replaces: Slot | null }[], store: Store): boolean {
  let hasDropped = false;
  for (const [index, { folder }] of running.entries()) {
    if (folder.failure === null) continue;
    const { name, version } = folder.projection;
    for (const slot of store.reader.slots()) if (slot.name === name) store.deleteSlot(slot.slot);
    store.createSlot(name, version, true);
    running[index] = { folder, replaces: null };
    hasDropped = true;
  }
  return hasDropped;
}
