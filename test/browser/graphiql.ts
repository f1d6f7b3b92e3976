// Holds S3 of docs/invariants.md.
/** GraphiQL in a real browser: it works, and asks nothing of another origin. Run by .ci/run, which brings the browser. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { type RunningServer, startServer } from '../support/server.ts';
import { launch, watch } from './chromium.ts';

let server: RunningServer;
let browser: Browser;
before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.close();
});

test('GraphiQL answers a question and loads nothing from another origin', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const { elsewhere, failures } = watch(page, server.url);

  await page.goto(`${server.url}/graphql`);
  await page.getByRole('button', { name: /execute query/i }).click();
  await page.locator('.result-window', { hasText: '"clusters"' }).waitFor();
  const picture = process.env['MUSTERBOOK_SCREENSHOT'];
  if (picture) await page.screenshot({ path: picture });
  assert.deepEqual(elsewhere, []);
  assert.deepEqual(failures, []);
  await page.close();
});

test('a page of another origin can neither read nor write', async () => {
  const page = await browser.newPage();
  // A data: URL has the opaque origin "null": a foreign page as far as the server is concerned.
  await page.goto('data:text/html,<title>elsewhere</title>');
  const outcomes = await page.evaluate(async (url) => {
    const attempt = async (path: string, init: RequestInit) => {
      try {
        const response = await fetch(url + path, init);
        return `${response.type} ${response.status}`;
      } catch {
        return 'refused';
      }
    };
    const json = { 'content-type': 'application/json' };
    const event = JSON.stringify({
      specversion: '1.0',
      id: 'x',
      source: '/x',
      type: 'NodeJoined',
      subject: 'x',
      data: { nodeId: 'x' },
    });
    const mutation = JSON.stringify({ query: 'mutation { declareIncident(input: { title: "x" }) { __typename } }' });
    return [
      await attempt('/graphql', { method: 'POST', headers: json, body: '{"query":"{ ledger { head } }"}' }),
      await attempt('/graphql', { method: 'POST', headers: json, body: mutation }),
      await attempt('/graphql', { method: 'POST', mode: 'no-cors', body: mutation }),
      await attempt('/v1/events', { method: 'POST', mode: 'no-cors', body: event }),
      await attempt('/export.jsonl', {}),
    ];
  }, server.url);
  assert.deepEqual(new Set(outcomes), new Set(['refused']));
  // That the page was told nothing does not prove that nothing was written: the ledger is asked.
  const answer = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ ledger { head events } }"}',
  });
  assert.deepEqual(await answer.json(), { data: { ledger: { head: '0', events: 0 } } });
  await page.close();
});
