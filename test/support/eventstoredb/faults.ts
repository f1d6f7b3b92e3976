/**
 * Faults that a test asks for. Each fires on what it is asked for, by count and by predicate, never by time: so a run with a fault is
 * the same run every time.
 */
import type { Endpoint } from './messages.ts';
import type { Append, Recorded } from './store.ts';

/** What can go wrong with an append. */
export type AppendFault =
  /** The connection is cut before anything is written. */
  | { readonly kind: 'drop-before' }
  /** Written, then the connection is cut: the client cannot know. */
  | { readonly kind: 'drop-after' }
  /** Never answered; `written` says whether it was written. */
  | { readonly kind: 'silence'; readonly written: boolean }
  /** Written; answered when `release()` is called. */
  | { readonly kind: 'late' }
  /** Answered with the server's own timeout, which says nothing about the outcome either. */
  | { readonly kind: 'timeout'; readonly written: boolean }
  /** As a follower answers one who requires the leader: ends the whole call, with where the leader is. */
  | { readonly kind: 'not-leader'; readonly leader: Endpoint }
  /** Not written, and answered so that the client makes an unknown error of it: its status has no details that it knows. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'access-denied' };

/** What can go wrong with a read, or when a subscription begins. */
export type ReadFault =
  | { readonly kind: 'drop' }
  | { readonly kind: 'silence' }
  | { readonly kind: 'not-leader'; readonly leader: Endpoint }
  | { readonly kind: 'access-denied' }
  | { readonly kind: 'not-ready' };

/** What can go wrong in a subscription or amid a read, after it sent an event. */
export type SubscriptionFault =
  /** The call ends with OK: as when a server stops in good order. The client's loop just ends. */
  | { readonly kind: 'end' }
  /** The call ends with an error. */
  | { readonly kind: 'abort' }
  /** The connection is cut. */
  | { readonly kind: 'drop' }
  /**
   * A checkpoint at the end of the log, the position that the next event will have (kurrent-io/KurrentDB#4970): who stores it and
   * resumes behind it never sees that event.
   */
  | { readonly kind: 'checkpoint-ahead' };

/** What can go wrong with the first question of a client: answered "not ready", or never. */
export type FirstFault = 'refuse' | 'silence';

export type ReadTarget = { readonly stream: string | '$all'; readonly subscription: boolean };

/** When a fault fires: on matches of `when`, not on the first `skip` of them, at most `times` times (once if absent). */
export interface Condition<Subject> {
  readonly when?: (subject: Subject) => boolean;
  readonly skip?: number;
  readonly times?: number;
}

/** A fault in place. */
export class Injected<Fault, Subject> {
  readonly fault: Fault;
  readonly #condition: Condition<Subject>;
  readonly #fired = Promise.withResolvers<void>();
  readonly #released = Promise.withResolvers<void>();
  #matches = 0;
  #firings = 0;

  constructor(fault: Fault, condition: Condition<Subject>) {
    this.fault = fault;
    this.#condition = condition;
  }

  /** How often it fired. */
  get firings(): number {
    return this.#firings;
  }

  /** Resolves when it fires for the first time. */
  get fired(): Promise<void> {
    return this.#fired.promise;
  }

  /** Resolves once the test let go. */
  get released(): Promise<void> {
    return this.#released.promise;
  }

  /** Lets answers go that a fault holds back. */
  release(): void {
    this.#released.resolve();
  }

  fires(subject: Subject): boolean {
    const { when, skip = 0, times = 1 } = this.#condition;
    if (this.#firings >= times || (when !== undefined && !when(subject))) return false;
    this.#matches += 1;
    if (this.#matches <= skip) return false;
    this.#firings += 1;
    this.#fired.resolve();
    return true;
  }
}

/** The faults of one kind of call; the first that fires is it. */
class Place<Fault, Subject> {
  #injected: Injected<Fault, Subject>[] = [];

  inject(fault: Fault, condition: Condition<Subject> = {}): Injected<Fault, Subject> {
    const one = new Injected(fault, condition);
    this.#injected.push(one);
    return one;
  }

  firing(subject: Subject): Injected<Fault, Subject> | undefined {
    return this.#injected.find((one) => one.fires(subject));
  }

  clear(): void {
    for (const one of this.#injected) one.release();
    this.#injected = [];
  }
}

export class Faults {
  readonly appends = new Place<AppendFault, Append>();
  readonly reads = new Place<ReadFault, ReadTarget>();
  /** Asked after each event that a subscription sent. */
  readonly subscriptions = new Place<SubscriptionFault, Recorded>();
  /** Asked after each event that a read sent: `end` makes it look complete. */
  readonly midread = new Place<SubscriptionFault, Recorded>();
  /** The first thing that a client asks a cluster. */
  readonly gossip = new Place<FirstFault, undefined>();
  /** What the server can do: the first thing that a client asks a single node before it appends, and waits for without a deadline. */
  readonly features = new Place<FirstFault, undefined>();

  clear(): void {
    for (const place of [this.appends, this.reads, this.subscriptions, this.midread, this.gossip, this.features])
      place.clear();
  }
}
