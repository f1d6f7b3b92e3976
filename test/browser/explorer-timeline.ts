/** A cluster's page in a real browser: the published incident scrubbed, by pointer and by keyboard alone, live. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { seriousFaults, watch } from './chromium.ts';
import { CLUSTER, STRETCH, stageOf } from './stage.ts';
import { tell } from './telling.ts';

const AT_2013 = 'orch-1 leads in term 7, 6 nodes, 0 following, 1 job running, 7 not running';

interface AnsweredNode {
  readonly id: string;
  readonly liveness: string;
  readonly role: string;
  readonly following: { readonly id: string } | null;
  readonly jobs: readonly { readonly id: string; readonly state: string }[];
}

const stage = stageOf();

async function open(query: string, page?: Page): Promise<Page> {
  const shown = page ?? (await stage.browser.newPage({ viewport: { width: 1440, height: 900 } }));
  await shown.goto(`${stage.server.url}/clusters/${CLUSTER}${query === '' ? '' : `?${query}`}`);
  await shown.locator('canvas[data-drawn]').waitFor();
  return shown;
}

const slider = (page: Page) => page.getByRole('slider', { name: 'Playhead' });
const sum = (page: Page) => page.locator('#topology-sum');

async function said(page: Page, text: string): Promise<void> {
  await sum(page).getByText(text, { exact: true }).waitFor();
}

/** Waits until the address has a value that fits. */
async function addressed(page: Page, name: string, fits: (value: string | null) => boolean): Promise<string | null> {
  await page.waitForURL((url) => fits(url.searchParams.get(name)));
  return new URL(page.url()).searchParams.get(name);
}

