/** How many follow a leader while time goes on. A node's turn costs the same however many there are, a leader's as much as there are leaders. */
import type { Micros } from '../../schemas/time.ts';
import { bucketOf, type Window } from './window.ts';

export class Followers {
  /** The fewest at any instant of each bucket; null where none is known. */
  readonly fewest: (number | null)[];
  readonly #window: Window;
  /** Nothing is known from here on. */
  readonly #until: number;
  /** By scope. */
  readonly #leaders = new Map<string, string>();
  /** By node that leads, how many scopes. */
  readonly #leading = new Map<string, number>();
  readonly #followed = new Map<string, string>();
  readonly #followedBy = new Map<string, Set<string>>();
  #count = 0;
  /** The number that holds at the instant reached, and since when; null: nothing is known yet. */
  #told: number | null = null;
  #since: number;

  /** `now`: the last instant of which anything is known. */
  constructor(window: Window, now: number) {
    this.fewest = new Array<number | null>(window.buckets).fill(null);
    this.#window = window;
    this.#until = Math.min(window.to, now + 1);
    this.#since = window.from;
  }

  /** Who leads a scope; null: nobody. */
  turnScope(scope: string, leaderId: string | null): void {
    const before = this.#leaders.get(scope);
    if (before === (leaderId ?? undefined)) return;
    if (before !== undefined) {
      const left = (this.#leading.get(before) as number) - 1;
      if (left === 0) this.#leading.delete(before);
      else this.#leading.set(before, left);
      this.#leaders.delete(scope);
    }
    if (leaderId !== null) {
      this.#leading.set(leaderId, (this.#leading.get(leaderId) ?? 0) + 1);
      this.#leaders.set(scope, leaderId);
    }
    this.#count = 0;
    for (const id of this.#leading.keys()) {
      this.#count += this.#followedBy.get(id)?.size ?? 0;
      // One that leads is no follower, whomever it follows.
      if (this.#leading.has(this.#followed.get(id) ?? '')) this.#count -= 1;
    }
  }

  /** Whom a node follows; null: nobody, or it is lost or has left. */
  turnNode(id: string, followed: string | null): void {
    const before = this.#followed.get(id);
    if (before === (followed ?? undefined)) return;
    this.#count -= this.#counts(id);
    if (before !== undefined) this.#followedBy.get(before)?.delete(id);
    if (followed === null) this.#followed.delete(id);
    else {
      this.#followed.set(id, followed);
      const followers = this.#followedBy.get(followed);
      if (followers === undefined) this.#followedBy.set(followed, new Set([id]));
      else followers.add(id);
    }
    this.#count += this.#counts(id);
  }

  /** What holds from an instant on was told, or a part of it; never before an earlier call's. */
  reach(at: number): void {
    if (this.#count === this.#told) return;
    this.#closeAt(at);
    this.#told = this.#count;
  }

  finish(): void {
    this.#closeAt(this.#window.to);
  }

  #counts(id: string): number {
    const followed = this.#followed.get(id);
    return followed !== undefined && this.#leading.has(followed) && !this.#leading.has(id) ? 1 : 0;
  }

  #closeAt(at: number): void {
    const [count, since, end] = [this.#told, this.#since, Math.min(at, this.#until)];
    this.#since = at;
    if (count === null || end <= since) return;
    const last = bucketOf(this.#window, (end - 1) as Micros);
    for (let bucket = bucketOf(this.#window, since as Micros); bucket <= last; bucket += 1)
      this.fewest[bucket] = Math.min(this.fewest[bucket] ?? count, count);
  }
}
