/** The status page in a real browser: nothing that hinders anyone, in both themes, wide and narrow; nothing from elsewhere. Run by .ci/run. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type RunningServer, runMusterbook, startServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { told } from '../support/told.ts';

const CHROMIUM = process.env['MUSTERBOOK_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const VIEWS = [
  { width: 1440, colorScheme: 'light' },
  { width: 1440, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const;
const PATHS = [
  ...['/status', '/status/history', '/status/incidents/i1', '/status/maintenances/m1', '/status/components/c1'],
  ...['/status/nowhere', '/status?as_of=2021-01-01T00:00:00Z', '/status?as_of=never'],
];

const ACCOUNT = `# What happened

A *lot*: see [the log](https://elsewhere.example/log) and ![the graph](https://elsewhere.example/graph.png).

### Then

| Time | What |
|---|---|
| 20:05 | ${'A long word after another '.repeat(4)} |

\`\`\`
${'one long line of a log '.repeat(12)}
\`\`\`

- [x] done

<script>document.title = 'taken over'</script> <img src="https://elsewhere.example/x.png">
`;

let server: RunningServer;
let browser: Browser;
before(async () => {
  assert.ok(existsSync(CHROMIUM), `no browser at ${CHROMIUM}`);
  server = await startServer({ config: { store: 'memory', statusTitle: 'Acme', statusText: 'How Acme is doing' } });
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
  const statuses = ['degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance', 'operational'];
  let id = 0;
  const event = (type: string, subject: string, time: string, data: object) => {
    id += 1;
    return told({ type, subject, id: String(id), time, data: data as Record<string, unknown> });
  };
  const lines = [
    ...statuses.flatMap((status, index) => [
      event('ComponentRegistered', `c${index}`, day(60), {
        name: `Component ${index}`,
        group: index < 2 ? 'Core' : 'Edge',
      }),
      event('ComponentStatusChanged', `c${index}`, day(20), { status }),
      event('ComponentStatusChanged', `c${index}`, day(18), { status: index === 4 ? 'partial_outage' : 'operational' }),
    ]),
    event('CollectorGapRecorded', '/told', day(10), { from: day(10), to: day(9.5), reason: 'blind' }),
    event('IncidentDeclared', 'i1', day(0.1), {
      ...{
        title: 'Payments fail',
        status: 'investigating',
        impact: 'major',
        origin: 'manual',
        message: 'We look into it.',
      },
      ...{ updateId: 'u', components: [{ componentId: 'c1', status: 'major_outage' }] },
    }),
    event('IncidentUpdateAmended', 'i1', day(0.05), { updateId: 'u', message: 'We do.', reason: 'A slip of the pen.' }),
    event('PostmortemPublished', 'i1', day(0.01), { body: 'Not this.' }),
    event('PostmortemPublished', 'i1', day(0.009), { body: ACCOUNT }),
    event('IncidentDeclared', 'i2', day(3), {
      title: 'An old one',
      status: 'resolved',
      origin: 'manual',
      message: 'Over.',
    }),
    event('MaintenanceScheduled', 'm1', day(1), {
      title: 'New disks',
      startsAt: day(-1),
      endsAt: day(-1.1),
      message: 'Soon.',
    }),
  ];
  const headers = { 'content-type': 'application/x-ndjson' };
  const answer = await fetch(`${server.url}/v1/events`, { method: 'POST', headers, body: lines.join('\n') });
  const { position, rejectedCount } = (await answer.json()) as {
    readonly position: number;
    readonly rejectedCount: number;
  };
  assert.equal(rejectedCount, 0);
  assert.ok(await server.views.reached(position as never, 10_000));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
});
after(async () => {
  await browser?.close();
  await server?.close();
});

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds that is more than minor. The policy of the page lets no script in: it is put in past it. */
async function violations(page: Page): Promise<readonly string[]> {
  const found = await page.evaluate(async (rules) => {
    const { axe } = globalThis as unknown as {
      axe: { run(context: unknown, options: object): Promise<{ violations: Violation[] }> };
    };
    return (await axe.run(globalThis.document, { runOnly: rules })).violations;
  }, RULES);
  return found.flatMap(({ id, impact, nodes }) =>
    impact === 'minor' ? [] : nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}

for (const { width, colorScheme } of VIEWS) {
  test(`nothing hinders anyone, ${colorScheme}, ${width} pixels wide`, async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    await context.addInitScript(axe.source);
    for (const path of PATHS) {
      const page = await context.newPage();
      await page.goto(server.url + path);
      assert.deepEqual(await violations(page), [], path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${path} is ${overflow} pixels too wide`);
      const folder = process.env['MUSTERBOOK_SCREENSHOTS'];
      const name = path.replaceAll(/[^a-z0-9]+/g, '-');
      if (folder)
        await page.screenshot({ path: `${folder}/status${name}-${width}-${colorScheme}.png`, fullPage: true });
      await page.close();
    }
    await context.close();
  });
}

test('without scripts, under its own policy, it shows all and loads nothing from elsewhere', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== server.url) elsewhere.push(request.url());
  });
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`${server.url}/status`);
  await page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
  await page.getByRole('link', { name: 'Payments fail' }).click();
  await page.getByText('A slip of the pen.').waitFor();
  await page.getByRole('heading', { level: 4, name: 'Then' }).waitFor();
  assert.equal(await page.getByText('We look into it.').isVisible(), false);
  await page.getByText('As it read before').first().click();
  await page.getByText('We look into it.').waitFor();
  await page.getByRole('link', { name: 'The page before that' }).click();
  await page.getByText('This page as it stood at').first().waitFor();
  await page.getByLabel('This page as it stood at (UTC)').fill('2021-05-06T07:08:09');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.getByText('6 May 2021, 07:08:09 UTC').waitFor();
  assert.deepEqual([elsewhere, complaints.filter((text) => !text.includes('404'))], [[], []]);
  await context.close();
});

test('by keyboard alone every link is reached in the order of the page, the content first if one likes', async () => {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${server.url}/status`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => location.hash), '#content');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Payments fail');
  await page.close();
});

test('what the bars say is read by keyboard, and leads to its times', async () => {
  const page = await browser.newPage({ viewport: { width: 390, height: 900 } });
  await page.goto(`${server.url}/status`);
  const folded = page.locator('.components summary').first();
  await folded.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.match((await page.evaluate(() => document.activeElement?.textContent)) ?? '', /^\d+ \w+ \d+: \w/);
  await page.keyboard.press('Enter');
  await page.locator('tr:target').waitFor();
  await page.close();
});

test('the exported files work from the disk', async (t) => {
  const folder = temporaryFolder(t);
  const { exit, stderr } = await runMusterbook(['status', 'export', `${folder}/site`, '--url', server.url]);
  assert.equal(exit, 0, stderr);
  const page = await browser.newPage();
  await page.goto(`file://${folder}/site/index.html`);
  await page.getByRole('link', { name: 'Payments fail' }).click();
  await page.getByRole('heading', { level: 1, name: 'Payments fail' }).waitFor();
  await page.getByText('As it read before').first().click();
  await page.getByText('We look into it.').waitFor();
  const family = await page.evaluate(() => getComputedStyle(document.documentElement).borderTopWidth);
  assert.equal(family, '6px', 'with its style');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('link', { name: 'Component 1', exact: true }).last().click();
  await page.getByRole('heading', { level: 1, name: 'Component 1' }).waitFor();
  await page.close();
});
