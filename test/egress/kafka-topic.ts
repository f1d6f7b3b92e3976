/** A topic in memory that behaves as Kafka does towards its writers: one of a name at a time, all or nothing, outcomes sometimes unknown. */
import type { OutConnection, OutPlace, OutRecord } from '../../src/kafka/producer.ts';

/** What a write comes to: `lost`: nothing is there; `unknown`: everything is, and the writer is told that it failed. */
export type Outcome = 'written' | 'lost' | 'unknown';

export class MemoryTopic {
  readonly records: OutRecord[] = [];
  place: OutPlace | null = null;
  /** Of each commit. */
  readonly places: OutPlace[] = [];
  #newest = 0;
  #isUsed = false;
  readonly #next: () => Outcome;

  constructor(next: () => Outcome = () => 'written') {
    this.#next = next;
  }

  connection(): OutConnection {
    return {
      openReader: async () => ({
        state: async () => ({ place: this.place, isUsed: this.#isUsed }),
        close: async () => {},
      }),
      openWriter: async () => {
        this.#newest += 1;
        const mine = this.#newest;
        return {
          write: async (records, place) => {
            // Others run meanwhile, and may open a newer one.
            await new Promise(setImmediate);
            if (mine !== this.#newest) throw Object.assign(new Error('fenced'), { type: 'INVALID_PRODUCER_EPOCH' });
            const outcome = this.#next();
            // What was not committed lies there too.
            this.#isUsed ||= records.length > 0;
            if (outcome !== 'lost') {
              this.records.push(...records);
              this.place = place;
              this.places.push(place);
            }
            if (outcome !== 'written') throw Object.assign(new Error(outcome), { name: 'KafkaJSConnectionError' });
          },
          close: async () => {},
        };
      },
    };
  }
}
