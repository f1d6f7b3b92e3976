/** The newest changes of all subjects, in memory and shared by all who have caught up. Bounded: what is older is read from the ledger. */
import type { Position } from '../../schemas/ids.ts';
import type { LedgerReader } from '../ledger/port.ts';
import type { Naming } from './naming.ts';

/** An event and whom it concerns. */
export interface NamedEvent {
  readonly position: Position;
  readonly topics: readonly string[];
}

/** One publication's events. */
interface Chunk {
  readonly upTo: number;
  readonly events: readonly NamedEvent[];
  readonly byTopic: ReadonlyMap<string, readonly NamedEvent[]>;
}

const EVENTS_MAX = 20_000;
/** Of larger publications (imports) the tail is not kept: each reader then reads its own few events from the ledger. */
const CHUNK_EVENTS_MAX = 2_000;

export class ChangeTail {
  readonly #reader: LedgerReader;
  readonly #naming: Naming;
  #chunks: Chunk[] = [];
  #events = 0;
  /** The tail holds every event after `#from`, up to `#upTo`. */
  #from: number | null = null;
  #upTo = 0;
  #extending: Promise<void> | null = null;

  constructor(reader: LedgerReader, naming: Naming) {
    this.#reader = reader;
    this.#naming = naming;
  }

  /** Whether it holds everything after a position. */
  covers(after: number): boolean {
    return this.#from !== null && after >= this.#from;
  }

  /** Reads on, once for all who ask. */
  async extend(upTo: number): Promise<void> {
    while (this.#from === null || this.#upTo < upTo) {
      this.#extending ??= this.#extend(upTo).finally(() => {
        this.#extending = null;
      });
      await this.#extending;
    }
  }

  /** Events after one position, up to another, that have one of the topics (null: any), in order. */
  between(after: number, upTo: number, topics: readonly string[] | null): readonly NamedEvent[] {
    const found: NamedEvent[] = [];
    for (const chunk of this.#chunks) {
      if (chunk.upTo <= after) continue;
      const events = topics === null ? chunk.events : topics.flatMap((topic) => chunk.byTopic.get(topic) ?? []);
      for (const event of events) if (event.position > after && event.position <= upTo) found.push(event);
    }
    if (topics === null || topics.length < 2) return found;
    return [...new Set(found)].sort((a, b) => a.position - b.position);
  }

  async #extend(upTo: number): Promise<void> {
    if (this.#from === null) return this.#restart(upTo);
    const events = await this.#reader.readAll({
      after: this.#upTo as Position,
      upTo: upTo as Position,
      limit: CHUNK_EVENTS_MAX + 1,
    });
    if (events.length > CHUNK_EVENTS_MAX) return this.#restart(upTo);
    const named: NamedEvent[] = [];
    for (const event of events) named.push({ position: event.position, topics: await this.#naming.topicsOf(event) });
    const byTopic = new Map<string, NamedEvent[]>();
    for (const event of named) {
      for (const topic of event.topics) {
        const list = byTopic.get(topic);
        if (list) list.push(event);
        else byTopic.set(topic, [event]);
      }
    }
    this.#chunks.push({ upTo, events: named, byTopic });
    this.#events += named.length;
    this.#upTo = upTo;
    while (this.#events > EVENTS_MAX) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#chunks.shift();
    if (oldest === undefined) return;
    this.#events -= oldest.events.length;
    this.#from = oldest.upTo;
  }

  #restart(upTo: number): void {
    this.#chunks = [];
    this.#events = 0;
    this.#from = upTo;
    this.#upTo = upTo;
  }
}
