/** The server is killed under open pages and comes back: they say so, keep what they knew, and miss nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type SpawnedServer, spawnServer } from '../support/server.ts';
import { launch, watch } from './chromium.ts';
import { tell } from './telling.ts';

let data: string;
let server: SpawnedServer;
let browser: Browser;
before(async () => {
  data = mkdtempSync(join(tmpdir(), 'musterbook-'));
  server = await spawnServer({ data });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.end('SIGTERM');
  rmSync(data, { recursive: true, force: true });
});

test('pages that were open when the server was killed go on by their cursor when it is back', async () => {
  const { port, url } = server;
  await tell(url, ['LeaderElected', 'web', { leaderId: 'n1', term: 1 }]);
  const tail = await browser.newPage();
  const overview = await browser.newPage();
  const ledger = await browser.newPage();
  const watched = watch(tail, url);
  await tail.goto(`${url}/events`);
  await tail.getByText('running').waitFor();
  await overview.goto(url);
  await overview.getByRole('row', { name: /web.*n1/ }).waitFor();

  await ledger.goto(`${url}/ledger`);
  await ledger.getByRole('row', { name: /^cluster.*live/ }).waitFor();

  await server.end('SIGKILL');
  for (const page of [tail, overview]) {
    const banner = page.locator('.banner');
    await banner.waitFor();
    assert.match(
      (await banner.textContent()) ?? '',
      /Disconnected since \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\..*position 1\./s,
    );
  }
  await overview.getByRole('row', { name: /web.*n1/ }).waitFor();

  await ledger.getByText('Not up to date').waitFor();
  await ledger.getByRole('row', { name: /^cluster.*live/ }).waitFor();

  server = await spawnServer({ data, port });
  await tell(
    url,
    ...Array.from({ length: 30 }, (_none, index) => ['NodeJoined', 'web', { nodeId: `n${index}` }] as const),
    ['LeaderElected', 'web', { leaderId: 'n2', term: 2 }],
  );
  // A reader who sees that it is back need not wait for the back-off.
  for (const page of [tail, overview]) {
    const again = page.getByRole('button', { name: 'Try now' });
    if (await again.isVisible()) await again.click().catch(() => {});
    await page.locator('.banner').waitFor({ state: 'detached', timeout: 30_000 });
  }
  await overview.getByRole('row', { name: /web.*n2.*2/ }).waitFor();
  await tail.getByRole('row', { name: /LeaderElected.*term 2/ }).waitFor();
  const positions = await tail.locator('tbody tr td:first-child').allInnerTexts();
  assert.deepEqual(
    positions,
    Array.from({ length: 32 }, (_none, index) => String(32 - index)),
    'each once, in order',
  );
  await ledger.getByText('Not up to date').waitFor({ state: 'detached' });
  assert.deepEqual(watched.failures, []);
  await Promise.all([tail.close(), overview.close(), ledger.close()]);
});