test('dragged along the axis to 20:13:00 the playhead shows the topology of that moment, as the server says it', async () => {
  const page = await open(STRETCH);
  const watched = watch(page, stage.server.url);
  const box = await page.locator('.lanes').boundingBox();
  assert.ok(box);
  const gutter = 156;
  const share = 8 / 16;
  await page.mouse.move(box.x + gutter + 20, box.y + 12);
  await page.mouse.down();
  await page.mouse.move(box.x + gutter + (box.width - 2 - gutter) * share, box.y + 12, { steps: 12 });
  await page.mouse.up();
  const at = await addressed(page, 'at', (value) => value?.startsWith('2022-12-13T20:13:0') ?? false);
  await said(page, AT_2013);

  const answer = await fetch(`${stage.server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `query ($at: DateTime!) { cluster(id: "${CLUSTER}", moment: { happenedAt: $at }) {
        leader { id } term nodes { id liveness role following { id } jobs { id state } } } }`,
      variables: { at },
    }),
  });
  const { data } = (await answer.json()) as { data: { cluster: { nodes: readonly AnsweredNode[] } } };
  await page.getByRole('button', { name: 'Tables' }).click();
  const rows = page.getByRole('table', { name: /^Nodes at/ }).locator('tbody tr');
  const told = (await rows.allInnerTexts()).map((row) => row.split('\t').map((cell) => cell.trim()));
  const expected = data.cluster.nodes.map(({ id, liveness, role, following, jobs }) => {
    const leader = following?.id ?? '–';
    const held = jobs.map((job) => `${job.id} (${job.state.toLowerCase()})`);
    return [id, liveness.toLowerCase(), role.toLowerCase(), leader, held.join(', ') || '–'];
  });
  assert.deepEqual(
    told.map(([id, , liveness, role, following, , jobs]) => [id, liveness, role, following, jobs]),
    expected,
  );
  assert.deepEqual(watched, { elsewhere: [], failures: [] });
  await page.close();
});

test('the copied link, opened in a clean profile, shows the same', async () => {
  const context = await stage.browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await open(
    `${STRETCH}&at=2022-12-13T20:13:00Z&m1=2022-12-13T20:10:00Z&filter=zone-a`,
    await context.newPage(),
  );
  await said(page, AT_2013);
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const seen = [await sum(page).textContent(), await slider(page).getAttribute('aria-valuetext')];
  await context.close();

  const clean = await stage.browser.newContext();
  const other = await clean.newPage();
  await other.goto(link);
  await said(other, AT_2013);
  assert.deepEqual([await sum(other).textContent(), await slider(other).getAttribute('aria-valuetext')], seen);
  assert.equal(await other.getByLabel('Filter lanes').inputValue(), 'zone-a');
  assert.equal(await other.getByRole('button', { name: 'Mark 1' }).getAttribute('aria-pressed'), 'true');
  await clean.close();
});

test('by keyboard alone one finds the moment, marks it, and goes back', async () => {
  const page = await open(`${STRETCH}&at=2022-12-13T20:12:00Z`);
  await said(page, 'orch-1 leads in term 7, 6 nodes, 0 following, 4 jobs running, 4 not running');
  for (let tabs = 0; tabs < 40; tabs += 1) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate(() => document.activeElement?.getAttribute('role'))) === 'slider') break;
  }
  assert.equal(await slider(page).evaluate((element) => element === document.activeElement), true);

  await page.keyboard.press('.');
  await addressed(page, 'at', (value) => value === '2022-12-13T20:12:04Z');
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  await addressed(page, 'at', (value) => value === '2022-12-13T20:12:30Z');
  await page.keyboard.press(',');
  await addressed(page, 'at', (value) => value === '2022-12-13T20:12:12Z');
  await page.keyboard.press('1');
  await addressed(page, 'm1', (value) => value === '2022-12-13T20:12:12Z');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('2');
  await addressed(page, 'm2', (value) => value !== null);
  await page.getByRole('link', { name: 'Compare' }).waitFor();

  const length = (): number => {
    const { searchParams } = new URL(page.url());
    return Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
  };
  await page.keyboard.press('w');
  await page.waitForURL(() => length() < 16 * 60_000);
  await page.keyboard.press('d');
  await page.keyboard.press('f');
  await page.waitForURL(() => length() < 60_000);
  await page.goBack();
  await page.waitForURL(() => length() > 60_000);

  const spoken = await slider(page).getAttribute('aria-valuetext');
  assert.match(spoken ?? '', /^2022-12-13 20:12:\d\d(\.\d+)? UTC: orch-1 leads in term 7, 6 nodes, /);
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: /^Keys while/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('orch-4');
  await addressed(page, 'filter', (value) => value === 'orch-4');
  await page.close();
});

test('the single-letter keys can be switched off, and stay off', async () => {
  const page = await open(`${STRETCH}&at=2022-12-13T20:12:00Z`);
  await page.getByRole('button', { name: 'Keys on' }).click();
  await slider(page).focus();
  const before = page.url();
  await page.keyboard.press('w');
  await page.keyboard.press('.');
  // A slider's own keys are no shortcuts.
  await page.keyboard.press('ArrowRight');
  await addressed(page, 'at', (value) => value !== '2022-12-13T20:12:00Z');
  const [from, to] = [new URL(before), new URL(page.url())].map(({ searchParams }) => searchParams.get('to'));
  assert.equal(to, from);
  await page.reload();
  await page.getByRole('button', { name: 'Keys off' }).waitFor();
  await page.close();
});

test('played fast, with dead time skipped, the playhead comes to the end of the history', async () => {
  const page = await open(`${STRETCH}&at=2022-12-13T20:05:00Z&speed=600&skip=1`);
  await said(page, 'orch-1 leads in term 7, 6 nodes, 2 following, 8 jobs running');
  await slider(page).focus();
  await page.keyboard.press(' ');
  await page.getByRole('button', { name: 'Play' }).waitFor({ timeout: 20_000 });
  await said(page, 'orch-1 leads in term 7, 6 nodes, 5 following, 8 jobs running');
  await page.close();
});

test('known then shows less than true then: the incident had not been declared', async () => {
  const page = await open('from=2022-12-13T20:05:00Z&to=2022-12-13T20:40:00Z&at=2022-12-13T20:20:00Z&tables=1');
  const lanes = page.getByRole('table', { name: 'What the lanes show' });
  await lanes.getByRole('row', { name: /Errors on the Core Transactional API incident/ }).waitFor();
  await page.getByLabel('Known then').check();
  await addressed(page, 'mode', (value) => value === 'known');
  await lanes.getByRole('row', { name: /Errors on the Core/ }).waitFor({ state: 'detached' });
  await said(page, 'orch-1 leads in term 7, 6 nodes, 0 following, 0 jobs running, 8 not running');
  await page.close();
});

test('axe finds nothing serious, in both themes, wide and narrow, with all that can be opened', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const page = await open(
        `${STRETCH}&at=2022-12-13T20:13:00Z&m1=2022-12-13T20:10:00Z&m2=2022-12-13T20:11:00Z&tables=1`,
        await stage.browser.newPage({ colorScheme, viewport: { width, height: 900 } }),
      );
      await said(page, AT_2013);
      await page.getByRole('button', { name: 'Help' }).click();
      assert.deepEqual(await seriousFaults(page), [], `${colorScheme} at ${width}`);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
      await page.close();
    }
  }
});

test('live, the page goes on by its cursor after the server was killed, and l brings one back to the present', async () => {
  await tell(stage.server.url, ...['n1', 'n2', 'n3'].map((nodeId) => ['NodeJoined', 'live', { nodeId }] as const), [
    'LeaderElected',
    'live',
    { leaderId: 'n1', term: 1 },
  ]);
  const page = await stage.browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${stage.server.url}/clusters/live`);
  await said(page, 'n1 leads in term 1, 3 nodes, 0 following, 0 jobs running');
  await tell(stage.server.url, ['FollowerAttached', 'live', { nodeId: 'n2', leaderId: 'n1', term: 1 }]);
  await said(page, 'n1 leads in term 1, 3 nodes, 1 following, 0 jobs running');

  // Scrubbed away from the present, it stays.
  await slider(page).focus();
  await page.keyboard.press(',');
  await addressed(page, 'live', (value) => value === null);
  await page.keyboard.press('l');
  await addressed(page, 'live', (value) => value !== null);

  await stage.server.end('SIGKILL');
  await page.locator('.banner').waitFor();
  await said(page, 'n1 leads in term 1, 3 nodes, 1 following, 0 jobs running');
  await stage.startAgain();
  await tell(stage.server.url, ['LeaderElected', 'live', { leaderId: 'n3', term: 2 }]);
  const again = page.getByRole('button', { name: 'Try now' });
  if (await again.isVisible()) await again.click().catch(() => {});
  await page.locator('.banner').waitFor({ state: 'detached', timeout: 30_000 });
  await said(page, 'n3 leads in term 2, 3 nodes, 0 following, 0 jobs running');
  await page.close();
});
