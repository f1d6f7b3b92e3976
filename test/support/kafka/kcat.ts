/** kcat, a Kafka client that is not ours (librdkafka), from Debian. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { kafkaMissing } from './jars.ts';

/** For a test's options: false where a broker and kcat are there, else the reason to skip. */
export function kcatMissing(): string | false {
  const missing = kafkaMissing();
  if (missing !== false) return missing;
  return spawnSync('kcat', ['-V']).error ? 'no kcat: `apt-get install kcat` brings it' : false;
}

export interface Produce {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly partition?: number;
  /** Records as lines, or as `key\tvalue` with `isKeyed`. */
  readonly lines: readonly string[];
  readonly isKeyed?: boolean;
  /** `name=value`, on every record. */
  readonly headers?: readonly string[];
  readonly compression?: 'gzip' | 'zstd' | 'snappy' | 'lz4';
}

/** Produces, with the acknowledgement of all; rejects with what kcat said. */
export async function produceWithKcat(produce: Produce): Promise<void> {
  const { brokers, topic, partition, lines, isKeyed = false, headers = [], compression } = produce;
  await kcat(
    [
      ...['-P', '-b', brokers.join(','), '-t', topic, '-X', 'acks=all', '-X', 'message.timeout.ms=30000'],
      ...(partition === undefined ? [] : ['-p', String(partition)]),
      ...(isKeyed ? ['-K', '\t'] : []),
      ...(compression === undefined ? [] : ['-z', compression]),
      ...headers.flatMap((header) => ['-H', header]),
    ],
    lines.map((line) => `${line}\n`).join(''),
  );
}

/** Runs kcat with this input; gives its stdout. */
export async function kcat(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('kcat', args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`kcat ended with ${code}: ${stderr}`);
  return stdout;
}
