/** Servers for the benchmarks `query` and `fanout`, each in a process of its own: ours, and bare Yoga on express with the same schema and answers. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `whole`: kept answers on; `executed`: off; `changing`: off, and every query finds another state than the one before. */
export type Serving = 'ours-whole' | 'ours-executed' | 'ours-changing' | 'yoga';

export interface ServingProcess {
  readonly port: number;
  /** Makes changes at this rate, per second, until `count` were made. */
  change(perSecond: number, count: number): void;
  /** What the process has used so far, as the system tells it: an overloaded server would not answer. Null where there is no /proc. */
  usage(): Usage | null;
  stop(): Promise<void>;
}

export interface Usage {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** What `bench/support/server-process.ts` is told, and says. */
export type Order = { readonly perSecond: number; readonly count: number };
export type Word = { readonly port: number };

export async function startServing(serving: Serving): Promise<ServingProcess> {
  const child = fork(join(import.meta.dirname, 'server-process.ts'), [serving], { stdio: 'inherit' });
  const [{ port }] = (await once(child, 'message')) as [Word];
  return {
    port,
    change: (perSecond, count) => child.send({ perSecond, count } satisfies Order),
    usage: () => usageOf(child),
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Clock ticks in a second, as Linux counts CPU time. */
const TICKS = 100;

function usageOf({ pid }: ChildProcess): Usage | null {
  const folder = `/proc/${pid}`;
  if (!existsSync(folder)) return null;
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8'))?.[1];
  // Fields 14 and 15 of proc(5), counted after the name in brackets.
  const fields = readFileSync(`${folder}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { residentBytes: Number(resident) * 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
}

export const NODES = 20;
export const JOBS = 100;

/** The topology of a cluster as an explorer asks for it. */
export const CLUSTER_QUERY = `{ cluster(id: "bench") {
  id term electing leader { id }
  nodes { id name zone kind role liveness following { id } since }
  jobs { id name critical state node { id } assignedTerm attempts since }
} }`;

/** What a dashboard follows: who leads, who follows, who lives, what runs. `stamp` carries when the change was made. */
export const CLUSTER_SUBSCRIPTION = `subscription { cluster(id: "bench") { cursor cluster {
  id term electing leader { id } stamp: node(id: "n0") { name }
  nodes { id name zone kind role liveness following { id } since }
  jobs { id state }
} } }`;
