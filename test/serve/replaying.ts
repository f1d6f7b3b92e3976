/** For tests of replays: time that is made to pass, and frames read to their end. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createClient } from 'graphql-sse';
import type { Timer } from '../../src/clock.ts';
import { subscribe } from './streams.ts';

/** Time passes only when it is told to. */
export class FakeTimer implements Timer {
  #nowMs = 0;
  readonly #sleepers = new Set<{ readonly untilMs: number; readonly wake: () => void }>();
  /** Every sleep ever asked for, in ms. */
  readonly asked: number[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.asked.push(ms);
    return new Promise((resolve) => {
      const sleeper = {
        untilMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Lets time pass; who slept for long enough wakes. */
  pass(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.untilMs <= this.#nowMs) sleeper.wake();
  }

  /** Resolves once somebody sleeps; gives until when. */
  async slept(): Promise<number> {
    while (this.#sleepers.size === 0) await nextTurn();
    return Math.min(...[...this.#sleepers].map(({ untilMs }) => untilMs));
  }
}

export interface Frame {
  readonly cursor: string;
  readonly at: string;
  readonly knownAt: string;
  // biome-ignore lint/suspicious/noExplicitAny: frames are compared as a whole.
  readonly [field: string]: any;
}

/** Every frame of a replay, by the client of graphql-sse. Rejects with the errors that it answers with. */
export async function frames(url: string, query: string, variables: Record<string, unknown> = {}): Promise<Frame[]> {
  const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 });
  const found: Frame[] = [];
  try {
    for await (const { data, errors } of client.iterate<{ replay: Frame }>({ query, variables })) {
      if (errors) throw new Refused(errors as unknown as Refusal[]);
      if (data) found.push(data.replay);
    }
    return found;
  } finally {
    client.dispose();
  }
}

export interface Refusal {
  readonly message: string;
  readonly extensions: { readonly code: string };
}

export class Refused extends Error {
  readonly errors: readonly Refusal[];

  constructor(errors: readonly Refusal[]) {
    super(errors[0]?.message);
    this.errors = errors;
  }

  get code(): string | undefined {
    return this.errors[0]?.extensions.code;
  }
}

/** A replay of one cluster with everything given as variables. */
export function replayQuery(fields: string): string {
  return `subscription Replay($id: ID!, $from: DateTime!, $to: DateTime!, $speed: Float, $skipIdle: Boolean, $knownAt: DateTime, $after: Position) {
    replay(clusterId: $id, from: $from, to: $to, speed: $speed, skipIdle: $skipIdle, knownAt: $knownAt, after: $after) { ${fields} }
  }`;
}

/** A replay on a plain socket that can stall. */
export async function watchReplay(url: string, fields: string, variables: Record<string, unknown>) {
  const payloads = await subscribe(url, replayQuery(fields), variables);
  return { ...payloads, next: async (): Promise<Frame> => (await payloads.next()).replay };
}
