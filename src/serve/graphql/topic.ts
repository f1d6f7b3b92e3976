/** One topic: what all identical subscriptions share. */
import type { Position } from '../../../schemas/ids.ts';
import type { Frame, Payload, Sink, Subscriber, Topic } from './fan-out.ts';
import { type Ring, RunningSubscriber } from './subscriber.ts';

const RING_FRAMES_MAX = 512;
const RING_BYTES_MAX = 8 * 1024 * 1024;

export interface Tally {
  executed: number;
  delivered: number;
}

/** One topic: a producer that turns its source's changes into frames, and the ring of the newest ones. */
export class RunningTopic implements Ring {
  closed = false;
  onClose = (): void => {};
  /** The frame with sequence number `first + i` is `frames[i]`. */
  first = 0;
  readonly frames: Frame[] = [];
  /** Every change up to this position has been in the ring, and is in it unless dropped. */
  droppedUpTo: Position;
  readonly #tally: Tally;
  readonly topic: Topic;
  readonly #subscribers = new Set<RunningSubscriber>();
  readonly #abort = new AbortController();
  #bytes = 0;
  /** Rises whenever all is forgotten. */
  #era = 0;
  #initial: { readonly at: Position; readonly frames: Promise<readonly Frame[]> } | null = null;

  constructor(topic: Topic, from: Position, tally: Tally) {
    this.topic = topic;
    this.droppedUpTo = from;
    this.#tally = tally;
    void this.#produce(from);
  }

  get size(): number {
    return this.#subscribers.size;
  }

  delivered(): void {
    this.#tally.delivered += 1;
  }

  add(at: Position, sink: Sink): Subscriber {
    const subscriber = new RunningSubscriber(this, at, sink);
    this.#subscribers.add(subscriber);
    subscriber.begin();
    return subscriber;
  }

  remove(subscriber: RunningSubscriber): void {
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size === 0) this.close(null);
  }

  /** The first frames of a subscriber at this position; those who come at the same position share them. */
  initialFrames(at: Position): Promise<readonly Frame[]> {
    if (this.#initial?.at !== at) {
      const frames = this.topic.source.initial(at).then(async (payloads) => {
        const printed: Frame[] = [];
        for (const payload of payloads) printed.push(await this.print(payload));
        return printed;
      });
      // A failure reaches each subscriber that awaits it.
      frames.catch(() => {
        this.#initial = null;
      });
      this.#initial = { at, frames };
    }
    return this.#initial.frames;
  }

  async print(payload: Payload): Promise<Frame> {
    this.#tally.executed += 1;
    return frameOf(payload.cursor, await this.topic.print(payload));
  }

  /** Drops what was printed, and keeps nothing of what is being printed now for those who come later. */
  forget(): void {
    this.#era += 1;
    this.#initial = null;
    this.#drop(this.frames.length);
  }

  close(failure: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.#abort.abort();
    this.onClose();
    for (const subscriber of [...this.#subscribers]) subscriber.finish(failure);
    this.#subscribers.clear();
  }

  async #produce(from: Position): Promise<void> {
    try {
      for await (const payload of this.topic.source.changes(from, this.#abort.signal)) {
        if (this.closed) return;
        const era = this.#era;
        this.#push(await this.print(payload));
        for (const subscriber of this.#subscribers) subscriber.pump();
        if (era !== this.#era) this.#drop(this.frames.length);
      }
      this.close(null);
    } catch (failure) {
      this.close(failure);
    }
  }

  #push(frame: Frame): void {
    this.frames.push(frame);
    this.#bytes += frame.json.length;
    while (this.frames.length > 1 && (this.frames.length > RING_FRAMES_MAX || this.#bytes > RING_BYTES_MAX))
      this.#drop(1);
  }

  #drop(count: number): void {
    for (const dropped of this.frames.splice(0, count)) {
      this.first += 1;
      this.#bytes -= dropped.json.length;
      this.droppedUpTo = dropped.cursor;
    }
  }
}

/** A printed payload as a frame. */
export function frameOf(cursor: Position, json: string): Frame {
  let sse: Buffer | null = null;
  return {
    cursor,
    json,
    sse() {
      sse ??= Buffer.from(`event: next\ndata: ${json}\n\n`);
      return sse;
    },
  };
}
