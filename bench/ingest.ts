/**
 * Ingest over HTTP as it is lived: a server in a process of its own with every projection live, one NDJSON body of 100,000
 * events, validated and durable before it is answered; against bare appends of the same events through the port. Then the
 * server's memory while ever larger bodies come.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Micros } from '../schemas/time.ts';
import { uuidV7 } from '../src/clock.ts';
import type { AppendRequest } from '../src/ledger/port.ts';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { type SpawnedServer, spawnServer } from '../test/support/server.ts';
import { newAssignment, newRequest } from './support/assignments.ts';
import { type Contender, median, medianRatio, print, takeTurns } from './support/figure.ts';

const EVENTS = 100_000;
const ROUNDS = 3;
const LINES_AT_ONCE = 500;
/** Bodies of so many events, one after the other, for the memory. */
const SIZES = [100_000, 200_000, 400_000];
const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));

function line(): string {
  const { id, source, type, subject, time, data } = newAssignment(uuidV7);
  const at = new Date((time as Micros) / 1_000).toISOString();
  const event = { specversion: '1.0', id, source, type: `io.musterbook.${type}`, subject, time: at, data };
  return `${JSON.stringify(event)}\n`;
}

function lines(count: number): string {
  return Array.from({ length: count }, line).join('');
}

interface Answer {
  readonly appended: number;
  readonly position: number;
}

async function post(server: SpawnedServer, body: Readable): Promise<Answer> {
  const headers = { 'content-type': 'application/x-ndjson' };
  const sending = request(`${server.url}/v1/events`, { method: 'POST', headers, agent: false });
  const answered = new Promise<Answer>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text) as Answer);
        else reject(new Error(`${response.statusCode} ${text.slice(0, 500)}`));
      });
    });
  });
  await pipeline(body, sending);
  return answered;
}

/** Waits until the views show a position. */
async function shown(server: SpawnedServer, position: number): Promise<void> {
  for (;;) {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `{ clusters(first: 1, atLeast: "${position}") { nodes { id } } }` }),
    });
    const { errors } = (await response.json()) as { errors?: readonly { extensions?: { code?: string } }[] };
    if (!errors) return;
    if (errors[0]?.extensions?.code !== 'NOT_YET') throw new Error(JSON.stringify(errors));
  }
}

/** As Linux counts it, in MB: `VmRSS` now, `VmHWM` at its highest. */
function memoryMb(server: SpawnedServer, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

function ingest(server: SpawnedServer, lags: number[]): Contender {
  let body = '';
  let position = 0;
  return {
    name: 'ingest',
    prepare: () => {
      body = lines(EVENTS);
    },
    run: async () => {
      // Views of the round before would take part of this one's time.
      if (position > 0) await shown(server, position);
      const bytes = Buffer.from(body);
      const begun = performance.now();
      const answer = await post(server, Readable.from(slices(bytes)));
      const ms = performance.now() - begun;
      if (answer.appended !== EVENTS) throw new Error(`only ${answer.appended} were appended`);
      position = answer.position;
      await shown(server, position);
      lags.push(performance.now() - begun - ms);
      return { units: EVENTS, ms };
    },
  };
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function append(): Promise<Contender & { close(): Promise<void> }> {
  const ledger = await openSqliteLedger({ path: join(folder, 'append.sqlite'), thread: 'worker' });
  let calls: AppendRequest[][] = [];
  return {
    name: 'append',
    prepare: () => {
      calls = Array.from({ length: EVENTS / 500 }, () => Array.from({ length: 500 }, () => newRequest(uuidV7)));
    },
    run: async () => {
      const work = async () => {
        for (let call = calls.pop(); call; call = calls.pop()) await ledger.append(call);
      };
      await Promise.all([work(), work(), work()]);
      return EVENTS;
    },
    close: () => ledger.close(),
  };
}

/** A body that is made while it is sent, so that its size costs the sender nothing. */
function endless(count: number): Readable {
  let left = count;
  return new Readable({
    read() {
      if (left <= 0) this.push(null);
      else this.push(lines(Math.min(left, LINES_AT_ONCE)));
      left -= LINES_AT_ONCE;
    },
  });
}

const server = await spawnServer({ data: join(folder, 'data') });
const appending = await append();
try {
  const lags: number[] = [];
  const rates = await takeTurns([ingest(server, lags), appending], ROUNDS);
  const [mine, limit] = [rates.get('ingest') ?? [], rates.get('append') ?? []];
  print({
    name: 'ingest, NDJSON of 100,000 over HTTP, views live',
    value: median(mine),
    unit: 'events/s',
    limit: median(limit),
    ratio: medianRatio(mine, limit),
    target: 0.4,
    note: 'limit: append of the same events through the port, batches of 500',
  });
  print({ name: 'ingest, views behind the answer', value: median(lags), unit: 'ms', note: 'after 100,000 events' });
  for (const size of SIZES) {
    const { position } = await post(server, endless(size));
    const note = `after one body of ${size} events`;
    print({ name: 'ingest.rss', value: memoryMb(server, 'VmRSS'), unit: 'MB', note });
    await shown(server, position);
  }
  print({ name: 'ingest.rss.max', value: memoryMb(server, 'VmHWM'), unit: 'MB', note: 'the most it held' });
} finally {
  await server.end('SIGTERM');
  await appending.close();
  rmSync(folder, { recursive: true, force: true });
}
