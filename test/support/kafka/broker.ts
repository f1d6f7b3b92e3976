/** A real Kafka broker as a child process, for tests and benchmarks. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { type Certificates, makeCertificates } from './certificates.ts';
import { JARS } from './jars.ts';
import { type BrokerPorts, type Listener, serverProperties, USER } from './properties.ts';

const START_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;

export interface BrokerOptions {
  /** Beside the plain one. */
  readonly listeners?: readonly Listener[];
  /** More lines of `server.properties`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Lets the JVM compile as for production; it starts slower. Default: false. */
  readonly isFast?: boolean;
}

export interface Broker {
  /** `host:port` of the plain listener. */
  readonly brokers: readonly string[];
  /** `host:port` of a listener asked for. */
  listener(name: Listener): readonly string[];
  /** PEM files, with a TLS listener; else null. */
  readonly certificates: Certificates | null;
  /** Null while it does not run. */
  readonly pid: number | null;
  /** SIGKILL; resolves once the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM: a broker that hands over and flushes. */
  stop(): Promise<void>;
  /** On the same ports, with the same folder; resolves once it takes clients. Rejects with the end of its log. */
  start(): Promise<void>;
  /** Kills it and removes its folder. */
  remove(): Promise<void>;
}

/** A running broker that goes with the test. One for each test file is enough: it takes 350 MB and four seconds. */
export async function startBroker(test: Pick<TestContext, 'after'>, options: BrokerOptions = {}): Promise<Broker> {
  const broker = await makeBroker(options);
  test.after(() => broker.remove());
  await broker.start();
  return broker;
}

/** A broker that is not started yet; whoever makes one removes it. */
export async function makeBroker({
  listeners = [],
  properties = {},
  isFast = false,
}: BrokerOptions = {}): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-kafka-'));
  const ports = await freePorts(listeners);
  mkdirSync(join(folder, 'tls'));
  const certificates = listeners.some((name) => name.endsWith('SSL')) ? makeCertificates(join(folder, 'tls')) : null;
  const file = join(folder, 'server.properties');
  writeFileSync(file, serverProperties({ folder, ports, certificates, more: properties }));
  const scram = ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=${USER.username},password=${USER.password}]`,
  ]);
  await java('kafka.tools.StorageTool', 'format', '-t', 'bXVzdGVyYm9vay10ZXN0LQ', '-c', file, ...scram);

  let running: ChildProcess | null = null;
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const child = running;
    running = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(timer);
  };
  const killNow = (): void => void running?.kill('SIGKILL');
  process.on('exit', killNow);
  return {
    brokers: [`127.0.0.1:${ports.plain}`],
    listener: (name) => [`127.0.0.1:${ports.others[name] ?? 0}`],
    certificates,
    get pid() {
      return running?.pid ?? null;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async start() {
      if (running !== null) return;
      running = spawn('java', [...flags(isFast), 'kafka.Kafka', file], { stdio: ['ignore', 'ignore', 'pipe'] });
      await started(running);
    },
    async remove() {
      await end('SIGKILL');
      process.off('exit', killNow);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function flags(isFast: boolean): string[] {
  // The first compiler alone halves what a start costs.
  return ['-Xmx512m', '-XX:+UseSerialGC', ...(isFast ? [] : ['-XX:TieredStopAtLevel=1']), '-cp', join(JARS, '*')];
}

async function java(...args: readonly string[]): Promise<void> {
  await promisify(execFile)('java', [...flags(false), ...args], { timeout: START_MS_MAX });
}

/** Waits for the line that says that it takes clients; reads the log on, so that the broker never waits for a reader. */
async function started(child: ChildProcess): Promise<void> {
  let heard = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`the Kafka broker ${why}: ${heard}`));
    };
    const timer = setTimeout(() => fail(`did not start in ${START_MS_MAX} ms`), START_MS_MAX);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      heard = (heard + text).slice(-4_000);
      if (!heard.includes('Kafka Server started')) return;
      clearTimeout(timer);
      resolve();
    });
    child.once('error', (error) => fail(`could not be run (${error.message})`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended (${code ?? signal})`);
    });
  });
}

async function freePorts(listeners: readonly Listener[]): Promise<BrokerPorts> {
  const ports = new Set<number>();
  while (ports.size < listeners.length + 2) ports.add(await freePort());
  const [plain = 0, controller = 0, ...others] = ports;
  return { plain, controller, others: Object.fromEntries(listeners.map((name, index) => [name, others[index] ?? 0])) };
}

/**
 * A free port below those that the system gives to outgoing connections: a client that knocks on one of those while the broker is
 * down may be given the very same port, be connected to itself, and keep the broker from coming back.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
