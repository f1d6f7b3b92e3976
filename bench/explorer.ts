/**
 * The page of a cluster in Debian's Chromium: how soon there are lanes to see on the long history (10 million events), how
 * long frames take while it is panned, and what the page weighs after minutes of live view at 50 events a second.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { formatTime, type Micros } from '../schemas/time.ts';
import { spawnServer } from '../test/support/server.ts';
import { median, print } from './support/figure.ts';
import { chanceFrom, DAY_SECONDS } from './support/history.ts';
import { type LongHistory, longHistory } from './support/long-history.ts';
import { panned } from './support/panning.ts';

const MINUTES = Number(process.env['MUSTERBOOK_BENCH_MINUTES'] ?? 1);
const PER_SECOND = 50;
const ROUNDS = 7;
const PAN_STEPS = 240;
const READY_MAX_MS = 10 * 60_000;
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + READY_MAX_MS;
  while ((await fetch(`${url}/readyz`)).status !== 200) {
    if (performance.now() > deadline) throw new Error('the server is not ready');
    await delay(100);
  }
}

/** ms from the navigation to the first lanes drawn, with nothing cached. */
async function firstPaint(browser: Browser, address: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator('canvas[data-drawn]').waitFor({ timeout: 60_000 });
  const ms = (await page.evaluate("performance.getEntriesByName('lanes drawn')[0].startTime")) as number;
  await context.close();
  return ms;
}

/** A cluster and a day by chance, at the length of an hour, a day and ten days. */
function addressesOf(
  url: string,
  history: LongHistory,
): Readonly<Record<'end' | 'hour' | 'day' | 'tenDays', () => string>> {
  const chance = chanceFrom(history.seed);
  const cluster = (): string =>
    `${url}/clusters/${history.clusterIds[Math.floor(chance() * history.clusterIds.length)]}`;
  const stretch = (seconds: number) => (): string => {
    const length = seconds * 1e6;
    const from = Math.floor(history.from + chance() * (history.to - history.from - length));
    const [start, end, at] = [from, from + length, from + length / 2].map((time) =>
      formatTime(Math.floor(time) as Micros),
    );
    return `${cluster()}?from=${start}&to=${end}&at=${at}`;
  };
  return { end: cluster, hour: stretch(3_600), day: stretch(DAY_SECONDS), tenDays: stretch(10 * DAY_SECONDS) };
}

async function ofLongHistory(browser: Browser): Promise<void> {
  const history = await longHistory();
  const server = await spawnServer({ data: history.folder });
  try {
    await untilReady(server.url);
    const addresses = addressesOf(server.url, history);
    for (const [name, address] of Object.entries(addresses)) {
      const times: number[] = [];
      for (let round = -1; round < ROUNDS; round += 1) {
        const ms = await firstPaint(browser, address());
        if (round >= 0) times.push(ms);
      }
      const note = `from the navigation, nothing cached, any cluster; ${history.note}`;
      print({ name: `explorer.firstPaint.${name}`, value: median(times), unit: 'ms', target: 2_000, note });
    }
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(addresses.day());
    await page.locator('.minimap .brush').waitFor({ timeout: 60_000 });
    const frames = await panned(page, PAN_STEPS);
    const note = `${frames.count} frames, a day of 20 nodes and their jobs dragged to and fro`;
    print({ name: 'explorer.pan.p50', value: frames.medianMs, unit: 'ms', target: 17, note });
    print({ name: 'explorer.pan.p95', value: frames.p95Ms, unit: 'ms', note });
    await page.close();
  } finally {
    await server.end('SIGTERM');
  }
}

/** What the page's scripts hold after a collection, MB. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  await session.detach();
  return usedSize / 2 ** 20;
}

async function ofLiveView(browser: Browser): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
  const server = await spawnServer({ data: folder });
  try {
    const teller = new Teller(server.url);
    await teller.begin();
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${server.url}/clusters/live?live=600`);
    await page.locator('canvas[data-drawn]').waitFor();
    await teller.go(10_000);
    const before = await heapOf(page);
    const drawn = async (): Promise<number> => Number(await page.locator('.lanes canvas').getAttribute('data-drawn'));
    const drawnBefore = await drawn();
    await teller.go(MINUTES * 60_000);
    const after = await heapOf(page);
    const note = `after ${MINUTES} min at ${PER_SECOND} events/s; ${before.toFixed(1)} MB after 10 s; drawn ${(await drawn()) - drawnBefore} times`;
    print({ name: 'explorer.live.heap', value: after, unit: 'MB', limit: before, ratio: after / before, note });
    await page.close();
  } finally {
    await server.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

const NODES = 20;
const JOBS = 60;

/** Tells of a cluster as it goes on, a batch a tenth of a second. */
class Teller {
  readonly #url: string;
  readonly #chance = chanceFrom(5);
  #told = 0;

  constructor(url: string) {
    this.#url = url;
  }

  async begin(): Promise<void> {
    const joins = Array.from({ length: NODES }, (_none, index) =>
      this.#event('NodeJoined', { nodeId: `n${index}`, zone: `z${index % 3}` }),
    );
    await this.#send([...joins, this.#event('LeaderElected', { leaderId: 'n0', term: 1 })]);
  }

  async go(ms: number): Promise<void> {
    const begun = performance.now();
    for (let sent = 0; performance.now() - begun < ms; ) {
      const due = Math.floor(((performance.now() - begun) / 1_000) * PER_SECOND) - sent;
      if (due > 0) await this.#send(Array.from({ length: due }, () => this.#next()));
      sent += Math.max(0, due);
      await delay(100);
    }
  }

  #next(): object {
    const [job, node] = [`j${Math.floor(this.#chance() * JOBS)}`, `n${Math.floor(this.#chance() * NODES)}`];
    const draw = this.#chance();
    if (draw < 0.45) return this.#event('JobAssigned', { jobId: job, nodeId: node, leaderId: 'n0', term: 1 });
    if (draw < 0.9) return this.#event('JobStarted', { jobId: job, nodeId: node });
    return this.#event(draw < 0.95 ? 'HeartbeatLost' : 'HeartbeatRestored', { nodeId: node, observerId: 'monitor' });
  }

  #event(type: string, data: object): object {
    this.#told += 1;
    return { specversion: '1.0', id: `e${this.#told}`, source: '/bench', type, subject: 'live', data };
  }

  async #send(events: readonly object[]): Promise<void> {
    const response = await fetch(`${this.#url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body: JSON.stringify(events),
    });
    if (!response.ok) throw new Error(`the server answered ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}

const browser = await chromium.launch({
  executablePath: process.env['MUSTERBOOK_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ARGUMENTS,
});
try {
  await ofLongHistory(browser);
  await ofLiveView(browser);
} finally {
  await browser.close();
}
