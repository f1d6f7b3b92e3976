/**
 * The state of a connection to something outside the process, as /readyz, /metrics and GraphQL show it. Whoever keeps the
 * connection (Kafka in, Kafka out, the EventStoreDB backend) gives one `Link`; who shows it asks when it is asked.
 */

export const LINK_NAMES = ['eventstoredb', 'kafka-in', 'kafka-out'] as const;
export type LinkName = (typeof LINK_NAMES)[number];

/**
 * `connecting`: not yet up since the start. `up`: works. `retrying`: was refused or lost, and is tried again without being
 * asked. `stopped`: goes on only after someone has done what `fault` says.
 */
export const LINK_STATES = ['connecting', 'up', 'retrying', 'stopped'] as const;
export type LinkState = (typeof LINK_STATES)[number];

export interface LinkFault {
  /** One of `ERRORS`. */
  readonly code: string;
  /** What is wrong, with names and places; no credentials. */
  readonly message: string;
}

/** One partition of a topic, or the one sequence of what has none. */
export interface LinkPart {
  /** Such as `musterbook.events/0`. */
  readonly name: string;
  /** The last offset or position that was carried and confirmed; null before the first. */
  readonly at: number | null;
  /** How many records or events behind the source's end it is; null while that is unknown. */
  readonly lag: number | null;
  /** Held back for the moment, since the other side does not take so much. */
  readonly isPaused: boolean;
}

export interface LinkStatus {
  readonly name: LinkName;
  readonly state: LinkState;
  /** When the state was entered, in ms since 1970. */
  readonly sinceMs: number;
  /** Null while up. */
  readonly fault: LinkFault | null;
  /** What this process carries of it now: with several replicas, its own part. */
  readonly parts: readonly LinkPart[];
  /** Counted since the process started, by name in snake_case, such as `records`, `duplicates`, `reconnects`. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Link {
  /** As it is now. Never throws, does no I/O. */
  status(): LinkStatus;
}
