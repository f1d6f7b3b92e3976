/** Rebuilding all projections of the long history: how fast, with one thread and two, how much it holds, and what live queries wait meanwhile. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PROJECTIONS } from '../projections/list.ts';
import { openLedgerBeside } from '../src/ledger/sqlite/beside.ts';
import { startProjecting } from '../src/project/start.ts';
import { cluster, type Views } from '../src/project/views.ts';
import { spawnServer } from '../test/support/server.ts';
import { emmettFold } from './support/emmett.ts';
import { median, medianRatio, print, skip, takeTurns } from './support/figure.ts';
import { longHistory } from './support/long-history.ts';
import type { RebuildRun } from './support/rebuild-process.ts';
import { scanAndCount } from './support/scan.ts';

const history = await longHistory();
const { ledgerPath, note } = history;
const ROUNDS = history.events > 2_000_000 ? 2 : 3;
const STARTS = 3;
const READY_MAX_MS = 120_000;
const PEER = { batches: 500, size: 100 };
const ASK_EVERY_MS = 5;

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
try {
  await rates();
  await memory();
  await answersMeanwhile();
  await start();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function rebuild(threads: number, upTo = history.events): Promise<RebuildRun> {
  const script = join(import.meta.dirname, 'support', 'rebuild-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...[script, ledgerPath, folder, String(threads), String(upTo)],
  ]);
  return JSON.parse(stdout) as RebuildRun;
}

async function rates(): Promise<void> {
  const peer = await emmettFold(join(folder, 'emmett.db'), PEER);
  const threads = (name: string, count: number) => ({
    name,
    async run() {
      const { events, ms } = await rebuild(count);
      return { units: events, ms };
    },
  });
  const contenders = [
    { name: 'scan', run: () => scanAndCount(ledgerPath, 'objects') },
    threads('one', 1),
    threads('two', 2),
    ...(peer === null ? [] : [peer]),
  ];
  const found = await takeTurns(contenders, ROUNDS);
  peer?.close();
  const [scan = [], one = [], two = []] = ['scan', 'one', 'two'].map((name) => found.get(name));
  const all = { value: median(one), unit: 'events/s' };
  print({ name: 'rebuild.one', ...all, limit: median(scan), ratio: medianRatio(one, scan), target: 0.35, note });
  const twice = { value: median(two), unit: 'events/s' };
  print({ name: 'rebuild.two', ...twice, peer: median(one), ratio: medianRatio(two, one), target: 1.5, note });
  const emmett = found.get('emmett-sqlite');
  if (emmett === undefined) skip('rebuild.emmett', 'npm ci --prefix bench/peers');
  else {
    const peers = `all ${PROJECTIONS.length} projections on one thread, against emmett-sqlite's read and fold of one`;
    print({
      name: 'rebuild.emmett',
      ...all,
      peer: median(emmett),
      ratio: medianRatio(one, emmett),
      target: 1.5,
      note: peers,
    });
  }
}

/** Flat: a whole history holds no more than a tenth of it. */
async function memory(): Promise<void> {
  const tenth = await rebuild(2, Math.floor(history.events / 10));
  const whole = await rebuild(2);
  const ratio = whole.rssMb / tenth.rssMb;
  print({
    name: 'rebuild.rss',
    value: whole.rssMb,
    unit: 'MB',
    peer: tenth.rssMb,
    ratio,
    note: 'against the first tenth',
  });
}

/** What a reader of live views waits while two threads fold: of a cluster's view, on the thread that would answer it. */
async function answersMeanwhile(): Promise<void> {
  const ledger = openLedgerBeside(ledgerPath);
  const projecting = await startProjecting({
    ledger,
    projections: PROJECTIONS,
    keep: { folder, ledgerPath, rebuilds: { threads: 2 } },
    onTrouble(error) {
      throw error;
    },
  });
  const { views } = projecting;
  await views.reached((await ledger.head()).position, READY_MAX_MS * 10);
  const idle = await waits(views, delay(3_000));
  const busy = await waits(views, projecting.rebuild());
  await projecting.close();
  await ledger.close();
  const says = 'p99 of asking for a cluster every 5 ms; against no rebuild';
  print({
    name: 'rebuild.liveQuery',
    value: p99(busy),
    unit: 'ms',
    peer: p99(idle),
    ratio: p99(busy) / p99(idle),
    note: says,
  });
  print({ name: 'rebuild.liveQueryMax', value: Math.max(...busy), unit: 'ms', note: `the longest of ${busy.length}` });
}

async function waits(views: Views, until: Promise<unknown>): Promise<readonly number[]> {
  let isOver = false;
  void until.finally(() => {
    isOver = true;
  });
  const times: number[] = [];
  for (let asked = 0; !isOver; asked += 1) {
    const due = performance.now() + ASK_EVERY_MS;
    await delay(ASK_EVERY_MS);
    const id = history.clusterIds[asked % history.clusterIds.length] ?? '';
    if (views.now().get(cluster, id) === null) throw new Error(`no view of ${id}`);
    times.push(Math.max(0, performance.now() - due));
  }
  await until;
  return times;
}

function p99(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}

async function start(): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round += 1) {
    const begun = performance.now();
    const server = await spawnServer({ data: history.folder });
    while ((await fetch(`${server.url}/readyz`)).status !== 200) {
      if (performance.now() - begun > READY_MAX_MS) throw new Error('the server did not get ready');
      await delay(20);
    }
    times.push(performance.now() - begun);
    await server.end('SIGTERM');
  }
  const size = `${Math.round(statSync(ledgerPath).size / 1e6)} MB`;
  print({
    name: 'rebuild.start',
    value: median(times),
    unit: 'ms',
    target: 2_000,
    note: `from spawn to /readyz 200, ${size}`,
  });
}
