/**
 * Fan-out of subscriptions. Identical subscriptions form one topic: each of its changes is executed and printed once,
 * and the same bytes go to every subscriber. Nothing is queued for anyone: a topic keeps a bounded ring of its newest
 * frames, a subscriber is a place in that ring, and one that has fallen out of it reads on from its own cursor until it
 * is back. A subscriber whose connection takes no more is left alone until it does.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from '../../../schemas/ids.ts';

/** One payload before it is executed: what the subscription's root field resolves to. */
export interface Payload {
  readonly cursor: Position;
  readonly root: unknown;
}

/** Where a subscription's payloads come from. Both throw operating errors only. */
export interface Source {
  /** The state at a position that the views have reached: what a subscriber gets first. */
  initial(at: Position): Promise<readonly Payload[]>;
  /** Everything after a position, in order, first from the past and then live, until aborted. Gives the same payloads in the same order each time. */
  changes(after: Position, signal: AbortSignal): AsyncIterable<Payload>;
}

/** One printed payload; `json` is the execution result. */
export interface Frame {
  readonly cursor: Position;
  readonly json: string;
  /** The frame as a server-sent event of GraphQL over SSE, made once. */
  sse(): Buffer;
}

/** A subscriber's connection. */
export interface Sink {
  /** Hands a frame over; false when the connection takes no more until `drained` is called back. */
  write(frame: Frame): boolean;
  /** Ends the subscription; `failure` when it ends because its source failed. */
  end(failure: unknown): void;
}

/** A subscriber as its connection sees it. */
export interface Subscriber {
  /** The connection takes frames again. */
  drained(): void;
  stop(): void;
}

export interface Topic {
  /** Equal for subscriptions whose payloads print the same. */
  readonly key: string;
  readonly source: Source;
  /** Executes and prints a payload. Never rejects: errors are part of what is printed. */
  print(payload: Payload): string | Promise<string>;
}

export interface HubCounts {
  readonly topics: number;
  readonly subscribers: number;
  readonly executed: number;
  readonly delivered: number;
}

export interface Hub {
  /** Begins with the state at `after`, or at the present position where it is null. */
  subscribe(topic: Topic, start: { readonly after: Position | null; readonly now: Position }, sink: Sink): Subscriber;
  counts(): HubCounts;
  close(): void;
}

const RING_FRAMES_MAX = 512;
const RING_BYTES_MAX = 8 * 1024 * 1024;
/** Payloads that one subscriber catches up on before others get their turn. */
const TURN = 50;

export function createHub(): Hub {
  const topics = new Map<string, RunningTopic>();
  const tally = { executed: 0, delivered: 0 };
  return {
    subscribe(topic, start, sink) {
      let running = topics.get(topic.key);
      if (!running || running.closed) {
        running = new RunningTopic(topic, start.now, tally);
        topics.set(topic.key, running);
        const begun = running;
        begun.onClose = () => {
          if (topics.get(topic.key) === begun) topics.delete(topic.key);
        };
      }
      return running.add(start.after ?? start.now, sink);
    },
    counts: () => ({
      topics: topics.size,
      subscribers: [...topics.values()].reduce((sum, topic) => sum + topic.size, 0),
      ...tally,
    }),
    close() {
      for (const topic of [...topics.values()]) topic.close(null);
    },
  };
}

interface Tally {
  executed: number;
  delivered: number;
}

/** One topic: a producer that turns its source's changes into frames, and the ring of the newest ones. */
class RunningTopic {
  closed = false;
  onClose = (): void => {};
  /** The frame with sequence number `first + i` is `frames[i]`. */
  first = 0;
  readonly frames: Frame[] = [];
  /** Every change up to this position has been in the ring, and is in it unless dropped. */
  droppedUpTo: Position;
  readonly tally: Tally;
  readonly topic: Topic;
  readonly #subscribers = new Set<RunningSubscriber>();
  readonly #abort = new AbortController();
  #bytes = 0;
  #initial: { readonly at: Position; readonly frames: Promise<readonly Frame[]> } | null = null;

  constructor(topic: Topic, from: Position, tally: Tally) {
    this.topic = topic;
    this.droppedUpTo = from;
    this.tally = tally;
    void this.#produce(from);
  }

  get size(): number {
    return this.#subscribers.size;
  }

  get end(): number {
    return this.first + this.frames.length;
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
    this.tally.executed += 1;
    return frameOf(payload.cursor, await this.topic.print(payload));
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
        this.#push(await this.print(payload));
        for (const subscriber of this.#subscribers) subscriber.pump();
      }
      this.close(null);
    } catch (failure) {
      this.close(failure);
    }
  }

  #push(frame: Frame): void {
    this.frames.push(frame);
    this.#bytes += frame.json.length;
    while (this.frames.length > 1 && (this.frames.length > RING_FRAMES_MAX || this.#bytes > RING_BYTES_MAX)) {
      const dropped = this.frames.shift() as Frame;
      this.first += 1;
      this.#bytes -= dropped.json.length;
      this.droppedUpTo = dropped.cursor;
    }
  }
}

