/** How soon a server with a million events is ready, and what it weighs; after a restart, and when its views must be made anew. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { type SpawnedServer, spawnServer } from '../test/support/server.ts';
import { median, print } from './support/figure.ts';
import { fillLedger } from './support/history.ts';

const EVENTS = Number(process.env['MUSTERBOOK_BENCH_EVENTS'] ?? 1_000_000);
const ROUNDS = 5;
const READY_MAX_MS = 10 * 60_000;
const SHAPE = { seed: 7, events: EVENTS, clusters: 200, days: 90, late: { little: 0.1, much: 0.005 } };

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
try {
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), thread: 'here' });
  await fillLedger(ledger, SHAPE);
  await ledger.close();
  const note = `${EVENTS} events, ${SHAPE.clusters} clusters, ${SHAPE.days} days; seed ${SHAPE.seed}`;

  const first = await untilReady();
  print({ name: 'start.viewsAnew', value: first.ms, unit: 'ms', note });
  print({ name: 'start.viewsAnew.rss', value: rssMb(first.server, 'VmHWM'), unit: 'MB', note: 'the most it held' });
  await first.server.end('SIGTERM');

  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { server, ms } = await untilReady();
    times.push(ms);
    if (round === ROUNDS - 1) {
      await ask(server, '{ clusters(first: 200) { nodes { id leader { id } jobs { id state } } } }');
      print({
        name: 'start.rss',
        value: rssMb(server, 'VmRSS'),
        unit: 'MB',
        target: 400,
        note: 'after a query over all clusters',
      });
    }
    await server.end('SIGTERM');
  }
  print({
    name: 'start.ready',
    value: median(times),
    unit: 'ms',
    target: 2_000,
    note: `from spawn to /readyz 200; ${note}`,
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function untilReady(): Promise<{ server: SpawnedServer; ms: number }> {
  const begun = performance.now();
  const server = await spawnServer({ data: folder });
  while (performance.now() - begun < READY_MAX_MS) {
    const { status } = await fetch(`${server.url}/readyz`);
    if (status === 200) return { server, ms: performance.now() - begun };
    await delay(20);
  }
  await server.end('SIGKILL');
  throw new Error('the server did not get ready');
}

async function ask(server: SpawnedServer, query: string): Promise<void> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const { errors } = (await response.json()) as { errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
}

/** As Linux counts it: `VmRSS` now, `VmHWM` at its highest. In MB. */
function rssMb(server: SpawnedServer, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}
