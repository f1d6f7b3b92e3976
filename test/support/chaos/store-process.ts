/** The wire-level store as a process of its own, which keeps its log in a file: it can be killed and come back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface StoreProcess {
  readonly port: number;
  kill(): Promise<void>;
  /** On the same port, with the same log. */
  start(): Promise<void>;
}

const PROCESS = new URL('../eventstoredb/process.ts', import.meta.url).pathname;

/** Resolves once it listens; the port is one that the system chose. */
export async function startStoreProcess(file: string): Promise<StoreProcess> {
  let child: ChildProcess | null = null;
  let port = 0;
  const kill = async (): Promise<void> => {
    const ended = child;
    child = null;
    if (ended === null || ended.exitCode !== null) return;
    const exit = once(ended, 'exit');
    ended.kill('SIGKILL');
    await exit;
  };
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [PROCESS, '--file', file, '--port', String(port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child = started;
    const [line] = (await Promise.race([
      once(started.stdout, 'data'),
      once(started, 'exit').then(() => {
        throw new Error('the store process ended before it listened');
      }),
    ])) as [Buffer];
    port = Number(/\d+/.exec(String(line))?.[0]);
  };
  await start();
  return {
    get port() {
      return port;
    },
    kill,
    start,
  };
}