/** One subscriber: a place in the ring while it keeps up, a reader of its own while it does not. */
class RunningSubscriber implements Subscriber {
  readonly #topic: RunningTopic;
  readonly #sink: Sink;
  readonly #abort = new AbortController();
  /** The last frame's cursor. */
  #cursor: Position;
  /** How many frames with that cursor were written; all, where null. A change of several subjects has several. */
  #written: number | null = null;
  /** Frames up to here are known to the subscriber, also those that the topic has yet to produce. */
  #wholeUpTo: Position;
  /** Sequence number of the next frame; null while it reads for itself. */
  #next: number | null = null;
  #blocked = false;
  #stopped = false;
  #resume: (() => void) | null = null;

  constructor(topic: RunningTopic, cursor: Position, sink: Sink) {
    this.#topic = topic;
    this.#cursor = cursor;
    this.#wholeUpTo = cursor;
    this.#sink = sink;
  }

  begin(): void {
    void this.#guarded(async () => {
      for (const frame of await this.#topic.initialFrames(this.#cursor)) {
        if (!(await this.#writeAndWait(frame))) return;
      }
      this.#written = null;
      await this.#catchUp();
    });
  }

  /** Writes what the ring has for this subscriber, as far as its connection takes it. */
  pump(): void {
    if (this.#next === null) return;
    while (!this.#blocked && !this.#stopped && this.#next < this.#topic.end) {
      const frame = this.#topic.frames[this.#next - this.#topic.first];
      if (frame === undefined) {
        this.#next = null;
        void this.#guarded(() => this.#catchUp());
        return;
      }
      this.#next += 1;
      if (frame.cursor > this.#wholeUpTo) this.#write(frame);
    }
  }

  drained(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#resume?.();
    this.pump();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#halt();
    this.#topic.remove(this);
  }

  finish(failure: unknown): void {
    if (this.#stopped) return;
    this.#halt();
    this.#sink.end(failure);
  }

  #halt(): void {
    this.#stopped = true;
    this.#abort.abort();
    this.#resume?.();
  }

  #write(frame: Frame): void {
    this.#written = frame.cursor === this.#cursor && this.#written !== null ? this.#written + 1 : 1;
    this.#cursor = frame.cursor;
    this.#topic.tally.delivered += 1;
    if (!this.#sink.write(frame)) this.#blocked = true;
  }

  /** Writes and waits until the connection takes more; false when it ended meanwhile. */
  async #writeAndWait(frame: Frame): Promise<boolean> {
    if (this.#stopped) return false;
    this.#write(frame);
    await this.#unblocked();
    return !this.#stopped;
  }

  async #unblocked(): Promise<void> {
    while (this.#blocked && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      this.#resume = null;
    }
  }

  /** Reads on from the cursor until the ring holds what comes next. */
  async #catchUp(): Promise<void> {
    const from = this.#cursor;
    const already = this.#written;
    if (this.#join(already === null)) return;
    // Where a cursor's frames were written in part, it is read again and those are left out.
    const after = (already === null ? from : from - 1) as Position;
    let read = 0;
    for await (const payload of this.#topic.topic.source.changes(after, this.#abort.signal)) {
      if (this.#stopped) return;
      read += 1;
      if (already !== null && payload.cursor === from && read <= already) continue;
      // Once its source goes on to another cursor, nothing of the last one is missing.
      if (payload.cursor > this.#cursor && this.#join(true)) return;
      if (!(await this.#writeAndWait(await this.#topic.print(payload)))) return;
      if (read % TURN === 0) await nextTurn();
    }
  }

  /** Takes a place in the ring if no frame between the cursor and the ring was dropped. `isWhole`: every frame of the cursor was written. */
  #join(isWhole: boolean): boolean {
    const { frames, droppedUpTo, first } = this.#topic;
    if (this.#cursor < droppedUpTo || (!isWhole && this.#cursor === droppedUpTo)) return false;
    const later = frames.findIndex(({ cursor }) => cursor > this.#cursor);
    const index = later < 0 ? frames.length : later;
    const same = isWhole ? 0 : frames.filter(({ cursor }) => cursor === this.#cursor).length;
    this.#next = first + index - Math.max(0, same - (this.#written ?? 0));
    if (isWhole) this.#wholeUpTo = this.#cursor;
    this.pump();
    return true;
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (failure) {
      if (this.#stopped) return;
      this.finish(failure);
      this.#topic.remove(this);
    }
  }
}

function frameOf(cursor: Position, json: string): Frame {
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
