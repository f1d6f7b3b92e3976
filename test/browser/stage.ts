/** The published incident behind a server of its own, and its cluster's page, for the browser tests. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { runMusterbook, type SpawnedServer, spawnServer } from '../support/server.ts';
import { launch, openWatched } from './chromium.ts';

const SCENARIO = join(import.meta.dirname, '..', '..', 'scenarios', 'spreedly-2022-12-13.jsonl');
export const CLUSTER = 'spreedly-orchestration';
export const STRETCH = 'from=2022-12-13T20:05:00Z&to=2022-12-13T20:21:00Z';

export interface Stage {
  readonly server: SpawnedServer;
  readonly browser: Browser;
  /** The cluster's page, drawn whole, watched until the test ends. */
  open(test: TestContext, query: string, options?: BrowserContextOptions): Promise<Page>;
  /** The server once more, at its port, after it was ended. */
  startAgain(): Promise<void>;
}

/** Server and browser of a file's tests, from before the first to after the last. */
export function stageOf(): Stage {
  let [server, browser]: [SpawnedServer | undefined, Browser | undefined] = [undefined, undefined];
  const folder = mkdtempSync(join(tmpdir(), 'musterbook-'));
  before(async () => {
    const imported = await runMusterbook(['import', '--restore', '--data', folder, SCENARIO]);
    assert.equal(imported.exit, 0, imported.stderr);
    server = await spawnServer({ data: folder });
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const there = <Part>(part: Part | undefined): Part => {
    assert.ok(part, 'begun');
    return part;
  };
  return {
    get server() {
      return there(server);
    },
    get browser() {
      return there(browser);
    },
    async startAgain() {
      server = await spawnServer({ data: folder, port: there(server).port });
    },
    async open(test, query, options = {}) {
      const address = `${there(server).url}/clusters/${CLUSTER}?${query}`;
      const viewport = { width: 1440, height: 900 };
      const page = await openWatched(test, there(browser), { viewport, ...options, address });
      await page.locator('canvas[data-drawn]').waitFor();
      await page.locator('.minimap .brush').waitFor();
      return page;
    },
  };
}
