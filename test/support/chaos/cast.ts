/** Who takes part in a chaos run: a store, replicas each on a line of its own to it, and a Kafka broker where one is asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopic } from '../../kafka/way-in.ts';
import { type SpawnedEventStore, spawnEventStore } from '../eventstoredb/spawned.ts';
import { type Broker, makeBroker } from '../kafka/broker.ts';
import { type Line, openLine } from '../proxy.ts';
import { type SpawnedServer, spawnServer } from '../server.ts';

export const TOPIC = 'musterbook.events';
export const OUT = 'musterbook.recorded';
const PARTITIONS = 4;

export interface CastOptions {
  readonly replicas: number;
  readonly withBroker: boolean;
}

export interface Replica {
  readonly name: string;
  readonly data: string;
  /** Null while it is killed. */
  url: string | null;
  readonly line: Line;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** The store as a process that is killed and comes back on the same port, with the same log. */
interface Store {
  readonly port: number;
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface Cast {
  readonly store: Store;
  readonly broker: Broker | null;
  readonly replicas: readonly Replica[];
  /** Ends every process and removes every file. */
  end(): Promise<void>;
}

/** Starts everyone. The caller owes `end()`. */
export async function assembleCast({ replicas: count, withBroker }: CastOptions): Promise<Cast> {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-chaos-'));
  const ends: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0).reverse()) await each();
  };
  try {
    const store = await startStore(join(folder, 'store.log'));
    ends.push(() => store.kill());
    const broker = withBroker ? await startBroker(ends) : null;
    const replicas: Replica[] = [];
    for (let index = 0; index < count; index += 1) {
      const line = await openLine(store.port);
      ends.push(() => line.close());
      const replica = replicaOn(line, join(folder, `replica-${index}`), broker);
      await replica.start();
      ends.push(() => replica.kill());
      replicas.push(replica);
    }
    return { store, broker, replicas, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startStore(file: string): Promise<Store> {
  let running: SpawnedEventStore | null = await spawnEventStore({ file });
  const { port } = running;
  return {
    port,
    async kill() {
      const killed = running;
      running = null;
      await killed?.kill();
    },
    async start() {
      running = await spawnEventStore({ file, port });
    },
  };
}

async function startBroker(ends: (() => unknown)[]): Promise<Broker> {
  const broker = await makeBroker();
  ends.push(() => broker.remove());
  await broker.start();
  for (const topic of [TOPIC, OUT]) await createTopic(broker.brokers, topic, { partitions: PARTITIONS });
  return broker;
}

function replicaOn(line: Line, data: string, broker: Broker | null): Replica {
  let running: SpawnedServer | null = null;
  let port = 0;
  const kafka = broker && { MUSTERBOOK_KAFKA_BROKERS: broker.brokers.join(), MUSTERBOOK_KAFKA_OUT: OUT };
  const env = { MUSTERBOOK_STORE: `esdb://127.0.0.1:${line.port}?tls=false`, ...kafka };
  return {
    name: data.slice(data.lastIndexOf('/') + 1),
    data,
    line,
    url: null,
    async kill() {
      this.url = null;
      const ended = running;
      running = null;
      await ended?.end('SIGKILL');
    },
    async start() {
      running = await spawnServer({ data, port, env });
      ({ port } = running);
      this.url = running.url;
    },
  };
}
