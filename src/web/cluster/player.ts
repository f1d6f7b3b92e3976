/** Plays: carries the playhead on, frame by frame; in steps for who wants less motion, and where each moment has to be asked for. */
import { type Signal, signal } from '@preact/signals';
import { advanced } from '../timeline/clock.ts';
import type { Span } from '../timeline/instants.ts';
import type { Moments } from '../timeline/moments.ts';
import type { Action, Seen } from '../timeline/seen.ts';

/** What is played, as far as a player needs it. */
export interface Played {
  readonly seen: Signal<Seen | null>;
  /** The whole history, once it is known. */
  readonly history: Signal<Span | null>;
  readonly roster: Signal<Span | null>;
  /** Whether what is seen is drawn. */
  isShown(): boolean;
  act(action: Action): void;
  now(): number;
}

/** Between steps where less motion is wanted. */
const STILL_MS = 500;

export interface PlayerOptions {
  readonly screen: Played;
  readonly moments: Moments;
  onPause(): void;
}

export class Player {
  readonly isPlaying = signal(false);
  readonly #options: PlayerOptions;
  #frame = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  toggle(): void {
    if (this.isPlaying.peek()) this.pause();
    else this.#play();
  }

  pause(): void {
    cancelAnimationFrame(this.#frame);
    if (!this.isPlaying.peek()) return;
    this.isPlaying.value = false;
    this.#options.onPause();
  }

  #play(): void {
    const { screen } = this.#options;
    const seen = screen.seen.peek();
    if (seen === null) return;
    this.isPlaying.value = true;
    // From the end it begins anew.
    if (seen.at >= this.#end())
      screen.act({ do: 'goto', at: Math.max(seen.from, screen.roster.peek()?.from ?? seen.from) });
    const stepMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? STILL_MS : 0;
    let last = performance.now();
    const frame = (now: number): void => {
      const before = screen.seen.peek();
      if (before === null) return;
      this.#frame = requestAnimationFrame(frame);
      if (now - last < stepMs || !screen.isShown()) return;
      const end = this.#end();
      const at = advanced(before.at, now - last, { ...before, next: this.#next(before.at), end });
      last = now;
      screen.act({ do: 'goto', at });
      if (at >= end) this.pause();
    };
    this.#frame = requestAnimationFrame(frame);
  }

  /** Where playing ends: the present, or where the history does and nothing more is in view. */
  #end(): number {
    const { screen } = this.#options;
    const told = Math.max(screen.roster.peek()?.to ?? 0, screen.history.peek()?.to ?? 0);
    return Math.min(screen.now(), Math.max(told, screen.seen.peek()?.to ?? 0));
  }

  /** The next event; where the stretch that was brought here has none but there are more, the end of the stretch. */
  #next(at: number): number | null {
    const { moments, screen } = this.#options;
    const next = moments.next(at);
    const [until, to] = [moments.until, screen.history.peek()?.to];
    const hasMore = until !== null && to !== undefined && until < to;
    return next === Number.POSITIVE_INFINITY && hasMore ? until + 1 : next;
  }
}
