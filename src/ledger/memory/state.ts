/** The events of a ledger in memory, found by position, stream and key. */
import type { Position, StreamName } from '../../../schemas/ids.ts';
import type { Micros } from '../../../schemas/time.ts';
import type { Named } from '../judge.ts';
import type { EventKey, Retraction, StoredEvent } from '../port.ts';

export class MemoryState {
  /** In order of position: position p is at index p − 1. */
  readonly events: StoredEvent[] = [];
  restoredUpTo: Position | null = null;
  /** Effective retractions in order of their own position. */
  readonly retractions: Retraction[] = [];
  readonly #streams = new Map<StreamName, StoredEvent[]>();
  readonly #keys = new Map<string, StoredEvent>();
  readonly #retractedBy = new Map<Position, Position>();

  get position(): Position {
    return this.events.length as Position;
  }

  /** Of the head; null in an empty ledger. */
  get recordedAt(): Micros | null {
    return this.events.at(-1)?.recordedAt ?? null;
  }

  get streams(): number {
    return this.#streams.size;
  }

  at(position: Position): StoredEvent | null {
    return this.events[position - 1] ?? null;
  }

  byKey({ source, id }: EventKey): StoredEvent | null {
    return this.#keys.get(keyText(source, id)) ?? null;
  }

  /** In order of revision. */
  inStream(stream: StreamName): readonly StoredEvent[] {
    return this.#streams.get(stream) ?? [];
  }

  lastOf(stream: StreamName): StoredEvent | null {
    return this.inStream(stream).at(-1) ?? null;
  }

  /** Of every stream that has one, the last event at or below `upTo`. */
  lastOfEach(upTo: Position): readonly StoredEvent[] {
    return [...this.#streams.values()].flatMap((events) => events.findLast(({ position }) => position <= upTo) ?? []);
  }

  /** -1 without events. */
  revisionOf(stream: StreamName): number {
    return this.inStream(stream).length - 1;
  }

  retractedBy(position: Position): Position | null {
    return this.#retractedBy.get(position) ?? null;
  }

  add(event: StoredEvent): void {
    this.events.push(event);
    this.#keys.set(keyText(event.source, event.id), event);
    const stream = this.#streams.get(event.stream);
    if (stream) stream.push(event);
    else this.#streams.set(event.stream, [event]);
  }

  /**
   * Notes what a retraction names, if that is in the same stream, no retraction itself, and not retracted yet; and blanks
   * it where it is to be erased. Returns whether it did.
   */
  retract(retraction: StoredEvent, named: Named): boolean {
    const target = this.byKey(named);
    if (!target || target.stream !== retraction.stream || target.type === 'EventRetracted') return false;
    if (!this.#retractedBy.has(target.position)) {
      this.#retractedBy.set(target.position, retraction.position);
      this.retractions.push({ position: retraction.position, target: target.position, stream: target.stream });
    }
    if (!named.erase || target.erased) return false;
    this.#replace({ ...target, erased: true, dataText: null, salt: null });
    return true;
  }

  #replace(event: StoredEvent): void {
    this.events[event.position - 1] = event;
    this.#keys.set(keyText(event.source, event.id), event);
    const stream = this.#streams.get(event.stream);
    if (stream) stream[event.revision] = event;
  }
}

function keyText(source: string, id: string): string {
  return JSON.stringify([source, id]);
}
