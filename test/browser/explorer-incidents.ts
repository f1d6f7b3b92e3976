/** Incidents and comparisons in a real browser, by keyboard, over a killed server. Run by .ci/run, which brings the browser. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createToken } from '../../src/serve/auth.ts';
import { type RunningServer, runMusterbook, type SpawnedServer, spawnServer, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

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
const SPREEDLY = new URL('../../scenarios/spreedly-2022-12-13.jsonl', import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
before(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
});
after(() => browser?.close());

/** A page that tells what went wrong in it; nothing may. */
async function open(
  context: BrowserContext,
  address: string,
): Promise<{ readonly page: Page; readonly wrong: string[] }> {
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    // That a server which was killed does not answer is what the test is about.
    if (message.type() === 'error' && !/Failed to load resource|ERR_CONNECTION/.test(message.text()))
      wrong.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) wrong.push(request.url());
  });
  await page.goto(address);
  return { page, wrong };
}

/** Goes by Tab to what has that name, as someone without a mouse does. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 150; step += 1) {
    const found = await page.evaluate(() => {
      const element = document.activeElement;
      const label =
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
          ? element.labels?.[0]
          : element;
      return (label ?? element)?.textContent?.trim() ?? '';
    });
    if (found.startsWith(name)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`nothing called ${JSON.stringify(name)} can be reached by Tab`);
}

async function press(page: Page, name: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}

async function fill(page: Page, name: string, words: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(words);
}

async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const result = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      html: nodes.map(({ html }) => html),
    }));
  });
  return result
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, html }) => `${id}: ${html.slice(0, 3).join(' ')}`);
}

async function withSpreedly(data: string): Promise<RunningServer> {
  const imported = await runMusterbook(['import', '--restore', '--data', data, SPREEDLY]);
  assert.equal(imported.exit, 0, imported.stderr);
  return startServer({ data });
}

async function asked(url: string, query: string): Promise<Record<string, never>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return ((await response.json()) as { data: Record<string, never> }).data;
}

test('an incident is declared, updated, amended and resolved by keyboard alone', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  t.after(() => context.close());
  const { page, wrong } = await open(context, `${server.url}/incidents`);

  await page.getByRole('heading', { name: 'Incidents', exact: true }).waitFor();
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

  const { incidents } = await asked(server.url, '{ incidents(first: 5) { nodes { status updates { message } } } }');
  assert.deepEqual(incidents, {
    nodes: [
      {
        status: 'resolved',
        updates: [{ message: 'Queues grow.' }, { message: 'The leader hands out nothing.' }, { message: 'Over.' }],
      },
    ],
  });
  assert.deepEqual(wrong, []);
});

test('a refusal stands beside its field with code and advice; what changes elsewhere appears by itself', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  await asked(server.url, 'mutation { declareIncident(input: { incidentId: "o", title: "Outage" }) { __typename } }');
  const context = await browser.newContext();
  t.after(() => context.close());
  const { page, wrong } = await open(context, `${server.url}/incidents/o?do=update`);
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
  assert.deepEqual(wrong, []);
});

test('a draft outlives the server and a reload, and is recorded once', async (t) => {
  const data = temporaryFolder(t);
  let server: SpawnedServer = await spawnServer({ data });
  t.after(() => server.end('SIGKILL'));
  await asked(server.url, 'mutation { declareIncident(input: { incidentId: "o", title: "Outage" }) { __typename } }');
  const context = await browser.newContext();
  t.after(() => context.close());
  const { page, wrong } = await open(context, `${server.url}/incidents/o?do=update`);
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
  assert.deepEqual(wrong, []);
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
  const context = await browser.newContext();
  t.after(() => context.close());
  const { page } = await open(context, `${server.url}/incidents/o`);
  await page.getByLabel('Token').fill(token);
  await page.keyboard.press('Enter');
  const update = page.getByRole('button', { name: 'Post an update' });
  await update.waitFor();
  assert.equal(await update.isDisabled(), true);
  await page.getByText('It takes a token with the role operate.').waitFor();
});

test('the postmortem is read on the page, and copied as Markdown with absolute links', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  t.after(() => context.close());
  const { page, wrong } = await open(context, `${server.url}/incidents/spreedly-2022-12-13`);
  await page.getByText('31 min later').first().waitFor();
  await press(page, 'Postmortem');
  await page.getByRole('heading', { name: 'Root causes' }).waitFor();
  await page.locator('.postmortem a[href="/events/49"]').first().waitFor();
  await press(page, 'Copy as Markdown');
  await page.getByText('Copied, every event with its address').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(copied.startsWith('# Postmortem: Errors on the Core Transactional API\n'));
  assert.ok(copied.includes(`[\`49\`](${server.url}/events/49)`));
  const permanent = new RegExp(`\\((${server.url}/incidents/[^)]*)\\)`).exec(copied)?.[1];
  assert.ok(permanent);

  // What was known before the third post: no impact yet.
  await page.goto(`${server.url}/incidents/spreedly-2022-12-13?known=2022-12-13T20:40:00Z`);
  await page.locator('.title').getByText('investigating').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Post an update' }).isDisabled(), true);
  assert.equal(await page.getByRole('cell', { name: /^impact started/ }).count(), 0);
  await press(page, 'Back to now');
  await page.locator('.title').getByText('resolved').waitFor();
  await page.goto(permanent);
  await page.locator('.title').getByText('resolved').waitFor();
  assert.deepEqual(wrong, []);
});

test('two marks of the Spreedly incident are compared, every difference with its causes', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const context = await browser.newContext();
  t.after(() => context.close());
  const { page, wrong } = await open(context, `${server.url}/clusters/spreedly-orchestration/compare`);
  await fill(page, 'Moment A', '2022-12-13 20:00');
  await fill(page, 'Moment B', '2022-12-13 20:10:00');
  await press(page, 'Compare');
  const row = page.getByRole('row').filter({ hasText: 'orch-4' }).filter({ hasText: 'follows' });
  await row.waitFor();
  assert.match(await row.innerText(), /orch-1, term 7\s+nobody/);
  assert.match(page.url(), /a=2022-12-13T20%3A00%3A00Z&b=2022-12-13T20%3A10%3A00Z$/);
  assert.equal(await row.getByRole('link', { name: 'FollowerDetached 49' }).getAttribute('href'), '/events/49');

  await press(page, 'Swap');
  await page
    .getByRole('row')
    .filter({ hasText: 'orch-4' })
    .filter({ hasText: /nobody\s*orch-1, term 7/ })
    .waitFor();
  await page.goBack();
  await row.filter({ hasText: /orch-1, term 7\s*nobody/ }).waitFor();

  await fill(page, 'Moment B', '2022-12-13 20:00');
  await press(page, 'Compare');
  await page.getByRole('heading', { name: 'Nothing differs' }).waitFor();
  await fill(page, 'Moment B', 'the day after');
  await press(page, 'Compare');
  await page.getByRole('alert').getByText('This is no moment.').waitFor();
  await fill(page, 'Moment B', '2099-01-01 00:00');
  await press(page, 'Compare');
  await page.getByText('MOMENT_IN_FUTURE').waitFor();
  assert.deepEqual(wrong, []);
});

test('axe finds nothing serious on these pages, in both themes and widths', async (t) => {
  const data = temporaryFolder(t);
  const server = await withSpreedly(data);
  t.after(() => server.close());
  const paths: readonly (readonly [path: string, sign: string])[] = [
    ['/incidents?do=declare', 'Errors on the Core'],
    ['/incidents/spreedly-2022-12-13', 'Impact began'],
    ['/incidents/spreedly-2022-12-13?do=update', 'Impact began'],
    ['/incidents/spreedly-2022-12-13?view=postmortem', 'Root causes'],
    ['/clusters/spreedly-orchestration/compare?a=2022-12-13T20:00:00Z&b=2022-12-13T20:14:00Z', '14 differences'],
    ['/clusters/spreedly-orchestration/compare?a=4&b=4', 'Nothing differs'],
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const { page, wrong } = await open(context, `${server.url}/incidents`);
      for (const [path, sign] of paths) {
        await page.goto(server.url + path);
        await page.getByText(sign).first().waitFor();
        assert.deepEqual(await seriousFaults(page), [], `${path} ${colorScheme} ${width}`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${path} is ${overflow} px wider than ${width}`);
      }
      assert.deepEqual(wrong, []);
      await context.close();
    }
  }
});
