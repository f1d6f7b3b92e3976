/**
 * The one subscriber of a private subscription. One frame is under way at a time: the next payload is asked for when the
 * connection has taken the frame before; its source waits until it is due.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Position, START } from '../../../schemas/ids.ts';
import { SLEEP_MS_MAX, type Timer } from '../../clock.ts';
import type { Pace, PrivateSubscription, Sink, Subscriber } from './fan-out.ts';
import { frameOf } from './topic.ts';

/** Frames in a row before others get their turn: a source that is always ready would starve timers and connections. */
const TURN = 50;

export interface PrivateParts {
  readonly subscription: PrivateSubscription;
  readonly sink: Sink;
  readonly timer: Timer;
  onDelivered(): void;
  /** Called once, when nothing more is sent, whoever ended it. */
  onEnd(): void;
}

export class PrivateSubscriber implements Subscriber {
  readonly #parts: PrivateParts;
  readonly #abort = new AbortController();
  readonly #pace: Pace;
  /** When playing began, later by all the time for which the connection took nothing; null before the first payload. */
  #begunMs: number | null = null;
  /** Frames since others had their turn. */
  #inRow = 0;
  /** Of the last frame. */
  #cursor = START;
  #blocked = false;
  #stopped = false;
  #resume: (() => void) | null = null;

  constructor(parts: PrivateParts) {
    this.#parts = parts;
    this.#pace = { signal: this.#abort.signal, until: (dueMs) => this.#until(dueMs) };
  }

  begin(): void {
    void this.#run();
  }

  drained(): void {
    this.#blocked = false;
    this.#resume?.();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#abort.abort();
    this.#resume?.();
    this.#parts.onEnd();
  }

  finish(failure: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#parts.sink.end(failure);
  }

  async #run(): Promise<void> {
    const { subscription } = this.#parts;
    try {
      for await (const payload of subscription.source.payloads(this.#pace)) {
        if (this.#stopped) return;
        const printed = subscription.print(payload);
        const json = typeof printed === 'string' ? printed : await printed;
        if (this.#stopped) return;
        this.#write(payload.cursor, json);
        this.#inRow += 1;
        if (this.#blocked) await this.#unblocked();
        else if (this.#inRow % TURN === 0) await nextTurn();
        if (this.#stopped) return;
      }
      this.finish(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reckoned from the beginning, so that delays do not add up. */
  #until(dueMs: number): Promise<void> | null {
    const { timer } = this.#parts;
    this.#begunMs ??= timer.nowMs();
    return this.#leftMs(dueMs) <= 0 ? null : this.#sleepUntil(dueMs);
  }

  async #sleepUntil(dueMs: number): Promise<void> {
    this.#inRow = 0;
    for (let leftMs = this.#leftMs(dueMs); leftMs > 0 && !this.#stopped; leftMs = this.#leftMs(dueMs)) {
      await this.#parts.timer.sleep(Math.min(leftMs, SLEEP_MS_MAX), this.#abort.signal);
    }
  }

  #leftMs(dueMs: number): number {
    return (this.#begunMs ?? 0) + dueMs - this.#parts.timer.nowMs();
  }

  #write(cursor: Position, json: string): void {
    this.#cursor = cursor;
    this.#parts.onDelivered();
    if (!this.#parts.sink.write(frameOf(cursor, json))) this.#blocked = true;
  }

  /** Waits until the connection takes more. Playing goes on from where it stood: nothing is caught up in a burst. */
  async #unblocked(): Promise<void> {
    const { timer } = this.#parts;
    const sinceMs = timer.nowMs();
    while (this.#blocked && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#resume = resolve;
      });
      this.#resume = null;
    }
    if (this.#begunMs !== null) this.#begunMs += timer.nowMs() - sinceMs;
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    const json = this.#parts.subscription.printFailure(error);
    if (json !== null) this.#write(this.#cursor, json);
    this.finish(json === null ? error : null);
  }
}
