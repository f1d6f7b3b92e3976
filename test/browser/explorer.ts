// Holds S3 of docs/invariants.md.
/** The explorer's frame and its pages of all clusters, of events and of the ledger. Run by .ci/run, which brings the browser. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { type RunningServer, startServer } from '../support/server.ts';
import { launch, seriousFaults, watch } from './chromium.ts';
import { type Fact, tell } from './telling.ts';

const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'web', 'assets');
/** Gzipped scripts and styles. Three of a hundred more than they took when it was last looked at. */
const PAGE_BYTES_MAX = 60_000;
const FIRST_PAGE_BYTES_MAX = 31_500;
const ALL_BYTES_MAX = 86_000;
const PATHS = [
  '/',
  '/?filter=zzz',
  '/events',
  '/events/2',
  '/events/999',
  '/ledger',
  '/sign-in',
  '/clusters/a/nothing/here',
];

let server: RunningServer;
let browser: Browser;
before(async () => {
  server = await startServer();
  browser = await launch();
  await tell(
    server.url,
    ...['n1', 'n2', 'n3'].map((nodeId): Fact => ['NodeJoined', 'web', { nodeId, kind: 'voter', zone: `z-${nodeId}` }]),
    ['LeaderElected', 'web', { leaderId: 'n1', term: 1 }],
    ['FollowerAttached', 'web', { nodeId: 'n2', leaderId: 'n1', term: 1 }],
    ['FollowerAttached', 'web', { nodeId: 'n3', leaderId: 'n1', term: 1 }],
    ['LeaderElected', 'db', { leaderId: 'd1', term: 4 }],
    [
      'IncidentDeclared',
      'i1',
      { title: 'Slow', status: 'investigating', impact: 'minor', origin: 'manual', clusterIds: ['db'] },
    ],
  );
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('all clusters are shown and change as they change, the worst first', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  const names = page.locator('tbody tr td:first-child');
  await page.getByRole('row', { name: /db.*1 open incident/ }).waitFor();
  assert.deepEqual(await names.allInnerTexts(), ['db', 'web']);
  await page.getByRole('row', { name: /web.*fine.*n1.*1.*2 of 2/ }).waitFor();

  await tell(server.url, ['FollowerDetached', 'web', { nodeId: 'n2' }], ['FollowerDetached', 'web', { nodeId: 'n3' }]);
  await page.getByRole('row', { name: /web.*0 of 2 follow/ }).waitFor();
  assert.deepEqual(
    await names.allInnerTexts(),
    ['web', 'db'],
    'a leader without followers is worse than a minor incident',
  );
  await tell(
    server.url,
    ['JobSubmitted', 'new', { jobId: 'j', critical: true }],
    ['JobUnassigned', 'new', { jobId: 'j', reason: 'no node takes it' }],
  );
  await page.getByRole('row', { name: /new.*1 critical job down/ }).waitFor();
  await page.close();
});

test('the filter is reached by a key, kept in the address, and back leaves it', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.getByRole('row', { name: /^db/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('db');
  await page.getByRole('row', { name: /^web/ }).waitFor({ state: 'detached' });
  assert.equal(new URL(page.url()).search, '?filter=db');
  await page.getByRole('link', { name: 'Ledger' }).click();
  await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
  assert.equal(await page.title(), 'Ledger · Musterbook');
  await page.goBack();
  await page.getByRole('row', { name: /^db/ }).waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'db');
  await page.close();
});

test('the tail runs while one stands at its top, and waits and counts while one reads', async () => {
  const page = await browser.newPage({ viewport: { width: 1000, height: 300 } });
  await page.goto(`${server.url}/events`);
  await page.getByText('running').waitFor();
  await tell(server.url, ['NodeJoined', 'web', { nodeId: 'first-new' }]);
  await page.getByRole('row', { name: /first-new/ }).waitFor();
  await page.mouse.wheel(0, 400);
  await page.getByText('paused').waitFor();
  await tell(
    server.url,
    ['NodeJoined', 'web', { nodeId: 'second-new' }],
    ['NodeJoined', 'web', { nodeId: 'third-new' }],
  );
  const back = page.getByRole('button', { name: '2 new' });
  await back.waitFor();
  assert.equal(await page.getByRole('row', { name: /second-new/ }).count(), 0, 'nothing moves under the reader’s eyes');
  await back.click();
  await page.getByRole('row', { name: /second-new/ }).waitFor();
  await page.getByText('running').waitFor();
  await page.close();
});

test('an event is the same page with scripts and without, and keys go along its stream', async () => {
  const bare = await browser.newContext({ javaScriptEnabled: false });
  const still = await bare.newPage();
  await still.goto(`${server.url}/events/2`);
  assert.equal(await still.locator('h1').textContent(), 'NodeJoined');
  await still.getByRole('link', { name: 'Next' }).click();
  assert.match(still.url(), /\/events\/3$/);
  const without = await still.locator('#event').innerHTML();
  await bare.close();

  const page = await browser.newPage();
  await page.goto(`${server.url}/events/3`);
  await page.getByRole('button', { name: 'Copy link' }).waitFor();
  assert.equal(await page.locator('#event').innerHTML(), without);
  await page.keyboard.press('k');
  await page.getByRole('link', { name: 'cluster-web' }).waitFor();
  await page.waitForURL('**/events/2');
  await page.keyboard.press('j');
  await page.waitForURL('**/events/3');
  await page.close();
});

test('nothing is asked of another origin, nothing is refused by the policy, and axe finds nothing serious in either theme', async () => {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      const watched = watch(page, server.url);
      for (const path of PATHS) {
        await page.goto(server.url + path);
        await page.locator('.bones').waitFor({ state: 'detached' });
        for (const fault of await seriousFaults(page)) found.push(`${path}, ${colorScheme}, ${width}: ${fault}`);
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth'))
          found.push(`${path} scrolls sideways at ${width}`);
      }
      found.push(...watched.elsewhere, ...watched.failures);
      await context.close();
    }
  }
  assert.deepEqual(found, []);
});

