/**
 * @eventstore/db-client 6.2.1 with three of its faults kept away from the process. Each would end it:
 *
 * - An answer to an append whose entry is gone from the client's table of pending appends throws inside an event listener.
 *   The table is the module's, not the client's: a lost link of one client empties it for all.
 * - Appends that wait for the link to drain are rejected, when it breaks, in a promise that nobody holds. So the link never
 *   says that it is full: how much is under way at once is bounded by the appender.
 * - What `handleError` throws, when discovery fails once more meanwhile, nobody catches.
 *
 * It also gets appends their link one after another, so that they leave in the order of the calls, also the first ones.
 */
import type { Duplex, Readable, Writable } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';

type AnyStream = Readable | Writable | Duplex;
type Create = () => Promise<AnyStream>;

/** Parts that the client's types keep to itself. */
interface Parts {
  GRPCStreamCreator(client: unknown, name: string, creator: (client: unknown) => AnyStream, cache?: unknown): Create;
  handleError(client: unknown, error: Error): Promise<void>;
  getChannel(): Promise<{ close(): void }>;
}

const DISPOSE_MS_MAX = 2_000;

export interface GuardedClient {
  readonly client: EventStoreDBClient;
  /** Ends all that is under way, and the channel. Never throws, and takes two seconds at most. */
  dispose(): Promise<void>;
}

/** Makes a client; it connects at its first call. Throws what the client throws of unreadable certificates. */
export function guardedClient(url: string): GuardedClient {
  const client = EventStoreDBClient.connectionString(url);
  const parts = client as unknown as Parts;
  const { GRPCStreamCreator: createStream, handleError } = parts;
  let lastLink: Promise<unknown> = Promise.resolve();
  parts.GRPCStreamCreator = (service, name, creator, cache) => {
    if (name !== 'appendToStream') return createStream(service, name, creator, cache);
    const create = createStream(service, name, (stub) => guarded(creator(stub) as Duplex), cache);
    return () => {
      const link = lastLink.then(create, create);
      lastLink = link;
      return link;
    };
  };
  parts.handleError = (stub, error) => handleError(stub, error).catch(() => {});
  return { client, dispose: () => within(DISPOSE_MS_MAX, disposeAll(client, parts)) };
}

function guarded(link: Duplex): Duplex {
  const [answer] = link.listeners('data') as readonly ((response: unknown) => void)[];
  if (!answer) throw new Error('The client listens for no answers to its appends');
  link.removeListener('data', answer);
  link.on('data', (response) => {
    try {
      answer(response);
    } catch {
      // Nobody waits for it any more: whoever did has been told that the outcome is unknown.
    }
  });
  const write = link.write.bind(link) as (message: unknown) => boolean;
  link.write = (message: unknown): boolean => {
    write(message);
    return true;
  };
  return link;
}

async function disposeAll(client: EventStoreDBClient, parts: Parts): Promise<void> {
  await client.dispose();
  const channel = await parts.getChannel();
  channel.close();
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timeout: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timeout = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timeout);
}
