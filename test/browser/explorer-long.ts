/** A cluster's page over a long history of few clusters, each dense. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fillLedger } from '../../bench/support/history.ts';
import { panned } from '../../bench/support/panning.ts';
import { openSqliteLedger } from '../../src/ledger/sqlite/ledger.ts';
import { type SpawnedServer, spawnServer } from '../support/server.ts';
import { launch } from './chromium.ts';

/** Where there are a million events, 200,000 of each. */
const CLUSTERS = 5;
const EVENTS = Number(process.env['MUSTERBOOK_TEST_EVENTS'] ?? 100_000);

test('a long history is panned in buckets, never event by event', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'musterbook-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const long = await openLong(data);
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.postData() ?? ''));
    await page.goto(
      `${long.url}/clusters/cluster-0?from=2026-01-10T00:00:00Z&to=2026-01-20T00:00:00Z&at=2026-01-15T00:00:00Z`,
    );
    await page.locator('canvas[data-drawn]').waitFor({ timeout: 60_000 });
    await page.locator('.minimap .brush').waitFor({ timeout: 60_000 });
    const frames = await panned(page, 60);
    t.diagnostic(
      `${EVENTS} events: panned at ${frames.medianMs.toFixed(1)} ms a frame, 95th of a hundred ${frames.p95Ms.toFixed(1)} ms`,
    );
    const variables = asked.filter((body) => body.includes('timeline(')).map((body) => JSON.parse(body).variables);
    assert.ok(variables.length > 0);
    assert.ok(variables.every(({ buckets }) => (buckets ?? 1) <= 1_200));
    assert.ok(!asked.some((body) => /events\(first: \d{2,}/.test(body)));
    await page.close();
  } finally {
    await browser.close();
    await long.end('SIGTERM');
  }
});

async function openLong(data: string): Promise<SpawnedServer> {
  const ledger = await openSqliteLedger({ path: join(data, 'ledger.sqlite'), thread: 'here' });
  await fillLedger(ledger, {
    seed: 9,
    events: EVENTS,
    clusters: CLUSTERS,
    days: 30,
    late: { little: 0.1, much: 0.005 },
  });
  await ledger.close();
  const long = await spawnServer({ data });
  const deadline = performance.now() + 120_000;
  while ((await fetch(`${long.url}/readyz`)).status !== 200) {
    assert.ok(performance.now() < deadline, 'the views are built');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return long;
}
