/** How many follow a leader while time goes on. What a change costs follows what it changes, not how many nodes there are. */
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
  readonly #counted = new Set<string>();
  /** What holds now and since when; null: nothing is known yet. */
  #count: number | null = null;
  #since: number;

  /** `now`: the last instant that has come. */
  constructor(window: Window, now: number) {
    this.fewest = new Array<number | null>(window.buckets).fill(null);
    this.#window = window;
    this.#until = Math.min(window.to, now + 1);
    this.#since = window.from;
  }

  /** Who leads a scope; null: nobody. */
  turnScope(scope: string, leaderId: string | null): void {
    const before = this.#leaders.get(scope) ?? null;
    if (before === leaderId) return;
    if (leaderId === null) this.#leaders.delete(scope);
    else this.#leaders.set(scope, leaderId);
    for (const [id, by] of [
      [before, -1],
      [leaderId, 1],
    ] as const) {
      if (id === null) continue;
      const scopes = (this.#leading.get(id) ?? 0) + by;
      if (scopes === 0) this.#leading.delete(id);
      else this.#leading.set(id, scopes);
      this.#settle(id);
      for (const follower of this.#followedBy.get(id) ?? []) this.#settle(follower);
    }
  }

  /** Whom a node follows; null: nobody, or it is lost or has left. */
  turnNode(id: string, followed: string | null): void {
    const before = this.#followed.get(id) ?? null;
    if (before === followed) return;
    if (before !== null) this.#followedBy.get(before)?.delete(id);
    if (followed === null) this.#followed.delete(id);
    else {
      this.#followed.set(id, followed);
      const followers = this.#followedBy.get(followed);
      if (followers === undefined) this.#followedBy.set(followed, new Set([id]));
      else followers.add(id);
    }
    this.#settle(id);
  }

  /** All that happened at an instant, or a part of it, has been told; never before an earlier call's. */
  reach(at: number): void {
    const count = this.#counted.size;
    if (count === this.#count) return;
    this.#closeAt(at);
    this.#count = count;
  }

  finish(): void {
    this.#closeAt(this.#window.to);
  }

  #settle(id: string): void {
    const followed = this.#followed.get(id);
    if (followed !== undefined && this.#leading.has(followed) && !this.#leading.has(id)) this.#counted.add(id);
    else this.#counted.delete(id);
  }

  #closeAt(at: number): void {
    const [count, since, end] = [this.#count, this.#since, Math.min(at, this.#until)];
    this.#since = at;
    if (count === null || end <= since) return;
    const last = bucketOf(this.#window, end - 1);
    for (let bucket = bucketOf(this.#window, since); bucket <= last; bucket += 1)
      this.fewest[bucket] = Math.min(this.fewest[bucket] ?? count, count);
  }
}
