/** From one scan to all projections. */
import type { FoldEvent } from '../../schemas/event.ts';
import type { Folder } from './folder.ts';

/** Hands each projection the events that it reads. */
export function route(events: readonly FoldEvent[], folders: readonly Folder[]): void {
  const kinds = new Map<string, FoldEvent[][]>();
  const shares = folders.map((folder) => ({ folder, events: [] as FoldEvent[] }));
  for (const event of events) {
    const kind = event.type === 'EventRetracted' ? event.category : event.type;
    let takers = kinds.get(kind);
    if (takers === undefined) {
      takers = shares.filter(({ folder }) => folder.reads(event.category, event.type)).map((share) => share.events);
      kinds.set(kind, takers);
    }
    for (const taker of takers) taker.push(event);
  }
  for (const share of shares) share.folder.take(share.events);
}
