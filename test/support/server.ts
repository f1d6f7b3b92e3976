/** Whole servers for tests: in this process, or as a process of its own that may be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import type { Terminal } from '../../src/cli/runtime.ts';
import { readConfig } from '../../src/config.ts';
import { type Assembly, type AssemblyParts, assemble, runCommandLine } from '../../src/main.ts';
import type { Config } from '../../src/settings.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BIN = join(ROOT, 'bin', 'musterbook.js');

export interface StartOptions {
  /** The folder of the ledger; absent: a temporary one that goes with the server. */
  readonly data?: string;
  readonly config?: Partial<Config>;
  readonly parts?: AssemblyParts;
}

export interface RunningServer extends Assembly {
  readonly data: string;
}

/** A server in this process, on a free port, that logs nothing. */
export async function startServer({ data, config = {}, parts = {} }: StartOptions = {}): Promise<RunningServer> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'musterbook-'));
  const defaults = readConfig({ env: {}, folder });
  const assembly = await assemble(
    { ...defaults, port: 0, data: folder, ...config },
    { log: pino({ level: 'silent' }), ...parts },
  );
  return {
    ...assembly,
    data: folder,
    async close() {
      await assembly.close();
      if (data === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface SpawnOptions {
  readonly data: string;
  /** Absent: a free one. Give one to come back at the same address after a kill. */
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface SpawnedServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Sends a signal and waits for the process to end; gives its exit code, null after a kill. */
  end(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

/** A server as a child process; resolves once it listens. Rejects with its stderr when it ends before that. */
export async function spawnServer({ data, port = 0, env = {} }: SpawnOptions): Promise<SpawnedServer> {
  const child = spawn(process.execPath, [BIN, 'serve', '--port', String(port)], {
    env: { ...cleanEnvironment(), MUSTERBOOK_DATA: data, MUSTERBOOK_LOG: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  let heard = '';
  child.stderr.on('data', (chunk: Buffer) => {
    heard = (heard + chunk).slice(-8_000);
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk;
      const found = /\bat (http:\/\/\S+)\n/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.on('error', reject);
    void ended.then(([code, signal]) => reject(new Error(`the server ended (${code ?? signal}): ${heard}`)));
  });
  return {
    url,
    port: Number(new URL(url).port),
    process: child,
    async end(signal) {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

export interface CommandResult {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** The working folder; absent: the process's own. */
  readonly folder?: string;
  /** Interrupts the command when aborted. */
  readonly signal?: AbortSignal;
  /** Sees stdout as it comes. */
  readonly onOutput?: (soFar: string) => void;
}

/** Runs `musterbook` with these arguments in this process, with no settings but those given. */
export async function runMusterbook(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { env = {}, input = '', folder = process.cwd(), signal = new AbortController().signal, onOutput } = options;
  let stdout = '';
  let stderr = '';
  const terminal: Terminal = {
    async write(text) {
      stdout += typeof text === 'string' ? text : Buffer.from(text).toString('utf8');
      onOutput?.(stdout);
    },
    note(text) {
      stderr += text;
    },
    input: Readable.from([Buffer.from(input)]),
    isInteractive: false,
    showsProgress: false,
    columns: 120,
    color: false,
  };
  const exit = await runCommandLine(args, { terminal, signal, sources: { env, folder } });
  return { exit, stdout, stderr };
}

/** Runs `musterbook` as a process of its own, as a person would, in an environment without settings. */
export async function spawnMusterbook(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.folder !== undefined && { cwd: options.folder }),
  });
  options.signal?.addEventListener('abort', () => child.kill('SIGINT'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onOutput?.(stdout);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A command that does not read its input may end before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, stdout, stderr };
}

/** The environment without any setting of ours. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => !entry[0].startsWith('MUSTERBOOK_') && entry[1] !== undefined,
    ),
  );
}
