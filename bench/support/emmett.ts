/** The peer: emmett's event store on SQLite, from `bench/peers` where that is installed. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Contender } from './figure.ts';

const PEER = join(import.meta.dirname, '..', 'peers', 'node_modules', '@event-driven-io', 'emmett-sqlite');
/** How often a round is begun again after the peer ended with an error of its own. */
const ATTEMPTS = 5;

export interface EmmettPeer extends Contender {
  close(): void;
}

/** Batches of `size`, one after the other, as its store takes them; null where it is not installed (`npm ci --prefix bench/peers`). */
export function emmettPeer(
  fileName: string,
  rounds: { readonly batches: number; readonly size: number },
): EmmettPeer | null {
  if (!existsSync(PEER)) return null;
  let child: ChildProcess | null = null;
  let files = 0;
  const begin = async (): Promise<ChildProcess> => {
    files += 1;
    const script = join(import.meta.dirname, 'emmett-process.ts');
    const started = fork(script, [PEER, `${fileName}-${files}`], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    await once(started, 'message');
    return started;
  };
  const attempt = async (): Promise<number | null> => {
    child ??= await begin();
    const started = performance.now();
    const ended = once(child, 'exit').then(() => false);
    child.send(rounds);
    const isDone = await Promise.race([once(child, 'message').then(() => true), ended]);
    if (isDone) return performance.now() - started;
    // Its store closes its connection while a statement may still run, and then the process ends; that round does not count.
    child = null;
    return null;
  };
  return {
    name: 'emmett-sqlite',
    run: async () => {
      for (let turn = 0; turn < ATTEMPTS; turn += 1) {
        const ms = await attempt();
        if (ms !== null) return { units: rounds.batches * rounds.size, ms };
      }
      throw new Error(`The peer ended ${ATTEMPTS} times with an error of its own`);
    },
    close: () => child?.kill(),
  };
}

/** Reading all its streams and folding one projection from them, of a store of so many events; null where it is not installed. */
export async function emmettFold(
  fileName: string,
  filled: { readonly batches: number; readonly size: number },
): Promise<EmmettPeer | null> {
  if (!existsSync(PEER)) return null;
  for (let turn = 0; turn < ATTEMPTS; turn += 1) {
    const child = fork(join(import.meta.dirname, 'emmett-process.ts'), [PEER, `${fileName}-${turn}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const ended = once(child, 'exit').then(() => null);
    const answer = () => Promise.race([once(child, 'message') as Promise<[unknown]>, ended]);
    await answer();
    child.send(filled);
    // Filled, unless it ended with the error of its own that `emmettPeer` tells of.
    if ((await answer()) === null) continue;
    return {
      name: 'emmett-sqlite',
      async run() {
        child.send({ fold: true });
        const [said] = (await answer()) ?? [];
        if (said === undefined) throw new Error('The peer ended with an error of its own while it read');
        return (said as { readonly events: number }).events;
      },
      close: () => child.kill(),
    };
  }
  return null;
}
