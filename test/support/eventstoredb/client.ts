/** The real client against the test server, for tests. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import {
  type AllStreamSubscription,
  EventStoreDBClient,
  type JSONEventData,
  jsonEvent,
  type ResolvedEvent,
  type StreamSubscription,
} from '@eventstore/db-client';
import { status } from '@grpc/grpc-js';

/** A client of its own connection, gone when the test ends. */
export function clientFor(test: TestContext, connectionString: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(connectionString);
  test.after(() => client.dispose());
  return client;
}

/** An event with a new id. */
export function event(
  data: { readonly n: number; readonly pad?: string } = { n: 0 },
  type = 'LeaderElected',
): JSONEventData {
  return jsonEvent({ id: randomUUID(), type, data, metadata: { envelope: `{"n":${data.n}}` } });
}

export async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of from) list.push(one);
  return list;
}

/**
 * Tries again while the server is not reachable: clients of one process share connections to a target, so also a new client may first
 * meet the one that was cut.
 */
export async function onceBack<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      // By its code: what fails in asking for the server's features reaches us as gRPC's own error, not as the client's.
      const unavailable = error instanceof Error && 'code' in error && error.code === status.UNAVAILABLE;
      if (attempt === 50 || !unavailable) throw error;
      await setTimeout(20);
    }
  }
}

/** What a subscription told, in the order in which it did. */
export class Told {
  readonly seen: string[] = [];
  readonly positions: bigint[] = [];
  /** `end` when it ended without an error, else the error. */
  readonly over: Promise<unknown>;
  readonly #subscription: AllStreamSubscription | StreamSubscription;
  #wanted: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor(subscription: AllStreamSubscription | StreamSubscription) {
    this.#subscription = subscription;
    subscription.on('confirmation', () => this.#tell('confirmation'));
    subscription.on('caughtUp', () => this.#tell('caught up'));
    subscription.on('fellBehind', () => this.#tell('fell behind'));
    subscription.on('data', ({ event: recorded }: ResolvedEvent) => {
      if (recorded === undefined) return;
      this.positions.push(recorded.position!.commit);
      this.#tell(`${recorded.streamId} ${recorded.revision}`);
    });
    this.over = Promise.race([
      once(subscription, 'end').then(() => 'end'),
      new Promise((resolve) => {
        subscription.on('error', resolve);
      }),
    ]).catch((error: unknown) => error);
  }

  /** For the filter's `checkpointReached`. */
  checkpoint(position: { readonly commit: bigint }): void {
    this.#tell(`checkpoint ${position.commit}`);
  }

  /** Resolves once it told this, also if it did before. */
  async until(text: string): Promise<void> {
    if (this.seen.includes(text)) return;
    await new Promise<void>((resolve) => this.#wanted.push({ text, resolve }));
  }

  async stop(): Promise<void> {
    await this.#subscription.unsubscribe();
  }

  #tell(text: string): void {
    this.seen.push(text);
    for (const wanted of this.#wanted) if (wanted.text === text) wanted.resolve();
    this.#wanted = this.#wanted.filter((wanted) => wanted.text !== text);
  }
}
