/** One subscriber of a topic. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Position } from '../../../schemas/ids.ts';
import type { Frame, Payload, Sink, Subscriber, Topic } from './fan-out.ts';

/** What a subscriber sees of its topic: the ring of the newest frames, and the way around it. */
export interface Ring {
  readonly topic: Topic;
  /** The frame with sequence number `first + i` is `frames[i]`. */
  readonly first: number;
  readonly frames: readonly Frame[];
  /** Every change up to this position has been in the ring, and is in it unless dropped. */
  readonly droppedUpTo: Position;
  /** The first frames of a subscriber at this position. */
  initialFrames(at: Position): Promise<readonly Frame[]>;
  print(payload: Payload): Promise<Frame>;
  delivered(): void;
  remove(subscriber: RunningSubscriber): void;
}

/** Payloads that one subscriber catches up on before others get their turn. */
const TURN = 50;

/** One subscriber: a place in the ring while it keeps up, a reader of its own while it does not. */
export class RunningSubscriber implements Subscriber {
  readonly #topic: Ring;
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

  constructor(topic: Ring, cursor: Position, sink: Sink) {
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
    while (!this.#blocked && !this.#stopped && this.#next < this.#topic.first + this.#topic.frames.length) {
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
    this.#topic.delivered();
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
