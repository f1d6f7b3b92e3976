/** What is known of the link to the store, as /readyz, /metrics and GraphQL show it. */
import type { Link, LinkFault, LinkState, LinkStatus } from '../../link.ts';

/** What is counted since the process started. */
export interface LinkCounts {
  /** Events that were followed into the mirror. */
  events: number;
  rejections: number;
  /** Appends that the store acknowledged, and the events in them. */
  appends: number;
  appended_events: number;
  /** The most appends that were with the store at once. */
  appends_at_once: number;
  /** Appends that another writer was faster than, and were judged again. */
  conflicts: number;
  /** Appends whose outcome was unknown and that were sent again. */
  unknown_outcomes: number;
  reconnects: number;
  /** Events under our prefix that are in no stream of ours, and were passed over. */
  foreign_events: number;
  /** By how much the clock of whoever appended the last event differs from ours, beyond a minute; else 0. */
  clock_skew_ms: number;
  /** Events of such clocks. */
  skewed_events: number;
}

export class LinkRecord implements Link {
  readonly counts: LinkCounts = {
    ...{
      events: 0,
      rejections: 0,
      appends: 0,
      appended_events: 0,
      appends_at_once: 0,
      conflicts: 0,
      unknown_outcomes: 0,
    },
    ...{ reconnects: 0, foreign_events: 0, clock_skew_ms: 0, skewed_events: 0 },
  };
  readonly #part: string;
  readonly #nowMs: () => number;
  #state: LinkState = 'connecting';
  #sinceMs: number;
  #fault: LinkFault | null = null;
  /** The last position that was followed. */
  at: number | null = null;
  isCaughtUp = false;
  /** Appends that the store has not answered. */
  underWay = 0;

  constructor(part: string, nowMs: () => number) {
    this.#part = part;
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  get state(): LinkState {
    return this.#state;
  }

  enter(state: LinkState, fault: LinkFault | null): void {
    if (state !== this.#state) this.#sinceMs = this.#nowMs();
    this.#state = state;
    this.#fault = fault;
  }

  status(): LinkStatus {
    return {
      name: 'eventstoredb',
      state: this.#state,
      sinceMs: this.#sinceMs,
      fault: this.#fault,
      parts: [
        { name: this.#part, at: this.at, lag: this.#state === 'up' && this.isCaughtUp ? 0 : null, isPaused: false },
      ],
      counts: { ...this.counts },
    };
  }
}
