/** Starts the test server as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface SpawnedEventStore {
  readonly port: number;
  readonly connectionString: string;
  /** Cuts all connections; the server goes on. */
  dropConnections(): void;
  /** kill -9, resolved when it is gone. */
  kill(): Promise<void>;
}

/** @param options `port`: default one that the system chooses, name it to come back at the same address; `file`: where the log is kept. */
export async function spawnEventStore(
  options: { readonly port?: number; readonly file?: string } = {},
): Promise<SpawnedEventStore> {
  const file = options.file === undefined ? [] : ['--file', options.file];
  const args = [join(import.meta.dirname, 'process.ts'), '--port', `${options.port ?? 0}`, ...file];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  // Written to after it was killed.
  child.stdin.on('error', () => undefined);
  const gone = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    gone.then(([code]) => Promise.reject(new Error(`the test server ended with ${code} before it listened`))),
  ])) as [string];
  const { port } = JSON.parse(line) as { readonly port: number };
  return {
    port,
    connectionString: `esdb://127.0.0.1:${port}?tls=false`,
    dropConnections: () => void child.stdin.write('drop\n'),
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
