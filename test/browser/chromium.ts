/** Debian's Chromium, as the browser tests start it, and what they watch in every page. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import type AxeSource from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env['MUSTERBOOK_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch(): Promise<Browser> {
  assert.ok(existsSync(CHROMIUM), `no browser at ${CHROMIUM}`);
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

export interface Watched {
  /** Requests to another origin than the server's. */
  readonly elsewhere: readonly string[];
  /** Errors of scripts, and what the page's policy refused. */
  readonly failures: readonly string[];
}

/** Notes what a page must not do. */
export function watch(page: Page, origin: string): Watched {
  const elsewhere: string[] = [];
  const failures: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) elsewhere.push(request.url());
  });
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/.test(message.text())) failures.push(message.text());
  });
  return { elsewhere, failures };
}

/** A page in a clean profile, watched until the test ends: then it must have done nothing of what `watch` notes. */
export async function openWatched(
  test: TestContext,
  browser: Browser,
  { address, ...options }: BrowserContextOptions & { readonly address: string },
): Promise<Page> {
  const context = await browser.newContext(options);
  test.after(() => context.close());
  const page = await context.newPage();
  const watched = watch(page, new URL(address).origin);
  test.after(() => assert.deepEqual(watched, { elsewhere: [], failures: [] }));
  await page.goto(address);
  return page;
}

const { source } = createRequire(import.meta.url)('axe-core') as typeof AxeSource;

/** What axe-core finds serious or critical in a page (WCAG 2.2 A and AA): rule and place. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(source);
  return page.evaluate(`(async () => {
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => id + ' at ' + node.target.join(' ') + ': ' + node.failureSummary));
  })()`) as Promise<readonly string[]>;
}
