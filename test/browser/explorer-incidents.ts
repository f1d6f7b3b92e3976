/** Incidents in a real browser: said by keyboard alone, refused, kept over a killed server. Run by .ci/run, which brings the browser. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { createToken } from '../../src/serve/auth.ts';
import { type SpawnedServer, spawnServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { launch, openWatched, seriousFaults } from './chromium.ts';
import { fill, press, tabTo } from './keyboard.ts';
import { tell } from './telling.ts';

let browser: Browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const open = (t: TestContext, address: string, options: BrowserContextOptions = {}) =>
  openWatched(t, browser, { ...options, address });

/** Asks the server itself. */
async function asked(url: string, query: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Record<string, unknown> }).data;
}

test('an incident is declared, updated, amended and resolved by keyboard alone', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const page = await open(t, `${server.url}/incidents`, { viewport: { width: 1440, height: 900 } });

  await tell(server.url, ['NodeJoined', 'web', { nodeId: 'n1' }]);
  // The list fills by itself.
  await page.getByRole('heading', { name: 'No open incidents' }).waitFor();
  await asked(server.url, 'mutation { declareIncident(input: { title: "Another" }) { __typename } }');
  await page.getByRole('link', { name: 'Another' }).waitFor();
  await press(page, 'Declare an incident');
  // What is needed and missing is told in one place, which has the focus and leads to the field.
  await page.getByRole('heading', { name: 'Declare an incident' }).waitFor();
  await press(page, 'Declare');
  await page.getByRole('alert').getByText('Title is needed').waitFor();
  await press(page, 'Title is needed');
  await page.keyboard.type('Workers pick up no jobs');
  await fill(page, 'Message', 'Queues grow.');
  await fill(page, 'Clusters', 'web');
  await press(page, 'Declare');
  await page.getByRole('heading', { level: 1, name: 'Workers pick up no jobs' }).waitFor();

  assert.equal(await page.title(), 'Workers pick up no jobs · Musterbook');
  // What its cluster tells while it is open appears by itself, too.
  await tell(server.url, ['LeaderElected', 'web', { leaderId: 'n1', term: 1 }]);
  await page.getByRole('cell', { name: /n1 became leader in term 1/ }).waitFor();

  await press(page, 'Post an update');
  await page.getByRole('heading', { name: 'Post an update' }).waitFor();
  await fill(page, 'Message', 'The leeder hands out nothing.');
  await tabTo(page, 'Status');
  await page.keyboard.type('ident');
  await press(page, 'Post update');
  await page.getByRole('cell', { name: 'The leeder hands out nothing.' }).waitFor();
  await page
    .getByRole('status')
    .getByText(/Recorded at position \d+/)
    .waitFor();
  // The focus is back where the form was opened.
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Post an update');

  await page
    .locator('tr', { hasText: 'leeder' })
    .getByRole('link', { name: /^Amend/ })
    .focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Put an entry right' }).waitFor();
  await fill(page, 'What it should have said', 'The leader hands out nothing.');
  await fill(page, 'Why', 'Spelling');
  await press(page, 'Amend');
  await page.getByText('First said: The leeder hands out nothing.').waitFor();

  await press(page, 'Resolve');
  await fill(page, 'Message', 'Over.');
  await press(page, 'Resolve');
  await page.locator('.title').getByText('resolved').waitFor();
  await page.getByRole('link', { name: 'Reopen' }).waitFor();

  const { incidents } = await asked(
    server.url,
    '{ incidents(first: 5, status: [resolved]) { nodes { status updates { message } } } }',
  );
  assert.deepEqual(incidents, {
    nodes: [
      {
        status: 'resolved',
        updates: [{ message: 'Queues grow.' }, { message: 'The leader hands out nothing.' }, { message: 'Over.' }],
      },
    ],
  });
});

test('a refusal stands beside its field with code and advice; what changes elsewhere appears by itself', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  await asked(server.url, 'mutation { declareIncident(input: { incidentId: "o", title: "Outage" }) { __typename } }');
  const page = await open(t, `${server.url}/incidents/o?do=update`);
  await fill(page, 'Message', 'It goes on.');
  await fill(page, 'Impact began', '2022-12-13 20:14');
  await fill(page, 'Impact ended', '2022-12-13 20:00');
  await press(page, 'Post update');
  const alert = page.getByRole('alert');
  await alert.getByText('INVALID_INPUT').waitFor();
  const field = page.getByLabel('Impact ended');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.match(String(await field.getAttribute('aria-describedby')), /wrong/);
  assert.deepEqual(await seriousFaults(page), []);
  // Way back to the field, and nothing was lost.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('2022-12-13 20:28');
  assert.equal(await page.getByLabel('Message').inputValue(), 'It goes on.');

  // Meanwhile someone else resolves it: an update with a status no longer fits.
  await asked(server.url, 'mutation { resolveIncident(input: { incidentId: "o", message: "Over." }) { __typename } }');
  await page.locator('.title').getByText('resolved').waitFor();
  await tabTo(page, 'Status');
  await page.keyboard.type('monit');
  await press(page, 'Post update');
  await alert.getByText('ILLEGAL_TRANSITION').waitFor();
  await alert.getByText('It is resolved now').waitFor();
});

test('a draft outlives the server and a reload, and is recorded once', async (t) => {
  const data = temporaryFolder(t);
  let server: SpawnedServer = await spawnServer({ data });
  t.after(() => server.end('SIGKILL'));
  await asked(server.url, 'mutation { declareIncident(input: { incidentId: "o", title: "Outage" }) { __typename } }');
  const page = await open(t, `${server.url}/incidents/o?do=update`);
  await fill(page, 'Message', 'Written while the server was away.');
  await server.end('SIGKILL');
  await press(page, 'Post update');
  await page.getByRole('alert').getByText('UNREACHABLE').waitFor();
  // What was there stays in sight.
  await page.getByRole('heading', { level: 1, name: 'Outage' }).waitFor();

  server = await spawnServer({ data, port: server.port });
  await page.reload();
  await page.getByRole('heading', { name: 'Post an update' }).waitFor();
  assert.equal(await page.getByLabel('Message').inputValue(), 'Written while the server was away.');
  await press(page, 'Post update');
  await page.getByRole('cell', { name: 'Written while the server was away.' }).waitFor();
  const { incident } = await asked(server.url, '{ incident(id: "o") { updates { message } } }');
  assert.deepEqual(incident, { updates: [{ message: null }, { message: 'Written while the server was away.' }] });
});

test('whoever may only read sees why nothing can be said', async (t) => {
  const folder = temporaryFolder(t);
  const { token, line } = createToken('a reader', ['read']);
  const writer = createToken('on call', ['operate']);
  const tokens = `${folder}/tokens`;
  writeFileSync(tokens, `${line}\n${writer.line}\n`);
  const server = await startServer({ config: { tokens } });
  t.after(() => server.close());
  await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${writer.token}` },
    body: '{"query":"mutation { declareIncident(input: { incidentId: \\"o\\", title: \\"Outage\\" }) { __typename } }"}',
  });
  const page = await open(t, `${server.url}/incidents/o`);
  await page.getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
  const update = page.getByRole('button', { name: 'Post an update' });
  await update.waitFor();
  assert.equal(await update.isDisabled(), true);
  await page.getByText('It takes a token with the role operate.').waitFor();
});
