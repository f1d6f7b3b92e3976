/** A ledger verified in Debian's Chromium by the explorer's button, against the same browser reading the same export and doing nothing with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { openSqliteLedger } from '../src/ledger/sqlite/ledger.ts';
import { spawnServer } from '../test/support/server.ts';
import { median, medianRatio, print, takeTurns, type Work } from './support/figure.ts';
import { fillLedger } from './support/history.ts';

const EVENTS = Number(process.env['MUSTERBOOK_BENCH_EVENTS'] ?? 100_000);
const ROUNDS = 5;
const SHAPE = { seed: 11, events: EVENTS, clusters: 200, days: 9, late: { little: 0, much: 0.005 } };

async function drained(page: Page): Promise<Work> {
  const ms = await page.evaluate(async () => {
    const begun = performance.now();
    const reader = (await fetch('/export.jsonl')).body?.getReader();
    while (reader !== undefined && !(await reader.read()).done);
    return performance.now() - begun;
  });
  return { units: EVENTS, ms };
}

async function verified(page: Page): Promise<Work> {
  const begun = performance.now();
  await page.getByRole('button', { name: 'Verify in this browser' }).click();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await page.getByText('The ledger verifies.').first().waitFor({ timeout: 120_000 });
  return { units: EVENTS, ms: performance.now() - begun };
}

const folder = mkdtempSync(join(tmpdir(), 'musterbook-bench-'));
try {
  const ledger = await openSqliteLedger({ path: join(folder, 'ledger.sqlite'), thread: 'here' });
  await fillLedger(ledger, SHAPE);
  await ledger.close();
  const server = await spawnServer({ data: folder });
  const browser = await chromium.launch({
    executablePath: process.env['MUSTERBOOK_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`${server.url}/ledger`);
    await page.getByRole('row', { name: /^gaps.*live/ }).waitFor({ timeout: 120_000 });
    const contenders = [
      { name: 'read', run: () => drained(page) },
      { name: 'verify', run: () => verified(page) },
    ];
    const rates = await takeTurns(contenders, ROUNDS);
    const [limit, ours] = [rates.get('read') ?? [], rates.get('verify') ?? []];
    const note = `from the press to the result; ${EVENTS} events, ${SHAPE.clusters} clusters; seed ${SHAPE.seed}`;
    const figure = { name: 'verify.browser', value: median(ours), unit: 'events/s', limit: median(limit) };
    print({ ...figure, ratio: medianRatio(ours, limit), note });
  } finally {
    await browser.close();
    await server.end('SIGTERM');
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