test('a theme that was chosen is kept, and is there before scripts are', async () => {
  const context = await browser.newContext({ colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(`${server.url}/ledger`);
  const choice = page.getByRole('button', { name: /^Colours/ });
  await choice.click();
  await choice.click();
  const response = await page.goto(`${server.url}/events/2`);
  assert.match((await response?.text()) ?? '', /<html lang="en" data-theme="dark"/);
  await page.getByRole('button', { name: 'Colours: dark' }).click();
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), undefined, 'the system’s again');
  await context.close();
});

test('by keyboard the content is one step away, and a new page takes the focus', async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.getByRole('row', { name: /^db/ }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to content');
  await page.getByRole('link', { name: 'Events' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  await page.waitForFunction('document.activeElement.id === "content"');
  await page.close();
});

test('scripts and styles stay small: where one arrives, on any page, and all of them together', async (t) => {
  const bytesOf = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(BUNDLE, name)), { level: 9 }).length, 0);
  for (const path of [
    '/',
    '/clusters/web',
    '/clusters/web/compare',
    '/incidents',
    '/incidents/i1',
    '/events',
    '/ledger',
  ]) {
    const page = await browser.newPage();
    const taken = new Set<string>();
    page.on('request', (request) => {
      const [, name] = /\/assets\/([^/?]+\.(?:js|css))$/.exec(request.url()) ?? [];
      if (name !== undefined) taken.add(name);
    });
    await page.goto(server.url + path);
    await page.locator('main h1').first().waitFor();
    await page.waitForLoadState('load');
    const bytes = bytesOf(taken);
    t.diagnostic(`${path}: ${bytes} bytes in ${taken.size} files`);
    const most = path === '/' ? FIRST_PAGE_BYTES_MAX : PAGE_BYTES_MAX;
    assert.ok(bytes > 0 && bytes <= most, `${path} takes ${bytes} bytes`);
    assert.ok(taken.size <= 3, `${path} waits for one script after another: ${[...taken].join(', ')}`);
    await page.close();
  }
  const all = bytesOf(readdirSync(BUNDLE).filter((name) => /\.(?:js|css)$/.test(name)));
  t.diagnostic(`all pages together: ${all} bytes`);
  assert.ok(all <= ALL_BYTES_MAX, `all pages together take ${all} bytes`);
});
