/** Servers for the benchmarks `query` and `fanout`, each in a process of its own: ours, and bare Yoga on express with the same schema and answers. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** `whole`: kept answers on; `executed`: off; `changing`: off, and every query finds another state than the one before. */
export type Serving = 'ours-whole' | 'ours-executed' | 'ours-changing' | 'yoga';

export interface ServingProcess {
  readonly port: number;
  /** Makes changes at this rate, per second, until `count` were made. */
  change(perSecond: number, count: number): void;
  /** Bytes of resident memory, as of now. */
  memory(): Promise<number>;
  /** CPU seconds used so far. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** What `bench/support/server-process.ts` is told, and says. */
export type Order =
  | { readonly kind: 'change'; readonly perSecond: number; readonly count: number }
  | { readonly kind: 'usage' };
export type Word =
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'usage'; readonly rss: number; readonly cpu: number };

export async function startServing(serving: Serving): Promise<ServingProcess> {
  const child = fork(join(import.meta.dirname, 'server-process.ts'), [serving], { stdio: 'inherit' });
  const first = (await wordOf(child)) as Extract<Word, { kind: 'port' }>;
  const usage = async () => {
    child.send({ kind: 'usage' } satisfies Order);
    return (await wordOf(child)) as Extract<Word, { kind: 'usage' }>;
  };
  return {
    port: first.port,
    change: (perSecond, count) => child.send({ kind: 'change', perSecond, count } satisfies Order),
    memory: async () => (await usage()).rss,
    cpu: async () => (await usage()).cpu,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

async function wordOf(child: ChildProcess): Promise<Word> {
  const [word] = (await once(child, 'message')) as [Word];
  return word;
}

export const NODES = 20;
export const JOBS = 100;

/** The topology of a cluster as an explorer asks for it. */
export const CLUSTER_QUERY = `{ cluster(id: "bench") {
  id term electing leader { id }
  nodes { id name zone kind role liveness following { id } since }
  jobs { id name critical state node { id } assignedTerm attempts since }
} }`;

/** What a dashboard follows: who leads, who follows, who lives. `stamp` carries when the change was made. */
export const CLUSTER_SUBSCRIPTION = `subscription { cluster(id: "bench") { cursor cluster {
  id term electing leader { id } stamp: node(id: "n0") { name }
  nodes { id name zone kind role liveness following { id } since }
} } }`;
