/** Which claim of a scope led when, inside a window. A claim that ceased to lead never leads again. */
import type { Window } from './window.ts';

export class Leads {
  readonly #window: Window;
  readonly #led = new Map<number, readonly [from: number, to: number]>();
  #since: number;
  #claim: number | null = null;

  constructor(window: Window) {
    this.#window = window;
    this.#since = window.from;
  }

  /** The claim that leads at the instant reached; null: none. */
  get claim(): number | null {
    return this.#claim;
  }

  turn(at: number, claim: number | null): void {
    if (claim === this.#claim) return;
    this.#close(at);
    this.#since = at;
    this.#claim = claim;
  }

  /** When the claim led, in µs; null: never in the window. */
  of(claim: number): readonly [from: number, to: number] | null {
    return this.#led.get(claim) ?? null;
  }

  finish(): void {
    this.#close(this.#window.to);
  }

  #close(at: number): void {
    if (this.#claim !== null && at > this.#since) this.#led.set(this.#claim, [this.#since, at]);
  }
}
